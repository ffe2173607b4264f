#!/usr/bin/env bash
# Row streams (sdp/rows.h), through a program of the tests' own: the input's rows as they stood with
# added cells, the same bytes whoever makes them and however they come, passed on as they come.
. "$(dirname "$0")/common.bash"
rows=$SDP_BIN/tests/rows
synthetic 60000 table.csv
gzip -1 -k table.csv

# What is wanted, by another hand: each line, its number, half its first cell, its last cell backwards.
cat >want.py <<'E2'
import sys
lines = sys.stdin.read().splitlines()
print(lines[0] + ",record,half,backwards")
for number, line in enumerate(lines[1:], 2):
    first, last = int(line.split(",")[0]), line.split(",")[-1]
    half = str(first // 2) + (".5" if first % 2 else "")
    print(f"{line},{number},{half},{last[::-1]}")
E2
python3 want.py <table.csv >want

run() { # INPUT ARGUMENTS...
	local input=$1
	shift
	case $input in
	file) "$rows" "$@" table.csv ;;
	pipe) cat table.csv | "$rows" "$@" ;;
	gzip) "$rows" "$@" <table.csv.gz ;;
	dribble) python3 -c '
import os, time
text = open("table.csv", "rb").read()
at = 0
for i in range(40):
    n = len(text) // 40 + i if i < 39 else len(text)
    os.write(1, text[at:at + min(n, 60000)]); at += min(n, 60000)
    if i % 4 == 0: time.sleep(0.13)
while at < len(text): at += os.write(1, text[at:at + 100000])' | "$rows" "$@" ;;
	esac
}

same() { # INPUT ARGUMENTS...
	local rc
	run "$@" >got 2>err
	rc=$?
	cat err
	equal 'exit code' $rc 0 && equal 'messages' "$(cat err)" '' && cmp got want
}

for workers in 1 2 7; do
	for input in file pipe gzip dribble; do
		check "$input, -j $workers" same $input -j $workers
		check "$input, -j $workers, after a task" same $input -j $workers --twice
	done
done
check 'little memory' same pipe -j 7 --max-memory 1M
for workers in 1 3; do
	for input in file pipe; do
		for point in claim make block 'done'; do
			export SDP_FAULT=kill:1:$point
			check "a worker killed at $point, $input, -j $workers" same $input -j $workers
			unset SDP_FAULT
		done
	done
done

storm() { # WORKERS: killed from outside, repeatedly
	start "$rows" -j "$1" --slow 20 table.csv || return 1
	for ((i = 0; i < 200; i++)); do
		[ ! -e status ] || break
		pkill -9 -P "$pid"
		sleep 0.05
	done
	wait_for 60 test -e status || return 1
	cat err
	case $(cat status) in
	0) cmp out want ;;
	3) cmp -n "$(stat -c %s out)" out want && equal 'lines of message' "$(wc -l <err)" 1 ;;
	*) equal 'exit code' "$(cat status)" '0 or 3' ;;
	esac
}
for workers in 1 3; do check "storm, -j $workers" storm $workers; done

# Rows come out within the pauses of their writer: the first ones, later ones, and a record that comes
# in two parts when it is whole.
cat >pauses.py <<'E2'
import os, select, subprocess, sys, time
p = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
got = b""
def read(seconds):
    global got
    end = time.monotonic() + seconds
    while select.select([p.stdout], [], [], max(0, end - time.monotonic()))[0]:
        piece = os.read(p.stdout.fileno(), 1 << 20)
        if not piece: return
        got += piece
def expect(text, seconds, what):
    start = time.monotonic()
    while time.monotonic() < start + seconds and got != text: read(0.02)
    if got != text: sys.exit(f"{what}: {got[-200:]!r}")
    return time.monotonic() - start
def send(text):
    p.stdin.write(text); p.stdin.flush()
send(b"n,t\n1,a\n2,b\n3,c\n")
want = b"n,t,record,half,backwards\n1,a,2,0.5,a\n2,b,3,1,b\n3,c,4,1.5,c\n"
times = [expect(want, 2, "the first three")]
for i in range(4, 9):
    send(b"%d,x\n%d,\"y" % (i, i)); want += b"%d,x,%d,%g,x\n" % (i, 2 * i - 3, i / 2)
    times.append(expect(want, 2, f"row {i}"))
    read(0.15); expect(want, 0, "half a row")
    send(b"z\"\n"); want += b"%d,\"yz\",%d,%g,zy\n" % (i, 2 * i - 2, i / 2)
    times.append(expect(want, 2, f"quoted row {i}"))
many = b"".join(b"%d,many\n" % i for i in range(200000))
more = b"".join(b"%d,many,%d,%s,ynam\n" % (i, i + 15, (b"%d.5" if i % 2 else b"%d") % (i // 2)) for i in range(200000))
send(many); want += more
expect(want, 5, "many rows")
send(b"9,last"); read(0.3); expect(want, 0, "no line end yet")
p.stdin.close(); want += b"9,last,200015,4.5,tsal\n"
expect(want, 2, "the end")
if p.wait(5) != 0: sys.exit("exit code")
times.sort()
print("median %.3f s, most %.3f s" % (times[len(times) // 2], times[-1]))
if times[len(times) // 2] > 0.25: sys.exit("too late")
E2
for workers in 1 2 7; do check "rows come in the pauses, -j $workers" python3 pauses.py "$rows" -j $workers; done

# A reader that waits makes the writer wait: what is pumped ahead has a limit.  And a stream without
# end goes on.
cat >waits.py <<'E2'
import os, subprocess, sys, time
p = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
os.set_blocking(p.stdin.fileno(), False)
p.stdin.write(b"n,t\n"); p.stdin.flush()
row = b"1," + b"x" * 1020 + b"\n"; block = row * 64; sent = 0; last = time.monotonic()
while time.monotonic() < last + 1 and sent < 1 << 28:
    try: sent += os.write(p.stdin.fileno(), block); last = time.monotonic()
    except BlockingIOError: time.sleep(0.01)
print("sent", sent)
if sent >= 1 << 27: sys.exit("the writer did not have to wait")
p.stdout.close(); p.kill(); p.wait()
E2
check 'a reader that waits' python3 waits.py "$rows" -j 2

endless() {
	# shellcheck disable=SC2016
	timeout 60 bash -c 'set -o pipefail; { echo n,t; yes 1,abcdefghijklmnopqrstuvwxyz0123456789; } | "$1" -j 2 | head -n 3000000 | tail -n 1' - "$rows" >got
	equal 'last row' "$(cat got)" 1,abcdefghijklmnopqrstuvwxyz0123456789,3000000,0.5,9876543210zyxwvutsrqponmlkjihgfedcba
}
check 'a stream without end' endless

# Records longer than what is pumped ahead.
long() { # INPUT
	python3 -c '
for n in (3, 40000000, 4, 2000000): print("7,\"" + "ab\n" * (n // 3) + "\"")' >body
	{ echo n,t; cat body body; } >long.csv
	case $1 in
	file) "$rows" --plain -j 2 long.csv ;;
	pipe) cat long.csv | "$rows" --plain -j 2 ;;
	esac | cmp - long.csv
}
check 'long records, file' long file
check 'long records, pipe' long pipe

# Faults: the chunks before are there, the message names the first faulty record.
faulty() { # INPUT LINE MESSAGE CHUNKS: what is printed is about CHUNKS MiB of the input
	local rc bytes
	sed "40000s/.*/$2/" table.csv >faulty.csv
	case $1 in
	file) "$rows" -j 2 faulty.csv ;;
	pipe) cat faulty.csv | "$rows" -j 2 ;;
	esac >got 2>err
	rc=$?
	cat err
	bytes=$(stat -c %s got)
	equal 'exit code' $rc 1 && equal message "$(cat err)" "$3" && cmp -n "$bytes" got want &&
		[ "$bytes" -gt 2000000 ] && [ "$(wc -l <got)" -lt 40000 ] && [ "$(tail -c 1 got | wc -l)" = 1 ]
}
for input in file pipe; do
	name=$([ $input = file ] && echo faulty.csv || echo stdin)
	check "a ragged row, $input" faulty $input '1,2' "rows: $name:40000: 2 cells where the header has 14"
	check "a failing make, $input" faulty $input 'x&' "rows: $name:40000:id: not a number: 'x39999'"
	check "the first of two faults, $input" faulty $input 'x&\n1,2' "rows: $name:40000:id: not a number: 'x39999'"
done

all_or_nothing() { # INPUT
	local rc
	printf 'n,t\n1,a\n2,b\nx,c\n' >small.csv
	case $1 in
	file) "$rows" small.csv ;;
	pipe) cat small.csv | "$rows" ;;
	esac >got 2>err
	rc=$?
	cat err
	equal 'exit code' $rc 1 && equal output "$(cat got)" ''
}
check 'one chunk, all or nothing, file' all_or_nothing file
check 'one chunk, all or nothing, pipe' all_or_nothing pipe

damaged() {
	head -c -20 table.csv.gz >cut.csv.gz
	"$rows" cut.csv.gz >got 2>err
	local rc=$?
	cat err
	equal 'exit code' $rc 1 && grep -q 'damaged gzip' err && cmp -n "$(stat -c %s got)" got want && [ -s got ]
}
check 'damaged gzip' damaged

# Headers.
fails() { # CODE MESSAGE ARGUMENTS...
	local code=$1 message=$2 rc
	shift 2
	"$rows" "$@" >got 2>err
	rc=$?
	cat err
	equal 'exit code' $rc "$code" && equal message "$(cat err)" "rows: $message" && equal output "$(cat got)" ''
}
check 'a name that is taken' fails 1 'table.csv:1:x1: the input already has a column with the name of the added one: rename or drop it first' --name x1 table.csv
check 'no format of rows' fails 2 "--format: rows are printed as csv, tsv, table or ndjson, not as 'json'" -f json table.csv
cp table.csv input.csv
check 'the input as output' fails 2 '--output: input.csv is the input' -o input.csv input.csv
prints() { # WANT INPUT ARGUMENTS...
	local want=$1 input=$2
	shift 2
	# shellcheck disable=SC2059
	printf "$input" | "$rows" "$@" >got && printf "$want" | cmp - got && printf "$input" >in && "$rows" "$@" in | cmp - got
}
check 'only a header' prints 'n,t,record,half,backwards\n' 'n,t\n'
check 'only a header, NDJSON' prints '' 'n,t\n' -f ndjson
check 'no header' prints 'c1,c2,record,half,backwards\n1,a,1,0.5,a\n' '1,a\n' --no-header
check 'CRLF, quotes, empty lines' prints 'n,t,record,half,backwards\n1,"a",2,0.5,a\n2,"b ""c""",4,1,"""c"" b"\n' 'n,t\r\n1,"a"\r\n\r\n2,"b ""c"""\r\n'
check 'CSV of semicolons' prints 'n,t,record,half,backwards\n1,"a,b",2,0.5,"b,a"\n' 'n;t\n1;a,b\n'
check 'TSV of TSV' prints 'n\tt\n1\ta\\\\b\n' 'n\tt\n1\ta\\\\b\n' -f tsv --plain
check 'TSV of CSV' prints 'n\tt\n1\t"a\tb\\\\"\n' 'n,t\n1,a\tb\\\\\n' -f tsv --plain
check 'NDJSON' prints '{"n":1.50,"n_2":"01","t":"a\\"\\n","record":2,"half":0.75,"backwards":"\\n\\"a"}\n{"n":null,"n_2":-0e9,"t":null,"record":3,"half":null,"backwards":"AN"}\n' \
	'n,n,t\n1.50,01,"a""\n"\n,-0e9,NA\n' -f ndjson

several() { # INPUTS...: equal headers, no line end at the end
	printf 'n,t\n1,a' >1.csv
	printf 'n,t\n2,b' >2.csv
	gzip -kf 2.csv
	"$rows" "$@" <1.csv >got && printf 'n,t,record,half,backwards\n1,a,2,0.5,a\n2,b,2,1,b\n1,a,2,0.5,a\n' | cmp - got
}
check 'several files' several 1.csv 2.csv 1.csv
check 'several inputs of all kinds' several 1.csv 2.csv.gz -
pipes_and_files() {
	mkfifo late && { { sleep 0.3; cat 1.csv; } >late & }
	cat 1.csv | "$rows" - 2.csv late >got && printf 'n,t,record,half,backwards\n1,a,2,0.5,a\n2,b,2,1,b\n1,a,2,0.5,a\n' | cmp - got
}
check 'pipes and files' pipes_and_files

# Endings.
closed() {
	"$rows" -j 2 table.csv 2>err | head -n 1 >got
	equal 'exit codes' "${PIPESTATUS[*]}" '141 0' && equal messages "$(cat err)" ''
}
check 'a closed pipe' closed
full() {
	"$rows" -j 2 table.csv >/dev/full 2>err
	local rc=$?
	cat err
	equal 'exit code' $rc 3 && grep -q 'No space left on device' err
}
check 'a full device' full
interrupted() { # SIGNAL NUMBER
	local workers
	echo old >result
	start "$rows" -j 2 --slow 500 -o result table.csv || return 1
	wait_for 10 pgrep -P "$pid" || return 1
	sleep 0.2
	workers=$(pgrep -P "$pid")
	kill -s "$1" "$pid"
	wait_for 5 test -e status || return 1
	# shellcheck disable=SC2086
	equal status "$(cat status)" "-$2" && wait_for 3 gone $workers && equal result "$(cat result)" old &&
		equal 'temporary files' "$(find . -path './tmp/*' -o -name '.sdp*')" ''
}
check SIGINT interrupted INT 2
check SIGTERM interrupted TERM 15
finish
