"""
Random tables, some of them damaged, read in chunks of some bytes by three workers and in one chunk by one: sdp-stats and
sdp-cat must print the same bytes, messages and exit code.  Of a damaged table sdp-cat may have printed whole chunks
before the fault, so only its messages and exit code are compared then.

SDP_SEED chooses other tables (default 1); `chunks.py N` does the Nth table only and leaves it in chunks-N.
"""
import csv
import gzip
import io
import json
import os
import random
import subprocess
import sys
import tempfile

import judge

TABLES = 60 if os.environ.get("SDP_TEST_QUICK") else 300
SEED = os.environ.get("SDP_SEED", "1")

WORDS = ["", "a", "b", "x y", "é", "東京", "NA", "null", "-", "?", "n/a", " pad ", "true", "false", '"', 'q"q', "two\nlines",
         "cr\r\nlf", "tab\tin", "a,b", "a;b", "#x", "1,5", "1.234,5", "0x1F", "\\", "'", "w" * 90]


def decimal(r):
    return f"{r.randrange(-10 ** r.randrange(1, 12), 10 ** 6) / 100:.2f}"


KINDS = {
    "small": lambda r: str(r.randrange(-9, 10)),
    "wide": lambda r: str(r.randrange(-2 ** 63, 2 ** 63)),
    "beyond": lambda r: str(r.randrange(2 ** 66)),
    "money": decimal,
    "double": lambda r: repr(r.gauss(0, 1) * 10 ** r.randrange(-9, 9)),
    "comma": lambda r: decimal(r).replace(".", ","),
    "thousands": lambda r: f"{r.randrange(10 ** 7):,}",
    "boolean": lambda r: r.choice(["true", "false", "True"]),
    "date": lambda r: f"{r.randrange(1900, 2100)}-{r.randrange(1, 13):02}-{r.randrange(1, 29):02}",
    "time": lambda r: f"20{r.randrange(10, 30)}-01-02T03:{r.randrange(60):02}:05{r.choice(['', 'Z'])}",
    "word": lambda r: r.choice(WORDS),
    "null": lambda r: "",
}


def columns(r):
    """Names and the kinds of cells; a kind of which a late cell may break."""
    kinds = [r.choice(sorted(KINDS)) for _ in range(r.randrange(1, 7))]
    names = [r.choice(["id", "a b", "né", "x", "value", "n"]) + str(i) for i in range(len(kinds))]
    return names, kinds


def cell(r, kind, share):
    if r.random() < share:
        return r.choice(["", "NA", "x", "?", "3.5"])
    return KINDS[kind](r)


def delimited(r, names, rows, arguments):
    delimiter = r.choice([",", ",", "\t", ";", "|"])
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=r.choice(["\n", "\n", "\r\n"]),
               quoting=r.choice([csv.QUOTE_MINIMAL, csv.QUOTE_MINIMAL, csv.QUOTE_ALL])).writerows([names, *rows])
    text = out.getvalue()
    if r.random() < 0.2:
        text = text.rstrip("\r\n")
    if r.random() < 0.4:
        arguments += ["-d", {"\t": "tab"}.get(delimiter, delimiter)]
    if r.random() < 0.15:
        arguments += ["--no-header"]
    if r.random() < 0.15:
        arguments += ["--comment", "#"]
        lines = text.split("\n")
        lines.insert(r.randrange(len(lines)), '# a "comment')
        text = "\n".join(lines)
    if r.random() < 0.3:
        lines = text.split("\n")
        lines.insert(r.randrange(len(lines)), r.choice(["", "1", delimiter.join("1" * 9)]))
        text = "\n".join(lines)
    if r.random() < 0.3:
        arguments += ["--ragged", r.choice(["pad", "skip"])]
    if r.random() < 0.15:
        arguments += r.choice([["--quote", "none"], ["--quote", "'"], ["--escape", "backslash"]])
    if r.random() < 0.1:
        text = r.choice(["", "a line before\n", "\n", "sep=;\n"]) + text
        arguments += ["--skip", str(r.randrange(3))]
    return text


def value(text):
    try:
        return json.loads(text) if text else None
    except ValueError:
        return text


def objects(r, names, rows, arguments):
    records = [{n: value(c) if r.random() < 0.9 else {"in": c, "at": [1, c]} for n, c in zip(names, row) if r.random() < 0.95}
               for row in rows]
    pick = r.randrange(4)
    if pick == 0:
        return json.dumps(records, indent=r.choice([None, 1]))
    if pick == 1:
        arguments += ["--records", "/data/rows"] if r.random() < 0.7 else []
        return json.dumps({"of": "x", "data": {"rows": records, "n": 3}}, ensure_ascii=False)
    if pick == 2:
        return "\n".join(json.dumps([r.choice([1, "a", None]) for _ in names]) for _ in rows)
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


def damaged(r, data):
    """Now and then a byte is lost, added or changed."""
    for _ in range(r.choice([0, 0, 0, 1, 1, 2])):
        at = r.randrange(len(data) + 1)
        data = data[:at] + r.choice([b'"', b",", b"\n", b"\xff", b"\x00", b"}", b"", b"\r", b'"x']) + data[at + r.randrange(3):]
    return data


def table(r):
    arguments = []
    names, kinds = columns(r)
    shares = [r.choice([0, 0, 0.03, 0.3]) for _ in kinds]
    rows = [[cell(r, k, s) for k, s in zip(kinds, shares)] for _ in range(r.choice([0, 1, 3, 10, 40, 150]))]
    text = (delimited if r.random() < 0.65 else objects)(r, names, rows, arguments)
    encoding = r.choice(["utf-8"] * 8 + ["latin-1", "utf-16"])
    data = text.encode(encoding, errors="replace")
    if encoding == "latin-1":
        arguments += ["--encoding", "latin1"]
    # Of an input that ends within a character, how much is read before that is told depends on the chunks.
    if encoding != "utf-16":
        data = damaged(r, data)
    if r.random() < 0.3:
        arguments += ["--na", r.choice(["", "NA,?", ",", "x"])]
    if r.random() < 0.15:
        arguments += ["--decimal", ","]
    if r.random() < 0.15:
        arguments += ["--thousands", r.choice([",", ".", "'"])]
    if r.random() < 0.15:
        arguments += ["--types", f"{r.choice(names)}={r.choice(['string', 'real', 'integer', 'date'])}"]
    if r.random() < 0.15:
        arguments += ["-x", r.choice(["1", "2:", "/n/", names[0]])]
    return data, [*arguments, "-q"] if r.random() < 0.5 else arguments


def outcome(program, arguments, workers, chunk, name, stdin):
    environment = dict(os.environ, **({"SDP_TEST_CHUNK": str(chunk)} if chunk else {}))
    done = subprocess.run([os.path.join(judge.BIN, program), "-j", str(workers), *arguments, *([] if stdin is not None else [name])],
                          input=stdin, stdin=None if stdin is not None else subprocess.DEVNULL, capture_output=True, check=False,
                          env=environment)
    return done.returncode, done.stderr.decode(errors="replace").replace("stdin", name).replace("FILE", name), done.stdout.decode(errors="replace")


def around(a, b):
    """What two texts have where they first differ."""
    at = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
    return f"{a[max(0, at - 60):at + 200]!r}\n{b[max(0, at - 60):at + 200]!r}"


def differences(index, name):
    r = random.Random(f"{SEED}/{index}")
    data, arguments = table(r)
    if r.random() < 0.1:
        data = gzip.compress(data, mtime=0)
    with open(name, "wb") as f:
        f.write(data)
    problems, codes = [], []
    for program, more in (("sdp-stats", ["--digits", "17"][:r.choice([0, 2])]), ("sdp-cat", ["-f", r.choice(["csv", "tsv", "ndjson"])])):
        call = [*arguments, *more]
        whole = outcome(program, call, 1, None, name, None)
        small = outcome(program, call, 3, r.choice([64, 64, 64, 1, 17, 1000]), name, data if r.random() < 0.5 else None)
        compared = slice(2) if program == "sdp-cat" and whole[0] else slice(3)
        if whole[0] not in (0, 1, 2) or whole[compared] != small[compared]:
            problems.append(f"table {index}: {program} {' '.join(call)}: in one chunk and in small ones:\n"
                            + "\n".join(around(str(a), str(b)) for a, b in zip(whole[compared], small[compared]) if a != b))
        codes.append(whole[0])
    return problems, codes


def main():
    chosen = [int(a) for a in sys.argv[1:]]
    problems, codes = [], []
    with tempfile.TemporaryDirectory() as folder:
        for index in chosen or range(TABLES):
            found, ended = differences(index, f"chunks-{index}" if chosen else os.path.join(folder, "table"))
            problems += found
            codes += ended
    if not chosen and min(codes.count(0), codes.count(1)) < TABLES // 4:
        problems.append(f"{codes.count(0)} calls of {len(codes)} succeeded, {codes.count(1)} found bad data: the tables show too little")
    judge.check(f"{len(chosen) or TABLES} tables of seed {SEED}, whole and in chunks of some 64 bytes: "
                f"{codes.count(0)} results, {codes.count(1)} faults, {codes.count(2)} wrong calls", problems)
    judge.end()


main()
