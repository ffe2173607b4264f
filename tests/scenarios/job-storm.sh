#!/usr/bin/env bash
# Jobs by the dozen, killed and copied; make check-integration does it with 200.
. "$(dirname "$0")/common.bash"
python3 -B "$scenarios/job_storm.py" "${SDP_STORM:-24}" 1
