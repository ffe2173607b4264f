#!/usr/bin/env bash
# No room for what lies in TMPDIR: exit 3, a message, no result, nothing left there.  A small file
# system where one may be mounted, and in any case a limit on the size of files.
. "$(dirname "$0")/common.bash"
synthetic 150000 table.csv
gzip -1 -k table.csv
mkdir small

fails_well() { # RC
	cat err
	equal 'exit code' "$1" 3 && equal 'standard output' "$(cat out)" '' &&
		equal 'lines of message' "$(wc -l <err)" 1 && grep -q '^sdp-[a-z]*: .*[a-z]$' err &&
		equal 'files in TMPDIR' "$(ls -A tmp)" ''
}

# Both get a shell line whose TMPDIR is too small.
on_small_disk() {
	unshare --mount bash -c "mount -t tmpfs -o size=4m none small && TMPDIR=small && $1" >out 2>err
	fails_well $?
}

with_limit() {
	(
		trap '' XFSZ
		ulimit -S -f 4000
		eval "$1"
	) >out 2>err
	fails_well $?
}

mount_allowed() { unshare --mount mount -t tmpfs -o size=4m none small 2>/dev/null; }

for workers in 1 3; do
	for input in 'cat table.csv |' 'cat table.csv.gz |' ''; do
		call="$input sdp-stats -j $workers ${input:--}"
		case $input in '') call="sdp-stats -j $workers table.csv.gz" ;; *) call="$input sdp-stats -j $workers" ;; esac
		check "limit: $call" with_limit "$call"
		if mount_allowed; then check "small disk: $call" on_small_disk "$call"; else
			echo "ok - small disk: $call # SKIP mount is not allowed here"; fi
	done
done
# A pipe that is read twice before a row is printed is held in TMPDIR, too.
for options in '--tail 5' '-f json --sample 5'; do
	check "limit: sdp-cat $options" with_limit "cat table.csv | sdp-cat $options"
done
check 'the same fits where there is room' eval 'cat table.csv | sdp-stats >out'
finish
