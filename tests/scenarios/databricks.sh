#!/usr/bin/env bash
# sdp-databricks against a workspace that refuses, throttles, breaks off, fails and lies: databricks_PART.py.
. "$(dirname "$0")/common.bash"
side_by_side databricks calls faults get runs options ended
