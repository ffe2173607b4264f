#!/usr/bin/env bash
# Progress lines, tables and help on a terminal, which Python plays: terminal_follow.py, terminal_help.py,
# terminal_shown.py.
. "$(dirname "$0")/common.bash"
side_by_side terminal follow help shown
