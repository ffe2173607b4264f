#!/usr/bin/env bash
# sdp-databricks against a workspace that refuses, throttles, breaks off, fails and lies: databricks_faults.py.
: "${SDP_BIN:?run by tests/run.sh or make check-scenarios}"
export PATH=$SDP_BIN:$PATH
exec python3 -B "$(dirname "$0")/databricks_faults.py"
