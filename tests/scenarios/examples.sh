#!/usr/bin/env bash
# The examples run, on few rows where they measure times; the other pictures are those that are committed, byte for byte.
. "$(dirname "$0")/common.bash"
root=$(cd "$scenarios/../.." && pwd -P)
mkdir examples
for part in "$root"/examples/*; do
	case $part in */data) ;; *) cp -r "$part" examples ;; esac
done
examples=$work/examples
export ROWS=2000 RUNS=2 NIGHTS=2

# The pictures of a timing differ from run to run, all others only between versions of gnuplot.
is_timing() { case $1 in */speedup/* | */nightly/*) true ;; *) false ;; esac; }
drawn_by() { sed -n 's/.*Produced by GNUPLOT \([0-9.]*\).*/\1/p' "$1"; }
version=$(gnuplot --version | awk '{ print $2 }')

# A whole XML document with curves or dots, of a size for a page, with a title and labels of both axes.
picture() { # FILE
	python3 -c '
import os, sys, xml.etree.ElementTree as tree
size = os.path.getsize(sys.argv[1])
texts = ["".join(t.itertext()) for t in tree.parse(sys.argv[1]).iter("{http://www.w3.org/2000/svg}text")]
sys.exit(not (10000 < size < 100000 and len(texts) > 10) and f"{size} bytes, {len(texts)} texts")
' "$1"
}

draws() { # FOLDER
	local folder=$examples/$1 svg run=(./run.sh) committed
	rm -f "$folder"/*.svg
	[ ! -e "$folder/Makefile" ] || run=(make -s -j2)
	(cd "$folder" && "${run[@]}") >"$1.log" 2>&1 || { cat "$1.log"; return 1; }
	for committed in "$root/examples/$1"/*.svg; do
		svg=$folder/${committed##*/}
		picture "$svg" || return
		if is_timing "$svg" || [ "$(drawn_by "$committed")" != "$version" ]; then continue; fi
		cmp "$svg" "$committed" || return
	done
}

for folder in "$root"/examples/*/README.md; do
	folder=$(basename "${folder%/*}")
	case $folder in data | report) ;; *) check "$folder" draws "$folder" ;; esac
done
check 'the message of the night that fails' grep -q '^nightly: .*: day.csv:2002: 1 cell where the header has 14 (log: ' examples/nightly/mail.txt

# No example is missing from the index.
listed() {
	local folder
	for folder in "$root"/examples/*/README.md; do
		folder=$(basename "${folder%/*}")
		[ "$folder" = data ] && continue
		grep -q "^| \[$folder\]($folder) " "$root/examples/README.md" || { echo "examples/README.md: no row $folder"; return 1; }
	done
}
check 'the index has every folder' listed

# Links and images of the pages lead to files.
links() {
	local page link fault=0
	for page in "$root"/examples/README.md "$root"/examples/*/README.md; do
		while read -r link; do
			case $link in http*:*) continue ;; esac
			[ -e "${page%/*}/$link" ] || { echo "$page: no such file: $link"; fault=1; }
		done < <(grep -o -E '\]\([^)]*\)|src="[^"]*"' "$page" | sed -E 's/^\]\(|^src="|[)"]$//g')
	done
	return $fault
}
check 'links of the pages' links

# The grid: nothing more to do, then again after its data or columns changed, and only what is missing.
cd examples/grid || exit 3
grid() { make --no-print-directory "$@"; }
check 'the grid is drawn' grid -q
find models -name '*.json' -exec touch -d '1 hour ago' {} +
check 'the grid begins again with other data' eval '! grid -q'
check 'the grid of other columns' grid -s SCALES=measured COUNTS='2 3' SEEDS=1 FEATURES=1:3
check 'as they are in the models' equal features "$(jq -c .features models/measured/random/2/1.json)" '["alcohol","malic_acid","ash"]'
more() {
	grid SCALES=measured COUNTS='2 3' SEEDS='1 2' FEATURES=1:3 >more.log || return
	equal 'models fitted' "$(grep -c '^sdp-kmeans' more.log)" 4
}
check 'with another seed only the models that are missing are fitted' more
if grid GNUPLOT=no-such-program >said.log 2>&1; then echo 'not ok - the grid without gnuplot: no error'; faults=1; fi
check 'the grid says what it lacks' grep -q 'apt-get install gnuplot-nox' said.log
cd "$work" || exit 3

# make report, on few rows and without others' programs.
report() {
	PEERS='' WORK=$work/report REPORT=$work/report.md "$root/examples/report/run.sh" || return
	grep -q '^## Method' report.md && grep -q '^\$ make report$' report.md &&
		equal 'charts' "$(ls report-*.svg)" "$(printf 'report-%s.svg\n' efficiency speedup throughput time)" &&
		equal 'tasks' "$(sed -n 's/^| `\([a-z_]*\)` | 8 .*/\1/p' report.md | sort -u | wc -l)" 6
}
check 'the report' report
finish
