#!/usr/bin/env bash
# The laws of sdp/task.h for every program that is a task, by tests/laws/laws.c, on some chunks of
# synthetic data; for what else their options can make of it; and with each option for reading, in
# chunks of 64 bytes, where the document must be that of the same table as plain CSV in one chunk.
. "$(dirname "$0")/common.bash"
synthetic 60000 table.csv
sdp-sample iris >iris.csv
printf 'x1,x2\n1,1\n1000000,0\n2000000,0\n' >far.csv # centres that no row is near

# Columns that need other units in every block, and one that turns out to be a string.
printf 'a,b,c\n' >odd.csv
for ((i = 0; i < 40; i++)); do printf '%d.%0*d1,%s,%s\n' $i $((i % 17)) 0 "$([ $((i % 7)) = 3 ] || echo 1e$((i * 5 - 90)))" \
	"$([ $i = 35 ] && echo x || echo $((i * i)))"; done >>odd.csv

more() {
	cat <<-END
	sdp-stats	--agg count,mean,sum,variance table.csv
	sdp-stats	--agg q90,median table.csv
	sdp-stats	--agg unique,min_length table.csv
	sdp-kmeans	-q -k 2..4 table.csv
	sdp-kmeans	-q -k 4 --standardize --restarts 3 table.csv
	sdp-kmeans	-q -k 5 --init random --restarts 2 --tolerance 0.1 -x x1:x6 table.csv
	sdp-kmeans	-q -k 3 --init far.csv -x x1,x2 table.csv
	sdp-kmeans	-q -k 3 --algorithm lloyd --max-iterations 4 -x x1,x2 table.csv
	sdp-kmeans	-q -k 2..6 --standardize iris.csv
	sdp-fpgrowth	--table -x id,category -s 50 --max-length 2 table.csv
	sdp-stats	--agg mean,unique,q95 table.csv
	sdp-stats	--agg q2.5,max,nulls odd.csv
	sdp-stats	--correlation pearson table.csv
	sdp-stats	--correlation covariance --drop-nulls table.csv
	sdp-stats	--correlation pearson --against x2 table.csv
	sdp-stats	--correlation spearman -x x1,x2,x3 table.csv
	sdp-stats	--correlation kendall --against x2 table.csv
	sdp-stats	--correlation covariance odd.csv
	sdp-stats	--correlation spearman --drop-nulls odd.csv
	sdp-fpgrowth	--basket category --item customer -s 4 --max-length 1 table.csv
	END
}

while IFS=$'\t' read -r program arguments; do
	grep -q '^[[:space:]]*\.task = ' "$scenarios/../../cmd/${program#sdp-}/main.c" || continue
	# shellcheck disable=SC2086 # arguments are words
	check "$program $arguments" "$SDP_BIN/tests/laws_$program" $arguments
done < <(calls; more)

# --- each option for reading: the same table, written in another way -------------------------------

# A date, two numbers, a label and a word; the columns are named as --no-header names them.
cat >plain.py <<'END'
import json, random, sys
sys.path.insert(0, sys.argv[1])
import make
r = random.Random(15)
rows = [["c1", "c2", "c3", "c4", "c5"]]
for i in range(60):
    x = r.randrange(-9999, 10000) / 4
    rows.append([f"2024-01-{i % 28 + 1:02}", "" if i % 13 == 5 else f"{1000 + x:.2f}", f"{2 * x + r.gauss(0, 900):.2f}",
                 r.choice(["yes", "no"]), r.choice(["Genève", "Zürich", "Chur, GR"])])

def grouped(cell):
    number = cell.lstrip("-")
    return cell if not number.replace(".", "").isdigit() else \
        cell[:len(cell) - len(number)] + f"{int(number.split('.')[0]):,}".replace(",", "'") + "." + number.split(".")[1]

def lines(rows, delimiter=",", quote='"', escape='""'):
    def cell(c):
        return quote + c.replace('"', escape) + quote if quote and (delimiter in c or quote in c) else c
    return "".join(delimiter.join(map(cell, row)) + "\n" for row in rows)

def write(name, text, encoding="utf-8"):
    with open(name, "w", encoding=encoding, newline="") as f:
        f.write(text)

write("plain.csv", lines(rows))
write("named.csv", lines([[*row, "plain.csv" if i else "c6"] for i, row in enumerate(rows)]))
write("semicolon", lines(rows, ";"))
write("bar", lines(rows, "|"))
write("tab", lines(rows, "\t"))
write("apostrophe", lines(rows, quote="'"))
write("unquoted", lines(rows, "\t", quote=""))
write("escaped", lines([[c.replace("Zürich", 'Z"ürich') for c in row] for row in rows], escape='\\"'))
write("doubled.csv", lines([[c.replace("Zürich", 'Z"ürich') for c in row] for row in rows]))
write("comments", "".join(line + ('# "no row\n' if i % 9 == 4 else "") for i, line in enumerate(lines(rows).splitlines(True))))
write("ragged", "".join(line + ("1,2\n" if i % 9 == 4 else "") for i, line in enumerate(lines(rows).splitlines(True))))
write("padded", lines([row[:4] if i % 9 == 4 else row for i, row in enumerate(rows)]))
write("filled.csv", lines([row[:4] + [""] if i % 9 == 4 else row for i, row in enumerate(rows)]))
write("question", lines([[c or "?" for c in row] for row in rows]))
write("decimal", lines([[c.replace(".", ",") for c in row] for row in rows], ";"))
write("thousands", lines([[grouped(c) for c in row] for row in rows]))
write("latin1", lines(rows), "latin-1")
write("utf16", lines(rows), "utf-16-le")
write("headless", lines(rows[1:]))
write("title", "Figures of 2024\n\n" + lines(rows))
records = [dict((k, None if v == "" else float(v) if k in ("c2", "c3") else v) for k, v in zip(rows[0], row)) for row in rows[1:]]
write("within", json.dumps({"n": 2, "data": {"rows": records}, "end": []}, ensure_ascii=False))
pages = [make.table(40, 800, [110, 100, 100, 80, 100], part) for part in (rows[:31], rows[31:])]
with open("pages.pdf", "wb") as f:
    f.write(make.pdf([make.text(40, 820, "Figures of 2024"), *pages]))
END
python3 -B plain.py "$scenarios/../data/pdf"

# The options, the file, and the plain file if it is not plain.csv.
ways() {
	cat <<-END
	-d ;	semicolon
	-d |	bar
	-d tab	tab
	--input-format tsv	tab
	--quote '	apostrophe
	-d tab --quote none	unquoted
	--escape backslash	escaped	doubled.csv
	--comment #	comments
	-q --ragged skip	ragged
	-q --ragged pad	padded	filled.csv
	--na ?	question
	--types c2=real,c5=string	plain.csv
	-d ; --decimal ,	decimal
	--thousands '	thousands
	--encoding latin1	latin1
	--encoding utf-16le	utf16
	--no-header	headless
	--skip 1	title
	--records /data/rows	within
	--max-record 1M	plain.csv
	--where (1==1)or(c2>0)	plain.csv
	--union	plain.csv
	--source c6	plain.csv	named.csv
	--pdf-table auto	pages.pdf
	--pdf-table 1	pages.pdf
	END
}

tasks() {
	cat <<-END
	sdp-stats	-x 1:
	sdp-stats	-x 2,3 --correlation pearson
	sdp-kmeans	-q -k 2 -x 2,3
	sdp-linreg	-y c3 -x c2,c5
	sdp-logreg	-y c4 -x c2
	sdp-timeseries	-t c1 --value c2 --by c5 --every 7d
	sdp-fpgrowth	--table -x 4,5 -s 2
	END
}

# Counts of rows, warnings and the names of inputs differ with what is left out; so do last digits of a
# logistic fit, which depend on where chunks end; its model has numbers as texts.
document() {
	jq -c 'del(.warnings, .inputs, .rows_read) | if $digits != "" then .model[]?.coefficients[]? |= tonumber else . end |
		walk(if type == "number" and $digits != "" then . * 1e9 | round / 1e9 else . end)' \
		--arg digits "$1"
}

in_chunks() { # PROGRAM ARGUMENTS OPTIONS FILE PLAIN
	local program=$1 arguments=$2 options=$3 file=$4 plain=$5 round=
	[ "$program" != sdp-logreg ] || round=1
	# shellcheck disable=SC2086 # arguments and options are words
	"$program" $arguments "$plain" | document "$round" >want && test -s want &&
		SDP_TEST_CHUNK=64 "$SDP_BIN/tests/laws_$program" $arguments $options "$file" &&
		SDP_TEST_CHUNK=64 "$program" -j 3 $arguments $options "$file" | document "$round" | diff want -
}

set -f # an option may be a pattern
while IFS=$'\t' read -r options file plain; do
	while IFS=$'\t' read -r program arguments; do
		check "$program $options" in_chunks "$program" "$arguments" "$options" "$file" "${plain:-plain.csv}"
	done < <(tasks)
done < <(ways)

# All options for reading are tried above.
for option in $(sdp-stats --options | awk -F '\t' 'NR > 1 { print "--" $2 }'); do
	case $option in
	--agg | --correlation | --against | --drop-nulls | --wide) ;; # of the document, not for reading
	--workers | --columns | --max-memory | --format | --print | --digits | --output | --progress | --quiet | \
		--verbose | --help | --version | --options) ;;
	--delimiter) ;; # as -d
	*) check "$option is tried" grep -q -e "$option" < <(ways) ;;
	esac
done
finish
