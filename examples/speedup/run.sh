#!/usr/bin/env bash
# Draws speedup.svg: how much faster every task is with a worker on each core than with one.
#
#	ROWS=500000 RUNS=7      how much data, how many runs
set -euo pipefail
cd "$(dirname "$0")"

sdp-sample synthetic -r "${ROWS:-500000}" -o synthetic.csv
cores=$(nproc)
sdp-bench -q --tasks all --runs "${RUNS:-7}" -w "1,$cores" -f csv -o bench.csv --param kmeans.features=x1:x6 \
	--param linear_regression.features=x1:x6 --param logistic_regression.features=x1:x6 synthetic.csv
gnuplot -e "rows = ${ROWS:-500000}; cores = $cores" speedup.gp
