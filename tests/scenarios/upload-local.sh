#!/usr/bin/env bash
# The local store of sdp-upload: many at once, killed at any moment, no room, no leave to write.
. "$(dirname "$0")/common.bash"
export SDP_HOME=$work/home
unset STORAGE_BACKEND STORAGE_FALLBACK MAX_UPLOAD_SIZE_MB XDG_DATA_HOME
synthetic 20000 table.csv
synthetic 300 small.csv

# Nothing but whole contents, each with a record, and records, each with its content.
clean() {
	local files=$SDP_HOME/files
	equal 'files in tmp' "$(ls -A "$files/tmp")" '' &&
		equal 'contents' "$(find "$files/objects" -type f -printf '%f\n' | sort)" \
			"$(find "$files/index" "$files/pending" -type f -printf '%f\n' | cut -d. -f2 | sort -u)" &&
		sdp-upload --verify >verified && ! grep -qv '"intact":true' verified
}
stored() { sdp-upload --list | wc -l; }

at_once() {
	local i pids=() bad=0
	for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sdp-upload table.csv >"doc.$i" & pids+=($!); done
	for i in "${pids[@]}"; do wait "$i" || bad=$((bad + 1)); done
	equal 'failed' $bad 0 && equal 'stored' "$(stored)" 12 && clean &&
		equal 'contents' "$(find "$SDP_HOME/files/objects" -type f | wc -l)" 1 &&
		equal 'first ones' "$(cat doc.* | jq -s 'map(select(.duplicate_of == null)) | length')" 1 &&
		equal 'the others refer to the first' "$(cat doc.* | jq -s 'map(.duplicate_of // empty) | unique | length')" 1
}
check 'twelve uploads of a file at once' at_once

add_and_remove() {
	local i pids=() bad=0
	rm -rf "$SDP_HOME"
	for i in 1 2 3 4 5 6; do
		(for _ in 1 2 3 4; do sdp-upload --remove "$(sdp-upload small.csv | jq -r .file_id)" >/dev/null || exit 1; done) &
		pids+=($!)
	done
	for i in "${pids[@]}"; do wait "$i" || bad=$((bad + 1)); done
	equal 'failed' $bad 0 && equal 'stored' "$(stored)" 0 && clean
}
check 'the same content stored and removed by six at once' add_and_remove

killed() {
	local i before after rounds=60
	[ -z "${SDP_TEST_QUICK-}" ] || rounds=20
	rm -rf "$SDP_HOME"
	for ((i = 0; i < rounds; i++)); do
		before=$(stored)
		sdp-sample synthetic -r $((300 + i % 3)) >"in.$i.csv"
		sdp-upload "in.$i.csv" >/dev/null 2>&1 &
		python3 -c "import time, random; random.seed($i); time.sleep(random.random() * 0.03)"
		kill -9 $! 2>/dev/null
		wait $! 2>/dev/null
		after=$(stored)
		[ "$after" = "$before" ] || [ "$after" = $((before + 1)) ] || { echo "from $before to $after files"; return 1; }
	done
	sdp-upload table.csv >/dev/null && clean
}
check 'killed at random moments, then clean' killed

killed_removing() {
	local id i
	for ((i = 0; i < 15; i++)); do
		id=$(sdp-upload small.csv | jq -r .file_id)
		sdp-upload --remove "$id" >/dev/null 2>&1 &
		python3 -c "import time, random; random.seed($i); time.sleep(random.random() * 0.01)"
		kill -9 $! 2>/dev/null
		wait $! 2>/dev/null
	done
	sdp-upload table.csv >/dev/null && clean
}
check 'killed while removing, then clean' killed_removing

# ends CODE PATTERN COMMAND...: with one line of message, nothing printed, nothing new in the store.
ends() {
	local code=$1 pattern=$2 before rc
	shift 2
	before=$(find "$SDP_HOME" | sort)
	"$@" >out 2>err
	rc=$?
	cat err
	equal 'exit code' $rc "$code" && equal 'standard output' "$(cat out)" '' && equal 'lines' "$(wc -l <err)" 1 &&
		grep -q "$pattern" err && equal 'the store' "$(find "$SDP_HOME" | sort)" "$before"
}

mkdir small
mount_allowed() { unshare --mount mount -t tmpfs -o size=1m none small 2>/dev/null; }
on_small_disk() {
	# shellcheck disable=SC2016 # expanded by the inner shell
	unshare --mount bash -c 'mount -t tmpfs -o size=1m none small && export SDP_HOME=$PWD/small/home &&
		sdp-upload small.csv >/dev/null && { sdp-upload table.csv >out 2>err; echo $? >code; } &&
		ls -A small/home/files/tmp >tmp.files && sdp-upload --verify >verified'
	cat err
	equal 'exit code' "$(cat code)" 3 && grep -q 'No space left' err && equal 'tmp' "$(cat tmp.files)" '' &&
		equal 'intact' "$(jq -c .intact verified)" true
}
read_only() {
	# shellcheck disable=SC2016
	unshare --mount bash -c 'export SDP_HOME=$PWD/small && mount -t tmpfs none small && sdp-upload small.csv >/dev/null &&
		mount -o remount,ro small && { sdp-upload table.csv >out 2>err; echo $? >code; } && sdp-upload --verify >verified'
	cat err
	equal 'exit code' "$(cat code)" 3 && grep -q 'Read-only' err && equal 'intact' "$(jq -c .intact verified)" true
}
if mount_allowed; then
	check 'a full disk' on_small_disk
	check 'a store that is read-only' read_only
else
	echo 'ok - a full disk # SKIP mount is not allowed here'
	echo 'ok - a store that is read-only # SKIP mount is not allowed here'
fi
limited() { (trap '' XFSZ; ulimit -S -f 100; exec sdp-upload table.csv); }
check 'no room for the file' ends 3 'File too large' limited
touch blocked
blocked() { SDP_HOME=$work/blocked sdp-upload small.csv; }
check 'a store that cannot be' ends 3 'Not a directory' blocked

truncate -s 100M exact
truncate -s $((100 * 1048576 + 1)) above
check '100 MB are allowed' sdp-upload --no-validate exact
check 'a byte more is not' ends 1 'above: larger than MAX_UPLOAD_SIZE_MB allows: 100 MB' sdp-upload --no-validate above
stream() { sdp-upload --no-validate - <above; }
check 'nor from a stream' ends 1 'stdin: larger than' stream
endless() { MAX_UPLOAD_SIZE_MB=3 sdp-upload /dev/zero; }
check 'nor without end' ends 1 '/dev/zero: larger than' endless
check 'a folder' ends 3 'small: it is a directory' sdp-upload small
check 'what is not there' ends 3 'No such file' sdp-upload nothing.csv

fifo() {
	mkfifo pipe
	cat small.csv >pipe &
	sdp-upload pipe >out && equal 'name' "$(jq -r .name out)" pipe && equal 'rows' "$(jq .rows out)" 300
}
check 'a FIFO' fifo
names() {
	local name
	for name in 'a b' 'ü+é' '日本' '100%' "quo'te" '-dash' '#x?y&z=1'; do
		cp -- small.csv "$name"
		sdp-upload -- "$name" >out && equal 'name' "$(jq -r .name out)" "$name" &&
			sdp-upload --get "$(jq -r .file_id out)" | cmp - ./"$name" || return 1
	done
	: >empty
	sdp-upload empty | jq -e '.size == 0 and .type == "txt"'
}
check 'odd names, and a file of no bytes' names
bad_name() { cp small.csv "$(printf 'a\377b')" && sdp-upload "$(printf 'a\377b')"; }
check 'a name that is no UTF-8' ends 2 'not valid UTF-8' bad_name

signal() { # NAME NUMBER
	rm -f slow
	hold slow && start sdp-upload slow && feed table.csv 400000 && kill -"$1" "$pid" && wait_for 10 test -e status
	local rc=$?
	exec 9>&-
	equal 'status' "$(cat status)" "-$2" && equal 'tmp' "$(ls -A "$SDP_HOME/files/tmp")" '' && return $rc
}
check 'interrupted' signal INT 2
check 'terminated' signal TERM 15
finish
