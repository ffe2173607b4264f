#!/usr/bin/env bash
# Every command shown in a manual's EXAMPLES and in README.md works: the lines that begin with
# "$ ", as the reader sees them, with their continuation lines, in order, in one scratch folder a
# page that holds copies of examples/data.  In README.md those of ```sh blocks; its make and
# git commands are not run, but a make target must exist.
: "${SDP_BIN:?run by make lint or tests/run.sh}"
root=$(cd "$(dirname "$0")/../.." && pwd -P)
export SDP_ROOT=$root PATH=$SDP_BIN:$PATH
work=$(mktemp -d) || exit 3
trap 'rm -rf "$work"' EXIT
fault=0

# "$ " commands of the text on stdin, each ended by a NUL; a backslash at a line's end goes on, for the shell to read.
commands() {
	awk '
		going { line = line "\n" $0; going = /\\$/; if (!going) emit(); next }
		/^[ \t]*\$ / { line = $0; sub(/^[ \t]*\$ /, "", line); going = /\\$/; if (!going) emit() }
		function emit() { printf "%s%c", line, 0 }'
}

manual_commands() {
	mandoc -T ascii -O width=1000 "$1" | sed 's/.\x08//g' |
		awk '/^[A-Z]/ { on = /^EXAMPLES/ } on' | commands
}

readme_commands() {
	awk '/^```/ { on = !on && /^```(sh|console|bash)/; next } on' "$1" | commands
}

for page in README.md man/*.[1-8] cmd/README.md examples/*.md; do
	[ -e "$root/$page" ] || continue
	scratch=$work/$(echo "$page" | tr / _)
	mkdir "$scratch"
	cp -r "$root"/examples/data/. "$scratch" 2>/dev/null
	case $page in
	man/*) manual_commands "$root/$page" ;;
	*) readme_commands "$root/$page" ;;
	esac >"$work/commands"
	case $page in man/sdp-*.1) [ -s "$work/commands" ] || { echo "$page: shows no example"; fault=1; } ;; esac
	while IFS= read -r -d '' command; do
		case $command in
		make\ *)
			for target in ${command#make }; do
				case $target in *=* | -*) continue ;; esac
				grep -q "^$target:" "$root/Makefile" || { echo "$page: no such target: $target"; fault=1; }
			done
			continue ;;
		git\ * | sudo\ * | cd\ *) continue ;;
		esac
		(cd "$scratch" && timeout 300 bash -c "$command" >out.log 2>err.log </dev/null)
		rc=$?
		rm -f "$scratch/out.log"
		if [ $rc != 0 ]; then
			echo "$page: ended with $rc: $command"
			head -n 5 "$scratch/err.log"
			fault=1
		fi
		rm -f "$scratch/err.log"
	done <"$work/commands"
done
exit $fault
