#!/usr/bin/env bash
# The cron example in examples/nightly: silent when all is well, else a message for cron to mail.
. "$(dirname "$0")/common.bash"
examples=$(cd "$scenarios/../../examples/nightly" && pwd -P)
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
check 'a good night: no mail, results kept, no log' night

# said CODE PATTERN: the mail is one line of this pattern, which names the log, and the log has that line, too.
said() {
	local log
	cat mail
	equal 'exit code' "$rc" "$1" && equal 'lines of the mail' "$(wc -l <mail)" 1 && grep -q "^nightly: $2 (log: .*)\$" mail &&
		log=$(sed 's/.*(log: \(.*\))$/\1/' mail) && [ -s "$log" ] || return 1
	grep -q -F "$(sed 's/^nightly: [^:]* failed: //; s/ (log: .*//' mail)" "$log"
}

failure() {
	printf 'a,b\n1,2\n3\n' >day.csv
	by_cron 30 nightly.sh >mail 2>&1
	rc=$?
	said 1 'sdp-upload .*day.csv failed: sdp-upload: .*day.csv:3: 1 cell where the header has 2'
}
check 'a bad table: mail says where' failure

missing() {
	"$examples/nightly.sh" none.csv nightly >mail 2>&1
	rc=$?
	said 3 'sdp-upload none.csv failed: sdp-upload: cannot open none.csv: No such file or directory'
}
check 'no table: mail says so' missing

# What is stored unchecked fails in the job.
job_fails() {
	mkdir -p bin
	printf '#!/bin/sh\nexec %s --no-validate "$@"\n' "$SDP_BIN/sdp-upload" >bin/sdp-upload
	chmod +x bin/sdp-upload
	PATH=$work/bin:$PATH "$examples/nightly.sh" day.csv nightly >mail 2>&1
	rc=$?
	said 1 'sdp-job wait failed: sdp-job: job .* failed: .*' && grep -q ' submitted$' nightly/*.log
}
check 'a job that fails: mail says why, its log is kept' job_fails
rm -f bin/sdp-upload

# Each later step fails in turn: one line for any.
step_fails() { # COMMAND
	sdp-sample penguins >day.csv
	# shellcheck disable=SC2016 # expanded by that script
	printf '#!/bin/sh\n[ "$1" != %s ] || { echo "sdp-job: no"; exit 3; } >&2\nexec %s "$@"\n' "$1" "$SDP_BIN/sdp-job" >bin/sdp-job
	chmod +x bin/sdp-job
	PATH=$work/bin:$PATH "$examples/nightly.sh" day.csv nightly >mail 2>&1
	rc=$?
	said 3 "sdp-job $1 failed: sdp-job: no"
}
for command in submit wait metrics prune; do check "sdp-job $command fails: mail of one line" step_fails $command; done
rm -f bin/sdp-job

usage() {
	"$examples/nightly.sh" day.csv >mail 2>&1
	local rc=$?
	equal 'exit code' $rc 2 && equal mail "$(cat mail)" 'usage: nightly.sh TABLE FOLDER'
}
check 'a missing operand' usage

again() {
	by_cron 30 nightly.sh >mail 2>&1
	equal 'exit code' $? 0 && equal mail "$(cat mail)" '' && equal logs "$(find nightly -name '*.log')" ''
}
check 'a good night again: the log is gone' again

locked() {
	flock nightly/lock "$examples/nightly.sh" day.csv nightly >mail 2>&1
	local rc=$?
	cat mail
	equal 'exit code' $rc 1 && equal mail "$(cat mail)" 'nightly: the last one still runs'
}
check 'two at once: the second says so' locked
check 'after a restart' by_cron @reboot sdp-job
finish
