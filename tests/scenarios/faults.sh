#!/usr/bin/env bash
# Calls of every program fail, some of them; make check-integration tries all (tests/faults).
. "$(dirname "$0")/common.bash"
exec python3 -B "$scenarios/../faults/drive.py"
