#!/usr/bin/env bash
# sdp-job with sdp-upload, on a terminal, and what becomes of jobs when who submitted them goes.
. "$(dirname "$0")/common.bash"

# As typed in the manual, but for fewer rows.
typed() {
	local id job
	id=$(sdp-sample -d synthetic -r 3000 | sdp-upload --name s.csv - | jq -r .file_id) || return 1
	job=$(echo "{\"file_id\": \"$id\", \"tasks\": $1, \"worker_counts\": [1,2,4,8]}" | sdp-job submit | jq -r .job_id)
	sdp-job status "$job" --follow >states && tail -n 1 states | jq -c . || return 1
	equal status "$(tail -n 1 states | jq -r .status)" succeeded &&
		sdp-job metrics "$job" -f csv >metrics.csv && equal rows "$(tail -n +2 metrics.csv | cut -d, -f2 | sort -nu | tr '\n' ' ')" '1 2 4 8 ' &&
		jq -r 'select(.event == "input").path' "$SDP_HOME/jobs/$job/events.ndjson" >input &&
		equal 'read in place' "$(find "$SDP_HOME/files/objects" -type f -path "$(cat input)" | wc -l)" 1 &&
		equal 'tasks' "$(tail -n +2 metrics.csv | cut -d, -f1 | sort -u | wc -l)" "$2"
}
check 'three tasks' typed '["descriptive_stats","linear_regression","kmeans"]' 3
check 'all tasks' typed '"all"' "$(sdp-bench --tasks none - 2>&1 | sed 's/.*there are //' | tr ',' '\n' | wc -l)"

plotted() {
	gnuplot -e "set datafile separator comma; set table 'points'; plot '<cat' using 'workers':'speedup' with points" <metrics.csv || return 1
	equal points "$(awk 'NF == 3 && $1 + 0 { print $1, $2 }' points)" "$(tail -n +2 metrics.csv | cut -d, -f2,15 | awk -F, '{ printf "%.6g %.6g\n", $1, $2 }')"
}
check 'gnuplot finds the columns of the metrics by their names' plotted

removed() {
	local id job
	id=$(sdp-sample iris | sdp-upload --name i.csv - | jq -r .file_id)
	job=$(echo "{\"file_id\": \"$id\", \"tasks\": [\"descriptive_stats\"], \"runs\": 500}" | sdp-job submit | jq -r .job_id)
	sdp-job cancel "$job" >/dev/null
	sdp-upload --remove "$id" >/dev/null || return 1
	sdp-job retry "$job" >/dev/null && sdp-job wait "$job" >doc 2>err
	equal 'exit code' $? 1 && grep -q "failed: there is no file $id" err || { cat err; return 1; }
	echo "{\"file_id\": \"$id\", \"tasks\": \"all\"}" | sdp-job submit >doc 2>err
	equal 'exit code' $? 1 && grep -q "^sdp-job: there is no file $id" err
}
check 'a file that was removed: retried, and asked for again' removed

# Stands in for S3: sdp-upload's answers, and what it is asked.
far_away() { # REFERENCE-MEMBER REFERENCE NAME ASKED [SECRET]
	local job
	mkdir -p far && cp "$SDP_BIN"/sdp-job "$SDP_BIN"/sdp-bench "$SDP_BIN"/sdp-stats far
	cat >far/sdp-upload <<-'END'
	#!/bin/sh
	echo "$@" >>"$SDP_HOME/asked"
	case $1 in
	--stat) echo '{"task":"upload","name":"a/my i.csv","uri":"s3://bucket/sdp/x/a/my i.csv"}' ;;
	--get) if [ "$2" = - ]; then cat >>"$SDP_HOME/asked"; else exec >"$3"; fi
		printf 'a\n1\n2\n' ;;
	esac
	END
	chmod +x far/sdp-upload
	rm -f "$SDP_HOME/asked"
	job=$(echo "{\"$1\": \"$2$5\", \"tasks\": [\"descriptive_stats\"], \"worker_counts\": [1]}" | far/sdp-job submit | jq -r .job_id)
	sdp-job wait "$job" >doc || return 1
	cat "$SDP_HOME/asked"
	equal rows "$(sdp-job result "$job" descriptive_stats | jq .rows)" 2 &&
		equal name "$(jq -r .name doc), $(sdp-job metrics "$job" | jq -r .input.path)" "$3, $3" &&
		equal "$1" "$(jq -r ".$1" doc)" "$2" &&
		equal asked "$(tail -n 1 "$SDP_HOME/asked" | sed "s|$SDP_HOME/jobs/$job/input|IN|")" "$4" &&
		[ ! -e "$SDP_HOME/jobs/$job/input" ]
}
check 'a path s3://' far_away path s3://bucket/folder/i.csv i.csv s3://bucket/folder/i.csv
check 'a path https:// with a signature' far_away path https://host/folder/i.csv i.csv 'https://host/folder/i.csv?sig=5ec2e7' '?sig=5ec2e7'
check 'a file_id that is in S3' far_away file_id 01890000-0000-7000-8000-000000000000 'a/my i.csv' '--get --output IN/a/my i.csv -- 01890000-0000-7000-8000-000000000000'

# Who submits may be killed with its whole group, and its output be a pipe: the job goes on, answers are not held up.
detached() {
	local job start=$SECONDS
	synthetic 300000 table.csv
	setsid bash -c 'echo "{\"path\": \"table.csv\", \"tasks\": [\"descriptive_stats\"], \"runs\": 3}" | sdp-job submit | jq -r .job_id >id; kill -9 0'
	job=$(cat id)
	equal 'at once' $((SECONDS - start < 20)) 1 && sdp-job status "$job" | jq -e '.status == "running"' >/dev/null || return 1
	equal 'its own session' "$(ps -o sid= -p "$(jq -r 'select(.event == "runner").pid' "$SDP_HOME/jobs/$job/events.ndjson")" | tr -d ' ')" \
		"$(jq -r 'select(.event == "runner").pid' "$SDP_HOME/jobs/$job/events.ndjson")" &&
		sdp-job cancel "$job" | jq -e '.status == "cancelled"' >/dev/null
}
check 'a job outlives its submitter' detached

# Nothing of a cancelled job runs on, nor of one whose runner is killed.
alone() {
	! pgrep -f "$SDP_HOME/jobs" && ! pgrep -f "sdp-stats .*$work"
}
check 'cancelled: nothing runs on' wait_for 10 alone

terminal() {
	local job
	job=$(echo '{"path": "table.csv", "tasks": ["descriptive_stats"], "worker_counts": [1], "runs": 30}' | sdp-job submit | jq -r .job_id)
	python3 -c '
import pty, sys
def read(fd):
    import os
    data = os.read(fd, 1024)
    sys.stdout.buffer.write(data)
    return data
sys.exit(pty.spawn(["sdp-job", "status", "--follow", sys.argv[1]], read))' "$job" >screen || return 1
	tr '\r' '\n' <screen
	grep -q 'sdp-job: descriptive_stats, 1 worker, .*%' screen && grep -q '^status *succeeded' screen
}
check 'status --follow on a terminal: a line of progress, then the table' terminal

read_only() {
	# For root every folder can be written to.
	[ "$(id -u)" = 0 ] && return 0
	chmod a-w "$SDP_HOME/jobs" && sdp-job list >list
	local rc=$?
	chmod u+w "$SDP_HOME/jobs"
	equal 'exit code' $rc 0 && [ -s list ]
}
check 'a store that cannot be written to can be looked at' read_only
finish
