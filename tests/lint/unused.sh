#!/usr/bin/env bash
# No function is exported that no other file of lib and cmd uses, unless a public header, lib/sdp/*.h,
# declares it.  A test is no user: what only tests call is not needed.
: "${SDP_BIN:?run by make lint or tests/run.sh}"
exec python3 -B "$(dirname "$0")/objects.py" unused
