#!/usr/bin/env bash
# kill -9 of the program: its workers are gone within two seconds, and nothing lies in TMPDIR.
. "$(dirname "$0")/common.bash"
synthetic 150000 table.csv

orphans_end() { # WORKERS
	local workers
	rm -f held
	hold held && start sdp-stats -j "$1" held && feed table.csv 9000000 || return 1
	wait_for 10 has_workers "$pid" "$1" || return 1
	workers=$(workers_of "$pid")
	kill -9 "$pid"
	wait_for 5 test -e status || return 1
	# shellcheck disable=SC2086 # workers are words
	wait_for 2 gone $workers || return 1
	exec 9>&-
	equal status "$(cat status)" -9 && equal 'files in TMPDIR' "$(ls -A tmp)" '' &&
		equal 'standard output' "$(cat out)" ''
}

for workers in 1 2 5; do check "-j $workers" orphans_end $workers; done
finish
