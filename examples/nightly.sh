#!/bin/sh
# A night's benchmark: stores a table, runs every task on it, and keeps the figures as CSV.
#
#	nightly.sh TABLE FOLDER
#
# It prints nothing unless something is wrong, so that cron sends a mail if and only if it failed
# (nightly.cron beside this file).  A lock keeps a long night from meeting the next one.
set -eu
table=$1 folder=$2
mkdir -p "$folder"
exec 9>"$folder/lock"
flock -n 9 || { echo "nightly: the last one still runs"; exit 1; }

id=$(sdp-upload "$table" | jq -r .file_id)
job=$(jq -n --arg id "$id" '{file_id: $id, tasks: "all", worker_counts: [1, 2], runs: 3}' | sdp-job submit | jq -r .job_id)
if ! said=$(sdp-job wait --progress never "$job" 2>&1 >/dev/null); then
	echo "$said"
	echo "The end of its log:"
	sdp-job logs "$job" | tail -n 20
	exit 1
fi
sdp-job metrics "$job" -f csv -o "$folder/$(date -u +%Y-%m-%d).csv"
sdp-job prune --keep 90d >/dev/null
