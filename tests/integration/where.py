"""
The rows of DuckDB that tests/judges/where.py compares with are those that it selects.

`where.py --write` writes them to tests/data/where/answers.json instead.
"""
import json
import os
import subprocess
import sys

import tools

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data", "where")
ANSWERS = os.path.join(DATA, "answers.json")
PACKAGE = "duckdb==2.0.1"

# What runs where DuckDB is installed: for each table its types and rows, and the conditions, are on standard input.
ASK = r'''
import json, sys
import duckdb

answers = []
for types, values, rows, conditions in json.load(sys.stdin):
    db = duckdb.connect()
    db.execute("create table t (" + ", ".join(f"c{i} {kind}" for i, kind in enumerate(types)) + ")")
    for row in rows:
        db.execute(f"insert into t values ({values})", row)
    answers.append([[r[0] for r in db.execute(f"select c0 from t where {c} order by c0").fetchall()] for c in conditions])
print(json.dumps(answers))
'''


def sql_type(make, kind):
    if kind in make.SIZES:
        return f"decimal({sum(make.SIZES[kind])},{make.SIZES[kind][1]})"
    return {"row": "integer", "boolean": "boolean", "string": "varchar"}.get(kind, "timestamp")


def main():
    sys.path.insert(0, DATA)
    import make  # pylint: disable=import-outside-toplevel,import-error
    asked, keys = [], []
    for i in range(make.TABLES):
        table, pairs = make.make(i), make.expressions(i)
        rows = [[make.plain(c) if c is not None and kind in make.SIZES else c for c, kind in zip(row, table["kinds"])] for row in table["rows"]]
        types = [sql_type(make, kind) for kind in table["kinds"]]
        values = ", ".join(make.in_utc("?") if kind == "timestamp" else f"cast(? as {kind})" for kind in types)
        asked.append([types, values, rows, [sql for _, sql in pairs]])
        keys.append([make.key(table, text) for text, _ in pairs])
    python = tools.venv("where", PACKAGE)
    done = subprocess.run([python, "-c", ASK], input=json.dumps(asked), stdout=subprocess.PIPE, text=True, check=True)
    answers = {"version": PACKAGE, "rows": [[key, make.mask(rows)] for some, found in zip(keys, json.loads(done.stdout)) for key, rows in zip(some, found)]}
    if sys.argv[1:] == ["--write"]:
        with open(ANSWERS, "w", encoding="utf-8") as f:
            f.write('{"version": ' + json.dumps(PACKAGE) + ', "rows": [\n' + ",\n".join(map(json.dumps, answers["rows"])) + "\n]}\n")
        return
    with open(ANSWERS, encoding="utf-8") as f:
        recorded = json.load(f)
    wrong = [i for i, (a, b) in enumerate(zip(recorded["rows"], answers["rows"])) if a != b]
    print(("not ok" if recorded != answers else "ok") + f" - the rows that {PACKAGE} selects by {len(answers['rows'])} expressions are those recorded")
    for i in wrong[:10]:
        print(f"# expression {i}: recorded {recorded['rows'][i]}, now {answers['rows'][i]}")
    sys.exit(recorded != answers)


main()
