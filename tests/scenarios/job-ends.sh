#!/usr/bin/env bash
# The two ends of a job: submit either submits it and exits with 0, or does neither; and --on-finish runs after every
# end, whatever died at that moment.
. "$(dirname "$0")/common.bash"
printf 'a\n1\n' >t.csv
request="{\"path\":\"$work/t.csv\",\"tasks\":[\"descriptive_stats\"],\"worker_counts\":[1],\"runs\":1,\"warmup\":0}"
echo "$request" >request
jobs=$SDP_HOME/jobs
left() { find "$jobs" -mindepth 1 -name '*-*' | wc -l; }
none() { equal listed "$(sdp-job list)" '' && equal 'files of jobs' "$(left)" 0; }

# ---- submit ----

not_printed() { # REDIRECTION, as -o FILE
	sdp-job submit request "$@" 2>err
	equal 'exit code' $? 3 && none
}
check 'the file of -o is on a full device' not_printed -o /dev/full
mkdir folder
check 'the file of -o is a folder' not_printed -o folder

# A reader that takes nothing: the pipe is full, and submit waits for it.
mkfifo pipe && exec 9<>pipe
fill() {
	python3 -c '
import os
os.set_blocking(9, False)
try:
    while True: os.write(9, bytes(4096))
except BlockingIOError: pass
os.set_blocking(9, True)'
}
fill
prepared() { [ "$(sdp-job list)" ]; }
ended() { # SIGNAL
	start sh -c 'exec sdp-job submit request >pipe' && wait_for 10 prepared || return 1
	kill "-$1" "$pid" && wait_for 10 test -e status || return 1
	equal status "$(cat status)" "-$2" && none
}
for signal in TERM:15 INT:2 KILL:9; do check "ended by SIG${signal%:*} before its document is written" ended "${signal%:*}" "${signal#*:}"; done

while_it_waits() {
	local slow quick
	start sh -c 'exec sdp-job submit request >pipe' && wait_for 10 prepared || return 1
	slow=$(sdp-job list | jq -r .job_id)
	equal status "$(sdp-job status "$slow" | jq -r .status)" pending || return 1
	quick=$(sdp-job submit request | jq -r .job_id) && sdp-job wait "$quick" >/dev/null || return 1
	equal 'not started' "$(sdp-job status "$slow" | jq -r .status,.attempts | tr '\n' ' ')" 'pending 0 ' || return 1
	cat <&9 >/dev/null 9>&- &
	started+=($!)
	wait_for 10 test -e status && equal 'exit code' "$(cat status)" 0 || return 1
	{ kill $! && wait $!; } 2>/dev/null
	sdp-job wait "$slow" >doc && equal status "$(jq -r .status doc)" succeeded
}
check 'a submit that waits for its reader does not hold up others, and its job starts later' while_it_waits
exec 9>&-

# A signal at each system call that changes a file: there is a job if the exit code is 0, and only then.
signalled() {
	local long n=0 rc before after called=1
	long=$(jq -c '.runs = 1000' request | sdp-job submit | jq -r .job_id) || return 1
	before=$(sdp-job list | wc -l)
	while [ "$called" -gt 0 ]; do
		n=$((n + 1))
		{ strace -qq -o trace -e trace=openat,write,fsync,renameat,mkdirat,flock -e "inject=openat,write,fsync,renameat,mkdirat,flock:signal=TERM:when=$n" \
			sdp-job submit request >/dev/null 2>err; } 2>/dev/null
		rc=$?
		called=$(grep -c -e '--- SIGTERM' -e INJECTED trace)
		after=$(sdp-job list | wc -l)
		case $rc:$((after - before)) in
		0:1 | 143:0) ;;
		*) echo "signal at call $n: exit code $rc, $((after - before)) jobs: $(cat err)"; return 1 ;;
		esac
		before=$after
		[ "$n" -lt 1000 ] || return 1
	done
	equal 'left in .tmp' "$(find "$jobs/.tmp" -mindepth 1)" '' && sdp-job list | jq -r 'select(.status == "pending").job_id' | xargs -r -n 1 sdp-job cancel >/dev/null || return 1
	sdp-job cancel "$long" >/dev/null 2>&1 || sdp-job wait "$long" >/dev/null
}
if [ "$MODE" != asan ] && strace -qq -o trace true 2>/dev/null; then check 'a signal at each system call' signalled; else
	echo 'ok - a signal at each system call # SKIP no strace, or a sanitizer that does not work under it'; fi

# ---- on_finish ----

sdp-job prune --keep 0 >/dev/null
mkdir here
submit() { (cd "$work/here" && sdp-job submit "$work/request" --on-finish 'echo "$SDP_JOB_ID $SDP_JOB_STATUS $(pwd -P) $(jq -r .status,.exit_code | tr "\n" " ")" >>"$SDP_HOME/finished"' | jq -r .job_id); }
finished() { [ "$(grep -c "^$1 " "$SDP_HOME/finished" 2>/dev/null)" = "$2" ]; }

where() {
	first=$(submit) && sdp-job wait "$first" >/dev/null && wait_for 10 finished "$first" 1 &&
		equal said "$(cat "$SDP_HOME/finished")" "$first succeeded $(cd here && pwd -P) succeeded 0 "
}
check 'the command runs where the job was submitted' where

# as_of ID EVENT...: the store as it is if these were the last events, and their process died.
as_of() {
	local id=$1
	shift
	sed "/\"$1\"/q" "$jobs/$id/events.ndjson" >events && mv events "$jobs/$id/events.ndjson"
	: >"$jobs/.active/$id"
	rm -f "$SDP_HOME/finished"
}
still_active() { [ -e "$jobs/.active/$1" ]; }
ended_job() { first=$(submit) && sdp-job wait "$first" >/dev/null && wait_for 10 finished "$first" 1 && wait_for 10 eval '! still_active "$first"'; }

# A command does not wait for another one that is looking at the queue.
look() { sdp-job list >list && finished "$first" 1; }

killed_before() {
	ended_job && as_of "$first" succeeded && wait_for 10 look || return 1
	sdp-job list >/dev/null && sdp-job status "$first" >/dev/null && finished "$first" 1 && ! still_active "$first" &&
		equal events "$(tail -n 1 "$jobs/$first/events.ndjson" | jq -r .event)" on_finish
}
check 'the runner died between the end and the command: the next look starts it, once' killed_before

# This shell is the runner, as far as others can see, until it closes descriptor 8.
hold_lock() { exec 8<>"$jobs/$first/lock" && python3 -c 'import fcntl, struct; fcntl.fcntl(8, 37, struct.pack("hhqqi4x", 1, 0, 0, 0, 0))'; }

# The lock of the runner is held by this shell, and ends after sdp-job has read the events and before it asks for the lock.
told_meanwhile() {
	ended_job && as_of "$first" succeeded && hold_lock || return 1
	strace -qq -o trace -P "$jobs/$first/lock" -e trace=fcntl -e inject=fcntl:delay_enter=2000000 sdp-job list >/dev/null 8>&- &
	started+=($!)
	wait_for 10 asked $! || return 1
	echo '{"event":"on_finish","at":"2026-01-01T00:00:00.000Z"}' >>"$jobs/$first/events.ndjson"
	exec 8>&-
	wait $! && grep -q DELAYED trace || return 1
	equal 'events' "$(grep -c on_finish "$jobs/$first/events.ndjson")" 1 && ! still_active "$first"
}
asked() { find "/proc/$(pgrep -P "$1")/fd" -lname "*/$first/lock" | grep -q .; }
if [ "$MODE" != asan ] && strace -qq -o trace true 2>/dev/null; then check 'the runner starts the command while a look is going on: it runs once' told_meanwhile; else
	echo 'ok - the runner starts the command while a look is going on # SKIP no strace, or a sanitizer that does not work under it'; fi

too_late() {
	ended_job && as_of "$first" input && hold_lock || return 1
	start sh -c 'exec sdp-job cancel "$0" >out 2>err 8>&-' "$first" && wait_for 10 grep -q '"cancel"' "$jobs/$first/events.ndjson" || return 1
	echo '{"event":"succeeded","at":"2026-01-01T00:00:00.000Z","exit_code":0}' >>"$jobs/$first/events.ndjson"
	exec 8>&-
	wait_for 10 test -e status && equal 'exit code' "$(cat status)" 1 && equal output "$(cat out)" '' &&
		equal message "$(cat err)" "sdp-job: job $first has succeeded already"
}
check 'a job that ends before its cancellation reaches it is not called cancelled' too_late

rebooted() {
	ended_job && sed -i 's/"boot_id":"[^"]*"/"boot_id":"another"/' "$jobs/$first/events.ndjson" && as_of "$first" input || return 1
	wait_for 10 look && equal error "$(jq -r 'select(.status == "failed").error' list)" 'the machine went down while it ran; sdp-job retry goes on with it' &&
		grep -q "^$first failed .* failed 3 \$" "$SDP_HOME/finished"
}
check 'the machine went down while the job ran: the next look records that and starts the command' rebooted

retried() {
	ended_job && sed -i 's/"succeeded"/"failed"/' "$jobs/$first/events.ndjson" && as_of "$first" failed || return 1
	sdp-job retry "$first" >/dev/null && sdp-job wait "$first" >/dev/null && wait_for 10 finished "$first" 2 &&
		equal 'both ends' "$(cut -d ' ' -f 2 "$SDP_HOME/finished" | tr '\n' ' ')" 'failed succeeded '
}
check 'a job is retried before the command was started: it runs for both ends' retried

told() { sdp-job list -v 2>&1 | grep -q "job $first: --on-finish: cannot enter $work/here: No such file or directory"; }

missing_folder() {
	ended_job && as_of "$first" succeeded && mv here there && wait_for 10 told || return 1
	still_active "$first" &&
		[ ! -e "$SDP_HOME/finished" ] && mv there here && wait_for 10 look
}
check 'the folder is missing: the command waits for it' missing_folder

pruned() {
	ended_job && as_of "$first" succeeded && mv here there && sdp-job prune --keep 0 >out 2>err || return 1
	mv there here
	grep -q "warning: job $first is removed, but its --on-finish could not be started" err && [ ! -e "$jobs/$first" ]
}
check 'a job that is pruned without its command is told' pruned
finish
