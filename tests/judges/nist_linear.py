"""NIST StRD: certified coefficients and standard errors of the eleven linear sets, by sdp-linreg."""
import csv
from decimal import Decimal

import judge

DIGITS = 13
POWERS = {"Filip": 10, "Pontius": 2, **{f"Wampler{i}": 5 for i in range(1, 6)}}
# What NIST added to Wampler1 (times 1, 100, 10000) to make Wampler3 to 5.
HALF = [759, -2048, 2048, -2048, 2523, -2048, 2048, -2048, 1838, -2048]
DELTAS = HALF + [2048] + HALF[::-1]


def wampler(number):
    for i in range(21):
        x, factor = Decimal(i), {3: 1, 4: 100, 5: 10000}.get(number, 0)
        base = Decimal(1) if number != 2 else Decimal("0.1")
        yield sum((base * x) ** k if k else Decimal(1) for k in range(6)) + factor * DELTAS[i], x


def data(name):
    """The set as CSV."""
    if name.startswith("Wampler"):
        rows = wampler(int(name[-1]))
    elif name == "NoInt1":
        rows = ((130 + i, 60 + i) for i in range(11))
    elif name == "NoInt2":
        rows = ((3, 4), (4, 5), (4, 6))
    else:
        with open(judge.path("tests", "data", "nist", name + ".csv"), "rb") as f:
            return f.read()
    return ("y,x\n" + "".join(f"{y},{x}\n" for y, x in rows)).encode()


def with_powers(text, degree):
    """The powers as columns, rounded to doubles, as a table printed by anyone else has them."""
    rows = list(csv.reader(text.decode().splitlines()))[1:]
    names = ["y", "x"] + [f"x^{k}" for k in range(2, degree + 1)]
    lines = [[y, x] + [repr(float(Decimal(x) ** k)) for k in range(2, degree + 1)] for y, x in rows]
    return "\n".join(map(",".join, [names] + lines)).encode() + b"\n"


def agreeing_digits(value, certified):
    if certified == 0:
        return 15.0 if value == 0 else 0.0
    error = abs(Decimal(value) - certified) / abs(certified)
    return 15.0 if error == 0 else min(15.0, float(-error.log10()))


def compare(title, wanted, got, digits):
    problems, least = [], 15.0
    if [w["name"] for w in wanted] != [g["name"] for g in got]:
        problems.append("coefficients: " + ", ".join(g["name"] for g in got))
    for want, row in zip(wanted, got):
        for figure in "estimate", "std_error":
            certified = Decimal(want[figure])
            lre = agreeing_digits(row[figure], certified)
            least = min(least, lre)
            if lre < digits:
                problems.append(f"{want['name']}: {figure} {row[figure]!r}, certified {want[figure]}: {lre:.1f} digits")
    judge.check(f"{title}: {least:.1f} digits", problems)


sets = {}
with open(judge.path("tests", "data", "nist", "certified_linear.tsv"), encoding="utf-8", newline="") as f:
    for row in csv.DictReader(f, delimiter="\t"):
        sets.setdefault(row["set"], []).append(row)
for name, wanted in sets.items():
    text = data(name)
    features = ",".join(w["name"] for w in wanted if w["name"] != "(intercept)")
    options = [] if wanted[0]["name"] == "(intercept)" else ["--no-intercept"]
    doc = judge.document("sdp-linreg", "-y", "y", "-x", features, *options, stdin=text)
    compare(name, wanted, doc["coefficients"], DIGITS)
    if name in POWERS:
        doc = judge.document("sdp-linreg", "-y", "y", "-x", features, stdin=with_powers(text, POWERS[name]))
        # Filip's powers as doubles keep 7 digits; those of the others are exact.
        compare(name + ", powers as columns", wanted, doc["coefficients"], 7 if name == "Filip" else DIGITS)
judge.end()
