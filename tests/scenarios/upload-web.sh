#!/usr/bin/env bash
# What sdp-upload and the other programs read from web servers.
. "$(dirname "$0")/common.bash"
python3 "$(dirname "$0")/upload_web.py"
