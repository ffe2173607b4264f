#!/usr/bin/env bash
# sdp-cat: chosen columns and first rows, the same bytes whoever makes them and however they come; what
# all row streams have in common is in rows.sh.
. "$(dirname "$0")/common.bash"
synthetic 60000 table.csv
gzip -1 -k table.csv

# By another hand.
python3 - <<'E2'
import csv
rows = list(csv.reader(open("table.csv", newline="")))
at = [rows[0].index(name) for name in ("y", "customer", "id")]
for name, count in (("all", len(rows)), ("some", 45678)):
    with open(name, "w", newline="") as f:
        csv.writer(f, lineterminator="\n").writerows([row[i] for i in at] for row in rows[:count])
E2

cats() { # INPUT WANT ARGUMENTS...
	local input=$1 want=$2
	shift 2
	case $input in
	file) sdp-cat -x y,customer,id "$@" table.csv ;;
	pipe) cat table.csv | sdp-cat -x y,customer,id "$@" ;;
	gzip) sdp-cat -x y,customer,id "$@" <table.csv.gz ;;
	esac >got 2>err
	equal 'exit code' $? 0 && equal messages "$(cat err)" '' && cmp got "$want"
}
for workers in 1 2 7; do
	for input in file pipe gzip; do
		check "columns, $input, -j $workers" cats $input all -j $workers
		check "first rows, $input, -j $workers" cats $input some -n 45677 -j $workers
	done
done
for point in claim make block 'done'; do
	export SDP_FAULT=kill:1:$point
	check "a worker killed at $point" cats file all -j 2
	check "a worker killed at $point, first rows" cats pipe some -n 45677 -j 2
	unset SDP_FAULT
done

endless() {
	{ echo n,t; yes 1,abc; } | timeout 20 sdp-cat -n 1000000 -j 2 | tail -n 1 >got
	equal 'exit codes' "${PIPESTATUS[*]:1}" '0 0' && equal 'last row' "$(cat got)" 1,abc
}
check 'the first rows of a pipe without end' endless

paused() {
	hold fifo || return 1
	start sh -c 'exec sdp-cat -x b -n 3 <fifo' || return 1
	printf 'a,b\n1,x\n2,y\n' >&9
	wait_for 5 eval '[ "$(wc -l <out)" = 3 ]' || return 1
	printf '3,z\n4' >&9
	wait_for 5 test -e status || return 1
	exec 9>&-
	equal 'exit code' "$(cat status)" 0 && equal rows "$(tr '\n' ' ' <out)" 'b x y z '
}
check 'a pipe that pauses; its writer is not waited for' paused

small() { # most memory of one process, in KiB, while a table of 120 MB goes through
	sdp-sample -d synthetic -r 1200000 >large.csv && /usr/bin/env python3 -c '
import resource, subprocess, sys
subprocess.run(["sdp-cat", "-j", "2", "-f", "ndjson", "large.csv"], stdout=subprocess.DEVNULL, check=True)
most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(most)
sys.exit(most > 64 << 10)'
}
check 'memory' small
finish
