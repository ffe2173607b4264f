#!/usr/bin/env bash
# The options of sdp-cat that choose rows, and -f json: the same bytes for every number of workers, from a
# file, a pipe and gzip, and if a worker is killed in any pass.  --sample N and --tail have two passes before
# the rows are printed.
. "$(dirname "$0")/common.bash"
synthetic 40000 table.csv
gzip -1 -k table.csv

rows() { # INPUT ARGUMENTS...
	local input=$1
	shift
	case $input in
	file) sdp-cat "$@" table.csv ;;
	pipe) cat table.csv | sdp-cat "$@" ;;
	gzip) sdp-cat "$@" <table.csv.gz ;;
	esac
}
same() { # INPUT ARGUMENTS...
	rows "$@" >got 2>err
	equal 'exit code' $? 0 && equal messages "$(cat err)" '' && cmp got want
}
killed() { # FAULT INPUT ARGUMENTS...
	SDP_FAULT=$1 same "${@:2}"
}

while read -r lines options; do
	# shellcheck disable=SC2086 # options are words
	set -- $options
	sdp-cat -j 1 "$@" table.csv >want
	check "$options: lines" equal lines "$(wc -l <want)" "$lines"
	for input in file pipe gzip; do
		for workers in 2 7; do check "$options, $input, -j $workers" same $input -j $workers "$@"; done
	done
	for point in claim make block 'done'; do
		check "$options, a worker killed at $point" killed kill:1:$point file -j 2 "$@"
	done
done <<'E2'
501 --sample 500
40001 --sample 40000
701 --tail 700
40001 --tail 39999999
52 -f json --where x1>0 --sample 300 --tail 50
4002 -f json --where x1>-99999 --test-fraction 0.3 --part train -n 4000
E2

# --sample N and --tail are runs of their own with two passes each; the second pass of --tail is needed here, as the records of
# a sample are not consecutive.  A worker is killed in each run.
sdp-cat -j 1 --sample 300 --tail 50 table.csv >want
for pass in 1 2; do
	for point in claim make block 'done'; do
		for input in file pipe; do
			check "a worker killed in pass $pass at $point, $input" killed kill:$pass:$point $input -j 2 --sample 300 --tail 50
		done
	done
done

nothing_first() { # ARGUMENTS...: a fault at the end of the input is found before a row is printed
	{ cat table.csv; echo 1; } | sdp-cat -j 2 "$@" >got 2>err
	equal 'exit code' "${PIPESTATUS[1]}" 1 && equal messages "$(cat err)" "sdp-cat: stdin:40002: 1 cell where the header has $columns" &&
		equal output "$(cat got)" ''
}
columns=$(head -n 1 table.csv | tr ',' '\n' | wc -l)
check 'malformed input, --tail' nothing_first --tail 3
check 'malformed input, --sample' nothing_first -f json --sample 3
finish
