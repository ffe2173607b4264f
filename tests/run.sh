#!/usr/bin/env bash
# The test runner: finds tests, runs them side by side, prints TAP and "N passed, N failed".
#
#   tests/run.sh --all | --quick          everything; what fits into a minute
#   tests/run.sh --unit --cli --scenarios --judges --lint --fuzz    some kinds
#   tests/run.sh --integration            against other systems: make check-integration
#   tests/run.sh sdp-stats/quoted-newline sdp-stats scenarios/sigint lint/layers test_buf   by name
#   tests/run.sh table/refusals table/refusals:bad-utf8   a table of refusals, one of its rows
#   tests/run.sh integration/notebook integration/notebook:csv   a test in parts, one of its parts
#   tests/run.sh -u sdp-stats/CASE        rewrite the case's out, err and rc, or the row's code and message
#   tests/run.sh -u --new sdp-stats/CASE  write them for a case that has none yet
#
# A name that belongs to no test is an error: the runner names it, runs nothing and exits with 2.
#
# A case is a folder tests/cli/PROGRAM/CASE/: cmd (shell lines, run in a scratch copy of the folder
# with the programs first on PATH), out, and err and rc if not empty and not 0.  A case without a
# file out fails; it holds an empty one if nothing is to be printed.  $SDP_ROOT is the source tree.
#
# A refusal is a row of tests/cli/PROGRAM/refusals.tsv, named PROGRAM/refusals:NAME: the command, one
# line of shell, run with the file `in`, which holds the input; the exit code, which is not 0; and the
# message on standard error.  Nothing may come out.  In input and message, \\, \n, \t and \0NNN (octal)
# are escapes, and the message's last line end is left out.
#
# What is the same in all programs that read tables is in tests/cli/table, shown by one of them.
#
# --quick leaves out the tests that the file tests/slow lists, unless SDP_TEST_SLOW is set.
#
# Except with --quick, each case is run a second time, and must give the same bytes: with -j 3 slipped
# into every call of a program that has -j, with every call whose only operand is a regular file
# reading `cat FILE |` instead, and with chunks of some 64 bytes (SDP_TEST_CHUNK), so that even a short
# input crosses chunk borders on several workers.  tests/cli/exempt.tsv lists the cases that may give
# other bytes then, each with the reason; one that gives the same bytes fails until it leaves the list.
#
# SDP_TEST_CHUNK=BYTES (1 to 1048576) makes the first chunks of a table that small, instead of 1 MiB,
# so that a short input, too, becomes many chunks on several workers; later chunks grow.  The
# programs read it when they open their inputs; it must not change what they print, except what -v
# tells of chunks.
#
# A script in scenarios/, judges/ (against figures from elsewhere) or lint/, a unit test and a fuzz
# target's replay print TAP or just end with 0 or not.  SDP_BIN (build/$MODE) is where the programs
# lie; SDP_TEST_JOBS how many tests run at once.
#
# A test that lacks what the project does not ship prints "ok - NAME # SKIP why"; the skips are listed
# at the end.  If SDP_ALLOWED_SKIPS is set, a skip fails unless a line of it is its name, as a shell
# pattern, followed by " # " and the reason.
set -u
self=$(cd "$(dirname "$0")" && pwd -P)/run.sh
tests=${self%/run.sh}
export SDP_ROOT=${tests%/tests} MODE=${MODE:-release}
export SDP_BIN=${SDP_BIN:-$SDP_ROOT/build/$MODE}
export PATH=$SDP_BIN:$PATH TZ=UTC LC_ALL=C
# The sanitizer's strstr measures the whole string at every call: quadratic over a buffer of lines.
export ASAN_OPTIONS=exitcode=99:intercept_strstr=0 UBSAN_OPTIONS=exitcode=99:print_stacktrace=1
unset SDP_FORMAT SDP_FAULT SDP_TEST_CHUNK

# --- wrappers: what stands before the programs on PATH when a case is run again ---------------

# The options of program $1: one a line, as the word for its argument and, as a shell pattern, its names.
options_of() {
	"$SDP_BIN/$1" --options 2>/dev/null | awk -F '\t' '
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		{ short = $at["short"] != "" ? "-" $at["short"] : ""
		  long = $at["long"] != "" ? "--" $at["long"] : ""
		  print $at["argument"] "\t" short (short != "" && long != "" ? "|" : "") long }'
}

# A wrapper slips -j 3 into the call of a program that has -j.  If the program reads tables and the
# only operand is a regular file that no option names too, and that is not followed, the file comes
# through a pipe.
make_wrappers() { # into directory $1
	local program name options with_argument workers
	mkdir -p "$1"
	for program in "$SDP_BIN"/sdp-*; do
		name=${program##*/}
		if [ ! -x "$program" ] || [ "$name" != "${name%.*}" ]; then continue; fi
		options=$(options_of "$name")
		case $options in *$'\t-j'*) workers='-j 3' ;; *) workers= ;; esac
		case $options in
		*-d\|--delimiter*) ;;
		*)
			[ "$workers" ] || continue
			printf '#!/bin/sh\nexec %s %s "$@"\n' "$program" "$workers" >"$1/$name"
			chmod +x "$1/$name"
			continue ;;
		esac
		with_argument=$(sed -n 's/^[^\t][^\t]*\t//p' <<<"$options" | paste -s -d '|')
		cat >"$1/$name" <<END
#!/bin/sh
operands=0 file= take= ended= named=
for a; do
	if [ "\$take" ]; then take=; named="\$named
\$a"; continue; fi
	case \$ended\$a in
	--) ended=1 ;;
	$with_argument) take=1 ;;
	--follow) operands=2 ;; # only a file can be followed
	-?*) ;;
	*) operands=\$((operands + 1)); file=\$a ;;
	esac
done
if [ \$operands != 1 ] || [ ! -f "\$file" ]; then exec $program $workers "\$@"; fi
IFS='
'
for a in \$named; do
	if [ "\$a" -ef "\$file" ]; then exec $program $workers "\$@"; fi
done
unset IFS
n=\$#
while [ \$n -gt 0 ]; do
	a=\$1; shift; n=\$((n - 1))
	if [ "\$a" = "\$file" ]; then set -- "\$@" -; else set -- "\$@" "\$a"; fi
done
messages=\$0.\$\$
cat -- "\$file" | $program $workers "\$@" 2>"\$messages"
rc=\$?
if [ -s "\$messages" ]; then
	awk -v file="\$file" 'BEGIN { gsub(/[[:cntrl:]]/, "?", file) } { if ((i = index(\$0, ": stdin:")) > 0)
		\$0 = substr(\$0, 1, i + 1) file substr(\$0, i + 7); print }' "\$messages" >&2
fi
rm -f "\$messages"
exit \$rc
END
		chmod +x "$1/$name"
	done
}

# --- one test: each run_* prints TAP lines, "# …" below those that failed ----------------------

explain() { # the head of a file as TAP comments
	cut -c 1-300 "$1" | head -n "${2:-40}" | sed 's/^/#   /'
}

differs() { # RUN, WHAT, the file WANTED, that GOT: explains
	echo "# $1: $2 differs (- wanted, + got)"
	diff -a -u "$3" "$4" | tail -n +3 >"$4.diff"
	explain "$4.diff"
}

# Compares what a run gave ($1: folder with out, err, rc) with the files of the case ($2), of which
# an empty err and an rc of 0 may be missing; explains.  No process is started for what is not there.
same_result() {
	local f bad=0 want=0 got
	for f in out err; do
		if [ ! -s "$2/$f" ]; then
			[ ! -s "$1/$f" ] || { bad=1; differs "$3" $f /dev/null "$1/$f"; }
		elif ! cmp -s "$1/$f" "$2/$f"; then
			bad=1
			differs "$3" $f "$2/$f" "$1/$f"
		fi
	done
	[ ! -s "$2/rc" ] || read -r want <"$2/rc"
	read -r got <"$1/rc"
	if [ "$got" != "$want" ]; then
		bad=1
		echo "# $3: the exit code is $got instead of $want"
	fi
	return $bad
}

is_exempt() { # PROGRAM/CASE
	grep -q "^$1	" "$tests/cli/exempt.tsv" 2>/dev/null
}

# Makes a folder $2 of the row $1, PROGRAM/refusals:NAME, as any other case is.
unpack_refusal() {
	local tab=$'\t' command input code message
	IFS=$'\x1f' read -r command input code message < <(
		sed -n "s/^${1#*:}$tab//p" "$tests/cli/${1%:*}.tsv" | tr '\t' '\037')
	mkdir "$2" && printf '%s\n' "$command" >"$2/cmd"
	printf %b "$input" >"$2/in"
	: >"$2/out"
	printf %b "$message${message:+\\n}" >"$2/err"
	echo "$code" >"$2/rc"
}

# Writes code and message of a run ($2: its folder) into the row $1.  Others read the table meanwhile.
pack_refusal() {
	local table=$tests/cli/${1%:*}.tsv
	(
		flock 8
		code=$(cat "$2/rc") name=${1#*:} message=$(sed 's/\\/\\\\/g; s/\t/\\t/g' "$2/err" |
			awk '{ printf "%s%s", (NR > 1 ? "\\n" : ""), $0 }') \
			awk -F '\t' -v OFS='\t' '$1 == ENVIRON["name"] { $4 = ENVIRON["code"]; $5 = ENVIRON["message"] } { print }' \
			"$table" >"$table.new" && mv "$table.new" "$table"
	) 8>"$WORK/rewriting"
}

run_cli() { # PROGRAM/CASE or PROGRAM/refusals:NAME
	local case=$tests/cli/$1 here=$scratch run bad=0 runs=plain file code files=()
	case $1 in *:*) case=$here/row; unpack_refusal "$1" "$case" ;; esac
	if [ ! -e "$case/out" ] && [ -z "$UPDATE" ]; then
		echo "not ok - $1"
		echo "# there is no file out in $case: -u --new writes it"
		return
	fi
	[ "$QUICK" ] || runs='plain again'
	for file in "$case"/* "$case"/.[!.]*; do
		case $file in
		"$case/out" | "$case/err" | "$case/rc") ;;
		*) [ ! -e "$file" ] && [ ! -L "$file" ] || files+=("$file") ;;
		esac
	done
	for run in $runs; do
		mkdir "$here/$run" "$here/$run/case" && cp -r "${files[@]}" "$here/$run/case"
		(cd "$here/$run/case" &&
			if [ "$run" = again ]; then
				export PATH=$WORK/wrap:$PATH SDP_TEST_CHUNK=64
			fi
			exec timeout -k 5 120 sh ./cmd >../out 2>../err </dev/null)
		code=$?
		echo $code >"$here/$run/rc"
		if [ "$UPDATE" ] && [ "$run" = plain ]; then
			cp "$here/plain/out" "$case/out"
			rm -f "$case/err" "$case/rc"
			[ -s "$here/plain/err" ] && cp "$here/plain/err" "$case/err"
			[ $code = 0 ] || cp "$here/plain/rc" "$case/rc"
			case $1 in *:*) pack_refusal "$1" "$here/plain" ;; esac
		fi
		case $1 in *:*)
			if [ -s "$here/$run/out" ] || [ $code = 0 ]; then
				echo "# $run: this is no refusal, which prints nothing and does not end with 0" >>"$here/why"
				bad=1
			fi ;;
		esac
		if [ "$run" = again ] && is_exempt "$1"; then
			same_result "$here/$run" "$case" "$run" >/dev/null || continue
			echo '# again: the same bytes, so that it can leave tests/cli/exempt.tsv' >>"$here/why"
			bad=1
		else
			same_result "$here/$run" "$case" "$run" >>"$here/why" || bad=1
		fi
	done
	if [ $bad = 0 ]; then echo "ok - $1"; else echo "not ok - $1"; cat "$here/why"; fi
}

# Runs "$@" and passes its TAP on, every name behind $name; without TAP its exit code is the test.
run_tap() {
	local name=$1 rc limit=900
	shift
	(cd "$SDP_ROOT" && CMOCKA_MESSAGE_OUTPUT=TAP TMPDIR=$scratch exec timeout -k 5 $limit "$@") \
		>"$scratch/out" 2>"$scratch/err" </dev/null
	rc=$?
	# cmocka calls a test that was skipped not ok, and puts its name behind.
	sed -n -E "s|^not (ok.*# SKIP)|\1|; s|^(ok [0-9]+) # SKIP (.+)|\1 - \2 # SKIP it lacks what it needs|; s|^(not )?ok( [0-9]+)?( -)? ?(.*)|\1ok - $name: \4|p; /^# (not )?ok /!{/^#/p}" "$scratch/out" >"$scratch/tap"
	if ! grep -q '^\(not \)\{0,1\}ok' "$scratch/tap"; then
		if [ $rc = 0 ]; then echo "ok - $name"; else
			echo "not ok - $name"
			sed 's/^# //' "$scratch/out" | tail -n 60 >"$scratch/tail"
			explain "$scratch/tail" 60
			explain "$scratch/err"
		fi
		return
	fi
	cat "$scratch/tap"
	if [ $rc != 0 ] && ! grep -q '^not ok' "$scratch/tap"; then
		echo "not ok - $name: ended with $rc"
	fi
	if [ $rc != 0 ]; then explain "$scratch/err"; fi
}

skip_is_allowed() { # NAME
	local pattern
	while IFS= read -r pattern; do
		pattern=${pattern%% # *}
		# shellcheck disable=SC2053 # it is a pattern
		if [ -n "$pattern" ] && [[ $1 == $pattern ]]; then return 0; fi
	done <<<"$SDP_ALLOWED_SKIPS"
	return 1
}

# Passes TAP on; a skip that is not allowed becomes a failure.
judge_skips() {
	local line name
	while IFS= read -r line; do
		case $line in
		'ok - '*' # SKIP'*)
			name=${line#ok - }
			name=${name%% # SKIP*}
			if skip_is_allowed "$name"; then echo "$line"; else
				echo "not ok - $name"
				echo "# skipped, which SDP_ALLOWED_SKIPS does not allow:${line##*# SKIP}"
			fi ;;
		*) printf '%s\n' "$line" ;;
		esac
	done
}

run_job() { # KIND/NAME, in a process of its own
	local start=${EPOCHREALTIME/./} end
	scratch=$WORK/job.$$.$((++number))
	mkdir "$scratch"
	case $1 in
	cli/*) run_cli "${1#cli/}" ;;
	unit/*) run_tap "$1" "$SDP_BIN/tests/${1#unit/}" ;;
	fuzz/*) run_tap "$1" "$SDP_BIN/tests/replay_fuzz_${1#fuzz/}" "$tests/fuzz/corpus/${1#fuzz/}" ;;
	judges/*) run_tap "$1" python3 -B "$tests/$1.py" ;;
	integration/*:*) run_tap "$1" "${SDP_PYTHON:-python3}" -B "$tests/${1%%:*}.py" "${1#*:}" ;;
	integration/*) run_tap "$1" "${SDP_PYTHON:-python3}" -B "$tests/$1.py" ;;
	*) run_tap "$1" bash "$tests/$1.sh" ;;
	esac >"$scratch.tap" 2>&1
	if [ "${SDP_ALLOWED_SKIPS+set}" ]; then
		judge_skips <"$scratch.tap" >"$scratch.judged"
		mv "$scratch.judged" "$scratch.tap"
	fi
	end=${EPOCHREALTIME/./}
	taps+=("$scratch.tap")
	folders+=("$scratch")
	took+="$(((end - start) / 1000)) $1"$'\n'
}

if [ "${1-}" = --job ]; then
	shift
	number=0 took='' taps=() folders=()
	for job; do run_job "$job"; done
	{ flock 9; cat "${taps[@]}"; printf %s "$took" >&9; } 9>>"$WORK/times"
	rm -rf "${folders[@]}"
	exit
fi

# --- all tests ---------------------------------------------------------------------------------

export UPDATE='' NEW='' QUICK='' SDP_TEST_QUICK=''  # the last for tests that can do less
jobs=()

add() { # KIND, then the names that a glob found
	local kind=$1 name
	shift
	for name; do [ -n "$name" ] && jobs+=("$kind/$name"); done
}

names() { # PATTERN SUFFIX: base names of the files that match
	local f
	for f in $1; do [ -e "$f" ] && basename "$f" "$2"; done
}

add_unit() {
	local t
	for t in $(names "$tests/unit/test_*.c" .c); do
		if [ "$QUICK" ] && grep -q '^/\* slow' "$tests/unit/$t.c"; then continue; fi
		add unit "$t"
	done
}
add_fuzz() { for t in $(names "$tests/fuzz/fuzz_*.c" .c); do add fuzz "${t#fuzz_}"; done; }
add_scenarios() {
	# bare-debian installs a whole system; it is run by its name only
	for t in $(names "$tests/scenarios/*.sh" .sh); do [ "$t" = bare-debian ] || add scenarios "$t"; done
}
# judge.py is what the judges share.
add_judges() { for t in $(names "$tests/judges/*.py" .py); do [ "$t" = judge ] || add judges "$t"; done; }
# tools.py is what the integration tests share; a test with parts has PARTS in the script, or a folder of cases.
add_integration() { # NAME or nothing, which is all
	local t part
	for t in $(names "$tests/integration/${1:-*}.py" .py); do
		[ "$t" = tools ] && continue
		if ! grep -q '^PARTS = ' "$tests/integration/$t.py"; then add integration "$t"; continue; fi
		for part in $(names "$tests/integration/$t/*.cases" .cases) \
			$(sed -n '/^PARTS = /s/"\([a-z_]*\)": [a-z_]*[,}]/\n\1\n/gp' "$tests/integration/$t.py" | grep -x '[a-z_]*'); do
			add integration "$t:$part"
		done
	done
}
add_lint() { for t in $(names "$tests/lint/*.sh" .sh); do add lint "$t"; done; }
rows() { # TABLE, a path below tests/cli without .tsv; NAME or nothing: the names of its rows
	sed -n "1d; s|^\(${2-[^	]*}\)	.*|$1:\1|p" "$tests/cli/$1.tsv"
}
add_cli() { # PROGRAM, PROGRAM/CASE, PROGRAM/refusals, PROGRAM/refusals:NAME or nothing
	local case table
	while read -r case; do add cli "${case#./}"; done < <(
		cd "$tests/cli" || exit
		case ${1-} in
		*/refusals | */refusals:*) name=${1#*/refusals}; rows "${1%%:*}" ${name:+"${name#:}"}; exit ;;
		esac
		find "./${1-}" -name cmd 2>/dev/null | sed 's|/cmd$||; s|//*|/|g' | sort
		for table in ./${1:-*}/refusals.tsv; do
			[ -e "$table" ] && table=${table#./} && rows "${table%.tsv}"
		done)
}

unknown=0
complain() { # WHAT is wrong with the call
	echo "tests/run.sh: $1" >&2
	unknown=1
}

add_named() { # KIND, the NAME that was given, FILE: what must exist for it
	if [ -e "$3" ]; then add "$1" "$2"; else complain "there is no test '$arg'"; fi
}

leave_out_slow() { # the tests in the file slow; --all runs them
	local name
	while read -r name; do
		case $name in
		'#'*) ;;
		*) [ -e "$tests/$name" ] || [ -e "$tests/$name.c" ] || complain "there is no test '$name', which tests/slow names" ;;
		esac
	done <"$tests/slow"
	mapfile -t jobs < <(printf '%s\n' "${jobs[@]}" | grep -vxFf "$tests/slow")
}

for arg; do
	name=${arg#*/} before=${#jobs[@]}
	case $arg in
	-u) UPDATE=1 ;;
	--new) NEW=1 ;;
	--quick) QUICK=1 SDP_TEST_QUICK=1; add_unit; add_fuzz; add_cli; [ "${SDP_TEST_SLOW-}" ] || leave_out_slow ;;
	--all) add_scenarios; add_unit; add_fuzz; add_cli; add_judges; add_lint ;;
	--unit) add_unit ;;
	--fuzz) add_fuzz ;;
	--cli) add_cli ;;
	--scenarios) add_scenarios ;;
	--judges) add_judges ;;
	--lint) add_lint ;;
	--integration) add_integration ;;
	judges/judge | judges/judge.py | integration/tools | integration/tools.py) complain "'$arg' is no test" ;;
	integration/*:*) add_named integration "$name" "$tests/integration/${name%%:*}.py" ;;
	integration/*) [ -e "$tests/integration/${name%.py}.py" ] || complain "there is no test '$arg'"; add_integration "${name%.py}" ;;
	judges/*) name=${name%.py}; add_named "${arg%%/*}" "$name" "$tests/${arg%%/*}/$name.py" ;;
	scenarios/* | lint/*) name=${name%.sh}; add_named "${arg%%/*}" "$name" "$tests/${arg%%/*}/$name.sh" ;;
	unit/* | test_*) add_named unit "$name" "$tests/unit/$name.c" ;;
	fuzz/*) add_named fuzz "$name" "$tests/fuzz/fuzz_$name.c" ;;
	'' | -* | *..*) complain "unknown option or name '$arg'" ;;
	*) if [ -d "$tests/cli/$arg" ] || [ -e "$tests/cli/${arg%%:*}.tsv" ]; then add_cli "${arg%/}"; fi
		[ ${#jobs[@]} -gt "$before" ] || complain "there is no test '$arg'" ;;
	esac
done
if [ $# = 0 ]; then QUICK=1; add_unit; add_cli; fi
[ $unknown != 0 ] || [ ${#jobs[@]} != 0 ] || complain 'no test was named'
wrapped=
for job in "${jobs[@]}"; do
	case $job in
	cli/*) ;;
	*) [ -z "$UPDATE" ] || complain "-u is for cases, not for $job"; continue ;;
	esac
	wrapped=1
	if [ "$UPDATE" ] && [ -z "$NEW" ] && [ "$job" = "${job#*:}" ] && [ ! -e "$tests/$job/out" ]; then
		complain "${job#cli/} has no file out; -u --new writes it"
	fi
done
if [ $unknown != 0 ]; then
	sed -n '2,/^set/s/^# \{0,1\}//p' "$self" | sed -n '3,/^$/p' >&2
	exit 2
fi

WORK=$(mktemp -d "${TMPDIR:-/tmp}/sdp-test.XXXXXX") || exit 3
export WORK
trap 'rm -rf "$WORK"' EXIT
trap 'exit 130' INT TERM
# Only a case that is run again needs them.
if [ "$wrapped" ] && [ -z "$QUICK" ]; then make_wrappers "$WORK/wrap"; fi

# A process runs one test, or four cases, since these are short.
{
	printf '%s\n' "${jobs[@]}" | grep -v '^cli/'
	printf '%s\n' "${jobs[@]}" | grep '^cli/' | paste -d ' ' - - - -
} | xargs -L 1 -P "${SDP_TEST_JOBS:-$(nproc)}" "$self" --job |
	tee "$WORK/tap"

# A job that was killed, or could not make its folder, has printed nothing.
ended=$(wc -l <"$WORK/times" 2>/dev/null || echo 0)
if [ "$ended" != ${#jobs[@]} ]; then
	echo "not ok - $((${#jobs[@]} - ended)) of ${#jobs[@]} tests did not end" | tee -a "$WORK/tap"
fi

sort -rn "$WORK/times" | awk 'NR <= 5 && $1 >= 2000 { printf "# %.1f s %s\n", $1 / 1000, $2 }'
grep '^not ok' "$WORK/tap" | sed 's/^/# /'
sed -n 's/^ok - \(.*\) # SKIP *\(.*\)/# skipped: \1: \2/p' "$WORK/tap"
skipped=$(grep -c '^ok.*# SKIP' "$WORK/tap")
passed=$(($(grep -c '^ok' "$WORK/tap") - skipped))
failed=$(grep -c '^not ok' "$WORK/tap")
[ "$skipped" = 0 ] || echo "# $skipped skipped"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
