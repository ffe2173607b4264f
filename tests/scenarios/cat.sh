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
	rm -f fifo && hold fifo || return 1
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

# A PDF of so many pages that the pipe to its reader is full: what decodes it is at work.
python3 -B - "$SDP_ROOT/tests/data/pdf" <<'E2'
import sys
sys.argv[1:], folder = ["."], sys.argv[1]
sys.path.insert(0, folder)
import make
open("long.pdf", "wb").write(make.pdf([b"".join(make.text(50, 800 - 12 * i, f"line {i} of page {p}, and more of it") for i in range(60))
                                       for p in range(400)]))
E2

decoding() { # COMMAND...: with its output into the held FIFO, until that is full; $decoder is the first child
	rm -f fifo && hold fifo || return 1
	start sh -c 'exec "$@" >fifo' - "$@" || return 1
	wait_for 10 eval '[ "$(workers_of "$pid" | wc -l)" -ge 2 ]' || return 1
	sleep 0.3
	decoder=$(workers_of "$pid" | sort -n | head -n 1)
}
ended() { # CODE MESSAGE
	timeout 20 cat <&9 >got &
	wait_for 10 test -e status || return 1
	exec 9>&-
	cat err
	equal 'exit code' "$(cat status)" "$1" && equal message "$(cat err)" "$2"
}
killed_decoder() {
	decoding sdp-cat -j 1 long.pdf && kill -9 "$decoder" &&
		ended 1 'sdp-cat: long.pdf: the process that decodes it died: Killed'
}
check 'a decoder that is killed' killed_decoder
left() { # nobody is left behind when the program is killed
	decoding sdp-cat -j 1 long.pdf && kill -9 "$pid" && wait_for 5 gone "$decoder" && exec 9>&-
}
check 'the program is killed' left
closed() {
	sdp-cat long.pdf 2>err | head -n 2 >got
	equal 'exit codes' "${PIPESTATUS[*]}" '141 0' && equal messages "$(cat err)" '' && equal rows "$(wc -l <got)" 2
}
check 'a closed pipe' closed
first() {
	sdp-cat -n 3 long.pdf >got 2>err
	equal 'exit code' $? 0 && equal messages "$(cat err)" '' && equal rows "$(wc -l <got)" 4 && ! pgrep -P $$ sdp-cat
}
check 'the first rows of a PDF' first
same_pdf() { # ARGUMENTS...
	sdp-cat "$@" long.pdf >want && cat long.pdf | sdp-cat -j 7 "$@" | cmp - want && gzip -c long.pdf | sdp-cat -j 1 "$@" | cmp - want &&
		[ "$(wc -l <want)" = 24001 ]
}
check 'file, pipe and gzip of a PDF' same_pdf
long_text() {
	sdp-cat --input-format txt -x text table.csv | tail -n +2 >got && sed 's/"/""/g; s/.*/"&"/' table.csv | cmp - got
}
check 'text, line by line' long_text
late() { # the error of the last record is told, however the workers and the writer meet
	printf 'h,i\n1,2\n"' >late.csv
	for _ in $(seq 150); do
		sdp-cat -j 2 -f ndjson late.csv >/dev/null 2>err
		equal 'exit code' $? 1 && equal messages "$(cat err)" "sdp-cat: late.csv:3: a quoted cell is not closed (--quote none?)" || return 1
	done
}
check 'a fault in the last record' late
finish
