#!/usr/bin/env bash
# sdp-cat --follow, and row streams that pass rows on as they come through a pipe.
. "$(dirname "$0")/common.bash"
side_by_side follow rows ends pipes
