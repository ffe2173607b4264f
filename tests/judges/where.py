"""
The rows that --where selects by 500 random expressions over random tables (tests/data/where/make.py) are those that DuckDB
selects by the same conditions in SQL: its answers are in answers.json, which tests/integration/where.py compares with the
program.  Tables are read as CSV, TSV and JSON, from files and pipes, compressed or not, in small chunks, by several workers.
100 expressions that are wrong, or of unlike types, are errors.
"""
import gzip
import json
import os
import re
import subprocess
import sys
import tempfile

import judge

sys.path.insert(0, judge.path("tests", "data", "where"))
import make  # noqa: E402 pylint: disable=import-error,wrong-import-position

TYPES = {"row": "integer", "boolean": "boolean", "string": "string", "date": "date", "local": "datetime", "zoned": "datetime"}


def types_of(table):
    """The value of --types for all columns; None where a name cannot be written there."""
    pairs = [f"{n}={TYPES.get(k, 'real')}" for n, k in zip(table["names"], table["kinds"])]
    return None if any("," in pair or '"' in pair for pair in pairs) else ",".join(pairs)


def write_forms(table, folder):
    """The table in files of each form: the name of each, and the options that it needs."""
    forms = {"t.csv": (make.as_csv(table), []), "nulls.csv": (make.as_csv(table, "NA"), []), "t.tsv": (make.as_csv(table, "", "\t"), ["--input-format", "tsv", "--quote", '"']),
             "t.ndjson": (make.as_ndjson(table), []), "t.csv.gz": (gzip.compress(make.as_csv(table)), []), "semi.csv": (make.as_csv(table, "null", ";"), ["-d", ";"])}
    for name, (text, _) in forms.items():
        with open(os.path.join(folder, name), "wb") as f:
            f.write(text)
    return [(os.path.join(folder, name), options) for name, (_, options) in forms.items()]


def run(program, expression, file, options, piped, chunk):
    environment = {**os.environ, **({"SDP_TEST_CHUNK": "64"} if chunk else {})}
    with open(file, "rb") as stdin:
        return subprocess.run([os.path.join(judge.BIN, program), *options, "--where", expression, "-" if piped else file],
                              stdin=stdin if piped else subprocess.DEVNULL, capture_output=True, check=False, env=environment)


def selected(k, table, expression, forms):
    """The rows that sdp-cat selects, as a mask, or its message; the form changes with k."""
    file, options = forms[k % len(forms)]
    types = types_of(table) if k % 2 else None
    options = [*options, "-j", str(1 + k % 3)] + (["--types", types] if types else [])
    done = run("sdp-cat", expression, file, ["-x", "id", "-f", "csv", *options], k % 5 == 0, bool(types))
    if done.returncode or done.stderr:
        return f"exit {done.returncode}: {done.stderr.decode()}"
    rows = [int(line) for line in done.stdout.split()[1:]]
    if k % 4 == 0:
        doc = json.loads(run("sdp-stats", expression, file, ["-x", "id", *options], k % 8 == 0, bool(types)).stdout)
        if (doc["rows"], doc["rows_read"]) != (len(rows), len(table["rows"])):
            return f"sdp-stats counts {doc['rows']} of {doc['rows_read']} rows"
    return make.mask(rows) if rows == sorted(rows) else f"rows in another order: {rows}"


def main(only):
    with open(judge.path("tests", "data", "where", "answers.json"), encoding="utf-8") as f:
        answers = json.load(f)["rows"]
    places = [(i, *pair) for i in range(make.TABLES) for pair in make.expressions(i)]
    judge.check("an answer for each of 500 expressions", f"{len(answers)} answers" if not len(answers) == len(places) == 500 else "")
    problems, wrong, some = [], [], 0
    with tempfile.TemporaryDirectory() as folder:
        for i in range(make.TABLES):
            table = make.make(i)
            forms = write_forms(table, folder)
            for k, (_, expression, sql) in [(k, p) for k, p in enumerate(places) if p[0] == i and only in (None, k)]:
                key, mask = answers[k]
                if key != make.key(table, expression):
                    problems.append(f"expression {k}: the answer belongs to another one: tests/integration/where.py --write")
                    continue
                found = selected(k, table, expression, forms)
                some += 0 < int(mask, 16) < (1 << len(table["rows"])) - 1
                if found != mask:
                    problems.append(f"expression {k}, table {i}: {expression}\nselects {found}, DuckDB {mask} by {sql}")
            for n, expression in enumerate(make.ill_typed(i) if only is None else []):
                file, options = forms[n % len(forms)]
                done = run("sdp-cat", expression, file, options, False, False)
                if done.returncode not in (1, 2) or done.stdout or not re.match(b"sdp-cat: (--where: |.*time without a zone)", done.stderr):
                    wrong.append(f"table {i}: {expression}\nexit {done.returncode}: {done.stderr.decode()}{done.stdout[:200]}")
    judge.check("the rows that DuckDB selects", problems)
    judge.check("expressions that are wrong, or of unlike types, are errors", wrong)
    judge.check("many expressions select some rows and not others", f"only {some} do" if only is None and some < 250 else "")


main(int(sys.argv[1]) if len(sys.argv) > 1 else None)
judge.end()
