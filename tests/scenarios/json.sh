#!/usr/bin/env bash
# JSON of some MB, as lines, an array and an array within: the same bytes as from CSV, for any number of
# workers, from a file, a pipe and gzip, and with workers killed while columns are looked for or after.
. "$(dirname "$0")/common.bash"
rows=$SDP_BIN/tests/rows
synthetic 60000 table.csv
"$rows" --plain -f ndjson table.csv >lines.json
{ echo '['; sed '$!s/$/,/' lines.json; echo ']'; } >array.json
{ printf '{"other": [[1], {"a": "}]"}],\n"rows": [\n'; sed '$!s/$/,/' lines.json; echo '], "end": [{}]}'; } >within.json
gzip -1 -k lines.json
sdp-stats table.csv >want

same() { # WORKERS FAULT INPUT [OPTION...]
	local workers=$1 fault=$2 input=$3 rc
	shift 3
	case $input in
	*pipe) SDP_FAULT=$fault sdp-stats -j "$workers" "$@" < <(cat "${input%.pipe}") >got 2>err ;;
	*) SDP_FAULT=$fault sdp-stats -j "$workers" "$@" "$input" >got 2>err ;;
	esac
	rc=$?
	cat err
	equal 'exit code' $rc 0 && equal 'messages' "$(cat err)" '' && cmp got want
}

for workers in 1 2 7; do
	for input in lines.json array.json lines.json.pipe array.json.pipe lines.json.gz; do
		check "$input, -j $workers" same $workers '' $input
	done
	for input in within.json within.json.pipe; do
		check "$input, -j $workers" same $workers '' $input --records /rows
	done
done
for pass in 1 2; do
	for point in claim make block 'done'; do
		for input in array.json lines.json.pipe; do check "$pass:$point, $input" same 2 kill:$pass:$point $input; done
	done
done
check 'little memory' same 3 '' array.json --max-memory 1M
check 'laws' "$SDP_BIN/tests/laws_sdp-stats" lines.json

rows_same() { # FAULT INPUT WORKERS
	SDP_FAULT=$1 "$rows" --plain -j "$3" "$2" >rows.csv && cmp rows.csv table.csv
}
"$rows" --plain -j 2 table.csv | cmp - table.csv || exit 1
for workers in 1 7; do check "rows, -j $workers" rows_same '' array.json $workers; done
check 'rows, a worker killed' rows_same kill:1:block lines.json 2

# The first fault is the one told, whoever finds it, and nothing is written.
fault() { # WORKERS
	sed '30000s/:/;/;50000s/}/]/' lines.json >bad.json
	sdp-stats -j "$1" bad.json >got 2>err
	equal 'exit code' $? 1 && equal 'standard output' "$(cat got)" '' &&
		equal message "$(cat err)" "$(cat bad.err 2>/dev/null || cat err)" && cp err bad.err &&
		grep -q '^sdp-stats: bad.json:30000: line 30000, column ' err
}
for workers in 1 2 7; do check "a fault, -j $workers" fault $workers; done

# Reading takes a time in proportion to the input, also if each record has a key of its own, and a
# list of columns may name them all.
own_keys() {
	local list
	seq -f '{"k%.0f":1}' 20000 >keys.json
	list=$(seq -s, -f 'k%.0f' 10000)
	equal columns "$(sdp-stats -j 2 -f csv keys.json | wc -l)" 20001 &&
		equal 'chosen columns' "$(sdp-stats -j 2 -x "$list" -f csv keys.json | wc -l)" 10001
}
check 'a new key in each record' own_keys

# A writer that stops in the middle of a record.
cut_short() { head -c 3000000 array.json | sdp-stats 2>err; equal 'exit code' $? 1 && grep -q 'the input ends where' err; }
check 'cut short' cut_short
finish
