#!/usr/bin/env bash
# Dependencies point one way: base <- io <- engine <- cli <- cmd; model, net and doc stand on base
# alone and meet the rest in cmd.  A public header belongs to the layer of its .c file: lib/sdp/num.h
# to that of lib/*/num.c or lib/*/num_*.c.
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
	[io]='base io'
	[engine]='base io engine'
	[cli]='base io engine cli'
	[model]='base model'
	[net]='base net'
	[doc]='base doc'
	[cmd]='base io engine cli model net doc cmd'
)

# Headers that need no .c file.
declare -A layer_of=() bodiless=([program]=cli [task]=engine)

for header in lib/sdp/*.h; do
	name=$(basename "$header" .h)
	found=$(for c in lib/*/"$name".c lib/*/"$name"_*.c; do [ -e "$c" ] && basename "$(dirname "$c")"; done | sort -u)
	found=${found:-${bodiless[$name]-}}
	case $found in
	'') say "$header: belongs to no layer: there is no lib/*/$name.c or lib/*/${name}_*.c" ;;
	*[[:space:]]*) say "$header: its .c files lie in several layers: ${found//$'\n'/ }" ;;
	*) layer_of[$name]=$found ;;
	esac
done

check_file() { # FILE LAYER
	local file=$1 layer=$2 line name target
	while IFS=: read -r line name; do
		case $name in
		\"sdp/*) target=${name#\"sdp/}; target=${layer_of[${target%.h\"}]-} ;;
		\"*)
			name=${name//\"/}
			if [ -e "${file%/*}/$name" ]; then target=$layer
			elif [ -e "lib/$name" ]; then target=${name%%/*}
			else target=nothing; fi ;;
		'<curl/'*) target=net ;;
		'<openssl/'*) target=net ;;
		'<mupdf/'*) target=doc ;;
		'<gsl/'*) target=model ;;
		*) continue ;;
		esac
		[ -n "$target" ] || continue
		case " ${allowed[$layer]} " in
		*" $target "*) ;;
		*) say "$file:$line: $layer includes $name, which is of $target" ;;
		esac
	done < <(grep -n '^[[:space:]]*#[[:space:]]*include' "$file" |
		sed 's/^\([0-9]*\):[^"<]*\(["<][^">]*[">]\).*/\1:\2/')
}

for file in lib/*/*.[ch] cmd/*.[ch]; do
	[ -e "$file" ] || continue
	case $file in
	cmd/*) layer=cmd ;;
	lib/sdp/*) layer=${layer_of[$(basename "$file" .h)]-} ;;
	*) layer=${file#lib/}; layer=${layer%%/*} ;;
	esac
	[ -n "$layer" ] || continue
	if [ -n "${allowed[$layer]-}" ]; then check_file "$file" "$layer"
	else say "$file: lib/$layer is no layer of the design"; fi
done
exit $fault
