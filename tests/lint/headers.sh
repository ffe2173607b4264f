#!/usr/bin/env bash
# Every header compiles alone, as C11 without extensions, under gcc and clang, and its guard is made
# of its path.  Kernels that are included once per instruction set have no guard and are left out.
cd "$(dirname "$0")/../.." || exit 3
fault=0
flags=(-std=c11 -D_POSIX_C_SOURCE=200809L -Ilib -Wall -Wextra -Wpedantic -Wstrict-prototypes
	-Wno-unused-function -Werror -fsyntax-only -x c)

# lib/base/map.h: SDP_BASE_MAP_H; lib/sdp/err.h: SDP_ERR_H; cmd/upload/upload.h: SDP_CMD_UPLOAD_H.
guard_of() {
	sed -E 's|^lib/(sdp/)?||; s|^cmd/([^/]*)/\1\.h$|cmd/\1.h|; s|\.h$||; s|/|_|g' <<<"$1" |
		tr '[:lower:]' '[:upper:]' | sed 's/.*/SDP_&_H/'
}

while read -r header; do
	guard=$(guard_of "$header")
	if ! grep -q '^#ifndef SDP_.*_H$' "$header"; then
		grep -q "include[sd]" "$header" || { echo "$header: has no guard, and does not say where it is included"; fault=1; }
		continue
	fi
	if [ "$(grep -c -x -e "#ifndef $guard" -e "#define $guard" "$header")" != 2 ]; then
		echo "$header: its guard is not $guard"
		fault=1
	fi
	for compiler in gcc clang; do
		printf '#include "%s"\nextern int alone;\n' "$PWD/$header" | $compiler "${flags[@]}" - 2>&1 ||
			{ echo "$header: does not compile alone ($compiler)"; fault=1; }
	done
done < <(find lib cmd -name '*.h' | sort)
exit $fault
