#!/usr/bin/env bash
# FILEs in S3, in Databricks and in the store of sdp-upload, read by the real programs.
. "$(dirname "$0")/common.bash"
side_by_side addresses remote
