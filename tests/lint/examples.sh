#!/usr/bin/env bash
# Every command shown in a manual and in README.md works: the lines that begin with "$ ", as the
# reader sees them, with their continuation lines, in order, in one scratch folder a page that holds
# copies of examples/data and of a PDF.  In README.md those of ```sh blocks; its make and git commands
# are not run, but a make target must exist.
# With arguments only these pages are looked at.
#
# Lines that follow a command in its block are what it prints, on standard output alone or with
# messages before or after it, in 80 columns or as wide as in a pipe; "..." is any text.  A command
# of which messages are shown may fail.
: "${SDP_BIN:?run by make lint or tests/run.sh}"
root=$(cd "$(dirname "$0")/../.." && pwd -P)
export SDP_ROOT=$root PATH=$SDP_BIN:$PATH
work=$(mktemp -d) || exit 3
trap 'rm -rf "$work"' EXIT
fault=0
say() {
	echo "$*"
	fault=1
}

# The examples of the text on stdin, where a form feed ends a block: for each "$ " command the
# command and what it prints, each ended by a NUL.  A command goes on in the next line after a
# backslash or a bar.  What it prints is indented at least as the command is.
examples() {
	awk '
		function emit() {
			if (command != "") printf "%s%c%s%c", command, 0, output, 0
			command = output = blank = ""
			going = 0
		}
		/\f/ { emit(); next }
		going { command = command "\n" $0; going = /[\\|]$/; next }
		/^ *\$ / {
			emit()
			indent = match($0, /\$/) - 1
			command = substr($0, indent + 3)
			going = /[\\|]$/
			next
		}
		command == "" { next }
		/^ *$/ { blank = blank "\n"; next }
		substr($0, 1, indent) ~ /[^ ]/ { emit(); next }
		{
			output = output blank substr($0, indent + 1) "\n"
			blank = ""
		}
		END { emit() }'
}

# All literal blocks are indented, so that text around them is not.
manual_examples() {
	sed 's/^\.Bd -literal\( -compact\)\{0,1\}$/.Bd -literal -offset indent/' "$1" |
		mandoc -T ascii -O width=1000 | sed 's/.\x08//g' | examples
}

readme_examples() {
	awk '/^```/ { on = !on && /^```(sh|console|bash)/; print "\f"; next } on' "$1" | examples
}

# Returns whether the text $1 is what the manual shows, $2.
shows() {
	local pattern
	pattern=$(printf '%s' "$2" | sed -e 's/[^[:alnum:][:space:]]/\\&/g' -e 's/\\\.\\\.\\\./*/g' -e 's/ *$//')
	# shellcheck disable=SC2053 # it is a pattern
	[[ $(printf '%s' "$1" | sed 's/ *$//') == $pattern ]]
}

# Runs the command $1 in the scratch folder, which also has the store of sdp-upload, with the other
# arguments as environment.
run() {
	local command=$1
	shift
	(cd "$scratch" && env "$@" SDP_HOME="$scratch/home" timeout 300 bash -c "$command" >"$work/out" 2>"$work/err" </dev/null)
	rc=$?
}

prints() {
	local out err
	out=$(cat "$work/out")
	err=$(cat "$work/err")
	shows "$out" "$1" || shows "$out"$'\n'"$err" "$1" || shows "$err"$'\n'"$out" "$1" || shows "$err" "$1"
}

check_target() {
	local target
	for target in ${1#make }; do
		case $target in *=* | -*) continue ;; esac
		grep -q "^$target:" "$root/Makefile" || say "$page: no such target: $target"
	done
}

check_example() {
	run "$1" -u COLUMNS
	if [ $rc != 0 ] && ! grep -q '^sdp-[a-z]*: ' <<<"$2"; then
		say "$page: ended with $rc: $1"
		head -n 5 "$work/err"
	elif [ -n "$2" ] && ! prints "$2"; then
		cat "$work/out" "$work/err" >"$work/wide"
		run "$1" COLUMNS=80
		prints "$2" && return
		say "$page: does not print what the page shows: $1"
		diff "$work/wide" <(printf '%s' "$2") | head -n 10
	fi
}

cd "$root" || exit 3
[ $# != 0 ] || set -- README.md man/*.[1-8] cmd/README.md examples/*.md examples/*/*.md
for page in "$@"; do
	scratch=$work/$(echo "$page" | tr / _)
	mkdir "$scratch"
	cp -r "$root"/examples/data/. "$root"/examples/pdf/cars.pdf "$scratch" 2>/dev/null
	[ "$page" != README.md ] || ln -s "$root/examples" "$scratch/examples"
	case $page in
	man/*) manual_examples "$root/$page" ;;
	*) readme_examples "$root/$page" ;;
	esac >"$work/examples"
	case $page in man/sdp-*.1) [ -s "$work/examples" ] || say "$page: shows no example" ;; esac
	while IFS= read -r -d '' command && IFS= read -r -d '' output; do
		case $command in
		make\ *) check_target "$command" ;;
		git\ * | sudo\ * | cd\ *) ;;
		*) check_example "$command" "$output" ;;
		esac
	done <"$work/examples"
done
exit $fault
