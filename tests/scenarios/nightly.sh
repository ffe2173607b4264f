#!/usr/bin/env bash
# The cron example in examples/: silent when all is well, else a message for cron to mail.
. "$(dirname "$0")/common.bash"
examples=$(cd "$scenarios/../../examples" && pwd -P)
sdp-sample penguins >day.csv

# The command of a line of nightly.cron as cron runs it, with our folders in place of those it names.
by_cron() { # FIRST-FIELD WORD
	local command
	command=$(sed -n -E "s/^($1( [^ ]+){4}|@reboot) +//p" "$examples/nightly.cron" | grep "$2" |
		sed "s|/usr/local/share/doc/sdp|$examples|; s|/srv/data|$work|; s|/srv/nightly|$work/nightly|")
	[ -n "$command" ] || { echo "no line $1"; return 9; }
	env -i HOME="$work" PATH="$SDP_BIN:/usr/local/bin:/usr/bin:/bin" SDP_HOME="$SDP_HOME" /bin/sh -c "$command"
}

night() {
	by_cron 30 nightly.sh >mail 2>&1 || { cat mail; return 1; }
	equal mail "$(cat mail)" '' && equal files "$(ls nightly)" "$(date -u +%Y-%m-%d).csv
lock" && grep -q '^descriptive_stats,2,3,' nightly/*.csv
}
check 'a good night: no mail, figures kept' night

failure() {
	printf 'a,b\n1,2\n3\n' >day.csv
	by_cron 30 nightly.sh >mail 2>&1
	local rc=$?
	cat mail
	equal 'exit code' $rc 1 && grep -q 'day.csv:3: 1 cell where the header has 2' mail
}
check 'a bad table: mail says where' failure

# What is stored unchecked fails in the job.
job_fails() {
	mkdir -p bin
	printf '#!/bin/sh\nexec %s --no-validate "$@"\n' "$SDP_BIN/sdp-upload" >bin/sdp-upload
	chmod +x bin/sdp-upload
	PATH=$work/bin:$PATH "$examples/nightly.sh" day.csv nightly >mail 2>&1
	local rc=$?
	cat mail
	equal 'exit code' $rc 1 && grep -q '^sdp-job: job .* failed: ' mail && grep -q '^The end of its log:' mail && grep -q ' submitted$' mail
}
check 'a job that fails: mail with its log' job_fails

locked() {
	flock nightly/lock "$examples/nightly.sh" day.csv nightly >mail 2>&1
	local rc=$?
	cat mail
	equal 'exit code' $rc 1 && equal mail "$(cat mail)" 'nightly: the last one still runs'
}
check 'two at once: the second says so' locked
check 'after a restart' by_cron @reboot sdp-job
finish
