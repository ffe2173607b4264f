#!/usr/bin/env bash
# Jobs that cannot be read or are damaged, in every way that files can be: the others are listed, start, end and are
# removed as if these were not there, and a look at the store changes nothing.
. "$(dirname "$0")/common.bash"
printf 'a\n1\n' >t.csv
request='{"path":"t.csv","tasks":["descriptive_stats"],"worker_counts":[1],"runs":1,"warmup":0}'
jobs=$SDP_HOME/jobs
submit() { echo "$request" | sdp-job submit "$@" | jq -r .job_id; }
first=$(submit) && sdp-job wait "$first" >/dev/null || exit 3

# job NAME LAST-EVENT: a job whose events end there, and that is before all that are submitted from now on; its id is in
# the file NAME.
number=0
job() {
	local id
	number=$((number + 1))
	id=$(printf '%s%04d' "${first%????}" $number)
	echo "$id" >"$1"
	cp -r "$jobs/$first" "$jobs/$id"
	sed -i "s/$first/$id/" "$jobs/$id/job.json"
	sed "/\"$2\"/q" "$jobs/$first/events.ndjson" >"$jobs/$id/events.ndjson"
}

# damage KIND FILE: so that FILE of a job cannot be read, or not understood.
damage() {
	local file=$2
	mkdir -p kept
	case $1 in
	absent) rm -r "$file" ;;
	empty) : >"$file" ;;
	cut) truncate -s 20 "$file" ;;
	zeros) truncate -s 0 "$file" && truncate -s 300 "$file" ;;
	latin1) printf '{"job_id":"\351"}\n' >"$file" ;;
	large) truncate -s 3G "$file" ;;
	folder) rm -rf "$file" && mkdir "$file" ;;
	fifo) rm -rf "$file" && mkfifo "$file" ;;
	link) mv "$file" "kept/$number" && ln -s "$PWD/kept/$number" "$file" ;;
	loop) rm -rf "$file" && ln -s "$file" "$file" ;;
	file) rm -rf "$file" && echo text >"$file" ;;
	another) sed -i "s/\"job_id\":\"[^\"]*\"/\"job_id\":\"$first\"/" "$file" ;;
	array) echo '[1]' >"$file" ;;
	surrogate) sed -i 's/^{/{"x":"\\ud800",/' "$file" ;;
	byte) printf '{"event":"phase","phase":"\351"}\n' >>"$file" ;;
	idle) sed -i 's/"max_jobs":1/"max_jobs":0/' "$file" ;;
	runs) sed -i 's/"runs":1/"runs":-1e300/' "$file" ;;
	twice) cat "$file" "$file" >twice && cp twice "$file" ;;
	esac
}

waiting=(job.json:{absent,empty,cut,zeros,latin1,large,folder,fifo,link,loop,another,array,surrogate,idle,runs,twice}
	events.ndjson:{absent,empty,cut,zeros,latin1,large,folder,fifo,link,loop,array,byte} folder:{link,file,loop})
for kind in "${waiting[@]}"; do
	job "$kind" submitted
	id=$(cat "$kind") file=/${kind%:*}
	: >"$jobs/.active/$id"
	damage "${kind#*:}" "$jobs/$id${file#/folder}"
done
ended=(runs.ndjson:{folder,fifo,large,link} lock:{folder,fifo,link})
for kind in "${ended[@]}"; do
	job "$kind" "$([ "${kind%:*}" = lock ] && echo phase || echo succeeded)"
	damage "${kind#*:}" "$jobs/$(cat "$kind")/${kind%:*}"
done
kinds=("${waiting[@]}" "${ended[@]}")

sums() { find kept -type f -exec sha256sum {} + | sort; }
sums >sums

# A job that can be read, but not started.
job unstartable submitted
damage fifo "$jobs/$(cat unstartable)/lock"
: >"$jobs/.active/$(cat unstartable)"

listed() { # NUMBER-OF-JOBS
	timeout 60 sdp-job list >list 2>err
	equal 'exit code' $? 3 && equal listed "$(wc -l <list)" "$1" &&
		equal warnings "$(grep -c '^sdp-job: warning: job .* cannot be read: ' err)" ${#kinds[@]} &&
		equal 'last line' "$(tail -n 1 err)" "sdp-job: jobs that cannot be read: ${#kinds[@]}" || { cat err; return 1; }
	timeout 60 sdp-job list -q >list 2>err
	equal 'exit code with -q' $? 3
}
marks() { find "$jobs/.active" -type f | wc -l; }
check "list has all others, and warns of ${#kinds[@]} jobs" listed 2
check 'the queue keeps them all' equal marks "$(marks)" $((${#waiting[@]} + 1))

others() {
	local id long
	id=$(submit --on-finish 'echo "$SDP_JOB_ID" >>"$SDP_HOME/finished"') && timeout 60 sdp-job wait "$id" >doc || return 1
	equal status "$(jq -r .status doc)" succeeded && sdp-job status "$id" >/dev/null && sdp-job logs "$id" | grep -q succeeded &&
		sdp-job metrics "$id" >/dev/null && sdp-job result "$id" descriptive_stats >/dev/null || return 1
	wait_for 10 grep "$id" "$SDP_HOME/finished" || return 1
	long=$(echo "${request/\"runs\":1/\"runs\":1000}" | sdp-job submit | jq -r .job_id) && id=$(submit) &&
		sdp-job cancel "$id" >doc && equal status "$(jq -r .status doc)" cancelled &&
		sdp-job cancel "$long" >doc && equal status "$(jq -r .status doc)" cancelled &&
		sdp-job retry "$id" >/dev/null && sdp-job wait "$id" >/dev/null &&
		wait_for 10 eval 'sdp-job prune --keep 0 >>pruned; grep -q "$id" pruned' && grep -q "$long" pruned && grep -q "$first" pruned
}
check 'another job is submitted, runs, is cancelled, retried and pruned' others
check 'after that, they are as they were' listed 1
check 'the queue still keeps them all' equal marks "$(marks)" $((${#waiting[@]} + 1))

# Nobody waits for ever, or says that such a job had ended.
alone() {
	local kind command
	for kind in "${kinds[@]}"; do
		for command in status wait cancel retry; do
			timeout 20 sdp-job $command "$(cat "$kind")" >out 2>err
			case $?:$(cat out):$(cat err) in
			[13]::"sdp-job: "*) ;;
			*) echo "$command of $kind: $(cat out err)"; return 1 ;;
			esac
		done
	done
}
check 'a command for one of them fails and says why' alone

outside() {
	equal 'files behind links' "$(find kept -mindepth 1 -maxdepth 1 | wc -l)" 5 && sums | diff sums -
}
check 'what is behind symbolic links is as it was' outside

# A link in .tmp or .active is removed, and not what it leads to.
links_of_the_store() {
	mkdir victim && echo precious >victim/file
	ln -s "$PWD/victim" "$jobs/.tmp/$first" && ln -s "$PWD/victim/file" "$jobs/.active/$first"
	sdp-job list -q >/dev/null
	equal 'the file' "$(cat victim/file)" precious && equal left "$(find "$jobs/.tmp" "$jobs/.active" -type l | wc -l)" 0
}
check 'links in .tmp and .active' links_of_the_store

# What the queue needs is damaged: the jobs are shown nevertheless.
queue_is_damaged() {
	local SDP_HOME=$PWD/queue jobs=$PWD/queue/jobs part id
	id=$(submit) && sdp-job wait "$id" >/dev/null || return 1
	for part in .lock .active .tmp; do
		rm -rf "${jobs:?}/$part" && ln -s nowhere "$jobs/$part"
		sdp-job list 2>err | jq -r .job_id >list
		grep -q "$id" list && grep -q "sdp-job: cannot .*$part: symbolic links" err || { cat list err; return 1; }
		sdp-job list -q >/dev/null 2>&1
		equal 'exit code of list' $? 3 && sdp-job status "$id" >/dev/null 2>err && grep -q 'warning: the queue is left' err &&
			sdp-job metrics "$id" >/dev/null 2>&1 && sdp-job logs "$id" >/dev/null 2>&1 || return 1
		echo "$request" | sdp-job submit >out 2>err
		equal 'exit code of submit' $? 3 && equal output "$(cat out)" '' || return 1
		rm "$jobs/$part"
	done
}
check 'the queue is damaged' queue_is_damaged

# Results that were cut off are not printed.
cut_results() {
	local id
	id=$(submit) && sdp-job wait "$id" >/dev/null || return 1
	truncate -s 100 "$jobs/$id/metrics.json" "$jobs/$id/results/descriptive_stats"
	for command in "metrics $id" "result $id descriptive_stats"; do
		sdp-job $command >out 2>err
		equal 'exit code' $? 1 && equal output "$(cat out)" '' && grep -q 'is damaged: ' err || { cat err; return 1; }
	done
}
check 'metrics and results that were cut off' cut_results

folder_is_link() {
	mkdir -p other elsewhere && ln -s "$PWD/elsewhere" other/jobs && ln -s "$PWD/other" through
	echo "$request" | SDP_HOME=$PWD/other sdp-job submit >out 2>err
	equal 'exit code' $? 3 && equal output "$(cat out)" '' && equal elsewhere "$(find elsewhere -mindepth 1)" '' || return 1
	rm other/jobs
	SDP_HOME=$PWD/through sdp-job list
}
check 'the folder jobs may be no link, but SDP_HOME may' folder_is_link

# Paths may be no UTF-8, but a document is.
other_bytes() {
	local odd id
	odd=$(printf '%s/odd\351' "$PWD") && mkdir "$odd" && cp t.csv "$odd"
	(cd "$odd" && echo "$request" | sdp-job submit --on-finish true) >out 2>err
	equal 'exit code' $? 2 && equal output "$(cat out)" '' && grep -q '^sdp-job: the request: not UTF-8: .*odd' err || return 1
	sdp-job submit --tasks descriptive_stats "$odd/t.csv" >out 2>err
	equal 'exit code' $? 2 && equal output "$(cat out)" '' && grep -q '^sdp-job: the request: not UTF-8: .*odd' err || return 1
	id=$(SDP_HOME=$odd sdp-upload t.csv | jq -r .file_id)
	id=$(SDP_HOME=$odd sdp-job submit --tasks descriptive_stats -w 1 --runs 1 --warmup 0 "$id" | jq -r .job_id)
	SDP_HOME=$odd sdp-job wait "$id" >doc && equal status "$(jq -r .status doc)" succeeded
}
check 'what is not UTF-8 is refused; only the place of SDP_HOME may be such' other_bytes

# For root every file can be read.
unreadable() {
	local as=(setpriv --reuid=65534 --clear-groups) second public rc
	[ "$(id -u)" = 0 ] || as=()
	public=$(mktemp -d -p /tmp) && SDP_HOME=$public/home && chmod 755 "$public" && cp "$SDP_BIN/sdp-job" "$public" || return 1
	first=$(submit) && sdp-job wait "$first" >/dev/null && second=$(submit) && sdp-job wait "$second" >/dev/null
	chmod -R a+rX "$public" && chmod 000 "$public/home/jobs/$first/job.json"
	"${as[@]}" "$public/sdp-job" list >out 2>err
	rc=$?
	rm -rf "$public"
	cat err
	equal 'exit code' $rc 3 && equal listed "$(jq -r .job_id out)" "$second" &&
		grep -q "warning: job $first cannot be read: .*Permission denied" err
}
check 'a job that this user may not read' unreadable
finish
