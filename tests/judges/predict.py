"""
Predictions by sdp-linreg --predict, and their intervals, against exact fractions: 200 random designs of powers,
products, factors, logarithms and roots; years, times, large and nearly equal columns; with and without intercept.
And 60 of terms that are up to 10^600 times their sum: polynomials of dates and times, and integers of up to 300 digits
that differ in the last ones.  A prediction must be the double nearest to the exact value, the ends of an interval right to the last digits of its
width.
"""
import csv
import io
import json
import math
import os
import random
import tempfile
from fractions import Fraction

import judge

DESIGNS, CANCELLING, CHECKED, NEW = 200, 60, 6, 3
TOLERANCE = 16 * 2.0 ** -52  # of half the width of an interval
LEVELS = {"f": ["u", "v", "w w", "x,y"], "g": ["false", "true"]}

CELLS = {
    "small": lambda r: f"{r.gauss(0, 3):.{r.randrange(1, 5)}f}",
    "year": lambda r: str(r.randrange(1850, 2031)),
    "time": lambda r: f"{1.6e9 + r.randrange(10**7) / 100:.2f}",
    "money": lambda r: f"{r.uniform(1, 10**6):.2f}",
    "tiny": lambda r: f"{r.uniform(1, 9):.3f}e-{r.randrange(12, 15)}",
    "integer": lambda r: str(r.randrange(-10**15, 10**15)),
    "huge": lambda r: str(r.randrange(-2**63, 2**64)),
    "float": lambda r: repr(r.gauss(0, 1) * 10.0 ** r.randrange(-12, 3)),
    "digits": lambda r: f"0.{r.randrange(10**17):017}",
}


def make_design(r, n):
    """Columns of texts, and terms: a function's name or "", and factors (column, power)."""
    table = {c: [CELLS[kind](r) for _ in range(n)] for c in "abc"[:r.randrange(1, 4)] for kind in [r.choice(list(CELLS))]}
    if r.random() < 0.3:  # all but the same as a
        table["e"] = [f"{x}{'' if '.' in x else '.'}{r.randrange(3)}" if "e" not in x else x for x in table["a"]]
    numbers = list(table)
    terms = [("", [(c, 1)]) for c in numbers]
    if r.random() < 0.4:
        terms += [("", [("a", k)]) for k in range(2, r.randrange(3, 5))]
    if len(numbers) > 1 and r.random() < 0.5:
        terms.append(("", [(numbers[0], 1), (numbers[1], r.randrange(1, 3))]))
    if all(Fraction(x) > 0 for x in table["a"]) and r.random() < 0.5:
        terms.append((r.choice(["log", "sqrt"]), [("a", 1)]))
    if r.random() < 0.15:  # a polynomial of years
        table, numbers = {"a": [str(1990 + i) for i in range(n)]}, ["a"]
        terms = [("", [("a", k)]) for k in range(1, r.randrange(6, 10))]
    for factor, levels in LEVELS.items():
        if r.random() < 0.4:
            table[factor] = levels + [r.choice(levels) for _ in range(n - len(levels))]
            terms.append(("", [(factor, 1)]))
            if r.random() < 0.5:
                terms.append(("", [(numbers[-1], 1), (factor, 1)]))
    if "f" in table and "g" in table and r.random() < 0.5:
        terms.append(("", [("f", 1), ("g", 1)]))
    scale = 10.0 ** r.randrange(-3, 6)
    table["y"] = [f"{r.gauss(100, 10) * scale:.7g}" for _ in range(n)]
    return table, terms


def make_cancelling(r, n):
    """A polynomial of values that are close to each other."""
    kind = r.choice(["dates", "seconds", "nanoseconds", "digits", "digits", "decimals"])
    start, step, degree = {
        "dates": (20240000, None, r.randrange(4, 13)),
        "seconds": (1.7e9, r.choice([1, 60, 86400]), r.randrange(3, 9)),
        "nanoseconds": (17 * 10**17, r.choice([1, 10**3, 10**9]), r.randrange(2, 7)),
        "digits": (10 ** r.randrange(25, 299), 1, r.randrange(1, 3)),
        "decimals": (10 ** r.randrange(25, 60), 1, r.randrange(1, 4)),
    }[kind]
    if kind == "dates":
        values = [start + 100 * r.randrange(1, 13) + r.randrange(1, 29) for _ in range(n)]
    else:
        values = [int(start) + step * (i + r.randrange(2)) for i in range(n)]
    places = 20 if kind == "decimals" else 0
    cells = [f"{str(v)[:-places]}.{str(v)[-places:]}" if places else str(v) for v in values]
    table = {"a": cells, "y": [f"{r.gauss(10, 3):.4g}" for _ in range(n)]}
    return table, [("", [("a", k)]) for k in range(1, degree + 1)]


def name_of(term):
    function, factors = term
    text = "*".join(c if p == 1 else f"{c}^{p}" for c, p in factors)
    return f"{function}({text})" if function else text


def exact_row(terms, row, intercept):
    """The row of the design matrix; of two factors, the levels of the first change fastest."""
    x = [Fraction(1)] if intercept else []
    for function, factors in terms:
        choices = [Fraction(1)]
        for column, power in factors:
            if column in LEVELS:
                here = [Fraction(row[column] == level) for level in LEVELS[column][1:]]
            elif function:
                here = [Fraction(getattr(math, function)(float(row[column])))]
            else:
                here = [Fraction(row[column]) ** power]
            choices = [a * b for b in here for a in choices]
        x += choices
    return x


def solve(matrix, sides):
    """
    Solves for all columns of sides, in integers (E. H. Bareiss, Math. Comp. 22 (1968) 565-578).  Returns the indices
    of the columns that do not depend on those before them, their rows of the solutions, and the common denominator.
    """
    rows, before, kept = [m + s for m, s in zip(matrix, sides)], 1, []
    for i in range(len(rows)):
        pivot = rows[i][i]
        if pivot == 0:
            continue
        kept.append(i)
        for j, row in enumerate(rows):
            if j != i:
                factor = row[i]
                rows[j] = [(pivot * v - factor * w) // before for v, w in zip(row, rows[i])]
        before = pivot
    return kept, [rows[i][len(rows):] for i in kept], before


def write(table, rows):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table)
    writer.writerows([table[c][i] for c in table] for i in rows)
    return out.getvalue().encode()


def central(t, df):
    """P(|T| ≤ t) of Student's t (Abramowitz and Stegun, 26.7.3 and 26.7.4)."""
    angle = math.atan(t / math.sqrt(df))
    terms, term = [], math.cos(angle) if df % 2 else 1.0
    for k in range(df % 2, df - 1, 2):
        terms.append(term)
        term *= math.cos(angle) ** 2 * (k + 1) / (k + 2)
    total = math.sin(angle) * math.fsum(terms)
    return 2 / math.pi * (angle + total) if df % 2 else total


def quantile(level, df):
    low, high = 0.0, 1e6
    while low < (middle := (low + high) / 2) < high:
        low, high = (middle, high) if central(middle, df) < level else (low, middle)
    return low


def exact_fit(table, terms, n, intercept, checked):
    """For each checked row the exact prediction and 1 + its leverage; sigma² and its degrees of freedom."""
    rows = [{c: v[i] for c, v in table.items()} for i in range(n + NEW)]
    matrix = [exact_row(terms, row, intercept) for row in rows]
    y = [Fraction(v) for v in table["y"][:n]]
    units = [math.lcm(*(x[j].denominator for x in matrix)) for j in range(len(matrix[0]))]
    unit = math.lcm(*(v.denominator for v in y))
    whole = [[int(v * u) for v, u in zip(x, units)] for x in matrix]
    target = [int(v * unit) for v in y]
    columns = list(zip(*whole[:n]))
    gram = [[sum(map(int.__mul__, a, b)) for b in columns] for a in columns]
    moments = [sum(map(int.__mul__, a, target)) for a in columns]
    sides = [[moments[j]] + [whole[i][j] for i in checked] for j in range(len(columns))]
    kept, solved, bottom = solve(gram, sides)
    beta = [s[0] for s in solved]
    df = n - len(kept)
    sse = sum(v * v for v in target) - Fraction(sum(b * moments[j] for b, j in zip(beta, kept)), bottom)
    found = [(Fraction(sum(b * whole[i][j] for b, j in zip(beta, kept)), bottom * unit),
              1 + Fraction(sum(s[1 + k] * whole[i][j] for s, j in zip(solved, kept)), bottom)) for k, i in enumerate(checked)]
    return found, sse / df / unit**2 if df else None, df


def compare(make, design, model, problems):
    r = random.Random(f"predict {design}")
    n, intercept = r.randrange(30, 41), r.random() < 0.8
    table, terms = make(r, n + NEW)
    checked = sorted(r.sample(range(n), CHECKED - NEW)) + list(range(n, n + NEW))
    options = ["-y", "y", "-x", ",".join(map(name_of, terms))] + ([] if intercept else ["--no-intercept"])
    for factor in LEVELS:
        options += ["--reference", f"{factor}={LEVELS[factor][0]}"] if factor in table else []
    with open(model, "wb") as f:
        f.write(judge.run("sdp-linreg", "-q", *options, stdin=write(table, range(n))))
    level = r.choice([0.5, 0.8, 0.9])  # nearer to 1, doubles do not tell central() exactly enough
    expected, sigma2, df = exact_fit(table, terms, n, intercept, checked)
    interval = ["--interval", "--level", str(level)] if df and r.random() < 0.8 else []
    new = write({c: v for c, v in table.items() if c != "y"}, checked)
    rows = csv.DictReader(judge.run("sdp-linreg", "--predict", model, *interval, stdin=new).decode().splitlines())
    before = len(problems)
    t = quantile(level, df) if df else 0
    for i, row, (prediction, width) in zip(checked, rows, expected):
        if float(row["prediction"]) != judge.nearest(prediction):
            problems.append(f"design {design}, row {i}: {row['prediction']}, exactly {judge.nearest(prediction)!r}")
        half = t * judge.root(sigma2 * width) if df else 0
        for name, end in [("lower", -half), ("upper", half)] if interval else []:
            if abs(Fraction(row[name]) - (prediction + Fraction(end))) > TOLERANCE * half + abs(prediction) / 2**52:
                problems.append(f"design {design}, row {i}: {name} is {row[name]}, exactly {float(prediction) + end!r}")
    if len(problems) > before:
        problems.append(f"design {design}: sdp-linreg {' '.join(options)}")
    return len(checked)


with tempfile.TemporaryDirectory() as folder:
    model = os.path.join(folder, "m.json")
    for kind, make, designs in ("random", make_design, DESIGNS), ("cancelling", make_cancelling, CANCELLING):
        problems, count = [], 0
        for design in range(designs):
            count += compare(make, design if make is make_design else f"{kind} {design}", model, problems)
        judge.check(f"{designs} {kind} designs: {count} predictions and intervals", problems)
judge.end()
