# What the scenarios share; to be sourced.  Each runs in a scratch folder of its own.
# shellcheck shell=bash
: "${SDP_BIN:?run by tests/run.sh or make check-scenarios}"
scenarios=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
export PATH=$SDP_BIN:$PATH LC_ALL=C TZ=UTC
unset SDP_FORMAT SDP_FAULT STORAGE_BACKEND STORAGE_FALLBACK
work=$(mktemp -d) || exit 3
mkdir "$work/tmp" && cd "$work" || exit 3
export TMPDIR=$work/tmp SDP_HOME=$work/home
faults=0 checks=0 started=()

clean_up() {
	local pid
	for pid in "${started[@]}"; do kill -9 "$pid" 2>/dev/null; done
	cd / && rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# check NAME COMMAND...: one TAP line for whether the command succeeds.
check() {
	local name=$1
	shift
	checks=$((checks + 1))
	if "$@" >"$work/said" 2>&1; then echo "ok - $name"; else
		echo "not ok - $name"
		sed 's/^/# /' "$work/said" | head -n 20
		faults=$((faults + 1))
	fi
}

# side_by_side NAME PART...: the scripts NAME_PART.py, which mostly wait, at the same time; what they print in order.
side_by_side() {
	local name=$1 part
	shift
	for part; do
		(python3 -B "$scenarios/${name}_$part.py" >"$part.out"; echo $? >"$part.rc") &
	done
	wait
	for part; do
		checks=$((checks + 1))
		cat "$part.out"
		grep -q '^ok\|^not ok' "$part.out" || { echo "not ok - $part: nothing was checked"; faults=$((faults + 1)); }
		[ "$(cat "$part.rc")" = 0 ] || faults=$((faults + 1))
	done
	finish
}

# A scenario that checked nothing has failed: its list of what to check was empty.
finish() {
	[ $checks -gt 0 ] || echo "not ok - nothing was checked"
	exit $((faults > 0 || checks == 0))
}

equal() { # WHAT GOT WANTED
	[ "$2" = "$3" ] || { echo "$1: got '$2', wanted '$3'"; false; }
}

# wait_for SECONDS COMMAND...: until it succeeds.
wait_for() {
	local tries=$(($1 * 50))
	shift
	until "$@" >/dev/null 2>&1; do
		[ $((tries -= 1)) -gt 0 ] || { echo "waited in vain for: $*"; return 1; }
		sleep 0.02
	done
}

# None of the processes runs any more; a zombie is gone, whoever has yet to collect it.
gone() {
	local pid
	for pid; do
		[ -e "/proc/$pid/stat" ] && ! grep -q ') [ZX] ' "/proc/$pid/stat" && return 1
	done
	return 0
}

# synthetic ROWS FILE
synthetic() { sdp-sample -d synthetic -r "$1" >"$2"; }

# calls: a line "PROGRAM ARGUMENTS..." for every program there is, @tests being this source's tests.
calls() {
	local program
	# sdp-job has something to list.
	[ -d "$SDP_HOME/jobs" ] || echo '{"path":"table.csv","tasks":["descriptive_stats"],"worker_counts":[1],"runs":1,"warmup":0}' |
		sdp-job submit | jq -r .job_id | xargs sdp-job wait >/dev/null
	for program in "$scenarios"/../../cmd/*/main.c; do
		program=sdp-$(basename "$(dirname "$program")")
		sed -n "/^$program	/s|@tests|${scenarios%/*}|g; /^$program	/p" "$scenarios/calls" | grep . || echo "$program	--no-line-in-tests/scenarios/calls"
	done
}

# start PROGRAM ARGUMENTS...: in the background, with the signals' default actions, as which
# a shell does not start it, except that it ignores those that $IGNORED lists ("HUP TERM").  $pid is
# the program; its end comes into the file status: the exit code, or minus the signal.  Output in
# out and err.
start() {
	rm -f status pid
	python3 -c '
import os, signal, subprocess, sys
def defaults():
    for s in (signal.SIGINT, signal.SIGQUIT, signal.SIGPIPE): signal.signal(s, signal.SIG_DFL)
    for s in os.environ.get("IGNORED", "").split(): signal.signal(signal.Signals["SIG" + s], signal.SIG_IGN)
p = subprocess.Popen(sys.argv[1:], stdout=open("out", "w"), stderr=open("err", "w"), preexec_fn=defaults)
open("pid.new", "w").write(str(p.pid))
os.rename("pid.new", "pid")
signal.signal(signal.SIGINT, signal.SIG_IGN)
status = p.wait()
open("status.new", "w").write(str(status))
os.rename("status.new", "status")
' "$@" 8>&- 9>&- &
	wait_for 10 test -e pid || return 1
	pid=$(cat pid)
	started+=("$pid")
}

# A FIFO that the test holds open as descriptor 9: who reads it is in the middle of its work
# until `exec 9>&-`.
hold() { # FIFO
	mkfifo "$1" && exec 9<>"$1"
}

# feed FILE [BYTES]: its beginning into the held FIFO, which must be read meanwhile.
feed() {
	timeout 20 head -c "${2:-3000000}" "$1" >&9 || { echo 'nobody reads the input'; return 1; }
}

has_open() { # PID FILE
	local fd
	for fd in /proc/"$1"/fd/*; do
		[ "$(readlink "$fd")" = "$work/$2" ] && return 0
	done
	return 1
}

workers_of() { pgrep -P "$1"; }
has_workers() { [ "$(pgrep -c -P "$1")" = "$2" ]; }

# The most proportional memory of a program and its workers, in MB, until start has its status.
peak_of() { # PID
	local pid most=0 now
	while [ ! -e status ]; do
		now=0
		for pid in "$1" $(workers_of "$1"); do
			now=$((now + $(awk '/^Pss:/ { print $2 }' "/proc/$pid/smaps_rollup" 2>/dev/null | grep . || echo 0)))
		done
		[ $now -gt $most ] && most=$now
		sleep 0.05
	done
	echo $((most / 1024))
}

# ---- models: the program under test is $program, what it must print in the file want ----

# same WANT COMMAND...: its bytes, without a word.
same() {
	local want=$1 rc
	shift
	"$@" >got 2>err
	rc=$?
	cat err
	equal 'exit code' $rc 0 && equal 'messages' "$(cat err)" '' && cmp got "$want"
}

# struck FAULT ARGUMENTS...: a worker is killed there, and the bytes are those of the file want.
struck() {
	local fault=$1
	shift
	SDP_FAULT=$fault "$program" -q -v "$@" >got 2>err || { cat err; return 1; }
	cat err
	grep -q ', of these died: 1,' err && cmp got want
}

# Every pass of a run.  A death near the end may come after the work is done and stay unseen, but not
# most of them.
every_pass() { # ARGUMENTS...
	local passes pass point deaths=0
	"$program" -q -v "$@" >want 2>err || { cat err; return 1; }
	passes=$(sed -n 's/.*passes: \([0-9]*\),.*/\1/p' err | head -n 1)
	[ "${passes:-0}" -gt 3 ] || { cat err; return 1; }
	for ((pass = 1; pass <= passes; pass++)); do
		for point in claim block 'done'; do
			SDP_FAULT=kill:$pass:$point "$program" -q -v "$@" >got 2>err || { cat err; return 1; }
			cmp got want || return 1
			grep -q ', of these died: 1,' err && deaths=$((deaths + 1))
		done
	done
	[ $deaths -ge $((2 * passes)) ] || { echo "$deaths deaths in $passes passes"; false; }
}

# With so little memory that blocks lie in a file.
spilled() { # SIZE ARGUMENTS...
	local size=$1
	shift
	"$program" -q "$@" >want || return 1
	"$program" -q -v --max-memory "$size" "$@" >got 2>err || { cat err; return 1; }
	cat err
	! grep -q 'temporary files: 0$' err && cmp got want
}

# What has come through a pipe is passed on when nothing follows.
pauses() {
	local rows=$1
	head -n 1001 table.csv >begin
	hold fifo || return 1
	start sh -c "exec $program --predict model.json <fifo" || return 1
	cat begin >&9
	wait_for 20 eval '[ "$(wc -l <out)" = 1001 ]' || { wc -l out; cat err; return 1; }
	tail -n +1002 table.csv | head -n "$rows" >&9
	exec 9>&-
	wait_for 20 test -e status || return 1
	cat err
	equal 'exit code' "$(cat status)" 0 && head -n $((1001 + rows)) want | cmp - out && rm fifo
}
