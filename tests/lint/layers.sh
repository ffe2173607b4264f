#!/usr/bin/env bash
# Dependencies point one way: base <- process, json, document, net, pdf, model; base, process and
# json <- table <- engine <- cli <- cmd; process and document <- jobs <- cmd; process, table, document
# and net <- storage <- cmd; and pdf <- cmd/pdf.  The path of a header is its layer; the public headers of
# lib/sdp belong to the layers named here.
set -u
cd "$(dirname "$0")/../.." || exit 3
fault=0
say() {
	echo "$*"
	fault=1
}

# Which layers a layer may include.
declare -A allowed=(
	[base]='base'
	[process]='base process'
	[json]='base json'
	[document]='base json document'
	[table]='base process json table'
	[engine]='base process json table document engine'
	[cli]='base process json table document engine cli'
	[model]='base model'
	[net]='base net'
	[storage]='base process json table document net storage'
	[jobs]='base process json document jobs'
	[pdf]='base pdf'
	[cmd]='base process json table document engine cli model net storage jobs cmd'
	[cmd/pdf]='base process json table document engine cli pdf cmd' # it alone is linked with mupdf
)

declare -A public=(
	[err]=base [buf]=base [mem]=base [messages]=base [num]=base [exact]=base [shared_arena]=base [spill]=base
	[type]=table [schema]=table [block]=table [columns]=table [row_writer]=table
	[doc]=document
	[task]=engine [engine]=engine [rows]=engine
	[program]=cli [run]=cli [output]=cli
)

for header in lib/sdp/*.h; do
	name=$(basename "$header" .h)
	[ "$name" = sdp ] || [ -n "${public[$name]-}" ] || say "$header: its layer is not named in $0"
done
[ "$(find lib/sdp -name '*.h' ! -name sdp.h | wc -l)" -le 20 ] || say "lib/sdp: more than 20 headers"

# The layer of the header NAME that a file in FOLDER includes; "nothing" if there is none.
layer_of() { # NAME FOLDER
	case $1 in
	sdp/*) local name=${1#sdp/}; echo "${public[${name%.h}]-nothing}" ;;
	../*) [ -e "$2/$1" ] && echo cmd || echo nothing ;;
	*/*) [ -e "lib/$1" ] && echo "${1%%/*}" || echo nothing ;;
	*) case $2 in
		cmd/*) [ -e "$2/$1" ] && echo cmd || echo nothing ;;
		*) echo nothing ;;
		esac ;;
	esac
}

check_file() { # FILE LAYER
	local file=$1 layer=$2 line name target
	while IFS=: read -r line name; do
		case $name in
		\"*) name=${name//\"/}; target=$(layer_of "$name" "${file%/*}") ;;
		'<curl/'* | '<openssl/'*) target=net ;;
		'<mupdf/'*) target=pdf ;;
		'<gsl/'*) target=model ;;
		*) continue ;;
		esac
		case " ${allowed[$layer]} " in
		*" $target "*) ;;
		*) say "$file:$line: $layer includes $name, which is of $target" ;;
		esac
	done < <(grep -n '^[[:space:]]*#[[:space:]]*include' "$file" |
		sed 's/^\([0-9]*\):[^"<]*\(["<][^">]*[">]\).*/\1:\2/')
}

while read -r file; do
	case $file in
	cmd/pdf/*) layer=cmd/pdf ;;
	cmd/*) layer=cmd ;;
	lib/sdp/sdp.h) continue ;;
	lib/sdp/*) layer=${public[$(basename "$file" .h)]-} ;;
	*) layer=${file#lib/}; layer=${layer%%/*} ;;
	esac
	[ -n "$layer" ] || continue
	if [ -n "${allowed[$layer]-}" ]; then check_file "$file" "$layer"
	else say "$file: lib/$layer is no layer of the design"; fi
	# A public header leads to public headers only: they alone are installed.
	case $file in
	lib/sdp/*)
		grep -n '^#include "' "$file" | grep -v '"sdp/' &&
			say "$file: includes a header that is not installed" ;;
	esac
done < <(find lib cmd -name '*.[ch]' | sort)
exit $fault
