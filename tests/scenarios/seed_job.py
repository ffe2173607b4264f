"""
The job that the original application posts, and one of all tasks, on synthetic rows: what sdp-sample(1) has planted is found.

Nothing in the body names a column: targets, features and k are the job's defaults.  How it is judged:
a statistic, share or coefficient may differ from what was planted by 4.5 standard errors, which one of 100,000 does by
chance; centres of k-means by 4.5 standard errors of the mean of their rows; and of the rows, 99.9 % must be in the
cluster of the planted centre that is nearest to them.

As a scenario with 8,000 rows and one run; tests/integration/seed.py has 100,000 and the body as it is.
"""
import csv
import io
import json
import math
import os
import subprocess
import sys
import tempfile

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "judges"))
from judge import BIN, check, end  # noqa: E402

ERRORS = 4.5
BODY = {"tasks": ["descriptive_stats", "linear_regression", "kmeans"], "worker_counts": [1, 2, 4, 8]}
CENTRES, SHARES, SPREAD = [(-3, -3), (0, 4), (4, -1)], [0.5, 0.3, 0.2], 0.6
# Mean and standard deviation of the columns.
PLANTED = {"x1": (0, 1), "x2": (5, 2), "x3": (50, 100 / math.sqrt(12)), "x4": (3, 3), "qty": (499.5, math.sqrt((1000 ** 2 - 1) / 12))}
Y = {"(intercept)": 3, "x1": 2, "x2": -1.5, "x3": 0.1, "x4": 0.7}
LABEL = {"(intercept)": 2.5, "x1": 1, "x2": -0.5}
ITEMS = {"apples": .2, "bread": .35, "coffee": .25, "milk": .3, "pasta": .2, "tomatoes": .25, "diapers": .12,
         "butter": .35 * .6 + .65 * .1, "sugar": .25 * .5 + .75 * .05, "beer": .12 * .7 + .88 * .15, "cereal": .3 * .6 + .7 * .08,
         "cheese": .05 * .8 + .95 * .1}
PAIRS = {("bread", "butter"): .35 * .6, ("coffee", "sugar"): .25 * .5, ("cereal", "milk"): .3 * .6}


def run(*words, stdin=b""):
    done = subprocess.run(words, input=stdin, capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)}: exit code {done.returncode}: {done.stderr.decode(errors='replace')}")
    return done.stdout


def job(file_id, body):
    submitted = json.loads(run("sdp-job", "submit", stdin=json.dumps({"file_id": file_id, **body}).encode()))
    done = json.loads(run("sdp-job", "wait", submitted["job_id"]))
    return done, lambda task: json.loads(run("sdp-job", "result", submitted["job_id"], task)), \
        json.loads(run("sdp-job", "metrics", submitted["job_id"]))


def far(name, got, planted, error):
    return [] if abs(got - planted) <= ERRORS * error else [f"{name}: {got} where {planted} was planted, {abs(got - planted) / error:.1f} standard errors"]


def share(name, count, rows, planted):
    return far(name, count / rows, planted, math.sqrt(planted * (1 - planted) / rows))


# ---- the tasks ----

def check_stats(doc, rows):
    columns = {c["name"]: c for c in doc["columns"]}
    problems = [] if doc["rows"] == rows else [f"{doc['rows']} rows"]
    for name, (mean, deviation) in PLANTED.items():
        problems += far("mean of " + name, columns[name]["mean"], mean, deviation / math.sqrt(rows))
    problems += share("nulls of x3", columns["x3"]["nulls"], rows, 0.02)
    check(f"descriptive_stats: means of {len(PLANTED)} columns and the nulls of x3", problems)


def check_coefficients(name, doc, planted, errors=None):
    """errors: the standard errors of coefficients, if the document has none."""
    problems = [f"{key} is missing" for key in planted if key not in [c["name"] for c in doc["coefficients"]]]
    others = 0
    for c in doc["coefficients"]:
        if c["name"] == "id":  # it is the time, so that the season is no noise to it
            continue
        problems += far(c["name"], c["estimate"], planted.get(c["name"], 0), (errors or {c["name"]: c["std_error"]})[c["name"]])
        others += c["name"] not in planted
    check(f"{name}: {len(planted)} planted coefficients, {others} of 0", problems)


def nearest(x5, x6):
    return min(range(3), key=lambda k: (x5 - CENTRES[k][0]) ** 2 + (x6 - CENTRES[k][1]) ** 2)


def check_clusters(doc, table, path):
    at = [doc["features"].index(name) for name in ("x5", "x6")]
    found = [tuple(c[i] for i in at) for c in doc["centers"]]
    order = [nearest(*centre) for centre in found]
    problems = [] if sorted(order) == [0, 1, 2] else [f"the centres {found}"]
    for centre, k, size in zip(found, order, doc["sizes"]):
        problems += far(f"x5 of {CENTRES[k]}", centre[0], CENTRES[k][0], SPREAD / math.sqrt(size))
        problems += far(f"x6 of {CENTRES[k]}", centre[1], CENTRES[k][1], SPREAD / math.sqrt(size))
        problems += share(f"size of {CENTRES[k]}", size, doc["rows_used"], SHARES[k])
    check("kmeans: the three planted centres and their shares", problems)
    with open("model.json", "w", encoding="utf-8") as f:
        json.dump(doc, f)
    labelled = csv.DictReader(io.StringIO(run("sdp-kmeans", "--predict", "model.json", path).decode()))
    pairs = [(order[int(row["cluster"])], nearest(float(row["x5"]), float(row["x6"]))) for row in labelled if row["cluster"] != ""]
    wrong = sum(got != planted for got, planted in pairs)
    check(f"kmeans: {len(pairs) - wrong} of {len(pairs)} rows are in the cluster of the nearest planted centre",
          [] if len(pairs) > 0.97 * len(table) and wrong <= len(pairs) / 1000 else f"{wrong} are not")


def check_baskets(doc, rows):
    counts = {tuple(sorted(s["items"])): s["count"] for s in doc["itemsets"]}
    wanted = {(item,): planted for item, planted in ITEMS.items()} | PAIRS
    problems = [problem for items, planted in wanted.items() for problem in share(" ".join(items), counts.get(items, 0), rows, planted)]
    check(f"fp_growth: supports of {len(ITEMS)} items and {len(PAIRS)} planted pairs", problems)


def check_season(doc, rows, deviation):
    buckets = [b for b in doc["buckets"] if b["value"] == "y"]
    angles = [2 * math.pi * (int(b["start"][11:13]) * 60 + 29.5) / 1440 for b in buckets]
    used = sum(b["count"] for b in buckets)
    waves = [2 / used * sum(b["count"] * b["mean"] * wave(angle) for b, angle in zip(buckets, angles)) for wave in (math.sin, math.cos)]
    error = math.sqrt(2 / rows) * deviation
    check(f"time_series: the daily season of y, {waves[0]:.3f} sin {waves[1]:+.3f} cos",
          far("sine", waves[0], 2, error) + far("cosine", waves[1], 0, error))


def main(rows=8000):
    more = {} if rows >= 100000 else {"runs": 1, "warmup": 0}
    with tempfile.TemporaryDirectory(prefix="sdp-seed.") as work:
        os.chdir(work)
        os.environ.update(SDP_HOME=os.path.join(work, "home"), PATH=BIN + os.pathsep + os.environ["PATH"])
        for name in "STORAGE_BACKEND", "SDP_FORMAT", "SDP_FAULT":
            os.environ.pop(name, None)
        text = run("sdp-sample", "synthetic", "-r", str(rows))
        with open("synthetic.csv", "wb") as f:
            f.write(text)
        table = text.splitlines()[1:]
        file_id = json.loads(run("sdp-upload", "synthetic.csv"))["file_id"]
        done, result, metrics = job(file_id, {**BODY, **more})
        check(f"the original application's job, {rows} rows: {done['progress_by_task'][0]['runs_done'] * 3} runs, all outputs identical",
              [done["error"]] if done["status"] != "succeeded" else [r for r in metrics["results"] if not r["identical"]])
        stats = result("descriptive_stats")
        check_stats(stats, rows)
        check_coefficients("linear_regression", result("linear_regression"), Y)
        check_clusters(result("kmeans"), table, "synthetic.csv")
        done, result, _ = job(file_id, {"tasks": "all", "worker_counts": [2], "runs": 1, "warmup": 0})
        check("a job of all tasks", [t for t in done["progress_by_task"] if t["status"] != "succeeded"])
        labels = result("logistic_regression")
        free = json.loads(run("sdp-logreg", "-q", "-y", "label", "-x", ",".join(labels["features"]), "synthetic.csv"))  # without the job's --l2 1
        check_coefficients("logistic_regression", labels, LABEL, {c["name"]: c["std_error"] for c in free["coefficients"]})
        check_baskets(result("fp_growth"), rows)
        check_season(result("time_series"), rows, next(c["stddev"] for c in stats["columns"] if c["name"] == "y"))
    end()


if __name__ == "__main__":
    main()
