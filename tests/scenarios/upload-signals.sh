#!/usr/bin/env bash
# A signal at each system call by which sdp-upload changes its store or writes its output: strace sends it, once or again
# and again from there on.  Either the program does all of its work and exits with 0, or it dies of the signal and
# nothing of it is left.
. "$(dirname "$0")/common.bash"
unset STORAGE_BACKEND STORAGE_FALLBACK MAX_UPLOAD_SIZE_MB XDG_DATA_HOME
calls='write fsync flock renameat rename unlinkat'
files=$SDP_HOME/files
printf 'a\n1\n' >in.csv
count() { find "$@" 2>/dev/null | wc -l; }

if ! strace -qq -o trace true 2>/dev/null; then
	echo 'ok - signals # SKIP strace is not allowed here'
	exit 0
fi

# traced CALL WHEN COMMAND...: its exit code is rc; fails if there are not so many calls.
traced() {
	local call=$1 when=$2
	shift 2
	strace -qq -o trace -e trace="$call" -e signal=HUP -e inject="$call:signal=HUP:when=$when" "$@" 2>err
	rc=$?
	grep -q '^--- SIGHUP' trace
}
state() { echo "exit $rc, records $(count "$files/index" -type f), documents $(wc -l <doc), contents $(count "$files/objects" -type f), in tmp $(count "$files/tmp" -type f)"; }

# at_each CHECK TIMES MOST: runs CHECK CALL WHEN for each call until it says, by 1, that there is no such call.
at_each() {
	local call n seen=0
	for call in $calls; do
		for ((n = 1; ; n++)); do
			"$1" "$call" "$n$2"
			case $? in
			0) seen=$((seen + 1)) ;;
			1) break ;;
			*) echo "$call $n$2: $(state)"; cat err; return 1 ;;
			esac
		done
	done
	[ $seen -ge "$3" ] || { echo "only $seen calls"; return 1; }
}

stored() { # CALL WHEN
	rm -rf "$SDP_HOME" doc
	: >doc
	traced "$1" "$2" sdp-upload -o doc in.csv || return 1
	case $(state) in
	'exit 0, records 1, documents 1, contents 1, in tmp 0' | 'exit 129, records 0, documents 0, contents 0, in tmp 0') ;;
	*) return 2 ;;
	esac
}
check 'a signal while a file is stored' at_each stored '' 10
check 'signals without end while a file is stored' at_each stored + 10

piped() {
	rm -rf "$SDP_HOME" doc
	traced "$1" "$2" sdp-upload in.csv >doc || return 1
	case $(state) in
	'exit 0, records 1, documents 1, contents 1, in tmp 0' | 'exit 129, records 0, documents 0, contents 0, in tmp 0') ;;
	*) return 2 ;;
	esac
}
check 'a signal while the document goes to standard output' at_each piped '' 8

# What is stored first stays stored, with its document, if the second file is interrupted.
several() {
	rm -rf "$SDP_HOME" doc
	printf 'a\n2\n' >other.csv
	traced "$1" "$2" sdp-upload in.csv other.csv >doc || return 1
	case $(state) in
	'exit 0, records 2, documents 2, contents 2, in tmp 0') ;;
	'exit 129, records 0, documents 0, contents 0, in tmp 0' | 'exit 129, records 1, documents 1, contents 1, in tmp 0') ;;
	*) return 2 ;;
	esac
}
calls='fsync renameat' check 'a signal while two files are stored' at_each several + 10

removed() {
	rm -rf "$SDP_HOME" doc
	sdp-upload in.csv >id
	traced "$1" "$2" sdp-upload --remove in.csv >doc || return 1
	case $(state) in
	'exit 0, records 0, documents 1, contents 0, in tmp 0' | 'exit 129, records 1, documents '[01]', contents 1, in tmp 0') ;;
	*) return 2 ;;
	esac
}
check 'a signal while a file is removed' at_each removed '' 3
check 'signals without end while a file is removed' at_each removed + 3

# A reader that does not read: the document cannot be written, so the file is not stored.
blocked() {
	local pid=
	rm -rf "$SDP_HOME"
	mkfifo pipe
	exec 8<>pipe
	dd if=/dev/zero of=pipe bs=4096 count=64 oflag=nonblock 2>/dev/null
	sdp-upload in.csv >pipe 2>err 8<&- &
	pid=$!
	wait_for 20 compgen -G "$files/index/*.json"
	# The first one may arrive just before the write begins, which then waits for the reader.
	wait_for 20 eval "kill -HUP $pid 2>/dev/null; gone $pid"
	wait $pid
	rc=$?
	: >doc
	exec 8<&-
	equal 'state' "$(state)" 'exit 129, records 0, documents 0, contents 0, in tmp 0'
}
check 'a signal while the reader does not read' blocked
# Of an upload to S3 that never began, nothing is left in the folder of uploads.
unable_to_begin() {
	local call
	for call in fsync:error=ENOSPC write:error=ENOSPC renameat:error=EIO; do
		STORAGE_BACKEND=s3 S3_BUCKET=bucket AWS_ENDPOINT_URL=http://127.0.0.1:1 AWS_ACCESS_KEY_ID=A AWS_SECRET_ACCESS_KEY=b AWS_MAX_ATTEMPTS=1 \
			strace -qq -o trace -e trace="${call%:*}" -e inject="$call:when=1" sdp-upload in.csv >doc 2>err
		equal "exit code, $call" $? 3 && grep -q INJECTED trace && equal "left, $call" "$(find "$SDP_HOME/uploads" -type f)" '' || return 1
	done
}
check 'an upload to S3 that cannot begin' unable_to_begin
finish
