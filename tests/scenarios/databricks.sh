#!/usr/bin/env bash
# sdp-databricks against a workspace that refuses, throttles, breaks off, fails and lies.  What takes time is waiting
# between looks and tries, so the parts, databricks_PART.py, run side by side, each with a workspace of its own.
: "${SDP_BIN:?run by tests/run.sh or make check-scenarios}"
export PATH=$SDP_BIN:$PATH
here=$(cd "$(dirname "$0")" && pwd -P)
work=$(mktemp -d) && cd "$work" || exit 3
for part in calls faults runs ended; do
	(python3 -B "$here/databricks_$part.py" >$part.out; echo $? >$part.rc) &
done
wait
bad=0
for part in calls faults runs ended; do
	cat $part.out
	[ "$(cat $part.rc)" = 0 ] || { echo "not ok - the part $part"; bad=1; }
done
cd / && rm -rf "$work"
exit $bad
