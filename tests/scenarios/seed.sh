#!/usr/bin/env bash
# The original application's job finds what synthetic rows have planted: seed_job.py.
. "$(dirname "$0")/common.bash"
side_by_side seed job
