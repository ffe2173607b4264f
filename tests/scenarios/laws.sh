#!/usr/bin/env bash
# The laws of sdp/task.h for every program that is a task, by tests/laws/laws.c, on some chunks of
# synthetic data; and for what else their options can make of it.
. "$(dirname "$0")/common.bash"
synthetic 60000 table.csv
sdp-sample iris >iris.csv
printf 'x1,x2\n1,1\n1000000,0\n2000000,0\n' >far.csv # centres that no row is near

more() {
	cat <<-END
	sdp-kmeans	-q -k 2..4 table.csv
	sdp-kmeans	-q -k 4 --standardize --restarts 3 table.csv
	sdp-kmeans	-q -k 5 --init random --restarts 2 --tolerance 0.1 -x x1:x6 table.csv
	sdp-kmeans	-q -k 3 --init far.csv -x x1,x2 table.csv
	sdp-kmeans	-q -k 3 --algorithm lloyd --max-iterations 4 -x x1,x2 table.csv
	sdp-kmeans	-q -k 2..6 --standardize iris.csv
	END
}

while IFS=$'\t' read -r program arguments; do
	grep -q '^[[:space:]]*\.task = ' "$scenarios/../../cmd/${program#sdp-}/main.c" || continue
	# shellcheck disable=SC2086 # arguments are words
	check "$program $arguments" "$SDP_BIN/tests/laws_$program" $arguments
done < <(calls; more)
finish
