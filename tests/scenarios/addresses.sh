#!/usr/bin/env bash
# FILEs that are addresses: the programs read them by a stub in place of sdp-upload and
# sdp-databricks, and print what they print for the file.
. "$(dirname "$0")/common.bash"

mkdir bin served
export SERVED=$work/served
for program in "$SDP_ROOT"/cmd/*/main.c; do
	program=sdp-$(basename "$(dirname "$program")")
	case $program in
	sdp-upload | sdp-databricks)
		cp "$SDP_BIN/$program" "bin/real-$program"
		cp "$scenarios/addresses_stub.bash" "bin/$program" ;;
	*) cp "$SDP_BIN/$program" bin ;;
	esac
done
# The folder of the programs themselves is not on PATH from here on.
PATH=$work/bin:$(tr : '\n' <<<"$PATH" | grep -v -x -F "$SDP_BIN" | paste -s -d :)
id=01933a2e-5b6c-7def-8123-456789abcdef

cd served || exit 3
synthetic 3000 table.csv
cp table.csv $id
gzip -k table.csv
head -n 1000 table.csv >short.csv
python3 -B "$SDP_ROOT/tests/data/pdf/make.py" . && cp "$SDP_ROOT"/tests/data/report/{before,after}.json .
cp "$SDP_ROOT/tests/data/pdf/ruled/wrapped.pdf" .
sdp-linreg -y y -x x1,x2 table.csv >model.json
printf '%s\n' x1,x2 0,0 1,1 >init.csv

# run RC MESSAGE COMMAND...: it exits with RC and prints only this message; its output is in out.
run() {
	local code=$1 message=$2 rc
	shift 2
	timeout -k 5 60 "$@" >out 2>err
	rc=$?
	cat err
	equal 'exit code' $rc "$code" && equal messages "$(cat err)" "$message"
}

# fails RC MESSAGE COMMAND...: the same, and it prints nothing.
fails() {
	run "$@" && equal output "$(cat out)" ''
}

# ---- every program, as the scenarios call it ----

# with PREFIX WORDS...: the words, in which PREFIX precedes each file.
with() {
	local prefix=$1 word
	shift
	words=()
	for word; do
		case $word in
		@*) word=$prefix${word##*/} ;;
		*.csv | *.gz | *.txt | *.json | *.ndjson) word=$prefix$word ;;
		esac
		words+=("$word")
	done
}

as_the_file() { # PREFIX PROGRAM WORDS...
	local prefix=$1 program=$2
	shift 2
	with '' "$@"
	run 0 '' "$program" -q "${words[@]}" && mv out want || return 1
	with "$prefix" "$@"
	run 0 '' "$program" -q "${words[@]}" || return 1
	sed "s|${prefix%%\?*}||g" out | cmp - want
}

faults() { # PROGRAM WORDS...
	local program=$1 first
	shift
	with s3://b/absent/ "$@"
	for first in "${words[@]}"; do [[ $first == s3:* ]] && break; done
	fails 1 "$program: $first: there is no such object" "$program" -q "${words[@]}" || return 1
	with s3://b/cut3/ "$@"
	first=${first/absent/cut3}
	run 3 "$program: $first: the connection was lost" "$program" -q "${words[@]}" || return 1
	[ "$program" = sdp-cat ] || equal output "$(cat out)" '' || return 1
	with s3://b/killed/ "$@"
	first=${first/cut3/killed}
	run 3 "$program: $first: sdp-upload, which reads it, died: Killed" "$program" -q "${words[@]}"
}

while IFS=$'\t' read -r program arguments; do
	# shellcheck disable=SC2086 # arguments are words
	set -- $arguments
	case $program in
	sdp-sample | sdp-databricks | sdp-job) continue ;; # they read no FILE here
	sdp-bench | sdp-upload) continue ;;                # below
	esac
	check "$program $arguments: from s3" as_the_file s3://bucket/key/ "$program" "$@"
	check "$program $arguments: from dbfs" as_the_file dbfs:/tmp/ "$program" "$@"
	check "$program $arguments: faults" faults "$program" "$@"
done < <(sed -n '/^sdp-/p' "$scenarios/calls")

# ---- what comes through an address is what comes through a pipe ----

same_as() { # WANT COMMAND...: the same output as that of WANT, without a message.
	local want=$1
	shift
	run 0 '' "$@" && cmp out "$want"
}
sdp-stats table.csv >stats.json
sdp-stats table.csv table.csv short.csv - <table.csv >several.json
check 'an id' same_as stats.json sdp-stats $id
mv $id id && mv id $id.bytes && mkdir ids && ln $id.bytes ids/$id
stored() { # The id is no file here.
	(cd ids && mkdir -p away && cd away && SERVED=$work/served/ids run 0 '' sdp-stats "$id" && cmp out ../../stats.json)
}
check 'an id that is no file here' stored
check 'http' same_as stats.json sdp-stats http://host/table.csv
check 'https, with a password and a query' same_as stats.json sdp-stats 'https://user:p@ss@host/table.csv?X-Amz-Signature=5ec2e7'
check 'a scheme in upper case' same_as stats.json sdp-stats 'HTTPS://host/table.csv?X-Amz-Signature=5ec2e7'
check 'a scheme in upper case: s3' same_as stats.json sdp-stats S3://b/k/table.csv
check 'a scheme in upper case: dbfs' same_as stats.json sdp-stats DBFS:/k/table.csv
check 'gzip' same_as stats.json sdp-stats -j 3 https://host/table.csv.gz
in_chunks() { SDP_TEST_CHUNK=64 same_as stats.json sdp-stats -j 3 s3://b/k/table.csv; }
check 'in many chunks' in_chunks
struck() { SDP_FAULT=kill:1:block same_as stats.json sdp-stats -j 3 s3://b/k/table.csv; }
check 'a killed worker' struck
several() {
	: >asked
	run 0 '' sdp-stats s3://b/k/table.csv s3://b/k/table.csv short.csv - <table.csv && cmp out several.json &&
		run 0 '' sdp-stats table.csv dbfs:/table.csv http://h/short.csv s3://b/k/table.csv && cmp out several.json &&
		equal asked "$(cat asked)" 'sdp-upload --get - s3://b/k/table.csv
sdp-upload --get - s3://b/k/table.csv
sdp-databricks get - dbfs:/table.csv
sdp-upload --get - http://h/short.csv
sdp-upload --get - s3://b/k/table.csv'
}
check 'several of them, and standard input' several
formats() {
	sdp-cat -f ndjson short.csv >short.ndjson && jq -s . short.ndjson >short.json && iconv -t UTF-16 short.csv >utf16.csv &&
		printf 'one line\nand another, yes\n' >lines.txt || return 1
	local file
	for file in short.ndjson short.json utf16.csv; do as_the_file s3://b/k/ sdp-stats -j 2 "$file" || return 1; done
	as_the_file s3://b/k/ sdp-cat --input-format txt lines.txt
}
check 'formats' formats
many() {
	local -a words
	mapfile -t words < <(yes s3://b/k/short.csv | head -n 70)
	(ulimit -n 50 && run 0 '' sdp-cat -q "${words[@]}") && equal lines "$(wc -l <out)" $((70 * 999 + 1))
}
check 'more addresses than descriptors' many
in_turn() { # The second one is not asked for before the first has ended.
	: >asked
	fails 3 'sdp-stats: s3://b/cut3/table.csv: the connection was lost' sdp-stats -q s3://b/cut3/table.csv s3://b/k/table.csv &&
		equal asked "$(cat asked)" 'sdp-upload --get - s3://b/cut3/table.csv'
}
check 'one after the other' in_turn
untouched() {
	printf 'rest\n' | { sdp-stats s3://b/k/table.csv >out && equal 'standard input' "$(cat)" rest; }
}
check 'standard input is not read' untouched
first_rows() {
	head -n 4 table.csv >want && run 0 '' sdp-cat -n 3 s3://b/flood/table.csv && cmp out want && wait_for 5 gone "$(cat pid)"
}
check 'the first rows of what does not end' first_rows
check '--where' as_the_file https://h/ sdp-cat -j 2 --where 'x1 > 0 and qty < 500' table.csv
check '--where, a document' as_the_file s3://b/k/ sdp-stats -j 2 --where "category == 'alpha'" table.csv.gz short.csv
check 'a PDF' as_the_file s3://b/k/ sdp-stats wrapped.pdf
with_model() {
	run 0 '' sdp-linreg --predict model.json table.csv && mv out want &&
		same_as want sdp-linreg --predict 'https://h/model.json?sig=1' s3://b/k/table.csv &&
		fails 1 'sdp-linreg: s3://b/absent/model.json: there is no such object' sdp-linreg --predict s3://b/absent/model.json table.csv &&
		fails 3 'sdp-linreg: s3://b/cut3/model.json: the connection was lost' sdp-linreg -q --predict s3://b/cut3/model.json table.csv &&
		fails 1 'sdp-linreg: https://h/table.csv: not a model: invalid JSON at offset 0' sdp-linreg --predict 'https://h/table.csv?sig=1' table.csv
}
check 'a model' with_model
with_centres() {
	run 0 '' sdp-kmeans -q -k 2 -x x1,x2 --init init.csv table.csv && mv out want &&
		same_as want sdp-kmeans -q -k 2 -x x1,x2 --init s3://b/k/init.csv table.csv &&
		tail -n +2 init.csv >headless.csv && : >asked &&
		same_as want sdp-kmeans -q -k 2 -x x1,x2 --init https://h/headless.csv?sig=1 table.csv && equal asked "$(wc -l <asked)" 1 &&
		printf 'x1,z\n0,0\n' >other.csv &&
		fails 1 "sdp-kmeans: https://h/other.csv: no column is named 'x2' among its 2, for 2 features" sdp-kmeans -q -k 2 -x x1,x2 --init https://h/other.csv?sig=1 table.csv &&
		fails 1 'sdp-kmeans: s3://b/absent/init.csv: there is no such object' sdp-kmeans -q -k 2 -x x1,x2 --init s3://b/absent/init.csv table.csv
}
check 'starting centres' with_centres
local_first() {
	mkdir -p s3:/b/absent && echo x >s3:/b/absent/i.csv && echo 1 >>s3:/b/absent/i.csv && ln $id.bytes $id && : >asked &&
		run 0 '' sdp-cat s3://b/absent/i.csv && run 0 '' sdp-stats $id && equal asked "$(cat asked)" ''
	local rc=$?
	rm -r s3: $id
	return $rc
}
check 'a file of that name takes precedence' local_first

# ---- what goes wrong ----

check 'exit code 1 and half of the bytes' fails 1 'sdp-stats: warning: trying again
sdp-stats: s3://b/cut1/table.csv: the connection was lost' sdp-stats s3://b/cut1/table.csv
check 'exit code 2' fails 2 'sdp-stats: s3://b/cut2/table.csv: the connection was lost' sdp-stats -q s3://b/cut2/table.csv
check 'an exit code that sdp does not have' fails 3 'sdp-stats: s3://b/cut42/table.csv: the connection was lost' sdp-stats -q s3://b/cut42/table.csv
check 'no reason' fails 3 'sdp-stats: s3://b/mute/table.csv: sdp-upload, which reads it, failed with exit code 3 and gave no reason' sdp-stats s3://b/mute/table.csv
check 'all bytes, but wrong ones' fails 1 'sdp-stats: s3://b/late/table.csv: not the bytes that were stored' sdp-stats s3://b/late/table.csv
check 'the same, compressed' fails 1 'sdp-stats: s3://b/late/table.csv.gz: not the bytes that were stored' sdp-stats s3://b/late/table.csv.gz
check 'half of what is compressed' fails 3 'sdp-stats: s3://b/cut3/table.csv.gz: the connection was lost' sdp-stats -q s3://b/cut3/table.csv.gz
check 'half of a PDF' fails 3 'sdp-stats: s3://b/killed/wrapped.pdf: sdp-upload, which reads it, died: Killed' sdp-stats s3://b/killed/wrapped.pdf
check 'the second of two' fails 3 'sdp-stats: s3://b/cut3/table.csv: the connection was lost' sdp-stats -q table.csv s3://b/cut3/table.csv
no_secret() {
	fails 1 'sdp-stats: https://host/absent/table.csv: there is no such object' sdp-stats 'https://host/absent/table.csv?X-Amz-Signature=5ec2e7' &&
		fails 1 'sdp-stats: HTTPS://host/absent/table.csv: there is no such object' sdp-stats 'HTTPS://host/absent/table.csv?X-Amz-Signature=5ec2e7' &&
		fails 3 'sdp-stats: http://host/mute/table.csv: sdp-upload, which reads it, failed with exit code 3 and gave no reason' sdp-stats 'http://me:5ec/2e7@host/mute/table.csv' &&
		! fails 1 '' sdp-stats -x nothing 'https://user:5ec2e7@host/table.csv?X-Amz-Signature=5ec2e7' && ! grep 5ec2e7 err
}
check 'messages show no secret' no_secret
# No command line shows a secret, neither that of the program nor those of its children.
command_lines() { # PROGRAM WORDS... with URL in place of the address
	local rc
	rm -f pid
	(cd .. && start sh -c 'url=$(cat served/url); exec "$@" "$url"' sh "$@") && wait_for 10 test -s pid || return 1
	cat /proc/*/cmdline 2>/dev/null | tr '\0' '\n' >lines
	kill -TERM "$(cat ../pid)" && wait_for 10 test -e ../status || return 1
	grep -c '^https://host/hangs/table.csv$' lines && ! grep 5ec2e7 lines
}
echo 'https://user:5ec2e7@host/hangs/table.csv?X-Amz-Signature=5ec2e7' >url
check 'no command line shows a secret' command_lines sdp-stats -j 2
check 'no command line shows a secret: sdp-bench' command_lines sdp-bench -q --tasks descriptive_stats
check 'no command line shows a secret: sdp-upload' command_lines real-sdp-upload
option_value() { # also of an option
	rm -f pid
	sed 's/table.csv/model.json/' url >model.url
	(cd .. && start sh -c 'exec sdp-linreg --predict="$(cat served/model.url)" served/table.csv') && wait_for 10 test -s pid || return 1
	cat /proc/*/cmdline 2>/dev/null | tr '\0' '\n' >lines
	kill -TERM "$(cat ../pid)" && wait_for 10 test -e ../status || return 1
	grep '^--predict=https://host/hangs/model.json$' lines && ! grep 5ec2e7 lines
}
check 'no command line shows a secret: the value of an option' option_value
measured() {
	run 0 '' sdp-bench -q -w 1 --runs 1 --warmup 0 -f json -- sdp-stats 'https://user:5ec2e7@host/table.csv?5ec2e7' &&
		equal command "$(jq -r .command out)" 'sdp-stats https://host/table.csv'
}
check 'sdp-bench of a command' measured
warned() {
	run 0 'sdp-stats: warning: s3://b/warns/table.csv: took long' sdp-stats s3://b/warns/table.csv && cmp out stats.json &&
		run 0 '' sdp-stats -q s3://b/warns/table.csv
}
check 'a warning' warned
loud() {
	timeout 60 sdp-stats s3://b/loud/table.csv >out 2>err && cmp out stats.json && [ "$(wc -l <err)" -gt 1000 ] &&
		[ "$(wc -l <err)" -lt 20000 ] && run 0 '' sdp-stats -q s3://b/loud/table.csv
}
check 'more messages than anybody reads' loud
rows_then_fault() { # A row stream has printed the rows that came before.
	run 3 'sdp-cat: s3://b/cut3/table.csv: the connection was lost' sdp-cat -q s3://b/cut3/table.csv && head -c "$(stat -c %s out)" table.csv | cmp - out
}
check 'rows before the fault' rows_then_fault

# ends SIGNAL STATUS FAULT PROGRAM WORDS...: a signal to the program ends it and its child.
ends() {
	local signal=$1 status=$2 fault=$3
	shift 3
	rm -f pid
	(cd .. && start "$@") || return 1
	pid=$(cat ../pid)
	wait_for 10 test -s pid || return 1
	child=$(cat pid)
	[ "$fault" = hangs ] || sleep 0.1
	if readlink "/proc/$child"/fd/* | tail -n +4 | grep "memfd:\|$TMPDIR"; then return 1; fi # of the program
	kill -"$signal" "$pid" && wait_for 10 test -e ../status || return 1
	cat ../err
	equal status "$(cat ../status)" "$status" && wait_for 5 gone "$child" && equal output "$(cat ../out)" '' &&
		equal 'files in TMPDIR' "$(ls -A "$TMPDIR")" ''
}
for signal in KILL:-9 TERM:-15 INT:-2; do
	check "SIG${signal%:*} while bytes are awaited" ends "${signal%:*}" "${signal#*:}" hangs sdp-stats -j 2 s3://b/hangs/table.csv
	check "SIG${signal%:*} while the end is awaited" ends "${signal%:*}" "${signal#*:}" closed sdp-stats s3://b/closed/table.csv
	check "SIG${signal%:*}, a model" ends "${signal%:*}" "${signal#*:}" hangs sdp-linreg --predict s3://b/hangs/model.json table.csv
	check "SIG${signal%:*}, sdp-bench" ends "${signal%:*}" "${signal#*:}" hangs sdp-bench --tasks descriptive_stats s3://b/hangs/table.csv
	check "SIG${signal%:*}, sdp-upload" ends "${signal%:*}" "${signal#*:}" hangs real-sdp-upload s3://b/hangs/table.csv
done

missing() { # PROGRAM ADDRESS
	fails 3 "sdp-stats: $2: reading it needs the program $1, which is neither in the folder of this program nor in PATH: install the Debian package sdp, or run 'make install' in the source of sdp" \
		../alone/sdp-stats "$2"
}
mkdir ../alone && cp ../bin/sdp-stats ../alone
without() {
	local PATH=${PATH#*:}
	missing sdp-upload s3://b/k/table.csv && missing sdp-databricks dbfs:/table.csv
}
check 'the other program is missing' without
not_written() {
	fails 3 'sdp-cat: cannot write to s3://b/k/out.csv: No such file or directory' sdp-cat -o s3://b/k/out.csv table.csv
}
check '-o is local' not_written
full() {
	local rc
	sdp-stats s3://b/k/table.csv >/dev/full 2>err
	rc=$?
	equal 'exit code' $rc 3
}
check 'a full device' full

# ---- sdp-upload, sdp-bench, sdp-job, sdp-databricks ----

copied() { # ADDRESS NAME
	run 0 '' real-sdp-upload "$1" && equal name "$(jq -r '.name, .rows' out | paste -s)" "$2" &&
		equal bytes "$(jq -r .sha256 out)" "$(sha256sum <table.csv | cut -d ' ' -f 1)" && ! grep 5ec2e7 out
}
cp table.csv 'a b.csv' && cp table.csv 'a%20b.csv'
check 'sdp-upload: a copy' copied s3://b/k/table.csv 'table.csv	3000'
check 'sdp-upload: from a URL' copied 'https://u:5ec2e7@h/k/a%20b.csv?sig=5ec2e7' 'a b.csv	3000'
not_copied() {
	fails 3 'sdp-upload: s3://b/cut3/table.csv: the connection was lost' real-sdp-upload -q s3://b/cut3/table.csv &&
		fails 1 'sdp-upload: s3://b/late/table.csv: not the bytes that were stored' real-sdp-upload s3://b/late/table.csv &&
		fails 2 "sdp-upload: the name '' has an empty part, . or ..; give another by --name" real-sdp-upload https://host/ &&
		equal stored "$(real-sdp-upload --list -f csv | wc -l)" 3
}
check 'sdp-upload: no part is stored' not_copied
benched() {
	: >asked
	run 0 '' sdp-bench -q --tasks descriptive_stats -w 1,2 --runs 2 --warmup 0 'https://u:5ec2e7@h/table.csv?sig=5ec2e7' -o bench.json --save results &&
		equal input "$(jq -c .input bench.json)" "{\"path\":\"https://h/table.csv\",\"bytes\":$(stat -c %s table.csv),\"rows\":3000}" &&
		cmp results/descriptive_stats stats.json && ! grep 5ec2e7 bench.json && equal asked "$(wc -l <asked)" 1 &&
		fails 3 'sdp-bench: s3://b/cut3/table.csv: the connection was lost' sdp-bench -q --tasks descriptive_stats s3://b/cut3/table.csv
}
check 'sdp-bench reads it once' benched
job() { # ADDRESS SHOWN
	local id
	id=$(sdp-job submit --tasks descriptive_stats -w 1 --runs 1 --warmup 0 "$1" | jq -r .job_id) && sdp-job wait "$id" >doc &&
		equal path "$(jq -r '.path, .name' doc | paste -s)" "$2	table.csv" && sdp-job result "$id" descriptive_stats | cmp - stats.json &&
		! grep -r 5ec2e7 doc && rm -r "$SDP_HOME/jobs/$id"
}
check 'sdp-job' job s3://b/k/table.csv s3://b/k/table.csv
check 'sdp-job: dbfs' job dbfs:/k/table.csv dbfs:/k/table.csv
check 'sdp-job: https' job 'https://u:5ec2e7@h/table.csv?sig=5ec2e7' https://h/table.csv
job_fails() {
	local id
	id=$(sdp-job submit --tasks descriptive_stats s3://b/absent/table.csv | jq -r .job_id)
	sdp-job wait "$id" >doc 2>err
	equal 'exit code' $? 1 && equal error "$(jq -r .error doc)" 's3://b/absent/table.csv: there is no such object' &&
		printf '{"path":"s3://b/k/table.csv","tasks":["descriptive_stats"],"worker_counts":[1],"runs":1}' >job.json &&
		run 0 '' sdp-job submit s3://b/k/job.json && run 0 '' sdp-job wait "$(jq -r .job_id out)"
}
check 'sdp-job: what is not there, and a request' job_fails
finish
