#!/usr/bin/env bash
# Output that cannot be written: exit 3 and a message that says why, whatever is printed.
. "$(dirname "$0")/common.bash"
synthetic 2000 table.csv

refused() { # COMMAND...
	local rc
	"$@" >/dev/full 2>err
	rc=$?
	cat err
	equal 'exit code' $rc 3 && equal 'lines of message' "$(wc -l <err)" 1 &&
		grep -q "^${1##*/}: .*No space left on device\(; the array on standard output is left open\)*\$" err
}

while IFS=$'\t' read -r program arguments; do
	# shellcheck disable=SC2086 # arguments are words
	set -- $arguments
	check "$program" refused "$program" "$@"
	check "$program -o /dev/full" refused "$program" -o /dev/full "$@"
	for option in --help --version --options; do
		check "$program $option" refused "$program" $option
	done
done < <(calls)
finish
