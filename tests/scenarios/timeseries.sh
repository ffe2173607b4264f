#!/usr/bin/env bash
# sdp-timeseries: a worker killed at any point of any pass, rows in any order, a pipe and gzip change no
# byte of the result; the passes are reading, counting times (where rows are not in order) and figures.
. "$(dirname "$0")/common.bash"
synthetic 40000 table.csv
awk 'NR == 1 { print; next } { print (NR * 7919) % 40009 "\t" $0 }' table.csv | sort -n | cut -f 2- >shuffled.csv
gzip -1 -k table.csv

run() { # FILE WORKERS
	sdp-timeseries -j "$2" -t ts --value x1,y --by category --every 6h --tz Europe/Berlin --agg count,sum,stddev,median,last "$1"
}
run table.csv 1 >want

same() { # FAULT INPUT WORKERS
	SDP_FAULT=$1 run "$2" "$3" >got 2>err
	local rc=$?
	cat err
	equal 'exit code' $rc 0 && equal 'messages' "$(cat err)" '' && cmp got want
}
piped() { # FAULT INPUT WORKERS
	same "$1" - "$3" < <(cat "$2")
}

for workers in 1 3; do
	for input in table.csv table.csv.gz shuffled.csv; do
		check "undisturbed, $input, -j $workers" same '' $input $workers
		check "piped, $input, -j $workers" piped '' $input $workers
		for pass in 1 2 3; do
			for point in claim make block 'done'; do
				check "$pass:$point, $input, -j $workers" same kill:$pass:$point $input $workers
			done
		done
	done
done
check 'the shuffled rows are shuffled' test "$(sed -n 2p shuffled.csv)" != "$(sed -n 2p table.csv)"

# Where memory ends, so does the program, with nothing printed.
too_much() {
	local rc
	sdp-timeseries -t ts --value y --every 1m "$@" table.csv >got 2>err
	rc=$?
	cat err
	equal 'exit code' $rc 3 && equal 'output' "$(cat got)" '' && grep -q -e '--max-memory' err
}
check 'many buckets' too_much --max-memory 4M
check 'many empty buckets' too_much --max-memory 64M --fill zero --to 2100-01-01
finish
