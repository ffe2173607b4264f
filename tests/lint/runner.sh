#!/usr/bin/env bash
# tests/run.sh itself: it runs what was named, refuses what does not exist and finds what fails.  A
# copy of it is tried on a tree of its own with one program, sdp-echo.
cd "$(dirname "$0")/../.." || exit 3
work=$(mktemp -d) || exit 3
trap 'rm -rf "$work"' EXIT
cases=$work/tests/cli/sdp-echo
mkdir -p "$work/tests/lint" "$work/tests/unit" "$cases" "$work/bin"
cp tests/run.sh "$work/tests/run.sh"
export SDP_BIN=$work/bin
unset SDP_ALLOWED_SKIPS
cat >"$work/bin/sdp-echo" <<END
#!/bin/sh
echo "\$*" >>"$work/calls"
if [ "\$1" = --options ]; then
	printf 'short\tlong\targument\nj\tworkers\tN\nd\tdelimiter\tC\no\toutput\tF\n'
	exit
fi
[ "\$SDP_TEST_CHUNK" ] && echo "chunk \$SDP_TEST_CHUNK" >>"$work/calls"
if [ "\$1" = -j ]; then shift 2; fi
case \$* in
*wrong*) echo "\$*\$SDP_TEST_CHUNK" ;;
*-) cat ;;
*.txt) for file; do :; done; cat "\$file" ;;
*) echo "\$*" ;;
esac
END
chmod +x "$work/bin/sdp-echo"
new_case() { # NAME: prints its name
	mkdir -p "$cases/$1"
	echo "sdp-echo $1" >"$cases/$1/cmd"
}
for name in good bad lost; do new_case $name; done
echo good >"$cases/good/out"
echo other >"$cases/bad/out"
echo "touch $work/ran" >"$work/tests/lint/fine.sh"
fault=0

# gives RC WORD ARGUMENT...: run.sh with the arguments exits with RC and prints WORD.
gives() {
	local rc want=$1 word=$2
	shift 2
	rm -f "$work/calls" "$work/ran"
	"$work/tests/run.sh" "$@" >"$work/out" 2>"$work/err" </dev/null
	rc=$?
	if [ $rc != "$want" ] || ! cat "$work/out" "$work/err" | grep -q -F -e "$word"; then
		echo "run.sh $*: exit $rc, expected $want and '$word':"
		cat "$work/out" "$work/err"
		fault=1
	fi
}

# holds WHAT COMMAND...: the command succeeds.
holds() {
	local what=$1
	shift
	"$@" || { echo "run.sh: $what"; fault=1; }
}

nothing_ran() { [ ! -e "$work/ran" ] && [ ! -e "$work/calls" ] && [ ! -s "$work/out" ]; }

gives 0 '1 passed, 0 failed' sdp-echo/good
holds 'a case is not run once as it stands' [ "$(grep -c -x good "$work/calls")" = 1 ]
holds 'a case is not run once with -j 3' [ "$(grep -c -x -e '-j 3 good' "$work/calls")" = 1 ]
holds 'a case is not run with small chunks' grep -q -x 'chunk 64' "$work/calls"
new_case piped
echo 'sdp-echo -d , in.txt; sdp-echo -o in.txt in.txt' >"$cases/piped/cmd"
echo text | tee "$cases/piped/in.txt" >"$cases/piped/out"
echo text >>"$cases/piped/out"
gives 0 '1 passed, 0 failed' sdp-echo/piped
holds 'a file is not read through a pipe' grep -q -x -e '-j 3 -d , -' "$work/calls"
holds 'a file that an option names, too, is read through a pipe' grep -q -x -e '-j 3 -o in.txt in.txt' "$work/calls"
new_case wrong
echo wrong >"$cases/wrong/out"
gives 1 '0 passed, 1 failed' sdp-echo/wrong
printf 'case\treason\nsdp-echo/wrong\tit is wrong\n' >"$work/tests/cli/exempt.tsv"
gives 0 '1 passed, 0 failed' sdp-echo/wrong
echo wrong >"$cases/wrong/out"
echo 'echo wrong' >"$cases/wrong/cmd"
gives 1 'can leave tests/cli/exempt.tsv' sdp-echo/wrong

printf 'name\tcommand\tinput\tcode\tmessage\n' >"$cases/refusals.tsv"
printf '%s\t' bad 'cat in >&2; exit 2' 'a\tb\n\0103\\\n' 2 >>"$cases/refusals.tsv"
printf '%s\n' 'a\tb\nC\\' >>"$cases/refusals.tsv"
printf 'fine\tsdp-echo in\ta\t1\t\n' >>"$cases/refusals.tsv"
gives 0 '1 passed, 0 failed' sdp-echo/refusals:bad
gives 1 'this is no refusal' sdp-echo/refusals:fine
gives 1 '1 passed, 1 failed' sdp-echo/refusals
cp "$cases/refusals.tsv" "$work/as-it-was"
sed -i 's,\t2\ta,\t1\tb,' "$cases/refusals.tsv"
gives 1 '0 passed, 1 failed' sdp-echo/refusals:bad
gives 0 '1 passed, 0 failed' -u sdp-echo/refusals:bad
holds '-u does not rewrite a refusal' cmp -s "$cases/refusals.tsv" "$work/as-it-was"
gives 2 "'sdp-echo/refusals:none'" sdp-echo/refusals:none
rm -r "$cases/refusals.tsv" "$cases/wrong" "$cases/piped" "$work/tests/cli/exempt.tsv"
gives 1 '0 passed, 1 failed' sdp-echo/bad
gives 1 'there is no file out' sdp-echo/lost
gives 1 '1 passed, 2 failed' sdp-echo
gives 0 '1 passed, 0 failed' lint/fine
holds 'a lint is not run' [ -e "$work/ran" ]
holds 'programs are started although no case is run' [ ! -e "$work/calls" ]

for name in sdp-echo/god sdp-ecko sdp-echo/good/cmd lint/fin scenarios/none judges/none integration/none \
	unit/test_none test_none fuzz/none --non -x good ''; do
	gives 2 "'$name'" "$name"
	gives 2 "'$name'" lint/fine "$name" sdp-echo/good
	holds "something is run beside the unknown name '$name'" nothing_ran
	holds "the unknown name '$name' is not named on stderr" grep -q -F -e "'$name'" "$work/err"
done

gives 2 '-u --new' -u sdp-echo/lost
holds '-u writes the first expectation' [ ! -e "$cases/lost/out" ]
gives 2 'no test' -u
gives 0 '1 passed' -u --new sdp-echo/lost
holds '-u --new writes no expectation' grep -q -x lost "$cases/lost/out"
gives 0 '1 passed' -u sdp-echo/bad
holds '-u does not rewrite the expectation' grep -q -x bad "$cases/bad/out"

cat >"$work/tests/lint/skips.sh" <<'END'
echo 'ok - held'
echo 'ok - from elsewhere # SKIP it is absent'
END
gives 0 '# skipped: lint/skips: from elsewhere: it is absent' lint/skips
gives 0 '1 passed, 0 failed' lint/skips
export SDP_ALLOWED_SKIPS=
gives 1 'not ok - lint/skips: from elsewhere' lint/skips
gives 1 '1 passed, 1 failed' lint/skips
SDP_ALLOWED_SKIPS='lint/skips: from # another name'
gives 1 '1 passed, 1 failed' lint/skips
SDP_ALLOWED_SKIPS=$'lint/other: x # a reason\nlint/skips: from * # a reason'
gives 0 '1 passed, 0 failed' lint/skips

# The list of exempt cases is for fits alone, and names only cases that exist.
while IFS=$'\t' read -r name reason; do
	[ "$name" = case ] && continue
	case $name in
	sdp-kmeans/* | sdp-logreg/*) ;;
	*) holds "$name may not be exempt" false ;;
	esac
	holds "exempt.tsv: $name: no such case" [ -e "tests/cli/$name/cmd" ]
	holds "exempt.tsv: $name: no reason" [ "$reason" ]
done <tests/cli/exempt.tsv
exit $fault
