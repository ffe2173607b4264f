#!/usr/bin/env bash
# sdp-upload against an S3 that resets, refuses, truncates, stalls and lies: upload_s3.py.
: "${SDP_BIN:?run by tests/run.sh or make check-scenarios}"
export PATH=$SDP_BIN:$PATH
exec python3 -B "$(dirname "$0")/upload_s3.py"
