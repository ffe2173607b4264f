#!/usr/bin/env bash
# Who reads the output may leave early; the program ends quietly, by SIGPIPE if it still wrote.
. "$(dirname "$0")/common.bash"
synthetic 100000 table.csv

quiet_with_head() {
	local status
	"$@" 2>err | head -n 1 >first
	status=${PIPESTATUS[0]}
	cat err
	equal 'lines read' "$(wc -l <first)" 1 && equal 'messages' "$(wc -c <err)" 0 &&
		{ [ "$status" = 141 ] || equal 'exit code' "$status" 0; }
}

# The reader is gone before anything is written.
quiet_without_reader() {
	local status
	mkfifo unread
	exec 8<>unread
	exec 7>unread 8>&-
	"$@" 2>err >&7 7>&-
	status=$?
	exec 7>&-
	rm unread
	cat err
	equal 'messages' "$(wc -c <err)" 0 && equal 'exit code' $status 141
}

while IFS=$'\t' read -r program arguments; do
	# shellcheck disable=SC2086 # arguments are words
	set -- $arguments
	check "$program | head" quiet_with_head "$program" "$@"
	check "$program, reader gone" quiet_without_reader "$program" "$@"
	check "$program --help, reader gone" quiet_without_reader "$program" --help
done < <(calls)
finish
