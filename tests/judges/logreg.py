"""Logistic regressions of real data against figures of mpmath, statsmodels and scikit-learn."""
import csv
import io
import json
import math
import os

import judge


def differences(name, got, want, digits):
    """Relative to digits decimal digits."""
    want = float(want)
    if got is not None and abs(got - want) <= 10.0**-digits * abs(want):
        return []
    return [f"{name} is {got!r}, expected {want!r}"]


def table(name):
    """The rows as dictionaries, or None."""
    found = judge.table(name)
    return None if found is None else list(csv.DictReader(io.StringIO(found.decode(), newline="")))


def text(rows):
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0].keys(), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def standardised(rows, target):
    """Columns less their means, in units of their deviations (1/n)."""
    for column in [c for c in rows[0] if c != target]:
        values = [float(r[column]) for r in rows]
        mean = math.fsum(values) / len(values)
        deviation = math.sqrt(math.fsum((v - mean) ** 2 for v in values) / len(values))
        for row, value in zip(rows, values):
            row[column] = repr((value - mean) / deviation)


def name_of(name):
    return "(intercept)" if name == "(Intercept)" else name


def coefficients(got, label, want, digits=9):
    found = {c["name"]: c for c in got["coefficients"] if c["label"] == label}
    problems = [] if len(found) == len(want) else [f"{len(found)} coefficients of {label}, expected {len(want)}"]
    for c in want:
        mine = found.get(name_of(c["name"]), {})
        for theirs, ours in ("estimate", "estimate"), ("std_error", "std_error"), ("z", "z"), ("odds_ratio", "odds_ratio"):
            if theirs in c:
                problems += differences(f"{c['name']}.{ours}", mine.get(ours), c[theirs], digits)
        if "p" in c:
            problems += differences(f"{c['name']}.p", mine.get("p"), c["p"], 7)
    return problems


def two_labels(file, target, *options, change=None):
    with open(judge.path("tests", "data", "logreg", file), encoding="utf-8") as f:
        want = json.load(f)
    rows = table("breast_cancer")
    if change:
        change(rows, target)
    got = judge.document("sdp-logreg", "-y", target, *options, stdin=text(rows))
    m = got["metrics"]
    problems = coefficients(got, "1", want["coefficients"])
    problems += differences("log_likelihood", m["log_likelihood"], want["loglik"], 12)
    problems += differences("null_log_likelihood", m["null_log_likelihood"], want["loglik_null"], 12)
    problems += differences("deviance", m["deviance"], want["deviance"], 12)
    problems += differences("mcfadden_r2", m["mcfadden_r2"], want["pseudo_r2_mcfadden"], 12)
    problems += differences("log_loss", m["log_loss"], want["log_loss"], 12)
    for theirs, ours in ("accuracy", "accuracy"), ("precision", "precision"), ("recall", "recall"), ("f1", "f1"), ("roc_auc", "auc"), ("brier", "brier"):
        problems += differences(ours, m[ours], want["metrics"][theirs], 12)
    c = want["metrics"]["confusion"]
    if got["confusion"] != [[c["tn"], c["fp"]], [c["fn"], c["tp"]]]:
        problems.append(f"confusion is {got['confusion']}, expected {c}")
    if "aic" in want.get("statsmodels", {}):
        problems += differences("aic", m["aic"], want["statsmodels"]["aic"], 12)
        problems += differences("bic", m["bic"], want["statsmodels"]["bic"], 12)
    judge.check(file, problems)
    predictions("predictions of " + file, got, rows, [[p] for p in want["first_10_probabilities"]], ["probability"])


def predictions(name, document, rows, want, columns):
    with open("model.json", "w", encoding="utf-8") as f:
        json.dump(document, f)
    out = judge.run("sdp-logreg", "--predict", "model.json", stdin=text(rows)).decode()
    os.remove("model.json")
    got = list(csv.DictReader(io.StringIO(out)))
    problems = [] if len(got) == len(rows) else [f"{len(got)} rows, expected {len(rows)}"]
    for i, (mine, theirs) in enumerate(zip(got, want)):
        for column, p in zip(columns, theirs):
            problems += differences(f"row {i + 1}: {column}", float(mine[column]), p, 8)
    labels, right = document["labels"], 0
    for mine in got:
        right += mine["prediction"] == mine[document["target"]]
    assert labels
    problems += differences("accuracy of the predictions", right / len(got), document["metrics"]["accuracy"], 12)
    judge.check(name, problems)


def more_labels(file, rows, target, names, *options):
    with open(judge.path("tests", "data", "logreg", file), encoding="utf-8") as f:
        want = json.load(f)
    if rows is None:
        judge.skip(file)
        return
    got = judge.document("sdp-logreg", "-y", target, *options, stdin=text(rows))
    m, problems = got["metrics"], []
    for equation in want["equations"]:
        problems += coefficients(got, names.get(equation["cls"], equation["cls"]), equation["coefficients"])
    order = [got["labels"].index(names.get(c, c)) for c in want["classes"]]
    confusion = [[got["confusion"][i][j] for j in order] for i in order]
    if confusion != want["confusion_rows_true_cols_pred"]:
        problems.append(f"confusion is {confusion}, expected {want['confusion_rows_true_cols_pred']}")
    for theirs, ours in ("loglik", "log_likelihood"), ("log_loss", "log_loss"), ("accuracy", "accuracy"), ("macro_f1", "f1"):
        problems += differences(ours, m[ours], want[theirs], 12)
    by_label = {row["label"]: row for row in got["by_label"]}
    for row in want["per_class"]:
        for figure in "precision", "recall", "f1", "support":
            mine = by_label[names.get(row["cls"], row["cls"])]
            problems += differences(f"{row['cls']}.{figure}", mine[figure], row[figure], 12)
    judge.check(file, problems)
    columns = ["probability_" + names.get(c, c) for c in want["classes"]]
    predictions("predictions of " + file, got, rows, want["first_5_probabilities"], columns)


def red_wine():
    """Three labels whose bytewise order is that of the reference: its base is low."""
    rows = table("winequality_red")
    for row in rows or []:
        quality = int(row["quality"])
        row["quality"] = "a low" if quality <= 5 else "b mid" if quality == 6 else "c high"
    return rows


def interactions():
    """statsmodels (patsy's treatment coding): logit("male ~ body_mass_g*species"): estimates and standard errors."""
    got = judge.document("sdp-logreg", "-y", "sex", "-x", "body_mass_g,species,body_mass_g*species",
                         judge.path("examples", "data", "penguins.csv"))
    want = [("(intercept)", -28.749639018171404, 4.819688287515835),
            ("body_mass_g", 0.00781378322040056, 0.0013115495375682874),
            ("species=Chinstrap", 12.425763400638381, 6.489304956593818),
            ("species=Gentoo", -26.28372757144449, 12.60935723046482),
            ("body_mass_g*species=Chinstrap", -0.0034270951858026187, 0.0017570140600744325),
            ("body_mass_g*species=Gentoo", 0.0030741618635316153, 0.002657538376384549)]
    problems = coefficients(got, "male", [{"name": n, "estimate": e, "std_error": s} for n, e, s in want])
    problems += differences("log_likelihood", got["metrics"]["log_likelihood"], -101.87959959726851, 12)
    judge.check("penguins: interactions of categories", problems)


def held_labels():
    """A label that one row has, which may be held out: then the model and its scores are those of the table without the row."""
    file = judge.path("tests", "cli", "sdp-logreg", "heldout-labels", "in.csv")
    with open(file, encoding="utf-8", newline="") as f:
        rows = list(csv.DictReader(f))
    problems, unseen = [], 0
    for seed in range(1, 9):
        options = ["-y", "y", "-x", "x", "--test-fraction", "0.3", "--seed", str(seed)]
        got = judge.document("sdp-logreg", *options, file)
        if got["labels"] != ["0", "1"]:
            continue
        unseen += 1
        want = judge.document("sdp-logreg", *options, stdin=text(rows[:-1]))
        for member in "labels", "coefficients", "metrics", "test_metrics", "confusion", "rows_used":
            if got[member] != want[member]:
                problems.append(f"seed {seed}: {member} is {got[member]}, expected {want[member]}")
        if got["rows_held_out"] != want["rows_held_out"] + 1 or len(got["warnings"]) != 1:
            problems.append(f"seed {seed}: {got['rows_held_out']} rows held out, {got['warnings']}")
    judge.check(f"a label of held-out rows only, with {unseen} of 8 seeds", problems or [[], ["no seed holds the row out"]][unseen == 0])


held_labels()
interactions()
two_labels("logit_breast_cancer_3.json", "benign", "-x", "mean_radius,mean_texture,mean_smoothness")
two_labels("logit_breast_cancer_30_std_l2.json", "benign", "--l2", "1", change=standardised)
more_labels("multinomial_iris_l2.json", table("iris"), "species", {}, "--l2", "1")
more_labels("multinomial_winequality_red.json", red_wine(), "quality", {"low": "a low", "mid": "b mid", "high": "c high"},
            "-x", "alcohol,volatile_acidity,sulphates")
judge.end()
