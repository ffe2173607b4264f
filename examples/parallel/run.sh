#!/usr/bin/env bash
# Draws punctual.svg: one regression for each of 16 files, all cores at work, and their intercepts together.
set -euo pipefail
cd "$(dirname "$0")"
export LC_ALL=C

# A file for each airline.
mkdir -p flights
sdp-sample flights | awk -F, 'NR == 1 { header = $0; next }
	{ file = "flights/" $10 ".csv"; if (!seen[file]++) print header >file; print >file }'

# A program has one worker here, because parallel runs as many programs as there are cores.
parallel 'sdp-linreg -j 1 -y arr_delay -x dep_delay -o {.}.json {}' ::: flights/*.csv

jq -r '.coefficients[0] as $c | [(input_filename | .[-7:-5]), $c.estimate, $c.ci_low, $c.ci_high] | join(",")' flights/*.json |
	join -t , airlines.csv - | sort -t , -k 3,3g | sed '1i code,airline,estimate,low,high' >punctual.csv
gnuplot punctual.gp
