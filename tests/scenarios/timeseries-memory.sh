#!/usr/bin/env bash
# sdp-timeseries --max-memory with far more groups than fit into it: the memory of all its processes
# stays near the limit, killed workers change no byte, and without room in TMPDIR there is no result.
. "$(dirname "$0")/common.bash"

# 150000 rows of nearly as many groups; without --max-memory they take 110 MB.
awk 'BEGIN {
	print "t,g,x"
	for (i = 0; i < 150000; i++)
		printf "2024-01-%02dT%02d:00,%d,%d.%d\n", i * 7 % 28 + 1, i % 24, i * 7919 % 140009, i % 997, i % 10
}' >many.csv
call='sdp-timeseries -q -t t --by g --every 1h --agg count,mean,last -j 2'
$call many.csv >want

# The limit, as much for what is in the arena besides buckets, and 12 MB for the program and each of
# its two workers.
small() {
	local peak
	# shellcheck disable=SC2086 # the options are words
	start $call --max-memory 16M many.csv || return 1
	peak=$(peak_of "$pid")
	cat err
	echo "peak: $peak MB"
	equal 'exit code' "$(cat status)" 0 && [ "$peak" -gt 0 ] && [ "$peak" -lt $((2 * 16 + 3 * 12)) ] && cmp out want
}

killed() { # FAULT INPUT
	SDP_FAULT=$1 $call -v --max-memory 16M "$2" <many.csv >got 2>err || { cat err; return 1; }
	cat err
	grep -q 'of these died: 1,' err && cmp got want
}

full_disk() {
	(
		trap '' XFSZ
		ulimit -f 1000
		$call --max-memory 16M many.csv
	) >out 2>err
	equal 'exit code' $? 3 && cat err && equal 'standard output' "$(cat out)" '' &&
		equal 'lines of message' "$(wc -l <err)" 1 &&
		grep -q '^sdp-timeseries: cannot write to the temporary file in .*: [A-Z]' err &&
		equal 'files in TMPDIR' "$(ls -A tmp)" ''
}

# One group takes all the memory, whether it is alone or among others.
one_group() { # ROWS
	awk -v rows="$1" 'BEGIN {
		print "t,g,x"
		for (i = 0; i < rows; i++) print i ",a,1"
		for (i = 0; i < 1000; i++) print i % 7 "," i ",1"
	}' >one.csv
	sdp-timeseries -t t --time-format s --by g --every 1s --agg count,sum --value x --max-memory 4M one.csv >got 2>err
}
refused() {
	one_group 60000
	equal 'exit code' $? 3 && cat err && equal 'output' "$(cat got)" '' &&
		grep -q 'the buckets need more than --max-memory' err
}
fits() {
	one_group 2000 && sdp-timeseries -t t --time-format s --by g --every 1s --agg count,sum --value x one.csv | cmp - got
}

check 'memory' small
for fault in kill:1:block kill:2:block kill:3:block kill:4:block kill:5:claim kill:6:done; do
	check "$fault" killed $fault many.csv
done
check 'from a pipe' killed kill:2:block -
check 'no room for the temporary file' full_disk
check 'a group that does not fit' refused
check 'a group that fits' fits
finish
