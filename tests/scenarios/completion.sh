#!/usr/bin/env bash
# Completion in three shells: see completion.py.
. "$(dirname "$0")/common.bash"
exec python3 -B "$scenarios/completion.py"
