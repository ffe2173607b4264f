#!/usr/bin/env bash
# All public headers are included by one file, which compiles as C11 without extensions under gcc and
# clang, and as C++17 under g++ and clang++.
cd "$(dirname "$0")/../.." || exit 3
work=$(mktemp -d) || exit 3
trap 'rm -rf "$work"' EXIT
fault=0

mapfile -t headers < <(find lib/sdp -name '*.h' | sort | sed 's|^lib/||')
printf '#include "%s"\n' "${headers[@]}" >"$work/all.c"
# The headers of the system come first, as they may not be included inside extern "C".
{
	sed -n 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*\(<[^>]*>\).*/#include \1/p' lib/sdp/*.h | sort -u
	echo 'extern "C" {'
	cat "$work/all.c"
	echo '}'
} >"$work/all.cc"

compile() { # COMPILER FLAG... FILE
	if ! command -v "$1" >/dev/null; then
		echo "$1 is not installed; make deps installs it"
		fault=1
	elif ! "$@" 2>&1; then
		echo "the public headers do not compile together ($1)"
		fault=1
	fi
}

flags=(-D_POSIX_C_SOURCE=200809L -Ilib -Wall -Wextra -Werror -fsyntax-only)
for compiler in gcc clang; do
	compile $compiler -std=c11 -Wpedantic -Wstrict-prototypes "${flags[@]}" "$work/all.c"
done
for compiler in g++ clang++; do compile $compiler -std=c++17 "${flags[@]}" "$work/all.cc"; done
exit $fault
