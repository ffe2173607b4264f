#!/usr/bin/env bash
# Draws fit.svg: how the weight of cars explains what they use, from a table in a PDF.
set -euo pipefail
cd "$(dirname "$0")"

sdp-cat --pdf-table 1 -o cars.csv cars.pdf
sdp-linreg -y mpg -x 'weight,weight^2' -o model.json cars.csv
{ echo weight; seq 1500 50 5150; } | sdp-linreg --predict model.json --interval -o fit.csv
gnuplot -e "r2 = $(jq .metrics.r2 model.json)" fit.gp
