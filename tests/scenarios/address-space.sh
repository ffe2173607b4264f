#!/usr/bin/env bash
# With 400 MB of address space (ulimit -v), each program prints what it prints without a limit. The
# sanitizers reserve more than that for themselves.
. "$(dirname "$0")/common.bash"
[ "$MODE" != asan ] || { echo 'ok - # SKIP the sanitizer needs more address space'; exit; }
synthetic 2000 table.csv

# `sdp-job list` and sdp-upload print times and ids, so that only their exit codes are compared.
same() { # COMMAND...
	local want got
	"$@" >want 2>err
	want=$?
	(ulimit -v 400000 && exec "$@" >out 2>err)
	got=$?
	cat err
	equal 'exit code' $got $want && [ $want -le 1 ] || return 1
	case $1 in sdp-upload | sdp-job | sdp-bench) ;; *) cmp want out ;; esac
}

while IFS=$'\t' read -r program arguments; do
	# shellcheck disable=SC2086 # arguments are words
	set -- $arguments
	check "$program" same "$program" "$@"
done < <(calls)

# Each worker needs some of it, and a record that is longer than a slot of the output.
check 'many workers' same sdp-cat -j 64 table.csv
{ printf 'a,b\n1,' && head -c 30000000 /dev/zero | tr '\0' x && printf '\n2,y\n'; } >long.csv
check 'a long record' same sdp-cat -j 2 --max-record 64M long.csv
check 'a prediction' eval 'sdp-kmeans -k 3 -x x1,x2,x3 table.csv >model.json &&
	same sdp-kmeans --predict model.json table.csv'

small_for_pdf() { # sdp-pdf, which is larger than the limit, cannot even start
	(ulimit -v 24000 && exec sdp-stats -j 1 "$SDP_ROOT/examples/pdf/cars.pdf" >out 2>err)
	equal 'exit code' $? 3 && grep 'out of memory' err && [ ! -s out ]
}
check 'a PDF in less than sdp-pdf needs' small_for_pdf

few_files() {
	(ulimit -n 14 && exec sdp-bench -w 1 --runs 1 -- true >out 2>err)
	equal 'exit code' $? 3 && grep 'Too many open files' err
}
check 'fewer descriptors than a program is started with' few_files
finish
