#!/usr/bin/env bash
# What sdp-upload and the other programs read from web servers: upload_web_PART.py.
. "$(dirname "$0")/common.bash"
side_by_side upload_web known random
