#!/usr/bin/env bash
# The manuals become HTML whose links lead somewhere: see html_links.py.
exec python3 -B "$(dirname "$0")/html_links.py"
