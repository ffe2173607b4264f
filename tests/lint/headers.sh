#!/usr/bin/env bash
# Every public header compiles alone, as C11 without extensions, under gcc and clang.
cd "$(dirname "$0")/../.." || exit 3
fault=0
flags=(-std=c11 -D_POSIX_C_SOURCE=200809L -Ilib -Wall -Wextra -Wpedantic -Wstrict-prototypes -Werror -fsyntax-only -x c)
for compiler in gcc clang; do
	for header in lib/sdp/*.h; do
		echo "#include \"${header#lib/}\"" | $compiler "${flags[@]}" - 2>&1 || { echo "$header: does not compile alone ($compiler)"; fault=1; }
	done
done
for header in lib/sdp/*.h; do
	guard=SDP_$(basename "$header" .h | tr '[:lower:]' '[:upper:]')_H
	if [ "$(grep -c -x -e "#ifndef $guard" -e "#define $guard" "$header")" != 2 ]; then
		echo "$header: its guard is not $guard"
		fault=1
	fi
done
exit $fault
