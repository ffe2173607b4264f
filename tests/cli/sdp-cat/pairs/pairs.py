"""
Every pair of the options of sdp-cat that choose or print rows, compared with what follows from sdp-cat(1) and from the formula of
sdp(7) for random draws, which is written here again.  Prints a table: the number of rows of each pair, or its refusal.
"""
import csv
import io
import itertools
import json
import os
import signal
import subprocess
import sys

MASK = 2**64 - 1
TEST, SAMPLE = 0, 1


def m(x):
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9 & MASK
    x = (x ^ x >> 27) * 0x94d049bb133111eb & MASK
    return x ^ x >> 31


def r(s, a, b):
    x = m(s + 0x9e3779b97f4a7c15 & MASK)
    x = m((x ^ a) + 0x3c6ef372fe94f82b & MASK)
    return m((x ^ b) + 0xdaa66d2c7ddf743f & MASK)


def draw(seed, row, purpose):
    file, record = row[0]
    return r(r(seed, file, MASK) if file else seed, record, purpose)


def unit(seed, row, purpose):
    return ((draw(seed, row, purpose) >> 12) + 0.5) / 2**52


def choose(sizes, rows, on):
    """The rows that are printed: a row is ((file, record), cells)."""
    seed = 7 if "--seed" in on else 1
    if "--where" in on:
        rows = [x for x in rows if x[1][0] != sizes["unwanted"]]
    if "--part" in on:
        rows = [x for x in rows if unit(seed, x, TEST) < 0.4]
    if "--sample N" in on:
        rows = sorted(sorted(rows, key=lambda x: (draw(seed, x, SAMPLE), x[0]))[:sizes["sample"]])
    if "--sample P%" in on:
        rows = [x for x in rows if unit(seed, x, SAMPLE) < 0.45]
    if "--tail" in on:
        rows = rows[-sizes["tail"]:]
    return rows[:sizes["head"]] if "--head" in on else rows


def parse(text, on):
    """The cells of an output as texts, or its number; None if it has another form."""
    if "--count" in on:
        return int(text)
    if "-f json" in on:
        lines, objects = text.splitlines(), json.loads(text, parse_float=str)
        if text != "[]\n" and (lines[0], lines[-1], len(lines)) != ("[", "]", len(objects) + 2):
            return None
        return [["" if x is None else str(x) for x in one.values()] for one in objects]
    return list(csv.reader(io.StringIO(text), delimiter="\t" if "-f tsv" in on else ","))[1:]


def run(*words):
    done = subprocess.run(["sdp-cat", *words], capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def follow(lines, *words):
    """As run, but a program that has printed so many lines is ended, since the file may grow."""
    program = subprocess.Popen(["sdp-cat", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    signal.alarm(60)
    text = "".join(line for _, line in zip(range(lines), program.stdout))
    if text.count("\n") == lines:
        program.terminate()
    signal.alarm(0)
    rest, messages = program.communicate()
    return max(program.returncode, 0), text + rest, messages


def check(files, rows, sizes, choices, on):
    """Prints a line for these options; choices: option → words."""
    words = [word for option in on for word in choices[option]]
    if "--source" in on:
        rows = [(place, cells + [files[place[0]]]) for place, cells in rows]
    if "--follow" in on:
        code, text, messages = follow(1 + len(choose(sizes, rows, on)), *words, *files)
    else:
        code, text, messages = run(*words, *files)
    if code:
        print(f"{' '.join(on)}: exit code {code}, {messages.strip()}{text}")
        return
    want = [[x[1][1]] if "-x" in on else x[1] for x in choose(sizes, rows, on)]
    got, want = parse(text, on), len(want) if "--count" in on else want
    print(f"{' '.join(on)}: {want if '--count' in on else len(want)}")
    if got != want or messages:
        print(f"WRONG: {' '.join(words)}: {got}, not {want} {messages}")


def table_choices(condition, sizes):
    return {"--head": ["-n", str(sizes["head"])], "--tail": ["--tail", str(sizes["tail"])],
            "--sample N": ["--sample", str(sizes["sample"])], "--sample P%": ["--sample", "45%"],
            "--part": ["--test-fraction", "0.4", "--part", "test"], "--count": ["--count"], "-x": ["-x", "2"], "-f json": ["-f", "json"],
            "-f tsv": ["-f", "tsv"], "--seed": ["--seed", "7"], "--where": ["--where", condition]}


def check_csv():
    # Record 1 of a file is its header.
    rows = [((file, record), [f"r{record % 9}", f"{file}x{record}"]) for file in (0, 1) for record in range(2, 32)]
    for file in (0, 1):
        with open(f"{file}.csv", "w") as out:
            out.write("a,b\n" + "".join(",".join(cells) + "\n" for place, cells in rows if place[0] == file))
    sizes = {"sample": 12, "tail": 5, "head": 9, "unwanted": "r8"}
    choices = {**table_choices("a != 'r8'", sizes), "--source": ["--source", "name"]}
    for on in itertools.combinations(choices, 2):
        if on[0].split()[0] != on[1].split()[0]:
            check(["0.csv", "1.csv"], rows, sizes, choices, on)
    choices["--follow"] = ["--follow"]
    for option in choices:
        if option != "--follow":
            check(["0.csv"], [row for row in rows if row[0][0] == 0], sizes, choices, (option, "--follow"))


def check_union():
    """Two files that have one column in common."""
    rows = [((file, record), [f"r{record % 9}" if file == 0 else "", f"{file}x{record}", "" if file == 0 else f"c{record}"])
            for file in (0, 1) for record in range(2, 32)]
    for file, columns in ((0, (0, 1)), (1, (2, 1))):
        with open(f"union{file}.csv", "w") as out:
            for cells in [["a", "b", "c"]] + [cells for place, cells in rows if place[0] == file]:
                out.write(",".join(cells[column] for column in columns) + "\n")
    sizes = {"sample": 12, "tail": 35, "head": 33, "unwanted": "r8"}
    choices = {**table_choices("a is null or a != 'r8'", sizes), "--source": ["--source", "name"], "--follow": ["--follow"], "--union": ["--union"]}
    for option in choices:
        if option != "--union":
            check(["union0.csv", "union1.csv"], rows, sizes, choices, (option, "--union"))


def check_pdf():
    """The options for PDF, with each of the others and with each other; a file that is not encrypted needs no password."""
    data = os.environ["SDP_ROOT"] + "/tests/data/pdf/"
    subprocess.run([sys.executable, "-B", data + "make.py", "."], check=True)
    with open("password", "w") as out:
        out.write("secret\n")
    pdf = {"--tables": ["--tables"], "--table": ["--table", "1"], "--password-file": ["--password-file", "password"]}
    people = ("people.pdf", "Name != 'Bob'", "Bob")
    for option, file, condition, unwanted in (("--password-file", data + "encrypted.pdf", "page != 2", "2"), ("--tables", *people), ("--table", *people)):
        rows = [((0, 2 + i), cells) for i, cells in enumerate(parse(run(*pdf[option], file)[1], ()))]
        sizes = {"sample": 3, "tail": 3, "head": 2, "unwanted": unwanted}
        choices = {**table_choices(condition, sizes), option: pdf[option]}
        for other in choices:
            if other != option:
                check([file], rows, sizes, choices, (option, other))
    # rows are those of the table of people.pdf
    for on in itertools.combinations(pdf, 2):
        check(["people.pdf"], rows, sizes, pdf, on)


check_csv()
check_union()
check_pdf()
