#!/usr/bin/env bash
# A command of sdp-job whose allocations fail, one after the other: it ends with 3 and says so, or does all of its work;
# no job is called damaged, ended or lost.
. "$(dirname "$0")/common.bash"
printf 'a\n1\n' >t.csv
request='{"path":"t.csv","tasks":["descriptive_stats"],"worker_counts":[1],"runs":1,"warmup":0}'
jobs=$SDP_HOME/jobs
first=$(echo "$request" | sdp-job submit --on-finish true | jq -r .job_id) && sdp-job wait "$first" >/dev/null || exit 3
wait_for 10 eval '! [ -e "$jobs/.active/$first" ]' || exit 3

# A job that waits and cannot be started: the file of its lock is a FIFO.
waiting=${first%????}0001
cp -r "$jobs/$first" "$jobs/$waiting"
sed -i "s/$first/$waiting/" "$jobs/$waiting/job.json"
sed -i '/"submitted"/q' "$jobs/$waiting/events.ndjson"
rm "$jobs/$waiting/lock" && mkfifo "$jobs/$waiting/lock" && : >"$jobs/.active/$waiting"
sdp-job list >all || exit 3
state() { (cd "$jobs" && find . ! -name log | sort && cat ./*/events.ndjson); }
state >before

# failing N COMMAND...: its Nth allocation fails.
failing() {
	local n=$1
	shift
	truncate -s 0 counts && truncate -s 4096 counts
	FAULTS=$PWD/counts:alloc:12:$n:0 LD_PRELOAD=$SDP_BIN/tests/faults.so "$@"
}
allocations() { od -An -td8 -N8 counts | tr -d ' '; }

each() { # COMMAND, with the exit code and the output that it has with memory enough
	local n rc last
	"$@" >want 2>want.err
	local wanted=$?
	failing 0 "$@" >/dev/null 2>&1
	last=$(allocations)
	[ "$last" -gt 100 ] || { echo "only $last allocations"; return 1; }
	for ((n = last; n > 0; n -= n > last / 2 ? 7 : 29)); do
		failing "$n" "$@" >out 2>err
		rc=$?
		if [ $rc = 3 ]; then
			[ ! -s out ] && grep -q 'out of memory\|Cannot allocate memory' err
		else
			[ $rc = $wanted ] && cmp out want
		fi || { echo "allocation $n: exit code $rc: $(cat out err)"; return 1; }
		state | cmp before - || { echo "allocation $n: the store has changed"; return 1; }
	done
}
if [ -e "$SDP_BIN/tests/faults.so" ] && [ "$MODE" != asan ]; then
	for command in list "status $waiting" "wait $first" "result $first descriptive_stats" "cancel $first" "retry $first"; do
		# shellcheck disable=SC2086 # words of a command
		check "${command%% *}" each sdp-job $command
	done
else
	echo 'ok - allocations that fail # SKIP needs tests/faults.so, and no sanitizer'
	exit 0
fi
finish
