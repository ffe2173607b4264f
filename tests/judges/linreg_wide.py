"""
Regressions of numbers with many digits by sdp-linreg, against exact fractions: 64-bit integers, decimals of 18 digits, both
at once, doubles, and numbers of every size, on random tables with a fixed seed.
"""
import random
from decimal import Decimal, getcontext
from fractions import Fraction

import judge

TABLES = 150
DIGITS = Fraction(1, 10**14)
LEAST, MOST = Fraction(10) ** -290, Fraction(10) ** 290  # beyond these, doubles are less exact, and squares are none


def solve(a, b):
    """The solution of the equations; None for unknowns that depend on those before them."""
    n = len(b)
    rows = [list(r) + [x] for r, x in zip(a, b)]
    used = []
    for i in range(n):
        if rows[i][i] == 0:
            continue
        used.append(i)
        rows[i] = [x / rows[i][i] for x in rows[i]]
        for j in range(n):
            if j != i and rows[j][i] != 0:
                rows[j] = [x - rows[j][i] * y for x, y in zip(rows[j], rows[i])]
    return [rows[i][n] if i in used else None for i in range(n)]


def differs(what, got, square, wanted, digits=DIGITS):
    """A text if got, or its square, is not wanted; what doubles cannot hold is not compared."""
    if not LEAST ** (1 + square) <= abs(wanted) <= MOST ** (1 + square):
        if wanted == 0 and got not in (0, None):
            return [f"{what} is {got!r}, expected 0"]
        return []
    if got is None or abs(Fraction(got) ** (1 + square) - wanted) > abs(wanted) * digits * (1 + square):
        return [f"{what} is {got!r}, expected {judge.root(wanted) if square else float(wanted)!r}"]
    return []


def integers(low, high):
    return lambda r: str(r.randint(low, high))


def near(base, spread):
    return lambda r: str(base + r.randint(-spread, spread))


def decimals(low, high, digits):
    def make(r):
        whole, part = r.randint(low, high), r.randrange(10**digits)
        return f"{whole}.{part:0{digits}}"
    return make


def sizes(low, high, digits):
    def make(r):
        return f"{r.choice(['', '-'])}{r.randrange(1, 10**digits)}e{r.randint(low, high)}"
    return make


KINDS = [
    integers(-2**63, 2**63 - 1), integers(0, 2**64 - 1), integers(-9, 9), integers(0, 1), near(2**63 - 9, 8), near(2**64 - 9, 8),
    near(-2**63 + 9, 9), near(10**18, 50), near(1700000000000, 10**6),
    decimals(9, 9, 18), decimals(-5, 5, 18), decimals(-2**63, 2**63 - 1, 18), decimals(0, 2**64 - 1, 18), decimals(2**64 - 2, 2**64 - 1, 18),
    decimals(0, 1, 30), decimals(10**30, 10**30, 3), decimals(12, 12, 60),
    lambda r: repr(r.gauss(0, 1)), lambda r: repr(r.gauss(0, 1e-5)), lambda r: repr(r.gauss(1e6, 1e-3)), lambda r: f"{r.gauss(0, 1):.17e}",
    sizes(-12, 12, 3), sizes(-150, 150, 2), sizes(-300, 298, 1), sizes(290, 298, 9), sizes(-300, -290, 9),
    lambda r: r.choice(["1e-12", "2e-12", "3e-12", "7e-12", "1e10"]), lambda r: r.choice(["0", "1e-300", "2e-300", "1e300"]),
    lambda r: r.choice(["9" * 40, "9" * 39 + "8", "9" * 39 + "7"]),
]


def table(r):
    """The columns of a table as texts, some of them multiples of others, and terms of them with their values."""
    n, count = r.randint(5, 30), r.randint(1, 3)
    columns = [[r.choice(KINDS)] for _ in range(count + 1)]
    columns = [[kind(r) for _ in range(n)] for kind, in columns]
    if r.random() < .15:
        columns[r.randint(1, count)] = [r.choice(KINDS)(r)] * n
    if r.random() < .15 and count > 1:
        columns[-1] = [str(int(3 * Fraction(x))) if Fraction(x).denominator == 1 else x for x in columns[1]]
    values = [[Fraction(x) for x in c] for c in columns]
    terms = [("abc"[i], values[i + 1]) for i in range(count)]
    if r.random() < .3:
        terms.append(("a^2", [x * x for x in values[1]]))
    if r.random() < .1:
        terms.append(("a^3", [x**3 for x in values[1]]))
    if count > 1 and r.random() < .3:
        terms.append(("a*b", [x * y for x, y in zip(values[1], values[2])]))
    lines = [",".join("yabc"[:count + 1])] + [",".join(row) for row in zip(*columns)]
    return "\n".join(lines) + "\n", values[0], terms


def check(seed):
    r = random.Random(seed)
    text, y, terms = table(r)
    n, intercept = len(y), r.random() < .85
    names = ["(intercept)"] * intercept + [name for name, _ in terms]
    x = [[Fraction(1)] * n] * intercept + [values for _, values in terms]
    beta = solve([[sum(a * b for a, b in zip(u, v)) for v in x] for u in x], [sum(a * b for a, b in zip(u, y)) for u in x])
    used = [j for j in range(len(x)) if beta[j] is not None]
    doc = judge.document("sdp-linreg", "-q", "-y", "y", "-x", ",".join(name for name, _ in terms), *([] if intercept else ["--no-intercept"]),
                         stdin=text.encode())
    problems = []
    dropped = [f"column '{name}' is dropped: it is " +
               ("constant" if len(set(values)) == 1 and (intercept or values[0] == 0) else "a linear combination of columns before it")
               for name, values, b in zip(names, x, beta) if b is None]
    got = [w for w in doc["warnings"] if "dropped" in w]
    if got != dropped:
        problems.append(f"warnings {got}, expected {dropped}")
    df = n - len(used)
    errors = [v - sum(beta[j] * x[j][i] for j in used) for i, v in enumerate(y)]
    sse, mean = sum(e * e for e in errors), sum(y) / n if intercept else 0
    sst = sum((v - mean) ** 2 for v in y)
    metrics = doc["metrics"]
    k = len(used) - intercept
    for name, square, value in [("sse", 0, sse), ("mse", 0, sse / n), ("rmse", 1, sse / n), ("mae", 0, sum(map(abs, errors)) / n),
                                ("r2", 0, 1 - sse / sst if sst else None), ("sigma", 1, sse / df if df else None),
                                ("f", 0, (sst - sse) / k / (sse / df) if df and k and sse else None),
                                ("durbin_watson", 0, sum((a - b) ** 2 for a, b in zip(errors, errors[1:])) / sse if sse else None)]:
        if value is None and metrics[name] is not None:
            problems.append(f"{name} is {metrics[name]}, expected null")
        # What squares beyond the doubles make is null.
        if value is not None and (name != "durbin_watson" or metrics[name] is not None):
            problems += differs(name, metrics[name], square, value)
    for name, value in {"min": min(errors), "max": max(errors)}.items():
        problems += differs(f"{name} residual", doc["residuals"][name], 0, value)
    unit = [[Fraction(i == j) for i in range(len(used))] for j in range(len(used))]
    products = [[sum(a * b for a, b in zip(x[i], x[j])) for i in used] for j in used]
    for at, j in enumerate(used):
        row = doc["coefficients"][j]
        variance = solve(products, unit[at])[at]
        problems += differs(names[j], row["estimate"], 0, beta[j])
        if df and sse:
            problems += differs(f"error of {names[j]}", row["std_error"], 1, variance * sse / df)
            problems += differs(f"t of {names[j]}", row["t"] if beta[j] else 0, 1, beta[j] ** 2 / (variance * sse / df))
        if names[j] != "(intercept)":
            centre = sum(x[j]) / n if intercept else 0
            problems += differs(f"vif of {names[j]}", row["vif"], 0, variance * sum((v - centre) ** 2 for v in x[j]))
    return [f"seed {seed}: {p}" for p in problems], text


def function(name, value):
    """log or sqrt of a fraction, with 400 digits."""
    x = Decimal(value.numerator) / Decimal(value.denominator)
    return Fraction(x.ln() if name == "log" else x.sqrt())


def check_functions(seed):
    """Numbers of many digits that are close to each other: their logarithms and roots are neither constant nor noise."""
    r = random.Random(seed)
    kind = r.choice([near(2**63 - 9, 8), near(2**64 - 99, 98), near(10**15, 30), decimals(7, 7, 18), decimals(2**64 - 1, 2**64 - 1, 18),
                     lambda r: f"1.{'0' * 30}{r.randint(1, 999)}", lambda r: f"{r.randint(10**17, 10**17 + 99)}e-290"])
    column = [kind(r) for _ in range(r.randint(6, 12))]
    column[1] = column[0][:-1] + ("1" if column[0][-1] != "1" else "2") if "e" not in column[0] else column[1]
    if len(set(column)) < 3:
        return []
    name, y = r.choice(["log", "sqrt"]), [Fraction(r.randint(0, 99)) for _ in column]
    x = [function(name, Fraction(v)) for v in column]
    doc = judge.document("sdp-linreg", "-q", "-y", "y", "-x", f"{name}(a)",
                         stdin=("y,a\n" + "".join(f"{a},{b}\n" for a, b in zip(y, column))).encode())
    n, row = len(x), doc["coefficients"][1]
    mean, level = sum(x) / n, sum(y) / n
    squares = sum((v - mean) ** 2 for v in x)
    slope = sum((v - mean) * (w - level) for v, w in zip(x, y)) / squares
    sse = sum((w - level - slope * (v - mean)) ** 2 for v, w in zip(x, y))
    found = differs(f"{name}(a)", row["estimate"], 0, slope) + differs(f"error of {name}(a)", row["std_error"], 1, sse / (n - 2) / squares)
    return [f"seed {seed}: {p}: {column}" for p in found + differs("sse", doc["metrics"]["sse"], 0, sse)]


getcontext().prec = 400
problems = []
for seed in range(40):
    problems += check_functions(seed)
judge.check("logarithms and roots of close numbers", problems)
faults = []
for seed in range(TABLES):
    problems, text = check(seed)
    if problems:
        faults += problems + text.splitlines()[:8]
judge.check(f"{TABLES} random tables", faults[:60])
judge.end()
