#!/usr/bin/env bash
# A result of no rows replaces the file of -o as any other does: it holds what standard output gets,
# which may be nothing, whether the file is new or has other content.
. "$(dirname "$0")/common.bash"
printf 'ts,x,g\n' >none.csv
printf '2026-01-01,1,a\n' | sed '1i ts,x,g' >one.csv
sdp-sample iris >iris.csv
head -n 1 iris.csv >no-flower.csv
sdp-kmeans -k 2 iris.csv >centres.json
sdp-linreg -y petal_width iris.csv >line.json
sdp-fpgrowth --rules -s 1 --items-column g one.csv >rules.json
empty=0

same_as_standard_output() {
	"$@" >wanted 2>err || { cat err; return 1; }
	[ -s wanted ] || empty=$((empty + 1))
	"$@" -o new 2>>err && cmp wanted new || { cat err; return 1; }
	echo OLD >old
	"$@" -o old 2>>err && cmp wanted old && rm new
}

while IFS= read -r command; do
	# shellcheck disable=SC2086 # the command is words
	check "$command" same_as_standard_output $command
done <<'END'
sdp-cat none.csv
sdp-cat -f ndjson none.csv
sdp-cat -f table none.csv
sdp-cat -f ndjson -n 0 one.csv
sdp-fpgrowth -s 100% --items-column g -f csv one.csv
sdp-fpgrowth --rules -s 100% --items-column g one.csv
sdp-fpgrowth --rules -s 100% --items-column g -f csv one.csv
sdp-fpgrowth --rules -s 100% --items-column g -f table one.csv
sdp-fpgrowth --predict rules.json --items-column g -f ndjson none.csv
sdp-kmeans --predict centres.json -f ndjson no-flower.csv
sdp-linreg --predict line.json -f ndjson no-flower.csv
sdp-job list
sdp-job list -f csv
sdp-job list -f table
sdp-job prune
sdp-stats none.csv -f csv
sdp-stats none.csv --print columns -f tsv
sdp-timeseries -t ts --value x --every 1d none.csv
sdp-upload --list
sdp-upload --list -f csv
sdp-upload --list -f table
sdp-upload --verify
END
check 'some of these results are empty' [ $empty -gt 5 ]
finish
