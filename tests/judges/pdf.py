"""
PDFs against what poppler, pdfplumber and the FBI's own sums find in them: every word, and the cells of
tables in their rows.  The documents are no part of the project (judge.reference).
"""
import csv
import io
import json
import os
import re
import subprocess
import sys
import tempfile

from judge import BIN, check, end, reference, skip

DATA = reference("pdf")
SECRET = "test"
# What these hold is laid out by lines that pdfplumber takes for cells: rows of many lines.
NOT_IN_ROWS = {"ag-energy-round-up-2017-02-24": {0, 1, 2, 3}, "issue-140-example": {0},
               "la-precinct-bulletin-2014-p1": {0}, "nics-background-checks-2015-11": {0},
               "nics-background-checks-2015-11-rotated": {0}, "senate-expenditures": {0},
               "federal-register-2020-17221": {1}}
# The same table, which begins on the page before: all of its cells, as they stand there.
HOUR = "1 work-hour × $85 per hour = $85"
COSTS = [["Action", "Labor cost", "Parts cost", "Cost per product", "Cost on U.S. operators"],
         ["FCC OPS installation and verification", HOUR, "$0", "$85", "$6,205."],
         ["AFM revisions", HOUR, "$0", "$85", "$6,205."],
         ["MDS installation and verification, INOP marker removal.", HOUR, "$0", "$85", "$6,205."],
         ["Stabilizer wiring change", "Up to 79 work-hours × $85 per hour = Up to $6,715.", "Up to $3,790", "Up to $10,505", "Up to $766,865."],
         ["AOA sensor system test", "40 work-hours × $85 per hour = $3,400.", "$0", "$3,400", "$248,200."]]
DAMAGED = {"issue-297-example"}


def cat(*arguments):
    done = subprocess.run([os.path.join(BIN, "sdp-cat"), *arguments], capture_output=True, text=True, timeout=60, check=False)
    rows = list(csv.reader(io.StringIO(done.stdout))) if done.returncode == 0 else []
    return done.returncode, rows, done.stderr


def dense(text):
    return re.sub(r"\s+", "", text or "")


def words(name, path, arguments):
    with open(os.path.join(DATA, name + ".pdftotext.txt"), encoding="utf-8", errors="replace") as f:
        wanted = f.read().split()
    code, rows, messages = cat(*arguments, path)
    text = dense("".join(row[2] for row in rows))
    lost = [word for word in wanted if word not in text]
    return [f"exit {code}: {messages}"] if code or len(lost) > 0.001 * len(wanted) + 1 else []


def tables(name, path, arguments):
    code, rows, messages = cat("--tables", "--no-header", *arguments, path)
    got = ["\0".join(dense(cell) for cell in row) for row in rows]
    with open(os.path.join(DATA, name + ".tables.json"), encoding="utf-8") as f:
        wanted = json.load(f)
    problems = [f"exit {code}: {messages}"] if code else []
    for number, table in enumerate(wanted):
        if number in NOT_IN_ROWS.get(name, ()):
            continue
        cells = good = 0
        for row in table["cells"]:
            parts = [dense(line) for cell in row if cell for line in cell.split("\n") if dense(line)]
            cells += len(parts)
            good += max((sum(part in line for part in parts) for line in got), default=0)
        if good < 0.95 * cells:
            problems.append(f"table {number} of page {table['page']}: {good} of {cells} cells are in their row")
    return problems


def sums(name):
    """The FBI's table, whose rows and columns add up to what is printed: every cell."""
    with open(os.path.join(DATA, "nics-background-checks-2015-11.expected.csv"), encoding="utf-8") as f:
        wanted = list(csv.reader(f))[1:]
    code, rows, messages = cat("--tables", os.path.join(DATA, name + ".pdf"))
    if code:
        return [messages]
    clean = [[re.sub("[, ]", "", cell) for cell in row] for row in rows]
    by_state = {row[0]: row for row in clean}
    return [f"{row[0]}: {by_state.get(dense(row[0]))}" for row in wanted if by_state.get(dense(row[0])) != [dense(c) for c in row]]


def costs():
    code, rows, messages = cat("--tables", os.path.join(DATA, "federal-register-2020-17221.pdf"))
    plain = [[re.sub(r"[ .]*\.\.+$", "", cell) for cell in row] for row in rows]
    return [f"exit {code}: {messages}"] if code else [f"{got} is not {want}" for got, want in zip(plain, COSTS) if got != want][:3] + \
        ([] if len(plain) == len(COSTS) else [f"{len(plain)} rows"])


def damaged(name, path):
    code, _, messages = cat(path)
    return [] if code in (0, 1) and messages.startswith("sdp-cat: ") else [f"exit {code}: {messages}"]


def cut(path):
    """The document cut off at a hundred places, and with bytes changed: an end, and soon."""
    problems = []
    with open(path, "rb") as f:
        whole = f.read()
    with tempfile.NamedTemporaryFile(suffix=".pdf") as f:
        for i in range(40):
            at = len(whole) * i // 40
            piece = whole[:at] if i % 2 else whole[:at] + bytes((b * 7 + i) % 256 for b in whole[at:at + 50]) + whole[at + 50:]
            f.seek(0)
            f.truncate()
            f.write(piece)
            f.flush()
            code, _, messages = cat("--input-format", "pdf", "--tables", f.name)
            if code not in (0, 1) or "died" in messages:
                problems.append(f"cut or changed at {at}: exit {code}: {messages}")
    return problems


def main():
    if DATA is None:
        skip("PDFs")
        end()
    with tempfile.NamedTemporaryFile("w") as secret:
        secret.write(SECRET + "\n")
        secret.flush()
        for file in sorted(os.listdir(DATA)):
            name, kind = os.path.splitext(file)
            path = os.path.join(DATA, file)
            if kind != ".pdf":
                continue
            arguments = ["--password-file", secret.name] if name == "password-example" else []
            if os.path.exists(os.path.join(DATA, name + ".pdftotext.txt")):
                check(f"{name}: words", words(name, path, arguments))
            if os.path.exists(os.path.join(DATA, name + ".tables.json")):
                check(f"{name}: tables", tables(name, path, arguments))
            if name in DAMAGED or os.path.getsize(path) == 0:
                check(f"{name}: damaged", damaged(name, path))
    for name in "nics-background-checks-2015-11", "nics-background-checks-2015-11-rotated":
        check(f"{name}: every cell", sums(name))
    check("federal-register-2020-17221: every cell", costs())
    check("cut and changed", cut(os.path.join(DATA, "nics-background-checks-2015-11.pdf")))
    end()


if __name__ == "__main__":
    sys.exit(main())
