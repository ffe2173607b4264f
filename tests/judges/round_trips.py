"""
Random cells written by sdp-cat and read back: CSV to TSV to CSV, CSV to NDJSON to CSV, and JSON to NDJSON must keep
every cell, as Python's csv and json read them.

The cells have quotes, delimiters, line ends, blanks, backslashes, Unicode, and texts that look like numbers, dates,
booleans and nulls.  SDP_SEED chooses other tables (default 1); `round_trips.py N` does the Nth table only and leaves
its files in round-trip-N.
"""
import csv
import io
import json
import os
import random
import subprocess
import sys
from decimal import Decimal, InvalidOperation

import judge

TABLES = 40 if os.environ.get("SDP_TEST_QUICK") else 150
SEED = os.environ.get("SDP_SEED", "1")

PIECES = ["a", "b", "x", "é", "東京", "\U0001f600", '"', '""', ",", ";", "|", "\t", "\n", "\r\n", "\r", " ", "  ", "\\", "\\t",
          "\\n", "'", "#", "=", "1", "0", "-", "+", ".", "e5", "{", "}", "[", "]", ":", "\u00a0", "\u2028", "\x7f", "\x01"]
WHOLE = ["", "", " ", '"', '""', '"quoted"', '"x" y', ' "q"', 'a"b', "NA", "null", "NaN", "nan", "inf", "Infinity", "-", ".", "true",
         "FALSE", "True", "0", "-0", "007", "+5", ".5", "5.", "1e3", "1E-2", "1,200", "1.5", "1.50", "-2.0", "1e400",
         "9223372036854775807", "9223372036854775808", "12345678901234567890123", "0.1234567890123456789", "2020-01-02",
         " 2020-01-02", "2020-01-02T03:04:05Z", " 7 ", "x" * 100, "\ufeff", "# no comment", "\\.", "\\N", "sep=;", "{}", "[1,2]"]
NUMBER = ["12", "-3", "4.5", "0.10", "6e7", "1234567890123456789012", "-0.0", "0"]


def text(r):
    pick = r.random()
    if pick < 0.4:
        return r.choice(WHOLE)
    if pick < 0.6:
        return r.choice(NUMBER)
    return "".join(r.choice(PIECES) for _ in range(r.randrange(1, 8)))


def name(r):
    """No CR, since a first line that ends with CR alone says that all lines do."""
    made = text(r).replace("\r", "").strip(" ")
    return made if made and "\ufeff" not in made else "n"


def table(r, plain):
    """Names, all different, and rows."""
    columns, names = r.randrange(1, 6), []
    while len(names) < columns:
        new = f"c_{len(names)}" if plain else name(r)
        if new not in names and not any(n.startswith(new + ".") or new.startswith(n + ".") for n in names):
            names.append(new)
    return names, [[text(r) for _ in names] for _ in range(r.choice([0, 1, 2, 5, 20, 60]))]


def written(rows, **options):
    out = io.StringIO()
    csv.writer(out, lineterminator="\n", **options).writerows(rows)
    return out.getvalue().encode()


def read(data, **options):
    return list(csv.reader(io.StringIO(data.decode(), newline=""), **options))


def cat(r, data, *arguments):
    environment = dict(os.environ)
    if r.random() < 0.5:
        environment["SDP_TEST_CHUNK"] = r.choice(["1", "64", "300"])
    done = subprocess.run([os.path.join(judge.BIN, "sdp-cat"), "-q", "-j", str(r.randrange(1, 4)), *arguments],
                          input=data, capture_output=True, check=False, env=environment)
    if done.returncode:
        raise RuntimeError(f"sdp-cat {' '.join(arguments)}: exit {done.returncode}: {done.stderr.decode(errors='replace')}")
    return done.stdout


def first_difference(what, want, got):
    if want == got:
        return []
    if len(want) != len(got):
        return [f"{what}: {len(got)} records, not {len(want)}"]
    at = next(i for i, (a, b) in enumerate(zip(want, got)) if a != b)
    return [f"{what}: record {at + 1} is {got[at]!r}, not {want[at]!r}"]


def by_tsv(r, names, rows, source, keep):
    plain = all(n.startswith("c_") for n in names) and len(names) > 1
    tsv = cat(r, source, "--input-format", "csv", "-f", "tsv")
    told = [] if plain and r.random() < 0.5 else ["--input-format", "tsv"]
    keep("tsv", tsv)
    again = cat(r, tsv, *told, "-f", "csv")
    keep("again.csv", again)
    return (first_difference("TSV as Python reads it", [names, *rows], read(tsv, delimiter="\t"))
            + first_difference("CSV to TSV to CSV", [names, *rows], read(again))
            + first_difference("TSV twice", read(tsv, delimiter="\t"),
                               read(cat(r, tsv, *told, "-f", "tsv"), delimiter="\t")))


def same_value(cell, value):
    """Whether a value of JSON is what a cell of CSV says: its text, or the number that it is."""
    if isinstance(value, str):
        return value == cell
    if isinstance(value, Decimal):
        try:
            return Decimal(cell.strip(" ")) == value
        except InvalidOperation:
            return False
    return isinstance(value, bool) and cell.lower().strip(" ") == json.dumps(value)


def by_ndjson(r, names, rows, source, keep):
    lines = cat(r, source, "--input-format", "csv", "--na", "", "-f", "ndjson")
    keep("ndjson", lines)
    again = cat(r, lines, "--input-format", "ndjson", "--na", "", "-f", "csv") if rows else None
    keep("again.ndjson.csv", again or b"")
    values = [list(json.loads(line, parse_int=Decimal, parse_float=Decimal, object_pairs_hook=list)) for line in lines.decode().split("\n") if line]
    problems = []
    if len(values) != len(rows):
        return [f"CSV to NDJSON: {len(values)} records, not {len(rows)}"]
    for i, (row, record) in enumerate(zip(rows, values), 1):
        if [k for k, _ in record] != names:
            problems.append(f"CSV to NDJSON: record {i} has the names {[k for k, _ in record]!r}, not {names!r}")
        problems += [f"CSV to NDJSON: record {i}: {cell!r} became {value!r}" for cell, (_, value) in zip(row, record)
                     if not same_value(cell, value)]
    if again is None:
        return problems
    for i, (row, back, record) in enumerate(zip([names, *rows], read(again), [None, *values])):
        problems += [f"CSV to NDJSON to CSV: record {i + 1}: {cell!r} became {got!r}" for cell, got, value
                     in zip(row, back, record or [(None, "")] * len(row), strict=True)
                     if got != cell and (isinstance(value[1], str) or not same_value(got, value[1]))]
    return problems + ([] if len(rows) + 1 == len(read(again)) else ["CSV to NDJSON to CSV: rows are lost"])


def scalar(r):
    pick = r.random()
    if pick < 0.15:
        return None
    if pick < 0.3:
        return r.choice([True, False])
    if pick < 0.55:
        return Number(r.choice(["0", "-0", "-0.0", "1", "1.0", "1.50", "1e5", "1E+2", "-2.5e-7", "12345678901234567890123",
                                "9007199254740993", "0.1", "1e400", "123456789.123456789123456789"]))
    return text(r).replace("\x00", "")


class Number(str):
    """The text of a number, to be kept digit by digit."""


def lexeme(value):
    if isinstance(value, Number):
        return str(value)
    return json.dumps(value, ensure_ascii=False)


def by_json(r):
    """Records whose members come in one order, some of them missing: a missing one is null."""
    names = table(r, False)[0]
    records = [{n: scalar(r) for n in names if r.random() < 0.9} for _ in range(r.choice([1, 2, 5, 20, 60]))]
    records[0] = {n: scalar(r) for n in names}
    array = r.random() < 0.3
    source = (",\n" if array else "\n").join("{" + ",".join(json.dumps(k) + ":" + lexeme(v) for k, v in record.items()) + "}"
                                             for record in records)
    source = (f"[{source}]" if array else source).encode()
    want = [[(n, record.get(n)) for n in names] for record in records]
    out = cat(r, source, "--input-format", "json" if array else "ndjson", "-f", "ndjson")
    got = [json.loads(line, parse_int=Number, parse_float=Number, object_pairs_hook=list) for line in out.decode().split("\n") if line]
    typed = [[[(k, type(v), v) for k, v in record] for record in records] for records in (want, got)]
    return first_difference("JSON to NDJSON", *typed)


def one(index, folder=None):
    r = random.Random(f"{SEED}/{index}")

    def keep(suffix, data):
        if folder:
            with open(os.path.join(folder, suffix), "wb") as f:
                f.write(data)

    names, rows = table(r, r.random() < 0.3)
    source = written([names, *rows], quoting=csv.QUOTE_ALL)
    keep("source.csv", source)
    found = {}
    for what, trip in (("CSV to TSV to CSV", by_tsv), ("CSV to NDJSON to CSV", by_ndjson)):
        try:
            found[what] = trip(r, names, rows, source, keep)
        except (RuntimeError, ValueError) as e:
            found[what] = [f"{what}: {e}"]
    try:
        found["JSON to NDJSON"] = by_json(r)
    except (RuntimeError, ValueError) as e:
        found["JSON to NDJSON"] = [f"JSON to NDJSON: {e}"]
    return sum(map(len, rows)), {k: [f"table {index}: {p}" for p in v] for k, v in found.items()}


def main():
    chosen = [int(a) for a in sys.argv[1:]]
    cells, problems = 0, {"CSV to TSV to CSV": [], "CSV to NDJSON to CSV": [], "JSON to NDJSON": []}
    for index in chosen or range(TABLES):
        folder = f"round-trip-{index}" if chosen else None
        if folder:
            os.makedirs(folder, exist_ok=True)
        count, found = one(index, folder)
        cells += count
        for what, texts in found.items():
            problems[what] += texts
    for what, texts in problems.items():
        tables = len(chosen) or TABLES
        judge.check(f"{what}: {tables} random tables of seed {SEED}" + ("" if what == "JSON to NDJSON" else f", {cells} cells"), texts)
    judge.end()


main()
