#!/usr/bin/env bash
# Draws co2.svg: the trend and the season of carbon dioxide in the air.
set -euo pipefail
cd "$(dirname "$0")"

sdp-sample co2_weekly |
	sdp-timeseries -t date --time-format %Y%m%d --every 1mo --agg mean --fill linear \
		--decompose additive --period 12 -f csv -o co2.csv
gnuplot co2.gp
