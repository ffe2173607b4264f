#!/usr/bin/env bash
# Progress lines and tables on a terminal, which Python plays: terminal.py.
. "$(dirname "$0")/common.bash"
side_by_side terminal follow
