"""
Every pair of the options for reading CSV, on a file that is written so that both matter; what comes out is what went in, or the pair
is refused. Prints a table: the number of rows of each pair, or its refusal.
"""
import csv
import io
import itertools
import subprocess

ROWS = [(1, 1234.5, "a;b,c", "x"), (2, 7, 'say "é"', None), (3, 987654.25, "it's # 1", "y"), (4, None, "back\\slash", "z"), (5, 2000, "|", None)]
NAMES = ["id", "n", "t", "z"]
OPTIONS = {
    "-d": ["-d", ";"], "--no-header": ["--no-header"], "--types": ["--types", "id=string"], "--na": ["--na", "none"], "--union": ["--union"],
    "--source": ["--source", "from"], "--decimal": ["--decimal", ","], "--thousands": ["--thousands", "'"], "--encoding": ["--encoding", "latin1"],
    "--input-format": ["--input-format", "csv"], "--comment": ["--comment", "#"], "--skip": ["--skip", "2"], "--ragged": ["--ragged", "pad"],
    "--quote": ["--quote", "'"], "--escape": ["--escape", "backslash"], "--max-record": ["--max-record", "1M"], "--where": ["--where"],
    "--records": ["--records", "/a"], "--pdf-table": ["--pdf-table", "1"],
}


def number(value, on):
    text = "" if value is None else f"{value:,}" if "--thousands" in on else f"{value}"
    return text.replace(",", "'").replace(".", "," if "--decimal" in on else ".")


def cells_of(row, on):
    """The cells as they are written, without quotes; a null is empty or what --na names."""
    id, n, t, z = row
    null = "none" if "--na" in on else ""
    return [str(id), number(n, on) or null, t, z or null]


def written(cell, on):
    delimiter, quote = ";" if "-d" in on else ",", "'" if "--quote" in on else '"'
    if not any(c in cell for c in (delimiter, quote, "\\", "#", "\n", "'")):
        return cell
    if "--escape" in on:
        return quote + cell.replace("\\", "\\\\").replace(quote, "\\" + quote) + quote
    return quote + cell.replace(quote, 2 * quote) + quote


def line(cells, on):
    cells = list(cells)
    while "--ragged" in on and cells and cells[-1] == "":
        cells.pop()
    return (";" if "-d" in on else ",").join(written(c, on) for c in cells) + "\n"


def write(name, on, order):
    text = "junk \"\nmore ' junk,;\n" if "--skip" in on else ""
    if "--no-header" not in on:
        text += line([NAMES[i] for i in order], on)
    for row in ROWS:
        cells = cells_of(row, on)
        text += ("# a remark, \" and '\n" if "--comment" in on else "") + line([cells[i] for i in order], on)
    with open(name, "w", encoding="latin1" if "--encoding" in on else "utf-8") as out:
        out.write(text)


def check(on):
    names = ["c1", "c2", "c3", "c4"] if "--no-header" in on else NAMES
    write("one.csv", on, range(4))
    files, orders = ["one.csv"], [range(4)]
    if "--union" in on:
        orders.append((2, 1, 0))
        write("two.csv", on, orders[1])
        files.append("two.csv")
    elif "--source" in on:
        files, orders = 2 * files, 2 * orders
    words = [word for option in on for word in OPTIONS[option] + ([f"{names[1]} >= 1000"] if option == "--where" else [])]
    done = subprocess.run(["sdp-cat", *words, *files], capture_output=True, text=True)
    if done.returncode:
        print(f"{' '.join(on)}: exit code {done.returncode}, {done.stderr.strip()}{done.stdout}")
        return
    want = [names + ["from"] * ("--source" in on)]
    for file, order in zip(files, orders):
        for row in ROWS:
            if "--where" in on and (row[1] is None or row[1] < 1000):
                continue
            cells = cells_of(row, on)
            want.append([cells[i] if i in order else "none" if "--na" in on else "" for i in range(4)] + [file] * ("--source" in on))
    got = list(csv.reader(io.StringIO(done.stdout)))
    print(f"{' '.join(on)}: {len(want) - 1}")
    warning = "--ragged" in on and "records with fewer cells" in done.stderr
    if got != want or bool(done.stderr) != warning:
        print(f"WRONG: {' '.join(words)}: {got}, not {want} {done.stderr}")


for on in itertools.combinations(OPTIONS, 2):
    check(on)
