#!/usr/bin/env bash
# No files of lib and cmd need each other in a circle: whatever one of them is, one can read it after
# those it stands on.  tests/lint/cycles.allowed may list exceptions: objects.py tells its form.
: "${SDP_BIN:?run by make lint or tests/run.sh}"
exec python3 -B "$(dirname "$0")/objects.py" cycles
