"""Documents as the cases of tests/cli record them, and of real data, against tests/schema."""
import glob
import json
import os
import tempfile

import judge

try:
    import jsonschema
except ImportError:
    judge.check("python3-jsonschema is installed", ["it is not: make deps installs it"])
    judge.end()

validators = {}
for file in sorted(glob.glob(judge.path("tests", "schema", "*.json"))):
    with open(file, encoding="utf-8") as f:
        schema = json.load(f)
    problems = []
    try:
        jsonschema.Draft202012Validator.check_schema(schema)
    except jsonschema.SchemaError as error:
        problems = [error.message]
    judge.check(f"{os.path.basename(file)} is a schema", problems)
    validators[schema["title"]] = jsonschema.Draft202012Validator(schema)


def faults(doc):
    errors = validators[doc["task"]].iter_errors(doc)
    return [f"{'/'.join(map(str, e.absolute_path))}: {e.message[:200]}" for e in errors]


def recorded():
    """(case, document) of every line of a case's output that is a whole one of a task with a schema."""
    for out in sorted(glob.glob(judge.path("tests", "cli", "*", "*", "out"))):
        with open(out, encoding="utf-8", errors="replace", newline="\n") as f:
            for line in f:
                if line.startswith('{"task":') and line.endswith("}\n"):
                    yield os.path.relpath(os.path.dirname(out), judge.path("tests", "cli")), json.loads(line)


count, problems = {}, {}
for case, doc in recorded():
    task = doc["task"]
    if task in validators:
        count[task] = count.get(task, 0) + 1
        problems.setdefault(task, []).extend(f"{case}: {p}" for p in faults(doc))
for task, number in count.items():
    judge.check(f"{number} documents of {task} in tests/cli", problems[task])

for name in "iris.csv", "penguins.csv", "auto_mpg.csv", "seattle_weather.csv", "flights.csv.gz":
    doc = judge.document("sdp-stats", judge.path("examples", "data", name))
    judge.check(f"sdp-stats {name}", faults(doc))

for method in "pearson", "covariance", "spearman", "kendall":
    doc = judge.document("sdp-stats", "--correlation", method, judge.path("examples", "data", "auto_mpg.csv"))
    member = "covariance" if method == "covariance" else "correlation"
    judge.check(f"sdp-stats --correlation {method} auto_mpg.csv", faults(doc) + ([] if doc[member] else [f"no {member}"]))

IRIS = judge.path("examples", "data", "iris.csv")
PENGUINS = judge.path("examples", "data", "penguins.csv")
MODEL = judge.document("sdp-kmeans", "-k", "3", "--standardize", PENGUINS)
SCAN = judge.document("sdp-kmeans", "-k", "1..4", IRIS)
judge.check("sdp-kmeans penguins.csv, iris.csv", faults(MODEL) + faults(SCAN))


def spoilt(doc, changes):
    """Which changes ((path, value), Ellipsis for taking the member away) the schema does not see."""
    passed = []
    for place, value in changes:
        bad = json.loads(json.dumps(doc))
        at = bad
        for step in place[:-1]:
            at = at[step]
        if value is ...:
            del at[place[-1]]
        else:
            at[place[-1]] = value
        if not faults(bad):
            passed.append(f"{place} {value!r} passes")
    return passed


changes = [((member,), ...) for member in MODEL if member != "task"]
changes += [(("metrics", member), ...) for member in MODEL["metrics"]]
changes += [(("scan",), SCAN["scan"]), (("k",), 0), (("features",), []), (("features",), ["a", "a"]), (("centers",), []),
            (("centers", 0, 0), None), (("sizes", 0), -1), (("sizes",), None), (("metrics", "inertia"), -1),
            (("metrics", "silhouette"), 1.5), (("metrics", "davies_bouldin"), "1"), (("iterations",), 0),
            (("converged",), 1), (("deviations",), []), (("deviations", 0), -1), (("warnings",), None), (("rows_used",), 0)]
problems = spoilt(MODEL, changes)
changes = [((member,), ...) for member in SCAN if member != "task"] + [(("scan", 0, member), ...) for member in SCAN["scan"][0]]
changes += [(("k",), 3), (("sizes",), [1]), (("scan", 0, "k"), 0), (("scan", 0, "silhouette"), -2), (("scan",), [])]
judge.check("faults in models are found", problems + spoilt(SCAN, changes))

for args in (["-y", "body_mass_g", "penguins.csv"], ["-y", "mpg", "-x", "weight,hp^2", "--test-fraction", "0.2", "auto_mpg.csv"],
             ["-y", "petal_width", "-x", "petal_width:species,petal_length*sepal_length", "--no-intercept", "iris.csv"]):
    doc = judge.document("sdp-linreg", *args[:-1], judge.path("examples", "data", args[-1]))
    judge.check(f"sdp-linreg {' '.join(args)}", faults(doc))

for options in (["--rules", "-c", "0"], ["--count-only"], ["--rules", "--max-consequent", "3", "--min-length", "2"]):
    doc = judge.document("sdp-fpgrowth", "--table", "-s", "10%", *options, judge.path("examples", "data", "penguins.csv"))
    judge.check(f"sdp-fpgrowth {' '.join(options)}", faults(doc))
SETS = judge.document("sdp-fpgrowth", "-s", "1", "--rules", "-c", "0", stdin=b"a b\na\nc\n")
changes = [((part, 0, member), ...) for part in ("itemsets", "rules", "lengths") for member in SETS[part][0]]
changes += [((member,), ...) for member in SETS if member not in ("task", "itemsets", "rules")]
changes += [(("itemsets", 0, "items"), []), (("itemsets", 0, "items"), ["a", "a"]), (("itemsets", 0, "count"), 0),
            (("itemsets", 0, "support"), 1.5), (("rules", 0, "confidence"), 0), (("rules", 0, "lift"), None),
            (("rules", 0, "conviction"), -1), (("rules", 0, "consequent"), "b"), (("lengths", 0, "length"), 0)]
judge.check("faults in itemsets and rules are found", spoilt(SETS, changes))

# A schema that lets everything pass would be no judge.
good = judge.document("sdp-stats", stdin=b"i,r,s,d\n1,0.5,x,2024-01-01\n2,1.5,y,2024-01-02\n")
problems = faults(good)
for column, field, value in ((0, "min", "1"), (0, "sum", 0.5), (0, "count", -1), (0, "type", "number"), (1, "mean", "1"),
                             (1, "min_length", 3), (2, "mean", 1), (2, "min", None), (2, "max_length", 1.5),
                             (3, "max", "soon"), (3, "stddev", 0), (0, "unique", 0), (0, "null_percent", 101)):
    bad = json.loads(json.dumps(good))
    bad["columns"][column][field] = value
    if not faults(bad):
        problems.append(f"{field} {value!r} passes in a column of type {bad['columns'][column]['type']}")
# Statistics that --agg does not choose may be missing; without it there are all of the default.
for field in ("name", "type"):
    bad = json.loads(json.dumps(good))
    del bad["columns"][0][field]
    if not faults(bad):
        problems.append(f"a column without {field} passes")
default = ["name", "type", "count", "nulls", "null_percent", "unique", "min", "max", "mean", "sum", "stddev", "variance", "q1", "median", "q3",
           "min_length", "max_length"]
problems += [f"{column['name']} has the members {list(column)}" for column in good["columns"] if list(column) != default]
judge.check("faults are found", problems)

good = judge.document("sdp-linreg", "-q", "-y", "y", stdin=b"y,a,b,c\n1,1,2,p\n2,2,4,q\n4,3,6,p\n3,4,8,q\n7,5,10,q\n")
problems = faults(good)
for where, field, value in (("coefficients", "p", 2), ("coefficients", "std_error", -1), ("coefficients", "t", "1"),
                            ("metrics", "r2", 1.5), ("metrics", "durbin_watson", 5), ("metrics", "residual_df", None),
                            ("metrics", "condition_number", 0.5), ("metrics", "sse", -1), ("inputs", "levels", []),
                            ("inputs", "type", "string"), ("inputs", "reference", "p"), ("residuals", "q1", None)):
    bad = json.loads(json.dumps(good))
    part = bad[where][0] if isinstance(bad[where], list) else bad[where]
    part[field] = value
    if not faults(bad):
        problems.append(f"{where}: {field} {value!r} passes")
bad = json.loads(json.dumps(good))
bad["coefficients"][2]["std_error"] = 1
if not faults(bad):
    problems.append("a figure of a dropped column passes")
for field in "target", "features", "rows_used", "coefficients", "metrics", "warnings":
    bad = json.loads(json.dumps(good))
    del bad[field]
    if not faults(bad):
        problems.append(f"a document without {field} passes")
judge.check("faults of a regression are found", problems)

series = b"t,v\n2024-01-01T00:10:00Z,1\n2024-01-01T00:20:00Z,2\n2024-01-01T01:00:00Z,4\n"
good = judge.document("sdp-timeseries", "--every", "1h", stdin=series)
problems = faults(good)
for field, value in (("start", "2024-01-01"), ("start", None), ("count", -1), ("count", None), ("mean", "1"), ("stddev", -1), ("value", 1),
                     ("min", None)):
    bad = json.loads(json.dumps(good))
    bad["buckets"][0][field] = value
    if not faults(bad):
        problems.append(f"{field} {value!r} passes")
for field, value in (("every", 1), ("every", None), ("rows", -1), ("gaps", None), ("buckets", {}), ("warnings", [1]), ("profile", "hour")):
    bad = json.loads(json.dumps(good))
    bad[field] = value
    if not faults(bad):
        problems.append(f"{field} {value!r} passes")
for field in ("every", "timezone", "rows_dropped", "duplicates", "gaps", "buckets", "warnings"):
    bad = json.loads(json.dumps(good))
    del bad[field]
    if not faults(bad):
        problems.append(f"a document without {field} passes")
judge.check("faults of a regression are found", problems)

good = judge.document("sdp-logreg", "-y", "sex", "-x", "bill_depth_mm,species", "--test-fraction", "0.2",
                      judge.path("examples", "data", "penguins.csv"))
problems = faults(good)
for place, value in ((("coefficients", 0, "p"), 1.5), (("coefficients", 0, "std_error"), -1), (("coefficients", 0, "name"), None),
                     (("metrics", "auc"), 2), (("metrics", "log_likelihood"), 1), (("labels",), ["one"]), (("confusion", 0, 0), 0.5),
                     (("test_metrics", "accuracy"), "high"), (("converged",), 1), (("by_label", 0, "support"), -1),
                     (("inputs", 0, "type"), "number"), (("rows_used",), 0)):
    bad = json.loads(json.dumps(good))
    at = bad
    for step in place[:-1]:
        at = at[step]
    at[place[-1]] = value
    if not faults(bad):
        problems.append(f"{place} {value!r} passes")
for part in good["coefficients"][0], good["metrics"], good["by_label"][0]:
    for field in list(part):
        value = part.pop(field)
        if not faults(good):
            problems.append(f"a document without {field} passes")
        part[field] = value
judge.check("sdp-logreg: faults are found", problems)
good = judge.document("sdp-timeseries", "--acf", "1", stdin=series)
problems += faults(good)
for field, value in (("acf", 1.5), ("p", -0.1), ("lag", None), ("ljung_box", "1")):
    bad = json.loads(json.dumps(good))
    bad["acf"][1][field] = value
    if not faults(bad):
        problems.append(f"{field} {value!r} passes")
judge.check("faults of time_series are found", problems)

with tempfile.TemporaryDirectory() as home:
    os.environ.update(SDP_HOME=home, STORAGE_BACKEND="local")
    good = judge.document("sdp-upload", judge.path("examples", "data", "iris.csv"))
    problems = faults(good)
    for field, value in (("file_id", "1"), ("type", "xls"), ("sha256", "0"), ("size", -1), ("rows", 0.5), ("columns", None), ("uri", "/tmp/x"),
                         ("uploaded_at", "today"), ("backend", "s3"), ("duplicate_of", "none"), ("pending", None), ("compression", "zip")):
        if not faults(dict(good, **{field: value})):
            problems.append(f"upload: {field} {value!r} passes")
    for field in good:
        if not faults({k: v for k, v in good.items() if k != field} if field != "task" else dict(good, task="upload", name=None)):
            problems.append(f"an upload without {field} passes")
    judge.check("faults of an upload are found", problems)
    body = {"path": judge.path("examples", "data", "iris.csv"), "tasks": ["descriptive_stats", "kmeans"], "worker_counts": [1], "runs": 1, "warmup": 0}
    states = [judge.document("sdp-job", "submit", stdin=json.dumps(body).encode())]
    states += [json.loads(line) for line in judge.run("sdp-job", "status", "--follow", "-f", "json", states[0]["job_id"]).splitlines()]
    judge.check(f"{len(states)} states of a job", [fault for state in states for fault in faults(state)])
    good = states[-1]
    problems = spoilt(good, [((field,), ...) for field in good if field not in ("task", "progress_by_task")] + [
        (("status",), "done"), (("status",), "running"), (("status",), "failed"), (("progress",), 0.5), (("job_id",), "1"), (("path",), None),
        (("file_id",), "x"), (("tasks",), []), (("worker_counts", 0), 0), (("exit_code",), 1), (("error",), "none"), (("finished_at",), None),
        (("created_at",), "today"), (("progress_by_task", 0, "status"), "skipped"), (("progress_by_task", 0, "reason"), "none"),
        (("progress_by_task", 0, "runs_done"), ...)])
    judge.check("faults of a job are found", problems)
judge.end()
