#!/usr/bin/env bash
# C source is as clang-format 14 writes it by .clang-format, and no line is wider than 100 columns,
# where a tab goes on to the next multiple of 8.
cd "$(dirname "$0")/../.." || exit 3
fault=0
mapfile -t files < <(find lib cmd tests -name '*.[ch]' -not -path 'tests/cli/*' | sort)
if ! command -v clang-format-14 >/dev/null; then
	echo 'clang-format-14 is not installed; make deps installs it'
	exit 1
fi
# Of each file the first place.
printf '%s\0' "${files[@]}" | xargs -0 -n 40 -P 2 clang-format-14 --dry-run -Werror 2>&1 |
	grep -E '^[^ ].*(error|warning)' | sort -s -t : -k 1,1 -u
[ "${PIPESTATUS[1]}" = 0 ] || fault=1
python3 - "${files[@]}" <<'END' || fault=1
import sys

fault = False
for name in sys.argv[1:]:
    with open(name, encoding="utf-8") as f:
        for number, line in enumerate(f, 1):
            width = len(line.rstrip("\n").expandtabs(8))
            if width > 100:
                print(f"{name}:{number}: {width} columns, 100 at most")
                fault = True
sys.exit(fault)
END
exit $fault
