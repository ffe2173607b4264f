#!/usr/bin/env bash
# Draws baskets.svg: the rules of what is bought together, by support, confidence and lift.
set -euo pipefail
cd "$(dirname "$0")"

sdp-sample synthetic -r 100000 |
	sdp-fpgrowth --items-column items -s 4% --rules -c 0.1 --sort lift --print rules -f tsv -o rules.tsv
gnuplot baskets.gp
