"""Correlations that scipy and numpy found for real data, and exact ones of odd tables by fractions, by sdp-stats."""
import gzip
import json
import math
import os
import random
from fractions import Fraction

import judge

METHODS = {"pearson": ("r", "p", "ci_low", "ci_high"), "spearman": ("r", "p"), "kendall": ("r", "p"), "covariance": ("covariance",)}


def near(got, want):
    # Doubles there: sums of products lose digits, and a small p some more.
    return got is None if want is None else got is not None and math.isclose(float(got), want, rel_tol=1e-9, abs_tol=1e-13 if abs(want) > 1e-6 else 0)


def table(name):
    if name == "flights":
        with gzip.open(judge.path("examples", "data", "flights.csv.gz")) as f:
            return b"".join(f.readline() for _ in range(20001))
    return judge.table(name)


for file in judge.files(judge.path("tests", "data", "correlation", "*.json")):
    name = os.path.splitext(os.path.basename(file))[0]
    with open(file, encoding="utf-8") as f:
        expected = json.load(f)
    for method, fields in METHODS.items():
        member = "covariance" if method == "covariance" else "correlation"
        rows = judge.document("sdp-stats", "-x", ",".join(expected["columns"]), "--correlation", method, stdin=table(name))[member]
        got = {(row["a"], row["b"]): row for row in rows if row["a"] != row["b"]}
        problems = [] if len(got) == len(expected["pairs"]) else [f"{len(got)} pairs, expected {len(expected['pairs'])}"]
        for pair in expected["pairs"]:
            row, want = got[pair["a"], pair["b"]], pair[method]
            if row["n"] != pair["n"]:
                problems.append(f"{pair['a']}, {pair['b']}: n is {row['n']}, expected {pair['n']}")
            for field, value in zip(fields, want if isinstance(want, list) else [want] * len(fields)):
                if not near(row[field], value):
                    problems.append(f"{pair['a']}, {pair['b']}: {field} is {row[field]}, expected {value}")
        judge.check(f"{name}: {len(got)} pairs, {method}", problems)

# ---- odd tables: coefficients and covariances are the exact ones, rounded once -------------------

KINDS = {
    "small": lambda r: str(r.randint(-9, 9)), "long": lambda r: str(r.randint(-10**15, 10**15)), "huge": lambda r: str(r.randint(-10**25, 10**25)),
    "money": lambda r: f"{r.randint(-10**6, 10**6) / 100:.2f}", "real": lambda r: repr(r.random() * 10**r.randint(-6, 3)),
    "wild": lambda r: repr(r.gauss(0, 1) * 10.0**r.randint(-40, 40)), "constant": lambda r: "7.5",
    "finer": lambda r: str(r.randint(0, 9)) if r.random() < 0.95 else repr(r.random())}


def centred(x, y):
    return len(x) * sum(a * b for a, b in zip(x, y)) - sum(x) * sum(y)


def ranks(values):
    place = {}
    for i, v in enumerate(sorted(values)):
        place.setdefault(v, []).append(i + 1)
    return [Fraction(place[v][0] + place[v][-1], 2) for v in values]


def exact(method, x, y):
    if method == "covariance":
        return judge.nearest(Fraction(centred(x, y), len(x) * (len(x) - 1))) if len(x) > 1 else None
    if method == "spearman":
        x, y = ranks(x), ranks(y)
    scale = centred(x, x) * centred(y, y)
    if len(x) < 3 or scale == 0:
        return None
    top = centred(x, y)
    return math.copysign(judge.root(Fraction(top * top) / scale), top)


def compare(seed):
    r = random.Random(seed)
    kinds = [(r.choice(list(KINDS)), r.choice([0, 0, 0.05, 0.5, 0.97])) for _ in range(r.randint(2, 5))]
    rows = [["" if r.random() < nulls else KINDS[kind](r) for kind, nulls in kinds] for _ in range(r.choice([1, 2, 3, 4, 40, 300]))]
    rows.append([KINDS[kind](r) for kind, _ in kinds])  # no column is without values
    text = "\n".join([",".join(f"c{i}" for i in range(len(kinds)))] + [",".join(row) for row in rows]) + "\n"
    numbers = [[Fraction(cell) if cell else None for cell in row] for row in rows]
    problems = []
    for method in "pearson", "spearman", "covariance":
        drop = r.random() < 0.3
        field = "covariance" if method == "covariance" else "r"
        got = judge.document("sdp-stats", "--correlation", method, *["--drop-nulls"] * drop, stdin=text.encode())
        for row in got["covariance" if method == "covariance" else "correlation"]:
            a, b = int(row["a"][1:]), int(row["b"][1:])
            used = [n for n in numbers if None not in (n if drop else (n[a], n[b]))]
            want = exact(method, [n[a] for n in used], [n[b] for n in used])
            value = None if row[field] is None else float(row[field])
            if row["n"] != len(used) or value != want:
                problems.append(f"table {seed}, {method} of {row['a']} and {row['b']}: {row['n']}, {value!r}, expected {len(used)}, {want!r}")
    return problems


judge.check("80 odd tables", *(compare(seed) for seed in range(80)))
judge.end()
