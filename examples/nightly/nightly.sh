#!/bin/sh
# A night's benchmark: stores a table, runs every task on it, and keeps the results as CSV.
#
#	nightly.sh TABLE FOLDER
#
# It prints nothing unless something fails, and then one line, so that cron sends a short mail if and
# only if something is wrong (nightly.cron beside this file).  The line says what failed and why, and
# names the log, FOLDER/DATE.log, which is kept only then.  A lock keeps a long night from meeting
# the next one.
set -eu
[ $# = 2 ] || { echo 'usage: nightly.sh TABLE FOLDER' >&2; exit 2; }
table=$1 folder=$2 job=
mkdir -p "$folder"
exec 9>"$folder/lock"
flock -n 9 || { echo 'nightly: the last one still runs'; exit 1; }
log=$folder/$(date -u +%Y-%m-%d).log
exec 3>&1 >"$log" 2>&1

step() { # sets what the message calls the command that follows
	step=$*
}
finish() {
	code=$?
	why=$(tail -n 1 "$log")
	[ -z "$job" ] || sdp-job logs "$job" || :
	[ $code = 0 ] && rm "$log" || echo "nightly: $step failed: $why (log: $log)" >&3
	exit $code
}
trap finish EXIT

step "sdp-upload $table"
file=$(sdp-upload -f json "$table")
step 'sdp-job submit'
job=$(sdp-job submit --tasks all -w 1,2 --runs 3 -f json "$(echo "$file" | jq -r .file_id)")
job=$(echo "$job" | jq -r .job_id)
step 'sdp-job wait'
sdp-job wait --progress never "$job" -o /dev/null
step 'sdp-job metrics'
sdp-job metrics "$job" -f csv -o "${log%.log}.csv"
step 'sdp-job prune'
sdp-job prune --keep 90d -o /dev/null
