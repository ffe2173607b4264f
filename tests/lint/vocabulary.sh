#!/usr/bin/env bash
# One name of an option or of a document's field has one type, unit and meaning: see vocabulary.py.
: "${SDP_BIN:?run by make lint or tests/run.sh}"
exec python3 -B "$(dirname "$0")/vocabulary.py"
