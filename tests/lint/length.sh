#!/usr/bin/env bash
# No file over 700 lines, no function over 60.
cd "$(dirname "$0")/../.." || exit 3
most=700
fault=0

# The notebook is joined from parts, which are looked at instead of it.
mapfile -t files < <(find Makefile lib cmd tests examples man notebooks .ci -type f ! -path notebooks/spark_ml_jobs.py \
	\( -name '*.[ch]' -o -name '*.sh' -o -name '*.bash' -o -name '*.awk' -o -name '*.py' -o -name 'Makefile' \
	-o -name '*.[1-8]' -o -path '.ci/*' \) | sort)
for file in "${files[@]}"; do
	lines=$(wc -l <"$file")
	[ "$lines" -gt $most ] && { echo "$file: $lines lines, $most at most"; fault=1; }
done
mapfile -t files < <(find lib cmd -name '*.c' | sort)
awk '
	FNR == 1 { start = 0 }
	/^\{/ { start = FNR }
	/^\}/ && start {
		if (FNR - start + 1 > 60) {
			printf "%s:%d: a function of %d lines, 60 at most\n", FILENAME, start, FNR - start + 1
			bad = 1
		}
		start = 0
	}
	END { exit bad }' "${files[@]}" || fault=1
exit $fault
