#!/usr/bin/env bash
# sdp-linreg gives the same bytes whatever happens to its workers and wherever its numbers lie: a
# worker killed in any pass, of the fit as of predictions; pipes and gzip; blocks in a file; and
# --predict passes rows on while its input pauses.
. "$(dirname "$0")/common.bash"
program=sdp-linreg
synthetic 60000 table.csv
gzip -1 -k table.csv

terms='x1,x2,category,x3*x4,x5^2,sqrt(x3)'
check 'a worker killed in each pass: terms' every_pass -j 2 -y y -x "$terms" table.csv
check '… all features, so that it reads twice' every_pass -j 3 -y y table.csv
check '… with rows held out, of gzip' every_pass -j 2 -y y -x "$terms" --test-fraction 0.3 table.csv.gz
check '… one worker' every_pass -j 1 -y qty -x x1:x3 table.csv

for arguments in "-y y -x $terms" '-y y' '-y y -x x1:x6 --no-intercept --test-fraction 0.2'; do
	# shellcheck disable=SC2086 # words
	sdp-linreg -q $arguments table.csv >want
	for workers in 1 3; do
		# shellcheck disable=SC2086
		check "a pipe, -j $workers: $arguments" same want sdp-linreg -q -j $workers $arguments < <(cat table.csv)
		# shellcheck disable=SC2086
		check "gzip in a pipe, -j $workers: $arguments" same want sdp-linreg -q -j $workers $arguments < <(cat table.csv.gz)
		# shellcheck disable=SC2086
		check "blocks in a file, -j $workers: $arguments" spilled 1M -j $workers $arguments table.csv
	done
done

sdp-linreg -q -y y -x "$terms" table.csv >model.json
sdp-linreg --predict model.json --interval table.csv >want
for workers in 1 3; do
	check "--predict of a pipe, -j $workers" same want sdp-linreg -j $workers --predict model.json --interval < <(cat table.csv)
	for point in claim block; do
		check "--predict, killed at $point, -j $workers" struck kill:1:$point -j $workers --predict model.json --interval table.csv
	done
done
sdp-linreg --predict model.json table.csv >want
check '--predict prints rows while its input pauses' pauses 30000
finish
