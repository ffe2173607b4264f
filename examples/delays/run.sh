#!/usr/bin/env bash
# Draws delays.svg: the mean delay of flights by month and hour, as a heat map.
set -euo pipefail
cd "$(dirname "$0")"

sdp-sample flights |
	sdp-timeseries -t time_hour --value dep_delay --by month --profile hour --tz America/New_York -f csv -o delays.csv
gnuplot delays.gp
