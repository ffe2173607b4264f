#!/usr/bin/env bash
# SIGINT, SIGTERM and others in the middle of a run: the program dies of that very signal, soon, without a
# result; no process stays behind, no file in TMPDIR or beside the output, and an
# older output is untouched.
. "$(dirname "$0")/common.bash"
synthetic 150000 table.csv
mkdir results

interrupted() { # SIGNAL NUMBER COMMAND...: with the held FIFO among its inputs
	local signal=$1 number=$2 workers
	shift 2
	rm -rf held results/*
	echo old >results/output
	hold held && start "$@" -o results/output && feed table.csv || return 1
	wait_for 10 workers_of "$pid" || return 1
	workers=$(workers_of "$pid")
	sleep 0.2
	[ ! -e status ] || { echo 'ended by itself'; cat err; return 1; }
	kill -s "$signal" "$pid"
	wait_for 5 test -e status || return 1
	exec 9>&-
	cat err
	# shellcheck disable=SC2086 # workers are words
	equal status "$(cat status)" "-$number" && wait_for 3 gone $workers &&
		equal 'files in TMPDIR' "$(ls -A tmp)" '' && equal 'files beside the output' "$(ls -A results)" output &&
		equal output "$(cat results/output)" old && equal 'standard output' "$(cat out)" ''
}

for workers in 1 3; do
	check "SIGINT, pipe, -j $workers" interrupted INT 2 sdp-stats -j $workers held
	check "SIGTERM, pipe, -j $workers" interrupted TERM 15 sdp-stats -j $workers held
	check "SIGUSR1, pipe, rows, -j $workers" interrupted USR1 10 sdp-cat -j $workers held
	check "SIGINT, file, then pipe, -j $workers" interrupted INT 2 sdp-stats -j $workers table.csv held
done
finish
