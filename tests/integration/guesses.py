"""
The answers of DuckDB and pandas that tests/judges/guesses.py compares with are those that they give.

`guesses.py --write` writes them to tests/data/guesses/answers.json instead.
"""
import json
import os
import subprocess
import sys
import zlib

import tools

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data", "guesses")
ANSWERS = os.path.join(DATA, "answers.json")
PACKAGES = ("duckdb==2.0.1", "pandas==3.1.1")

# What runs where the two are installed: a dictionary of their answers for each file on standard input.
ASK = r'''
import json, os, sys, tempfile, warnings
import duckdb, pandas
warnings.simplefilter("ignore")

def by_duckdb(path):
    try:
        answer = duckdb.sql(f"select Delimiter, HasHeader, SkipRows, Columns from sniff_csv('{path}')").fetchall()[0]
        return {"delimiter": answer[0], "header": answer[1], "skip": answer[2],
                "columns": [[c["name"], str(c["type"])] for c in answer[3]]}
    except duckdb.Error as e:
        return {"error": type(e).__name__}

def read_by_pandas(path, delimiter):
    try:
        table = pandas.read_csv(path, sep=delimiter, engine="python")
        return [[str(n), str(t)] for n, t in zip(table.columns, table.dtypes)]
    except Exception as e:
        return type(e).__name__

def by_pandas(path, delimiter):
    return {"guessed": read_by_pandas(path, None), "told": read_by_pandas(path, delimiter)}

answers = []
for text, delimiter in json.load(sys.stdin):
    path = os.path.join(tempfile.gettempdir(), f"guesses-{os.getpid()}.csv")
    with open(path, "w", encoding="utf-8", newline="") as f:
        f.write(text)
    answers.append({"duckdb": by_duckdb(path), "pandas": by_pandas(path, delimiter)})
    os.remove(path)
print(json.dumps(answers))
'''


def main():
    sys.path.insert(0, DATA)
    import make  # pylint: disable=import-outside-toplevel,import-error
    made = [make.make(i) for i in range(make.COUNT)]
    files = [m["data"] for m in made]
    python = tools.venv("guesses", *PACKAGES)
    asked = subprocess.run([python, "-c", ASK], input=json.dumps([[m["data"].decode(), m["delimiter"]] for m in made]), stdout=subprocess.PIPE, text=True, check=True)
    answers = {"versions": list(PACKAGES),
               "files": [dict(crc=zlib.crc32(f), **a) for f, a in zip(files, json.loads(asked.stdout))]}
    if sys.argv[1:] == ["--write"]:
        with open(ANSWERS, "w", encoding="utf-8") as f:
            f.write('{"versions": ' + json.dumps(answers["versions"]) + ',\n"files": [\n')
            f.write(",\n".join(json.dumps(a, ensure_ascii=False) for a in answers["files"]) + "\n]}\n")
        return
    with open(ANSWERS, encoding="utf-8") as f:
        recorded = json.load(f)
    wrong = [i for i, (a, b) in enumerate(zip(recorded["files"], answers["files"])) if a != b]
    print(("not ok" if wrong or recorded["versions"] != answers["versions"] else "ok")
          + f" - the answers of {' and '.join(PACKAGES)} for {len(files)} files are those recorded")
    for i in wrong[:10]:
        print(f"# file {i}: recorded {recorded['files'][i]}, now {answers['files'][i]}")
    sys.exit(bool(wrong))


main()
