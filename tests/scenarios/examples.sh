#!/usr/bin/env bash
# The experiments in examples/ run: clusters.mk again after its data changed, and only then; and the report.
. "$(dirname "$0")/common.bash"
experiment=$scenarios/../../examples/clusters.mk
sdp-sample iris >f.csv

makes() { make --no-print-directory -f "$experiment" "$@"; }

draws() {
	makes >said.log 2>&1 || { cat said.log; return 1; }
	equal models "$(jq -r .k k?.json | tr '\n' ' ')" '2 3 4 5 6 ' &&
		equal 'numbers of clusters' "$(tail -n +2 scan.csv | cut -d, -f1 | tr '\n' ' ')" '2 3 4 5 6 7 8 9 10 11 12 ' &&
		grep -q '\*' elbow.txt && grep -q '#' scan.txt
}

check 'clusters.mk draws' draws
check 'clusters.mk has nothing more to do' makes -q
touch -d '1 minute' f.csv
check 'clusters.mk begins again with other data' eval '! makes -q'
check 'clusters.mk with other columns' makes -B DATA=f.csv FEATURES=sepal_length,sepal_width COUNTS='2 3'
if makes GNUPLOT=no-such-program >said.log 2>&1; then echo 'not ok - clusters.mk without gnuplot: no error'; faults=1; fi
check 'clusters.mk says what it lacks' grep -q 'apt-get install gnuplot-nox' said.log

# make report, on few rows and without others' programs.
report() {
	ROWS=2000 RUNS=2 PEERS='' WORK=$work/report REPORT=$work/report.md "$scenarios/../../examples/performance_report.sh" || return
	grep -q '^## Method' report.md && grep -q '^\$ make report$' report.md &&
		equal 'charts' "$(ls report-*.svg)" "$(printf 'report-%s.svg\n' efficiency speedup throughput time)" &&
		equal 'tasks' "$(sed -n 's/^| `\([a-z_]*\)` | 8 .*/\1/p' report.md | sort -u | wc -l)" 6
}
check 'performance_report.sh' report
finish
