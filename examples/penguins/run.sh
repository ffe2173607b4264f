#!/usr/bin/env bash
# Draws penguins.svg: how many clusters there are, and which penguins are in which.
set -euo pipefail
cd "$(dirname "$0")"

features=bill_length_mm,bill_depth_mm
sdp-sample penguins -o penguins.csv
sdp-kmeans -k 2..8 -x $features --standardize --restarts 10 -f csv -o elbow.csv penguins.csv
sdp-kmeans -k 3 -x $features --standardize --restarts 10 -o model.json penguins.csv
sdp-kmeans --predict model.json -o clusters.csv penguins.csv
gnuplot penguins.gp
