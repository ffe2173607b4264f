"""
Random JSON against Python's json: the same records, flattened here and written as CSV, must be described
by sdp-stats with the same bytes, in whatever form the JSON comes.  Rows streamed as NDJSON must have the values of
the JSON they come from, with their types and digits; those of CSV, the values that its cells have by the rule in
sdp-cat(1); and CSV that becomes NDJSON and CSV again must have its cells.  And JSONTestSuite, which is no part of the project (judge.reference), gives its outcomes through
sdp-stats.

SDP_SEED chooses other data (default 1).
"""
import csv
import io
import json
import math
import os
import random
import re
import subprocess

import judge

TABLES = 30 if os.environ.get("SDP_TEST_QUICK") else 150
SEED = os.environ.get("SDP_SEED", "1")
NAMES = ["a", "b", "key", "a b", "né", "x\"y", "back\\slash", "tab\there", "k" * 70, "0", "ünï", "{", "[]", "comma,", "\U0001f600"]


class Number(str):
    """A lexeme that is to be written as it stands."""


def scalar(r):
    pick = r.randrange(9)
    if pick == 0:
        return None
    if pick == 1:
        return r.choice([True, False])
    if pick < 5:
        return Number(r.choice(["0", "-1", str(r.randrange(10**r.randrange(1, 25))), f"{r.randrange(-99, 99)}.{r.randrange(100):02}",
                                f"{r.randrange(1, 9)}e{r.randrange(-30, 30)}", "1E+2", "-0", "-0.50", "1e400"]))
    return r.choice(["", "x", "\"", "\"q\"", "a,b", "line\nbreak", "cr\r", "\r", "\\", "é€\U0001f600", "NA", "12", " 7 ", "true",
                     "2020-01-02", "x" * r.randrange(100), "\u2028", "\x7f", "\x01", "]}", "{\"a\":[", "\\\"", "\\\\"])


def value(r, depth):
    pick = r.randrange(12)
    if depth < 4 and pick == 0:
        return [value(r, depth + 1) for _ in range(r.randrange(4))]
    if depth < 4 and pick == 1:
        return {name: value(r, depth + 1) for name in r.sample(NAMES, r.randrange(4))}
    return scalar(r)


def cell(x):
    return "" if x is None else "true" if x is True else "false" if x is False else str(x)


def flatten(x, path, into, leaf=cell):
    """False where two values would share a name."""
    if isinstance(x, (dict, list)):
        items = x.items() if isinstance(x, dict) else enumerate(x)
        return all([flatten(v, (path + "." if path is not None else "") + str(k), into, leaf) for k, v in items])
    if path in into:
        return False
    into[path] = leaf(x)
    return True


def blank(r):
    return "".join(r.choice(" \t\r\n") for _ in range(r.choice([0, 0, 0, 1, 2])))


def string(r, text):
    out = []
    for c in text:
        pick = r.randrange(20)
        if pick == 0:
            units = c.encode("utf-16-be")
            out += [r.choice(["\\u%04x", "\\u%04X"]) % int.from_bytes(units[i:i + 2], "big") for i in range(0, len(units), 2)]
        elif c == "/" and pick < 5:
            out.append("\\/")
        else:
            out.append(json.dumps(c, ensure_ascii=False)[1:-1])
    return '"' + "".join(out) + '"'


def write(r, x):
    if isinstance(x, dict):
        return "{" + blank(r) + ("," + blank(r)).join(string(r, k) + blank(r) + ":" + blank(r) + write(r, v) + blank(r) for k, v in x.items()) + "}"
    if isinstance(x, list):
        return "[" + blank(r) + ("," + blank(r)).join(write(r, v) + blank(r) for v in x) + "]"
    if isinstance(x, Number) or not isinstance(x, str):
        return "null" if x is None else cell(x)
    return string(r, x)


def make(r):
    """Records that can be flattened, and their table as CSV."""
    names = r.sample(NAMES, r.randrange(1, len(NAMES)))
    records, rows, columns = [], [], {}
    for _ in range(r.choice([1, 2, 5, 50, 400])):
        keys = [n for n in names if r.random() < 0.8]
        if r.random() < 0.2:
            r.shuffle(keys)
        record = {k: value(r, 1) for k in keys}
        row = {}
        if flatten(record, None, row):
            records.append(record)
            rows.append(row)
            columns.update(dict.fromkeys(row))
    out = io.StringIO()
    w = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
    w.writerow(columns)
    for row in rows:
        w.writerow([row.get(c, "") for c in columns])
    return records, columns, out.getvalue().encode()


def forms(r, records):
    """The records as text: (what it is, options, bytes)."""
    texts = [write(r, x) for x in records]
    array = "[" + blank(r) + ("," + blank(r)).join(t + blank(r) for t in texts) + "]"
    inner = "{" + string(r, "p") + ":[0,{" + string(r, "r/~s") + ":" + array + "," + string(r, "z") + ":[{\"a\":[]}]}]}"
    yield "lines", [], "\n".join(texts).encode()
    yield "array", [], array.encode()
    yield "array, said to be json", ["--input-format", "json"], (blank(r) + array + blank(r)).encode()
    yield "array with a byte order mark", [], b"\xef\xbb\xbf" + array.encode()
    yield "array within", ["--records", "/p/1/r~1~0s"], inner.encode()


def differs(name, want, got):
    return [] if want == got else [f"{name}: wanted {want[:300]!r}", f"{name}: got {got[:300]!r}"]


def tables():
    problems, tried = [], 0
    for i in range(TABLES):
        r = random.Random(f"{SEED} {i}")
        records, columns, table = make(r)
        if not columns or "" in columns:
            continue
        tried += 1
        # One column's empty cells would be empty lines.
        want = judge.run("sdp-stats", "-j", "1", "--input-format", "csv", stdin=table)
        for name, options, text in forms(r, records):
            try:
                got = judge.run("sdp-stats", "-j", str(r.randrange(1, 4)), *options, stdin=text)
            except RuntimeError as e:
                got = str(e).encode()
            problems += differs(f"table {i}, {name}", want, got)
    judge.check(f"{tried} random tables, flattened by Python", problems if tried > TABLES / 2 else ["too few tables"])


def parsed(text, clean=str):
    return [[clean(c) for c in row] for row in csv.reader(io.StringIO(text.decode(), newline=""))]


def typed(x):
    """A value with its type; numbers with their digits."""
    return ("number", str(x)) if isinstance(x, Number) else x


def guessed(x):
    """The value that a cell of CSV has in NDJSON."""
    number = re.fullmatch(r"[ \t]*([+-]?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?)[ \t]*", x)
    if number and math.isfinite(float(x)):
        return ("number", number[1].lstrip("+"))
    return {"true": True, "false": False}.get(x, x)


def number_stripped(x):
    return guessed(x)[1] if isinstance(guessed(x), tuple) else x


def ndjson(text):
    lines = [json.loads(x, parse_int=Number, parse_float=Number) for x in text.decode().split("\n") if x]
    return [{k: typed(v) for k, v in line.items()} for line in lines]


def rows():
    """tests/rows -f ndjson: the values that Python reads are those of the input, and they make the same CSV."""
    program = os.path.join(judge.BIN, "tests", "rows")
    problems, count = [], 0

    def run(source, *options):
        done = subprocess.run([program, *options], input=source, capture_output=True, check=False)
        if done.returncode:
            problems.append(f"table {i}: {done.stderr.decode()}")
        return done.stdout

    for i in range(TABLES // 2):
        r = random.Random(f"rows {SEED} {i}")
        records, columns, table = make(r)
        if not columns or "" in columns:
            continue
        flat = [{} for _ in records]
        for record, row in zip(records, flat):
            flatten(record, None, row, typed)
        want = [{c: row.get(c) for c in columns} for row in flat]
        text = "\n".join(write(r, x) for x in records).encode()
        na = r.choice([[], ["--na", ""]])
        once = run(text, "-f", "ndjson", "--plain", *na)
        problems += differs(f"table {i}, JSON as NDJSON", want, ndjson(once))
        problems += differs(f"table {i}, NDJSON again", once, run(once, "-f", "ndjson", "--plain", *na))
        want = [{c: guessed(row[c]) for c in columns} for row in csv.DictReader(io.StringIO(table.decode(), newline=""))]
        options = ["--plain", "--na", "", "--input-format", "csv"]
        got = run(table, "-f", "ndjson", *options)
        problems += differs(f"table {i}, CSV as NDJSON", want, ndjson(got))
        again = run(got, "--plain", "-f", "csv", "--na", "")
        problems += differs(f"table {i}, CSV again", parsed(table, number_stripped), parsed(again))
        count += len(records) * len(columns)
    judge.check(f"{count} cells as NDJSON and back", problems)


# What the suite leaves open or allows, and sdp refuses.
REASONS = {
    "y_object_duplicated_key.json": "a duplicate key in an object",
    "y_object_duplicated_key_and_value.json": "a duplicate key in an object",
    "y_object_escaped_null_in_key.json": "a key with a NUL cannot name a column",
}


def suite():
    folder = judge.reference("corpora", "json_test_suite")
    if folder is None:
        judge.skip("JSONTestSuite")
        return
    files = judge.files(os.path.join(folder, "[yni]_*.json"))
    problems = []
    for file in files:
        name = os.path.basename(file)
        done = subprocess.run([os.path.join(judge.BIN, "sdp-stats"), "--input-format", "json", "-j", "2", file],
                              capture_output=True, check=False, timeout=60)
        message = done.stderr.decode()
        place = re.search(r"line \d+, column \d+: ", message)
        if name in REASONS:
            good = done.returncode == 1 and REASONS[name] in message
        elif name.startswith("y_"):
            good = done.returncode == 0 or (done.returncode == 1 and "not a table: " in message)
        elif name.startswith("n_"):
            good = done.returncode == 1 and place and not done.stdout
        else:
            good = done.returncode in (0, 1) and (done.returncode == 0 or place or "not a table: " in message or "UTF-16" in message)
        if not good:
            problems.append(f"{name}: {done.returncode}: {message}")
    judge.check(f"JSONTestSuite, {len(files)} texts", problems)


tables()
rows()
suite()
judge.end()
