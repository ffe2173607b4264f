"""
What sdp takes for the delimiter, the header and the types of 300 files (tests/data/guesses/make.py), compared with what
DuckDB and pandas take: their answers are in answers.json, which tests/integration/guesses.py compares with the programs.

The delimiter and the header show in the names of the columns.  Each difference must be of a kind in the table below,
which says by which rule sdp differs; the kinds are printed with their numbers, and one that never occurs fails.
"""
import collections
import csv
import io
import json
import os
import re
import subprocess
import sys
import zlib

import judge

sys.path.insert(0, judge.path("tests", "data", "guesses"))
import make  # noqa: E402 pylint: disable=import-error,wrong-import-position

TYPES = {
    "integer": "number", "real": "number",
    "BIGINT": "number", "HUGEINT": "number", "DOUBLE": "number", "BOOLEAN": "boolean", "DATE": "date", "VARCHAR": "string",
    "TIME": "time", "TIMESTAMP": "datetime", "TIMESTAMP WITH TIME ZONE": "datetime",
    "int64": "number", "float64": "number", "uint64": "number", "bool": "boolean", "str": "string", "object": "string",
}
NULLS = {"", "NA", "N/A", "NaN", "nan", "null", "NULL"}  # sdp-csv(5)

# (peer, what a column is made of, sdp's type, the peer's): the rule.  None stands for any.
COLUMNS = {
    ("duckdb", "clock", "string", "time"): "a time of day is text",
    ("duckdb", "yes", "string", "boolean"): "only true and false are booleans",
    ("duckdb", "plus", "number", "string"): "a number may have the sign +",
    ("duckdb", "infinite", "string", "number"): "inf is text",
    ("duckdb", "infinite", "string", "date"): "inf is text, and no date",
    ("duckdb", "zeros", "string", "number"): "digits after a leading zero are text",
    ("duckdb", "day first", "string", "date"): "dates are written YYYY-MM-DD",
    ("pandas", "zeros", "string", "number"): "digits after a leading zero are text",
    ("pandas", "infinite", "string", "number"): "inf is text",
    ("pandas", "wide", "number", "string"): "integers of any length are numbers",
    ("pandas", "date", "date", "string"): "dates have a type",
    ("pandas", "datetime", "datetime", "string"): "dates have a type",
    ("pandas", "zoned", "datetime", "string"): "dates have a type",
}


def column_rule(peer, made, at, ours, theirs):
    kind, cells = made["kinds"][at], {row[at] for row in made["rows"]}
    if (peer, kind, ours, theirs) in COLUMNS:
        return COLUMNS[peer, kind, ours, theirs]
    if peer == "duckdb" and theirs == "string" and cells & NULLS - {""}:
        return "NA, NaN and null are null, without --na"
    if peer == "pandas" and ours == "string" and made["null"] in ("n/a", "None") and made["null"] in cells:
        return "n/a and None are text, without --na"
    if peer == "pandas" and ours == "boolean" and theirs == "string" and cells & NULLS:
        return "booleans may be null"
    return None


def names_rule(peer, made, ours, theirs, messages):
    """The rule by which the names differ; None if sdp's are not those that were written."""
    written = made["names"] if made["header"] else made["rows"][0]
    if made["before"] == "title" and "--skip" in messages:
        return "a line of one cell before the header is not passed over; a warning names --skip"
    if not ours and "--skip" in messages:
        return "a header of one cell before records of more is refused; a warning names --skip"
    if not ours and len(written) == 1 and "1 cell where the header has" in messages:
        return "a header of one name that has a delimiter is refused if no record has it"
    if len(ours) == len(theirs) == len(written) and re.sub("[,;|\t]", " ", " ".join(ours)) == re.sub("[,;|\t]", " ", " ".join(written)) \
            and ours != written:
        return "of two delimiters with as many columns, it is the one with more columns that are not text"
    if ours != written:
        return None
    if peer == "pandas" and not theirs:
        return "pandas refuses the file"
    if made["before"] == "sep":
        return "a first line such as sep=; is obeyed"
    if peer == "duckdb" and theirs and all(re.fullmatch(r"column\d+", n) for n in theirs):
        return "the first record is the header, without --no-header"
    if peer == "pandas" and [n.removesuffix(".1").removesuffix(".2") for n in theirs] == ours:
        return "names may occur twice"
    if [n.strip('"') for n in theirs] == ours:
        return "quotes around a cell are not part of it"
    if peer == "duckdb" and len(theirs) < len(ours):
        return "the delimiter is the one with the most columns that all records have"
    return None


def guess(data):
    """The names and types that sdp takes, None if it refuses the file; and its messages."""
    done = subprocess.run([os.path.join(judge.BIN, "sdp-stats"), "-f", "csv"], input=data, capture_output=True, check=False)
    rows = list(csv.DictReader(io.StringIO(done.stdout.decode())))
    columns = None if done.returncode else ([r["name"] for r in rows], [TYPES.get(r["type"], r["type"]) for r in rows])
    return columns, done.stderr.decode()


def differences(peer, made, guessed, answer, messages):
    """Pairs of a rule, None if there is none, and a text."""
    if isinstance(answer, str):
        answer = []
    theirs = [name for name, _ in answer]
    ours = guessed[0] if guessed else []
    if ours != theirs:
        return [(names_rule(peer, made, ours, theirs, messages), f"names {ours}, {peer} {theirs}: {messages}")]
    return [(column_rule(peer, made, i, a, b), f"column {ours[i]!r} of kind {made['kinds'][i]!r} is {a}, {peer}: {b}")
            for i, (a, b) in enumerate(zip(guessed[1], [TYPES[t] for _, t in answer])) if a != b]


def main():
    with open(judge.path("tests", "data", "guesses", "answers.json"), encoding="utf-8") as f:
        answers = json.load(f)
    found, unknown, agree = collections.Counter(), [], collections.Counter()
    for index, answer in enumerate(answers["files"]):
        made = make.make(index)
        if zlib.crc32(made["data"]) != answer["crc"]:
            judge.check("the files are those of the answers", f"file {index} is another")
            judge.end()
        guessed, messages = guess(made["data"])
        told = answer["pandas"]["told"]
        for peer, columns in (("duckdb", answer["duckdb"].get("columns", [])), ("pandas", told)):
            seen = differences(peer, made, guessed, columns, messages)
            agree[peer] += not seen
            found.update((peer, rule) for rule, _ in seen if rule)
            unknown += [f"file {index}, delimiter {made['delimiter']!r}, before it {made['before']}: {text}" for rule, text in seen if not rule]
        # Python's Sniffer takes any character for a delimiter.  Where it finds the one in use, sdp finds it, too.
        if answer["pandas"]["guessed"] == told and not isinstance(told, str) and (not guessed or len(guessed[0]) != len(told)):
            if made["before"] != "sep" and "--skip" not in messages:
                unknown.append(f"file {index}: pandas guesses {told}, sdp {guessed}: {messages}")
        agree["guessed"] += answer["pandas"]["guessed"] == told
    for (peer, rule), count in sorted(found.items()):
        print(f"# {peer}, {count}: {rule}")
    known = {(peer, rule) for (peer, _, _, _), rule in COLUMNS.items()}
    files = len(answers["files"])
    judge.check(f"{files} files, guessed as by {answers['versions'][0]} ({agree['duckdb']} the same) and "
                f"{answers['versions'][1]} ({agree['pandas']} the same): {sum(found.values())} differences by {len(found)} rules", unknown)
    judge.check("each kind of difference occurs", [f"{peer}: {rule}" for peer, rule in sorted(known - set(found))])
    judge.end()


main()
