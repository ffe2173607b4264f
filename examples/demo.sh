#!/usr/bin/env bash
# What `make demo` shows: real data described from a file, from a pipe and from gzip, each command
# printed before it runs, the same bytes from every number of workers, and how much faster these are.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd -P)
export PATH="${SDP_BIN:-$root/build/release}:$PATH" TIMEFORMAT='(%R s)'
unset SDP_FORMAT
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

show() {
	printf '\n$ %s\n' "$1"
	bash -o pipefail -c "$1" 2>&1
}

echo 'A year of real flights, as a table for reading:'
show 'sdp-sample -d flights > flights.csv; ls -l flights.csv | cut -d " " -f 5-'
show 'sdp-stats -f table flights.csv'

echo
echo 'The same from a pipe as JSON, two columns of it:'
show 'sdp-sample -d flights | gzip | sdp-stats -f json --columns 1,2'

echo
echo 'Its delays by month, on the clock of New York:'
show 'sdp-timeseries -t time_hour --value dep_delay --every 1mo --tz America/New_York -f table flights.csv'

echo
echo 'A million rows, by one worker and by all; the bytes are the same:'
show 'sdp-sample -d synthetic -r 1000000 > million.csv'
show 'time sdp-stats -j 1 million.csv > one.json'
show 'time cat million.csv | sdp-stats > all.json'
show 'cmp one.json all.json && echo identical'

echo
echo 'Four clusters of its rows by six columns, and which rows are in which:'
show 'sdp-kmeans -k 4 --features x1:x6 --standardize -f table million.csv'
show 'time sdp-kmeans -k 4 --features x1:x6 --standardize --assign million.csv | grep -o ",[0-9]*$" | sort | uniq -c'

echo
echo 'How both scale: times, memory, speedup and efficiency with 1, 2, 4 and 8 workers:'
show 'sdp-bench --tasks descriptive_stats,kmeans --param kmeans.features=x1:x6 -w 1,2,4,8 --runs 3 -f table million.csv'
