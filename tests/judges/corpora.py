"""
CSV of the wild, from corpora that are no part of the project (judge.reference): what sdp-cat makes of each
case is what the corpus says, or differs for a reason that is named here.
"""
import csv
import io
import json
import os
import subprocess

import judge

CORPORA = judge.reference("corpora")


def cat(*args, stdin=b""):
    """Exit code and message, or the rows that sdp-cat prints."""
    program = os.path.join(judge.BIN, "sdp-cat")
    done = subprocess.run([program, "-q", "-f", "csv", "--input-format", "csv", *args], input=stdin, capture_output=True, check=False)
    if done.returncode:
        return done.returncode, done.stderr.decode(errors="replace").strip()
    return 0, list(csv.reader(io.StringIO(done.stdout.decode(), newline="")))


def differs(args, want, stdin=b""):
    """None, or what sdp-cat says or prints instead of these rows."""
    code, got = cat(*args, stdin=stdin)
    return None if code == 0 and got == want else f"{code}: {got!r}"[:300]


def held(good, name, got):
    judge.check(name, [] if good else [got or "?"])


def wide(rows):
    """Blank lines are passed over in a table of several columns."""
    return [row for row in rows if row or (rows and len(rows[0]) == 1)]


def indexed(folder, reasons):
    with open(os.path.join(CORPORA, folder, "index.json"), encoding="utf-8") as f:
        files = json.load(f)["files"]
    for name, about in files.items():
        rows, issues = about["rows"], about["issues"]
        # The index keeps the first rows of long files.
        args = [os.path.join(CORPORA, folder, name), "-d", about["delimiter"]]
        args += ["--encoding", "latin1"] if about["encoding"] == "latin-1" else []
        args += ["--head", str(len(rows) - 1)] if len(rows) < about["n_rows_including_header"] else []
        want = wide(rows)
        width = len(want[0])
        # A header without a name gets one.
        want[0] = [cell or f"c{i + 1}" for i, cell in enumerate(want[0])]
        code, got = cat(*args)
        if name in reasons:
            held(code == 1 and reasons[name] in str(got), f"{folder}/{name}: refused: {reasons[name]}", str(got)[:300])
        elif any(len(row) != width for row in want):
            held(code == 1 and "where the header has" in str(got), f"{folder}/{name}: ragged is refused", str(got)[:300])
            even = [row for row in want if len(row) == width]
            why = differs([*args, "--ragged", "skip"], even)
            held(why is None, f"{folder}/{name}: --ragged skip", why or "")
            padded = [row + [""] * (width - len(row)) for row in want]
            code, got = cat(*args, "--ragged", "pad")
            long = any(len(row) > width for row in want)
            held(code == 1 if long else got == padded, f"{folder}/{name}: --ragged pad", str(got)[:300])
        else:
            held(code == 0 and got == want, f"{folder}/{name} {' '.join(issues)}", str(got)[:300])


def spectrum():
    for path in judge.files(os.path.join(CORPORA, "csv_spectrum", "csvs", "*.csv")):
        name = os.path.basename(path)[:-4]
        with open(os.path.join(CORPORA, "csv_spectrum", "json", name + ".json"), encoding="utf-8") as f:
            want = json.load(f)
        want = want if isinstance(want, list) else [want]
        code, got = cat(path)
        rows = [dict(zip(got[0], row)) for row in got[1:]] if code == 0 else []
        if name == "location_coordinates":  # its JSON has another telephone number, and U+FFFD elsewhere
            for row in [*want, *rows]:
                for key in [key for key in row if key not in ("Cities", "Counties")]:
                    del row[key]
        held(code == 0 and rows == want, f"csv_spectrum/{name}", str(got)[:300])


def vectors():
    folder = os.path.join(CORPORA, "csv_test_data")
    accepted = {"bad-header-wrong-header": "a first record is a header, whatever it says",
                "bad-unescaped-quote": "a quote within a cell is a character like others"}
    for path in judge.files(os.path.join(folder, "csv", "*.csv")):
        name = os.path.basename(path)[:-4]
        header = name.startswith(("header-", "bad-header-"))
        code, got = cat(path, *([] if header else ["--no-header"]))
        if name.startswith("bad-"):
            reason = accepted.get(name)
            held(code == (0 if reason else 1), f"csv_test_data/{name}: {reason or 'refused'}", str(got)[:300])
            continue
        with open(os.path.join(folder, "json", name + ".json"), encoding="utf-8") as f:
            want = json.load(f)
        if want and isinstance(want[0], dict):
            want = [list(row.values()) for row in want]
        if name == "all-empty":
            held(code in (0, 1), "csv_test_data/all-empty: no crash", str(got)[:300])
            continue
        got = [row or [""] for row in got[1:]] if code == 0 else got
        held(code == 0 and got == want, f"csv_test_data/{name}", str(got)[:300])


def papaparse():
    with open(os.path.join(CORPORA, "papaparse_cases.json"), encoding="utf-8") as f:
        cases = json.load(f)["cases"]
    alike = 0
    for number, case in enumerate(cases):
        code, got = cat("--no-header", "--ragged", "skip", stdin=case["input"].encode("utf-8", "surrogatepass"))
        held(code in (0, 1), f"papaparse/{number}: no crash: {case['description']}", str(got)[:300])
        want = wide(case["expected_data"])
        plain = not case["config"] and not case["expected_errors"] and want and all(isinstance(row, list) for row in want)
        if plain and "," in case["input"] and len({len(row) for row in want}) == 1 and code == 0 and got[1:] == want:
            alike += 1
    print(f"# papaparse: {alike} of {len(cases)} rows alike; the others have settings of their own, or are only held not to crash")


def main():
    if CORPORA is None:
        judge.skip("corpora")
        return
    spectrum()
    vectors()
    # Its blank before a quote opens a quoted cell, in which the backslash is text (--escape backslash reads it).
    indexed("frictionless", {"escaping.csv": "text after the closing quote"})
    indexed("csvkit", {"null_byte.csv": "NUL byte",
                       "test_header_newline.csv": "where the header has 2"})  # its delimiter is no tab
    papaparse()
    judge.end()


if __name__ == "__main__":
    main()
