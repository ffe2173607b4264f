#!/usr/bin/env bash
# Every way into sdp with every task: paths_product.py.
. "$(dirname "$0")/common.bash"
side_by_side paths product
