#!/usr/bin/env bash
# notebooks/spark_ml_jobs.py is what `make notebook` makes of its parts; of each part: see notebook.py.
# Its options are those of the programs: see notebook_options.py; its messages about --where: see notebook_where.py.
cd "$(dirname "$0")/../.." || exit 3
: "${SDP_BIN:?run by make lint or tests/run.sh}"
scratch=$(mktemp -d) || exit 3
trap 'rm -rf "$scratch"' EXIT
fault=0
make -s notebook NOTEBOOK="$scratch/joined" || exit 1
cmp -s "$scratch/joined" notebooks/spark_ml_jobs.py || { echo "notebooks/spark_ml_jobs.py is not up to date: make notebook"; fault=1; }
python3 -B tests/lint/notebook.py notebooks/sdp_spark/*.py || fault=1
python3 -B tests/lint/notebook_options.py || fault=1
python3 -B tests/lint/notebook_where.py || fault=1
exit $fault
