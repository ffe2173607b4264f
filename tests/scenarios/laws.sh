#!/usr/bin/env bash
# The laws of sdp/task.h for every program that is a task, by tests/laws/laws.c, on some chunks of
# synthetic data.
. "$(dirname "$0")/common.bash"
synthetic 60000 table.csv

while IFS=$'\t' read -r program arguments; do
	grep -q '^[[:space:]]*\.task = ' "$scenarios/../../cmd/$program.c" || continue
	# shellcheck disable=SC2086 # arguments are words
	check "$program" "$SDP_BIN/tests/laws_$program" $arguments
done < <(calls)
finish
