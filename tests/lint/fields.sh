#!/usr/bin/env bash
# The tables of fields in the manuals name all fields of the documents, and no others: see fields.py.
: "${SDP_BIN:?run by make lint or tests/run.sh}"
exec python3 -B "$(dirname "$0")/fields.py"
