#!/usr/bin/env bash
# The tables of environment variables in README.md and sdp-environment(7) are those that the code reads: see
# settings.py.
: "${SDP_BIN:?run by make lint or tests/run.sh}"
exec python3 -B "$(dirname "$0")/settings.py"
