"""
Random tables, described by sdp-stats and by Python's fractions: every figure must be equal.

Types, nulls, exact sums, correctly rounded means, deviations and quartiles are written here a
second time, from the definitions in sdp.7 and sdp-csv.5 alone.  SDP_SEED chooses other tables (default 1);
`differential.py N` does the Nth table only and leaves it in differential-N.csv.
"""
import csv
import io
import json
import os
import random
import re
import sys
from datetime import datetime, timezone
from decimal import Decimal
from fractions import Fraction

import judge

TABLES = 40 if os.environ.get("SDP_TEST_QUICK") else 200
SEED = os.environ.get("SDP_SEED", "1")
NULLS = {"", "NA", "N/A", "NaN", "nan", "null", "NULL"}
NUMBER = re.compile(r"[+-]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\Z")
INTEGER = re.compile(r"[+-]?(?:0|[1-9][0-9]*)\Z")
TIME = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?\Z", re.ASCII)
LIMIT = 2 ** 63


# ---- what the figures should be ----

def number(text):
    """
    The value of a cell and what it is: a decimal of 64 bits at a scale of 0-18, wide (longer, from 2^63 on,
    or nearer to 0 than every double), or another one that counts as the nearest double, unless its column has wide ones.  None: a text.
    """
    text = text.strip(" ")
    if not NUMBER.match(text) or abs(float(text)) == float("inf"):
        return None
    mantissa, _, exponent = text.lower().partition("e")
    whole, _, digits = mantissa.partition(".")
    negative = whole.startswith("-")
    significand = int((whole.lstrip("+-") + digits) or "0") * (-1 if negative else 1)
    power = int(exponent or "0") - len(digits)
    if significand == 0:
        return Fraction(0), "decimal"
    while significand % 10 == 0:
        significand //= 10
        power += 1
    value = significand * Fraction(10) ** power
    if abs(value) < Fraction(1, 10 ** 400):
        return Fraction(0), "decimal"
    if -18 <= power <= 18 and -LIMIT <= significand * 10 ** max(power, 0) < LIMIT:
        return value, "decimal"
    long = len(str(abs(significand))) > 17 or abs(value) >= LIMIT
    return value, "wide" if long or float(value) == 0 else "double"


def numbers(cells):
    """The values of the cells, and whether all are exact."""
    found = [number(c) for c in cells]
    if any(kind == "wide" for _, kind in found):
        return [value for value, _ in found], True
    return [value if kind == "decimal" else Fraction(float(value)) for value, kind in found], \
        all(kind == "decimal" for _, kind in found)


def instant(text):
    """(kind, seconds) of a date or datetime, or None."""
    found = TIME.match(text)
    if not found:
        return None
    try:
        if len(text) == 10:
            return "date", Fraction(int(datetime.fromisoformat(text + "T00:00:00+00:00").timestamp()))
        zone = found.group(1)
        body, _, fraction = (text[:-len(zone)] if zone else text).partition(".")
        seconds = datetime.fromisoformat(body.replace(" ", "T")).replace(tzinfo=timezone.utc).timestamp()
        if zone and zone != "Z":
            offset = int(zone[1:3]) * 3600 + int(zone[4:6]) * 60
            seconds -= offset if zone[0] == "+" else -offset
        return "zoned" if zone else "local", int(seconds) + Fraction(int(fraction or "0"), 10 ** len(fraction))
    except ValueError:
        return None


def looks(text):
    if number(text):
        return "integer" if INTEGER.match(text.strip(" ")) else "real"
    if text.lower() in ("true", "false"):
        return "boolean"
    time = instant(text)
    return time[0] if time else "string"


def type_of(cells):
    seen = {looks(c) for c in cells}
    for name, admitted in (("boolean", {"boolean"}), ("integer", {"integer"}), ("real", {"integer", "real"}),
                           ("date", {"date"}), ("datetime", {"date", "local"}), ("datetime", {"zoned"})):
        if seen and seen <= admitted:
            return name
    return "string"


def quantile(ordered, k):
    """Type 7, in exact numbers, at k/4."""
    whole, part = divmod((len(ordered) - 1) * k, 4)
    low = ordered[whole]
    return low + Fraction(part, 4) * (ordered[min(whole + 1, len(ordered) - 1)] - low)


def describe(name, cells):
    values = [c for c in cells if c not in NULLS]
    kind = type_of(values)
    n, nulls = len(values), len(cells) - len(values)
    row = dict.fromkeys(("min", "max", "mean", "sum", "stddev", "variance", "q1", "median", "q3",
                         "min_length", "max_length"))
    row.update(name=name, type=kind, count=n, nulls=nulls, unique=0,
               null_percent=judge.nearest(Fraction(100 * nulls, len(cells))) if cells else None)
    if n == 0:
        return row
    if kind in ("integer", "real"):
        x, exact = numbers(values)
        x.sort()
        total = sum(x)
        printed = (lambda value: value) if exact else judge.nearest
        row.update(unique=len(set(x)), mean=judge.nearest(total / n), sum=printed(total), q1=judge.nearest(quantile(x, 1)),
                   median=judge.nearest(quantile(x, 2)), q3=judge.nearest(quantile(x, 3)))
        row.update(min=printed(x[0]), max=printed(x[-1]))
        if n > 1:
            variance = (sum(v * v for v in x) - total * total / n) / (n - 1)
            row.update(variance=judge.nearest(variance), stddev=judge.root(variance))
    elif kind == "string":
        raw = [c.encode() for c in values]
        row.update(unique=len(set(raw)), min=min(raw).decode(), max=max(raw).decode(),
                   min_length=min(map(len, values)), max_length=max(map(len, values)))
    elif kind == "boolean":
        low = sorted({c.lower() for c in values})
        row.update(unique=len(low), min=low[0], max=low[-1])
    else:
        times = {c: instant(c)[1] for c in set(values)}
        row.update(unique=len(set(times.values())),
                   min=min(times, key=lambda c: (times[c], c)),
                   max=min(times, key=lambda c: (-times[c], c)))
    return row


# ---- tables ----

def decimal(r, scale, bits):
    mantissa = r.randrange(-2 ** bits, 2 ** bits)
    digits = str(abs(mantissa)).rjust(scale + 1, "0")
    text = digits[:-scale] + "." + digits[-scale:] if scale else digits
    return ("-" if mantissa < 0 else "") + text


def exponent(r, widest):
    return f"{decimal(r, r.randrange(6), 30)}{r.choice('eE')}{r.choice(['', '+'])}{r.randrange(widest)}" \
        if r.random() < 0.5 else f"{decimal(r, r.randrange(6), 30)}e-{r.randrange(widest)}"


def time_text(r, zone):
    text = f"{r.randrange(1, 9999):04}-{r.randrange(1, 13):02}-{r.randrange(1, 29):02}"
    text = r.choice([text, "2024-02-29", "1970-01-01", "1969-12-31"])
    text += f"{r.choice('T ')}{r.randrange(24):02}:{r.randrange(60):02}"
    if r.random() < 0.7:
        text += f":{r.randrange(60):02}"
        if r.random() < 0.4:
            text += f".{r.randrange(1000)}"
    return text + zone


WORDS = ["a", "b", "é", "東京", "😀", "x,y", 'q"q', '"', "two\nlines", "cr\r\nlf", " lead", "trail ", "00123", "1e400",
         "inf", "0x1F", "-", ".", "na", "None", "NAN", "2024-02-30", "1 2", "e5", "true", "7", "7.0", "z" * 200]

KINDS = {
    "small": lambda r: str(r.randrange(-9, 10)),
    "integers": lambda r: str(r.randrange(-10 ** 6, 10 ** 6)),
    "wide": lambda r: str(r.randrange(-LIMIT, LIMIT)),
    "edge": lambda r: str(r.choice([LIMIT - 1, -LIMIT, LIMIT - 2, -LIMIT + 1, 0, 1, -1, 2 ** 53, 2 ** 53 + 1])),
    "beyond": lambda r: str(r.choice([LIMIT, -LIMIT - 1, 2 ** 64, 10 ** 25 + r.randrange(9), 1, 0])),
    "near": lambda r: str(10 ** 17 + r.randrange(3)),
    "money": lambda r: decimal(r, 2, r.choice([10, 30, 50])),
    "tenths": lambda r: "10000000." + r.choice("123"),
    "mixed scales": lambda r: decimal(r, r.randrange(19), r.randrange(1, 63)),
    "deep scales": lambda r: decimal(r, r.randrange(30), r.randrange(1, 100)),
    "one scale, just": lambda r: str(92233720368547000 + r.randrange(758)) if r.random() < 0.9
    else r.choice(["0.25", "0.250", "0.5000", "1.00", "92233720368547758.07", "-0.750000"]),
    "exponents": lambda r: exponent(r, 20),
    "far exponents": lambda r: exponent(r, 290),
    "denormal": lambda r: r.choice(["5e-324", "1e-310", "2.5e-323", "-1e-320", "0", "1e-400", "1"]),
    "huge": lambda r: r.choice(["1.7e308", "-1.7e308", "1e308", "3"]),
    "doubles": lambda r: repr(r.uniform(-1, 1) * 10 ** r.randrange(-20, 20)),
    "gauss": lambda r: repr(r.gauss(0, 1)),
    "spellings": lambda r: r.choice(["1", "1.0", "+1", " 1", "1 ", "1e0", "10e-1", "0.1e1", "-0", "0", "0.0", "1.", ".5",
                                     "5e-1", "-.5", "100e-2"]),
    "constant": lambda r: "3.14",
    "booleans": lambda r: r.choice(["true", "false", "True", "FALSE", "tRuE"]),
    "dates": lambda r: f"{r.randrange(1, 9999):04}-{r.randrange(1, 13):02}-{r.randrange(1, 29):02}",
    "local": lambda r: time_text(r, "") if r.random() < 0.9 else "2024-02-29",
    "zoned": lambda r: time_text(r, r.choice(["Z", "+01:00", "-11:30", "+05:45"])),
    "words": lambda r: r.choice(WORDS),
    "keys": lambda r: f"key{r.randrange(1000)}",
    "nulls": lambda r: r.choice(sorted(NULLS)),
    "integers, then": lambda r: str(r.randrange(100)) if r.random() < 0.995 else r.choice(["x", "0.5", "1e3", "true"]),
}


def column(r, rows):
    kind = r.choice(sorted(KINDS))
    make = KINDS[kind]
    share = r.choice([0, 0, 0.01, 0.3, 0.9])
    nulls = sorted(NULLS)
    cells = [r.choice(nulls) if r.random() < share else make(r) for _ in range(rows)]
    if r.random() < 0.2 and cells:  # few values, often
        few = r.sample(cells, min(len(cells), 5))
        cells = [r.choice(few) for _ in cells]
    if r.random() < 0.2:
        late = len(cells) * 9 // 10  # what an early look does not show
        cells[:late] = ["" for _ in cells[:late]]
    return kind, cells


def table(index):
    r = random.Random(f"{SEED}/{index}")
    rows = r.choice([0, 1, 2, 3, 5, 10, 50, 200, 400])
    if index % 50 == 7:
        rows = 40000  # several chunks
    kinds, columns = zip(*(column(r, rows) for _ in range(r.randrange(2, 8))))
    out = io.StringIO()
    end, quoting = r.choice(["\n", "\r\n"]), r.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
    write = csv.writer(out, lineterminator=end, quoting=quoting).writerow
    names = [f"{i} {kind}" for i, kind in enumerate(kinds)]
    write(names)
    for record in zip(*columns):
        write(record)
    if quoting == csv.QUOTE_MINIMAL:  # blanks around cells without quotes have no meaning
        columns = [[c if set(c) & set(',"\r\n') else c.strip(" \t") for c in cells] for cells in columns]
    arguments = ["-j", str(r.choice([1, 2, 3]))] + r.choice([[], [], ["--max-memory", "1M"]])
    return names, columns, out.getvalue().encode(), arguments


def same(want, got):
    if isinstance(want, float):
        return got is not None and float(got) == want
    if isinstance(want, Fraction):
        return isinstance(got, (int, Decimal)) and Fraction(got) == want
    return type(want) is type(got) and want == got


def differences(index, keep=False):
    names, columns, text, arguments = table(index)
    if keep:
        with open(f"differential-{index}.csv", "wb") as f:
            f.write(text)
    got = json.loads(judge.run("sdp-stats", *arguments, stdin=text), parse_float=Decimal)
    problems, figures = [], 0
    for name, cells, row in zip(names, columns, got["columns"], strict=True):
        want = describe(name, cells)
        figures += len(want)
        problems += [f"table {index}, {name}: {figure} is {row[figure]!r}, Python has {value!r}"
                     for figure, value in want.items() if not same(value, row[figure])]
    if got["rows"] != len(columns[0]):
        problems.append(f"table {index}: {got['rows']} rows of {len(columns[0])}")
    return problems, figures


def main():
    chosen = [int(a) for a in sys.argv[1:]]
    problems, figures = [], 0
    for index in chosen or range(TABLES):
        found, count = differences(index, bool(chosen))
        problems += found
        figures += count
    judge.check(f"{len(chosen) or TABLES} tables of seed {SEED}: {figures} figures", problems)
    judge.end()


main()
