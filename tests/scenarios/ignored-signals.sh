#!/usr/bin/env bash
# A signal that was ignored when a program started, as nohup and shells do, stays ignored: by the
# program, by its workers, and by the programs that it starts.  It ends with the same output as
# without signals, and no worker dies.
. "$(dirname "$0")/common.bash"
synthetic 60000 table.csv
export IGNORED='HUP INT TERM PIPE USR1'
sdp-stats table.csv >want

deaf() { # WORKERS
	local workers
	rm -f held
	hold held && start sdp-stats -v -j "$1" held && feed table.csv "$(wc -c <table.csv)" || return 1
	wait_for 10 has_workers "$pid" "$1" || return 1
	workers=$(workers_of "$pid")
	for signal in HUP INT TERM; do
		# shellcheck disable=SC2086 # workers are words
		kill -s $signal "$pid" $workers || return 1
	done
	exec 9>&-
	wait_for 20 test -e status || return 1
	cat err
	equal status "$(cat status)" 0 && cmp out want && grep -q 'of these died: 0,' err
}

# The mask of a line "SigIgn: MASK", without the two signals that the C library reserves: what runs
# the tests may have ignored them.
mask_of() { # FILE
	printf '%016x' $((0x$(awk '{print $2}' "$1") & ~0x180000000))
}

# The signals that the command of sdp-bench ignores, as a mask: all those above; or none.
inherited() { # MASK
	rm -rf saved
	start sdp-bench -q -w 1 --runs 1 --warmup 0 --save saved -- grep SigIgn: /proc/self/status || return 1
	wait_for 20 test -e status
	cat err
	equal status "$(cat status)" 0 && equal 'ignored' "$(mask_of saved/grep)" "$1"
}

# The same of what runs when a job has ended, far from the program that submitted it.
inherited_by_job() { # MASK
	rm -f mask
	sdp-sample iris >iris.csv
	start sdp-job submit --tasks descriptive_stats --on-finish "grep SigIgn: /proc/self/status >$work/mask" -w 1 iris.csv
	wait_for 20 test -s mask
	cat err
	equal 'ignored' "$(mask_of mask)" "$1" && wait_for 20 eval '! pgrep -f "sdp-job run .*${work##*/}"'
}

# A decoder is a program of its own; that its reader has enough is no error.
enough() {
	seq 200000 | sed 's/$/ line of a text that is no table/' >text.txt
	start sdp-cat -q -n 1 --input-format txt text.txt
	wait_for 20 test -e status
	cat err
	equal status "$(cat status)" 0 && equal messages "$(cat err)" '' && equal lines "$(wc -l <out)" 2
}

for workers in 1 3; do check "-j $workers" deaf $workers; done
check 'the command of sdp-bench' inherited 0000000000005203
check 'the command of a job' inherited_by_job 0000000000005203
check 'the decoder of a text' enough
IGNORED='' check 'the command of sdp-bench, nothing ignored' inherited 0000000000000000
finish
