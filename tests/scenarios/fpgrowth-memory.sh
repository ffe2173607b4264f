#!/usr/bin/env bash
# sdp-fpgrowth --max-memory with far more different items than fit into it: the memory of all its
# processes stays near the limit, killed workers change no byte, and without room in TMPDIR there is
# no result.
. "$(dirname "$0")/common.bash"

# A million items of 40 characters, of which a hundredth are twice; without --max-memory they take
# 220 MB.
awk 'BEGIN { print "basket,item"; for (i = 0; i < 1000000; i++) printf "%d,%040d\n", i * 7919 % 300000, i % 990000 }' >many.csv
limit='-q -s 2 --max-length 1 --max-memory 16M'

# The limit, and 12 MB for the program and each of its two workers.
small() {
	local peak
	# shellcheck disable=SC2086 # the options are words
	start sdp-fpgrowth -j 2 $limit "$@" many.csv || return 1
	peak=$(peak_of "$pid")
	cat err
	echo "peak: $peak MB"
	equal 'exit code' "$(cat status)" 0 && [ "$peak" -gt 0 ] && [ "$peak" -lt $((16 + 3 * 12)) ] && cmp out want
}

killed() { # FAULT OPTION...
	local fault=$1
	shift
	# shellcheck disable=SC2086
	SDP_FAULT=$fault sdp-fpgrowth -j 2 -v $limit "$@" many.csv >got 2>err || { cat err; return 1; }
	cat err
	grep -q 'of these died: 1,' err && cmp got want
}

full_disk() { # OPTION...
	(
		trap '' XFSZ
		ulimit -S -f 8000
		# shellcheck disable=SC2086
		sdp-fpgrowth -j 2 $limit "$@" many.csv
	) >out 2>err
	equal 'exit code' $? 3 && cat err && equal 'standard output' "$(cat out)" '' &&
		equal 'lines of message' "$(wc -l <err)" 1 &&
		grep -q '^sdp-fpgrowth: cannot write to the temporary file in .*: [A-Z]' err &&
		equal 'files in TMPDIR' "$(ls -A tmp)" ''
}

for form in '--items-column item' '--basket basket --item item'; do
	# shellcheck disable=SC2086
	sdp-fpgrowth -q -s 2 --max-length 1 $form many.csv >want
	passes='1 2 3 4'
	[ "${form#--basket}" = "$form" ] || passes='1 2 3 4 5'
	# shellcheck disable=SC2086
	check "$form: memory" small $form
	for pass in $passes; do
		# shellcheck disable=SC2086
		check "$form: killed in pass $pass" killed "kill:$pass:block" $form
	done
	# shellcheck disable=SC2086
	check "$form: no room for the temporary file" full_disk $form
done
finish
