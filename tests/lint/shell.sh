#!/usr/bin/env bash
# Every script pleases shellcheck.
cd "$(dirname "$0")/../.." || exit 3
mapfile -t scripts < <(find tests examples man .ci -type f \( -name '*.sh' -o -name '*.bash' -o -path '.ci/run' \) | sort)
shellcheck -S warning -x -P SCRIPTDIR "${scripts[@]}"
