#!/usr/bin/env bash
# sdp without sdp-pdf, as the Debian package sdp installs it: the programs are small, a PDF is
# refused with a message that says what is missing, and everything else works.
. "$(dirname "$0")/common.bash"
python3 -B "$SDP_ROOT/tests/data/pdf/make.py" .
export SDP_HOME=$work/home
unset STORAGE_BACKEND S3_BUCKET

mkdir without with
for program in "$SDP_ROOT"/cmd/*/main.c; do
	program=sdp-$(basename "$(dirname "$program")")
	[ "$program" = sdp-pdf ] || cp "$SDP_BIN/$program" without
done
strip without/*
cp "$SDP_BIN/sdp-pdf" with

small() {
	local size
	size=$(cat without/* | wc -c)
	echo "all programs but sdp-pdf, stripped: $size bytes"
	[ "$size" -lt 15000000 ]
}
if [ "$MODE" = release ]; then
	check 'the programs are under 15 MB' small
else
	echo 'ok - the programs are under 15 MB # SKIP only the release is that small'
fi

# The folder of the programs themselves is not on PATH from here on.
PATH=$work/without:$(tr : '\n' <<<"$PATH" | grep -v -x -F "$SDP_BIN" | paste -s -d :)
needed=': reading PDFs needs the program sdp-pdf, which is neither in the folder of this program nor in PATH: install the Debian package sdp-pdf, or run '\''make install'\'' in the source of sdp'

refused() { # MESSAGE COMMAND...
	local message=$1 rc
	shift
	"$@" >out 2>err
	rc=$?
	cat err
	equal 'exit code' $rc 3 && equal output "$(cat out)" '' && equal message "$(cat err)" "$message"
}
check 'sdp-cat' refused "sdp-cat: people.pdf$needed" sdp-cat --tables people.pdf
check 'a PDF from a pipe' refused "sdp-cat: stdin$needed" sh -c 'cat people.pdf | sdp-cat'
check 'an analysis' refused "sdp-stats: people.pdf$needed" sdp-stats people.pdf
check 'the number of a table' refused "sdp-kmeans: people.pdf$needed" sdp-kmeans -k 2 --pdf-table 1 people.pdf
check 'sdp-upload' refused "sdp-upload: people.pdf$needed" sdp-upload people.pdf
check 'sdp-bench' refused "sdp-stats: people.pdf$needed
sdp-bench: looking at the columns with sdp-stats: it ended with exit code 3" \
	sdp-bench --tasks descriptive_stats -w 1 --runs 1 people.pdf

job() {
	local id
	id=$(echo '{"path":"people.pdf","tasks":["descriptive_stats"],"worker_counts":[1]}' | sdp-job submit | jq -r .job_id)
	sdp-job wait "$id" 2>/dev/null | jq -r .error | grep -F "$needed"
}
check 'sdp-job says it, too' job

works() {
	printf 'one line\nand another, yes\n' | sdp-cat --input-format txt | tail -n 1 | grep -q '^2,' &&
		printf 'name    size\nstones   120\npebbles   85\nsand       9\n' | sdp-stats -f csv | grep -q '^size,integer,' &&
		sdp-sample penguins | sdp-stats -f csv >got && [ -s got ] &&
		sdp-upload --no-validate people.pdf >/dev/null
}
check 'everything else works' works

found() {
	PATH=$PATH:$work/with sdp-stats -q -f csv people.pdf >got && grep -q '^Name,' got
}
check 'sdp-pdf is found on PATH' found

by_hand() { # what only the other programs ask for
	with/sdp-pdf --decode sdp-cat pdf x <people.pdf 2>err
	equal 'exit code' $? 2 && equal message "$(cat err)" 'sdp-pdf: --decode is for other programs of sdp'
}
check 'sdp-pdf --decode' by_hand

# Another program of this name.
mkdir other
other() { # LINE...
	printf '%s\n' '#!/bin/sh' "$@" >other/sdp-pdf
	chmod +x other/sdp-pdf
}
ended() { # MESSAGE PROGRAM
	local rc
	PATH=$PATH:$work/other timeout 20 "$2" people.pdf >out 2>err
	rc=$?
	cat err
	equal 'exit code' $rc 3 && equal message "$(cat err)" "$2: people.pdf: $1"
}
other 'echo page' 'exit 42'
check 'an exit code that sdp does not have' ended 'the process that decodes it gave no reason' sdp-cat
check 'the same, for sdp-upload' ended 'sdp-pdf gave no reason for its failure' sdp-upload
other 'exec yes'
flooded() {
	PATH=$PATH:$work/other timeout 20 sdp-upload people.pdf >out 2>err
	equal 'exit code' $? 1 && grep -F 'the process that decodes it died: Broken pipe' err
}
check 'sdp-upload does not wait for a program that goes on writing' flooded
other 'exec >&- 2>&-' 'exec sleep 30'
stopped() {
	PATH=$PATH:$work/other timeout -k 5 -s INT 1 sdp-upload people.pdf >out 2>err
	equal 'exit code' $? 124
}
check 'sdp-upload can be interrupted while it waits for the end' stopped
finish
