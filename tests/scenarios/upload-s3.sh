#!/usr/bin/env bash
# sdp-upload against an S3 that resets, refuses, truncates, stalls and lies: upload_s3_PART.py.
. "$(dirname "$0")/common.bash"
side_by_side upload_s3 faults store killed away get
