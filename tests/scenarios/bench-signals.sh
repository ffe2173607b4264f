#!/usr/bin/env bash
# SIGINT and SIGTERM while sdp-bench runs a command: it dies of that very signal, and nothing stays: no
# process that the command started, no file, no half document.
. "$(dirname "$0")/common.bash"
mkdir results

interrupted() { # SIGNAL NUMBER SECONDS COMMAND...
	local signal=$1 number=$2 seconds=$3
	shift 3
	rm -rf results/* pids
	echo old >results/output
	start sdp-bench -q -w 1,2 -o results/output "$@" || return 1
	wait_for 10 test -e pids || { cat err; return 1; }
	kill -s "$signal" "$pid"
	wait_for "$seconds" test -e status || return 1
	cat err
	# shellcheck disable=SC2046 # process ids are words
	equal status "$(cat status)" "-$number" && wait_for 3 gone $(cat pids) &&
		equal 'files in TMPDIR' "$(ls -A tmp)" '' && equal 'files beside the output' "$(ls -A results)" output &&
		equal output "$(cat results/output)" old && equal 'standard output' "$(cat out)" ''
}

# Process ids appear in one go.
# shellcheck disable=SC2016 # for sh
tree='sleep 60 & a=$!; setsid sleep 60 & echo $$ $a $! >pids.new; mv pids.new pids; wait'
# shellcheck disable=SC2016
deaf='trap "" INT TERM; sleep 60 & echo $$ $! >pids.new; mv pids.new pids; wait; wait; sleep 60'

check 'SIGINT' interrupted INT 2 2 -- sh -c "$tree" {}
check 'SIGTERM' interrupted TERM 15 2 -- sh -c "$tree" {}
check 'SIGINT, a command that ignores it' interrupted INT 2 5 -- sh -c "$deaf" {}

# A pipe that does not end is read before anything runs.
while_spooling() {
	hold held && start sdp-bench --tasks all held || return 1
	wait_for 10 has_open "$pid" held || return 1
	sleep 0.1
	kill -s INT "$pid"
	wait_for 2 test -e status || return 1
	exec 9>&-
	cat err
	equal status "$(cat status)" -2 && equal 'files in TMPDIR' "$(ls -A tmp)" '' && equal 'standard output' "$(cat out)" ''
}
check 'SIGINT while a pipe is read' while_spooling

# Killed outright, it takes the command along.
killed() {
	rm -f pids
	# shellcheck disable=SC2016 # for sh
	start sdp-bench -w 1 -- sh -c 'echo $$ >pids.new; mv pids.new pids; exec sleep 60' || return 1
	wait_for 10 test -e pids || return 1
	kill -9 "$pid"
	wait_for 2 test -e status && wait_for 3 gone "$(cat pids)"
}
check 'SIGKILL' killed
# A wait that fails must not become a loop that never ends: the pipe of what is measured fills up.
unable_to_wait() {
	timeout 20 strace -qq -o trace -e trace=ppoll -e inject=ppoll:error=ENOMEM \
		sdp-bench -w 1 --runs 1 --warmup 0 -- head -c 3000000 /dev/zero >out 2>err
	equal 'exit code' $? 3 && equal output "$(cat out)" '' &&
		equal message "$(cat err)" 'sdp-bench: cannot wait for a program: Cannot allocate memory'
}
if [ "$MODE" != asan ] && strace -qq -o trace true 2>/dev/null; then check 'it cannot wait for the command' unable_to_wait; else
	echo 'ok - it cannot wait for the command # SKIP no strace, or a sanitizer that does not work under it'; fi
finish
