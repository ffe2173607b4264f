"""Regressions of real data by sdp-linreg against figures computed elsewhere: exact rational arithmetic
(mpmath and Python's fractions) and statsmodels 0.15."""
import csv
import json
import os
from decimal import Decimal
from fractions import Fraction

import judge

DIGITS = 12
FIGURES = {"estimate": "estimate", "std_error": "std_error", "t": "t", "p": "p", "ci95_low": "ci_low", "ci95_high": "ci_high"}
METRICS = {"ssr": "sse", "r_squared": "r2", "adj_r_squared": "adjusted_r2", "residual_std_error": "sigma", "rmse": "rmse",
           "mse": "mse", "mae": "mae", "f_statistic": "f", "f_p_value": "f_p", "loglik": "log_likelihood", "aic": "aic", "bic": "bic"}


def differs(what, got, wanted, digits=DIGITS):
    """A text if got is not wanted to so many digits; doubles cannot hold less than 1e-307 in full."""
    wanted = Decimal(str(wanted))
    if got is None or abs(Decimal(got) - wanted) > abs(wanted) * Decimal(10) ** -digits + Decimal("1e-307"):
        return [f"{what} is {got!r}, expected {wanted}"]
    return []


for file in judge.files(judge.path("tests", "data", "linreg", "*.json")):
    name = os.path.splitext(os.path.basename(file))[0]
    text = judge.table(name)
    if text is None:
        judge.skip(name)
        continue
    with open(file, encoding="utf-8") as f:
        wanted = json.load(f)
    target, features = wanted["formula"].split(" ~ ")
    got = judge.document("sdp-linreg", "-y", target, "-x", features.replace(" + ", ","), stdin=text)
    exact, problems, count = wanted["exact"], [], 0
    if (got["rows_used"], got["metrics"]["residual_df"]) != (exact["n"], exact["df_resid"]):
        problems.append(f"{got['rows_used']} rows, {got['metrics']['residual_df']} degrees of freedom")
    for want, row in zip(exact["coefficients"], got["coefficients"]):
        for theirs, ours in FIGURES.items():
            problems += differs(f"{row['name']}: {ours}", row[ours], want[theirs])
            count += 1
    for theirs, ours in METRICS.items():
        if theirs in exact:
            problems += differs(ours, got["metrics"][ours], exact[theirs])
            count += 1
    # A singular value decomposition in doubles knows the least singular value to fewer digits.
    problems += differs("condition_number", got["metrics"]["condition_number"], wanted["condition_number"], 9)
    judge.check(f"{name}: {count + 1} figures", problems)

# statsmodels: ols("body_mass_g ~ C(species) + C(island) + bill_length_mm + bill_depth_mm +
# flipper_length_mm + C(sex) + year"), which agrees with exact arithmetic to some 10 digits here.
doc = judge.document("sdp-linreg", "-y", "body_mass_g", judge.path("examples", "data", "penguins.csv"))
got = {c["name"]: c["estimate"] for c in doc["coefficients"]}
problems = []
for name, value in {"(intercept)": 84087.944597, "species=Chinstrap": -282.539472, "species=Gentoo": 890.958179,
                    "island=Dream": -21.180171, "island=Torgersen": -58.777084, "sex=male": 378.977043, "bill_length_mm": 18.963878,
                    "bill_depth_mm": 60.797746, "flipper_length_mm": 18.503874, "year": -42.784555}.items():
    problems += differs(name, got[name], value, 7)
problems += differs("durbin_watson", doc["metrics"]["durbin_watson"], 2.1800380128799217)
problems += differs("condition_number", doc["metrics"]["condition_number"], 5388353.243798631, 10)
for name, value in {"min": -809.701274543535, "q1": -180.87311480181233, "median": -6.247640627203509, "q3": 176.76267605752219,
                    "max": 864.217366930563}.items():
    problems += differs(name, doc["residuals"][name], value, 9)
judge.check("penguins: categories, residuals", problems)

# statsmodels (patsy's treatment coding): ols("body_mass_g ~ flipper_length_mm*sex + C(year, Treatment(2008)) +
# sex:species + species + C(year, Treatment(2008)):flipper_length_mm"): estimates and standard errors.
doc = judge.document("sdp-linreg", "-y", "body_mass_g", "--categorical", "year", "--reference", "year=2008", "-x",
                     "flipper_length_mm,sex,year,species,flipper_length_mm*sex,sex*species,year*flipper_length_mm",
                     judge.path("examples", "data", "penguins.csv"))
got = {c["name"]: c for c in doc["coefficients"]}
problems = []
for name, estimate, error in [("(intercept)", -177.71437769843124, 929.7434795882821),
                              ("flipper_length_mm", 18.898295972831324, 4.894677837006791),
                              ("sex=male", -387.5649969935462, 1088.0057093787104),
                              ("year=2007", -77.68494229830316, 566.3026272332704),
                              ("year=2009", -731.9977930750828, 557.1648942555279),
                              ("species=Chinstrap", 70.86139739601376, 62.28586899556403),
                              ("species=Gentoo", 805.9072783622653, 124.19985175246265),
                              ("flipper_length_mm*sex=male", 5.027907164434136, 5.732112520171096),
                              ("sex=male*species=Chinstrap", -371.90938198227457, 89.94863066028122),
                              ("sex=male*species=Gentoo", -101.53334542309841, 168.478277073845),
                              ("year=2007*flipper_length_mm", 0.7912354621999221, 2.822506151444729),
                              ("year=2009*flipper_length_mm", 3.5218640915088213, 2.7434524730740475)]:
    problems += differs(name, got[name]["estimate"], estimate, 8)
    problems += differs(f"error of {name}", got[name]["std_error"], error, 9)
problems += differs("r2", doc["metrics"]["r2"], 0.8787193783941111)
if len(got) != 12:
    problems.append(f"{len(got)} coefficients, expected 12")
judge.check("penguins: interactions of categories", problems)


# ---- rows held out, and predictions: everything again in rational numbers ----

def mix(x):
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9 % 2**64
    x = (x ^ x >> 27) * 0x94d049bb133111eb % 2**64
    return x ^ x >> 31


def unit(seed, record, draw):
    """base/rng.h."""
    x = mix((seed + 0x9e3779b97f4a7c15) % 2**64)
    x = mix(((x ^ record) + 0x3c6ef372fe94f82b) % 2**64)
    x = mix(((x ^ draw) + 0xdaa66d2c7ddf743f) % 2**64)
    return Fraction(2 * (x >> 12) + 1, 2**53)


def solve(a, b):
    n = len(b)
    rows = [list(r) + [x] for r, x in zip(a, b)]
    for i in range(n):
        rows[i] = [x / rows[i][i] for x in rows[i]]
        for j in range(n):
            if j != i:
                rows[j] = [x - rows[j][i] * y for x, y in zip(rows[j], rows[i])]
    return [r[n] for r in rows]


with open(judge.path("examples", "data", "auto_mpg.csv"), encoding="utf-8", newline="") as f:
    cars = [(r, 2 + i) for i, r in enumerate(csv.DictReader(f))]
points = [([Fraction(1), Fraction(r["weight"]), Fraction(r["hp"]), Fraction(r["hp"]) * Fraction(r["weight"])], Fraction(r["mpg"]), record)
          for r, record in cars]
options = ["-y", "mpg", "-x", "weight,hp,hp*weight", "--test-fraction", "0.3", "--seed", "7", judge.path("examples", "data", "auto_mpg.csv")]
doc = judge.document("sdp-linreg", *options)
train = [p for p in points if unit(7, p[2], 0) >= Fraction(0.3)]
test = [p for p in points if unit(7, p[2], 0) < Fraction(0.3)]
normal = [[sum(x[i] * x[j] for x, _, _ in train) for j in range(4)] for i in range(4)]
beta = solve(normal, [sum(x[i] * y for x, y, _ in train) for i in range(4)])
problems = [] if (doc["rows_used"], doc["rows_held_out"]) == (len(train), len(test)) else [f"{doc['rows_held_out']} rows held out"]
for row, b in zip(doc["coefficients"], beta):
    problems += differs(row["name"], row["estimate"], float(b), 15)
errors = [y - sum(b * v for b, v in zip(beta, x)) for x, y, _ in test]
mean = sum(y for _, y, _ in test) / len(test)
sse, sst = sum(e * e for e in errors), sum((y - mean) ** 2 for _, y, _ in test)
for name, value in {"r2": 1 - sse / sst, "mse": sse / len(test), "mae": sum(map(abs, errors)) / len(test)}.items():
    problems += differs(name, doc["test_metrics"][name], float(value), 14)
problems += differs("rmse", doc["test_metrics"]["rmse"], judge.root(sse / len(test)), 14)
judge.check(f"auto_mpg: {len(test)} rows held out", problems)

# The same with a level A that one row has: its row may be held out, and then nothing is fitted or scored but the other levels.
file = judge.path("tests", "cli", "sdp-linreg", "heldout-levels", "hoA.csv")
with open(file, encoding="utf-8", newline="") as f:
    rows = [(r, 2 + i) for i, r in enumerate(csv.DictReader(f))]
problems, unseen = [], 0
for seed in range(1, 9):
    doc = judge.document("sdp-linreg", "-y", "y", "-x", "g,x", "--test-fraction", "0.5", "--seed", str(seed), file)
    train = [r for r, record in rows if unit(seed, record, 0) >= Fraction(1, 2)]
    levels = sorted({r["g"] for r in train})
    test = [r for r, record in rows if unit(seed, record, 0) < Fraction(1, 2) and r["g"] in levels]
    unseen += len(train) + len(test) < len(rows)

    def design(r):
        return [Fraction(1)] + [Fraction(r["g"] == level) for level in levels[1:]] + [Fraction(r["x"])]

    x, y = [design(r) for r in train], [Fraction(r["y"]) for r in train]
    p = range(len(x[0]))
    beta = solve([[sum(r[i] * r[j] for r in x) for j in p] for i in p], [sum(r[i] * v for r, v in zip(x, y)) for i in p])
    if (doc["inputs"][0]["levels"], doc["inputs"][0]["reference"]) != (levels, levels[0]):
        problems.append(f"seed {seed}: levels {doc['inputs'][0]}")
    if (doc["rows_used"], doc["rows_held_out"], doc["test_metrics"]["rows_used"]) != (len(train), len(rows) - len(train), len(test)):
        problems.append(f"seed {seed}: {doc['test_metrics']['rows_used']} rows scored, expected {len(test)}")
    if len(doc["warnings"]) != (len(train) + len(test) < len(rows)):
        problems.append(f"seed {seed}: warnings {doc['warnings']}")
    for row, b in zip(doc["coefficients"], beta):
        problems += differs(f"seed {seed}: {row['name']}", row["estimate"], float(b), 14)
    errors = [Fraction(r["y"]) - sum(b * v for b, v in zip(beta, design(r))) for r in test]
    mean = sum(Fraction(r["y"]) for r in test) / len(test)
    sse, sst = sum(e * e for e in errors), sum((Fraction(r["y"]) - mean) ** 2 for r in test)
    for name, value in {"r2": 1 - sse / sst, "mse": sse / len(test), "mae": sum(map(abs, errors)) / len(test)}.items():
        problems += differs(f"seed {seed}: {name}", doc["test_metrics"][name], float(value), 13)
judge.check(f"levels of held-out rows only, with {unseen} of 8 seeds", problems or [[], ["no seed holds the row out"]][unseen == 0])

doc = judge.document("sdp-linreg", *options[:4], options[-1])
model = os.path.join(os.environ.get("TMPDIR", "/tmp"), f"linreg-{os.getpid()}.json")
with open(model, "w", encoding="utf-8") as f:
    json.dump(doc, f)
rows = list(csv.DictReader(judge.run("sdp-linreg", "--predict", model, "--interval", options[-1]).decode().splitlines()))
os.unlink(model)
normal = [[sum(x[i] * x[j] for x, _, _ in points) for j in range(4)] for i in range(4)]
beta = solve(normal, [sum(x[i] * y for x, y, _ in points) for i in range(4)])
sigma2 = sum((y - sum(b * v for b, v in zip(beta, x))) ** 2 for x, y, _ in points) / (len(points) - 4)
t = 1.9660968781378336  # of 0.975 and 388 degrees of freedom
problems = []
for (x, _, record), row in list(zip(points, rows))[::10]:
    prediction = float(sum(b * v for b, v in zip(beta, x)))
    half = t * judge.root(sigma2 * (1 + sum(v * w for v, w in zip(x, solve(normal, x)))))
    problems += differs(f"{record}: prediction", float(row["prediction"]), prediction, 12)
    problems += differs(f"{record}: lower", float(row["lower"]), prediction - half, 10)
    problems += differs(f"{record}: upper", float(row["upper"]), prediction + half, 10)
judge.check("auto_mpg: predictions and their intervals", problems)
judge.end()
