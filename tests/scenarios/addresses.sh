#!/usr/bin/env bash
# FILEs that are addresses: the programs read them by a stub in place of sdp-upload and
# sdp-databricks, and print what they print for the file.
. "$(dirname "$0")/common.bash"

mkdir bin served
export SERVED=$work/served
for program in "$SDP_ROOT"/cmd/*/main.c; do
	program=sdp-$(basename "$(dirname "$program")")
	case $program in
	sdp-upload | sdp-databricks)
		cp "$SDP_BIN/$program" "bin/real-$program"
		cp "$scenarios/addresses_stub.sh" "bin/$program" ;;
	*) cp "$SDP_BIN/$program" bin ;;
	esac
done
# The folder of the programs themselves is not on PATH from here on.
PATH=$work/bin:$(tr : '\n' <<<"$PATH" | grep -v -x -F "$SDP_BIN" | paste -s -d :)
id=01933a2e-5b6c-7def-8123-456789abcdef

cd served || exit 3
synthetic 3000 table.csv
cp table.csv $id
gzip -k table.csv
head -n 1000 table.csv >short.csv
python3 -B "$SDP_ROOT/tests/data/pdf/make.py" . && cp "$SDP_ROOT"/tests/data/report/{before,after}.json .
cp "$SDP_ROOT/tests/data/pdf/ruled/wrapped.pdf" .
sdp-linreg -y y -x x1,x2 table.csv >model.json
printf '%s\n' x1,x2 0,0 1,1 >init.csv

# run RC MESSAGE COMMAND...: it exits with RC and prints only this message; its output is in out.
run() {
	local code=$1 message=$2 rc
	shift 2
	timeout -k 5 60 "$@" >out 2>err
	rc=$?
	cat err
	equal 'exit code' $rc "$code" && equal messages "$(cat err)" "$message"
}

# fails RC MESSAGE COMMAND...: the same, and it prints nothing.
fails() {
	run "$@" && equal output "$(cat out)" ''
}

# ---- every program, as the scenarios call it ----

# with PREFIX WORDS...: the words, in which PREFIX precedes each file.
with() {
	local prefix=$1 word
	shift
	words=()
	for word; do
		case $word in
		@*) word=$prefix${word##*/} ;;
		*.csv) word=$prefix$word ;;
		esac
		words+=("$word")
	done
}

as_the_file() { # PREFIX PROGRAM WORDS...
	local prefix=$1 program=$2
	shift 2
	with '' "$@"
	run 0 '' "$program" -q "${words[@]}" && mv out want || return 1
	with "$prefix" "$@"
	run 0 '' "$program" -q "${words[@]}" || return 1
	sed "s|${prefix%%\?*}||g" out | cmp - want
}

faults() { # PROGRAM WORDS...
	local program=$1 first
	shift
	with s3://b/absent/ "$@"
	for first in "${words[@]}"; do [[ $first == s3:* ]] && break; done
	fails 1 "$program: $first: there is no such object" "$program" -q "${words[@]}" || return 1
	with s3://b/cut3/ "$@"
	first=${first/absent/cut3}
	run 3 "$program: $first: the connection was lost" "$program" -q "${words[@]}" || return 1
	[ "$program" = sdp-cat ] || equal output "$(cat out)" '' || return 1
	with s3://b/killed/ "$@"
	first=${first/cut3/killed}
	run 3 "$program: $first: sdp-upload, which reads it, died: Killed" "$program" -q "${words[@]}"
}

while IFS=$'\t' read -r program arguments; do
	# shellcheck disable=SC2086 # arguments are words
	set -- $arguments
	case $program in
	sdp-sample | sdp-databricks | sdp-job) continue ;; # they read no FILE here
	sdp-bench | sdp-upload) continue ;;                # below
	esac
	check "$program $arguments: from s3" as_the_file s3://bucket/key/ "$program" "$@"
	check "$program $arguments: from dbfs" as_the_file dbfs:/tmp/ "$program" "$@"
	check "$program $arguments: faults" faults "$program" "$@"
done < <(sed -n '/^sdp-/p' "$scenarios/calls")
finish
