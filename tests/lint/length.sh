#!/usr/bin/env bash
# No file over 500 lines, no function over 60.
cd "$(dirname "$0")/../.." || exit 3
fault=0
while read -r file; do
	lines=$(wc -l <"$file")
	if [ "$lines" -gt 500 ]; then
		echo "$file: $lines lines, 500 at most"
		fault=1
	fi
done < <(find Makefile lib cmd tests examples man .ci -type f \
	\( -name '*.[ch]' -o -name '*.sh' -o -name '*.awk' -o -name '*.py' -o -name 'Makefile' -o -name '*.[1-8]' -o -path '.ci/*' \) | sort)
while read -r file; do
	awk -v file="$file" '
		/^\{/ { start = NR }
		/^\}/ && start { if (NR - start + 1 > 60) { printf "%s:%d: a function of %d lines, 60 at most\n", file, start, NR - start + 1; bad = 1 } start = 0 }
		END { exit bad }' "$file" || fault=1
done < <(find lib cmd -name '*.c' | sort)
exit $fault
