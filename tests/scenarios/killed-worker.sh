#!/usr/bin/env bash
# A worker killed at any point of any pass changes no byte of the result.  SDP_FAULT=kill:PASS:POINT
# is the engine's hook: once a run, a worker kills itself with SIGKILL in that pass before its first
# claim (claim), having cut a chunk that nobody knows of yet (make), inside a block (block) or after
# its last (done).
. "$(dirname "$0")/common.bash"
synthetic 150000 table.csv
gzip -1 -k table.csv
sdp-stats table.csv >want

run() { # INPUT WORKERS
	case $1 in
	file) sdp-stats -j "$2" table.csv ;;
	pipe) sdp-stats -j "$2" < <(cat table.csv) ;;
	gzip) sdp-stats -j "$2" table.csv.gz ;;
	esac
}

same() { # FAULT INPUT WORKERS
	local rc
	SDP_FAULT=$1 run "$2" "$3" >got 2>err
	rc=$?
	cat err
	equal 'exit code' $rc 0 && equal 'messages' "$(cat err)" '' && cmp got want
}

# The hook strikes: one worker more is forked than otherwise.  Only calls that succeeded count, as the
# kernel makes a fork anew that a signal interrupted; strace prints those that others overtake in two parts.
strikes() { # FAULT WORKERS
	SDP_FAULT=$1 strace -f -qq -e trace=clone,clone3,fork,vfork -o trace sdp-stats -j "$2" table.csv >got &&
		equal 'workers forked' "$(grep -c -E '(clone3?|v?fork)(\(| resumed>).* = [1-9][0-9]*$' trace)" $(($2 + 1)) && cmp got want
}

for workers in 1 3; do
	for point in claim make block 'done'; do
		if strace -o trace true 2>/dev/null; then check "1:$point strikes, -j $workers" strikes kill:1:$point $workers; else
			echo "ok - 1:$point strikes, -j $workers # SKIP strace is not allowed here"; fi
	done
done

for workers in 1 2 3; do
	for input in file pipe gzip; do
		check "undisturbed, $input, -j $workers" same '' $input $workers
		for pass in 1 2 3 4; do
			for point in claim make block 'done'; do
				check "$pass:$point, $input, -j $workers" same kill:$pass:$point $input $workers
			done
		done
	done
done

# Correlations, by sums and by ranks: what a dead worker had summed, stored or ranked is done anew.
correlations() { # METHOD FAULT WORKERS
	SDP_FAULT=$2 sdp-stats -j "$3" --correlation "$1" -x x1,x2,x3,y --print correlation -f csv < <(cat table.csv) >got 2>err
	equal 'exit code' $? 0 && equal 'messages' "$(cat err)" '' && cmp got "want.$1"
}
for method in pearson kendall; do
	sdp-stats --correlation $method -x x1,x2,x3,y --print correlation -f csv table.csv >want.$method
	check "$method has pairs" equal rows "$(wc -l <want.$method)" 7
	for pass in 1 2 3 4; do
		for point in claim make block 'done'; do
			check "$method, $pass:$point" correlations $method kill:$pass:$point 3
		done
	done
done

# Workers killed from outside, repeatedly: the same result, or exit 3 once a chunk has failed
# three times; never another result, never a hang.
storm() { # WORKERS PAUSE
	start sdp-stats -j "$1" table.csv || return 1
	for ((i = 0; i < 1000; i++)); do
		[ ! -e status ] || break
		pkill -9 -P "$pid"
		sleep "$2"
	done
	wait_for 60 test -e status || return 1
	cat err
	case $(cat status) in
	0) cmp out want ;;
	3) equal 'standard output' "$(cat out)" '' && equal 'lines of message' "$(wc -l <err)" 1 ;;
	*) equal 'exit code' "$(cat status)" '0 or 3' ;;
	esac
}
for workers in 1 3; do
	for pause in 0.2 0.05 0.01 0; do check "storm, every $pause s, -j $workers" storm $workers $pause; done
done
finish
