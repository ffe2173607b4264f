#!/usr/bin/env bash
# Who reads the output may leave early; the program ends quietly, by SIGPIPE if it still wrote.  If it
# was started with SIGPIPE ignored, the output that nobody reads is an error.
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

# The reader is gone before anything is written.  Sets status.
without_reader() {
	mkfifo unread
	exec 8<>unread
	exec 7>unread 8>&-
	"$@" 2>err >&7 7>&-
	status=$?
	exec 7>&-
	rm unread
	cat err
}

quiet_without_reader() {
	without_reader "$@"
	equal 'messages' "$(wc -c <err)" 0 && equal 'exit code' $status 141
}

# A parent such as a daemon has SIGPIPE ignored.
error_if_ignored() {
	trap '' PIPE
	without_reader "$@"
	trap - PIPE
	equal 'exit code' $status 3 && equal 'messages' "$(wc -l <err)" 1 &&
		grep -q 'cannot write to standard output: Broken pipe\(; the array on standard output is left open\)*$' err
}

while IFS=$'\t' read -r program arguments; do
	# shellcheck disable=SC2086 # arguments are words
	set -- $arguments
	check "$program | head" quiet_with_head "$program" "$@"
	check "$program, reader gone" quiet_without_reader "$program" "$@"
	check "$program, reader gone, SIGPIPE ignored" error_if_ignored "$program" "$@"
	check "$program --help, reader gone" quiet_without_reader "$program" --help
done < <(calls)
finish
