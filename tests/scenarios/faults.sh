#!/usr/bin/env bash
# Calls of every program fail, some of them; make check-integration tries all (tests/faults).
. "$(dirname "$0")/common.bash"
if [ "${MODE-}" = asan ]; then
	echo 'ok - every call # SKIP a sanitizer wants to be the first library of a program'
	exit
fi
exec python3 -B "$scenarios/../faults/drive.py"
