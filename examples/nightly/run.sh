#!/usr/bin/env bash
# Draws nights.svg: seven nights of nightly.sh, one after the other, on a table that grows by 1000 rows each; then
# a night that fails, with the message that cron would send.
#
#	NIGHTS=7      how many
set -euo pipefail
cd "$(dirname "$0")"
rm -rf store results nights
mkdir nights
export SDP_HOME=$PWD/store

for night in $(seq "${NIGHTS:-7}"); do
	sdp-sample synthetic -r $((night * 1000)) -o day.csv
	./nightly.sh day.csv results
	sed "s/^/$night,/; 1s/^$night/night/" results/*.csv >"nights/$night.csv"
done
sdp-cat -o nights.csv nights/*.csv
gnuplot nights.gp

echo 'a record with one cell' >>day.csv
./nightly.sh day.csv results >mail.txt 2>&1 || cat mail.txt
