"""sdp-bench's documents against tests/schema/benchmark.json, and its figures computed here once more from its others."""
import json
import os
import random
import statistics
import tempfile

import judge

try:
    import jsonschema
except ImportError:
    judge.check("python3-jsonschema is installed", ["it is not: make deps installs it"])
    judge.end()

with open(judge.path("tests", "schema", "benchmark.json"), encoding="utf-8") as f:
    validator = jsonschema.Draft202012Validator(json.load(f))


def faults(doc):
    return [f"{'/'.join(map(str, e.absolute_path))}: {e.message[:200]}" for e in validator.iter_errors(doc)]


def near(got, wanted):
    return got is not None and abs(got - wanted) <= 1e-9 * max(abs(wanted), 1e-3)


def relations(doc):
    """What holds between the members of one document."""
    problems = []

    def expect(holds, row, what):
        if not holds:
            problems.append(f"{row['name']}, {row['workers']} workers: {what}: {row}")

    for name in {row["name"] for row in doc["results"]}:
        rows = [row for row in doc["results"] if row["name"] == name]
        base = rows[0]
        for row in rows:
            p = row["workers"] / base["workers"]
            speedup = base["median"] / row["median"]
            expect(near(row["speedup"], speedup), row, "speedup")
            expect(near(row["efficiency"], speedup / p), row, "efficiency")
            expect(row["karp_flatt"] is None if p == 1 else near(row["karp_flatt"], (1 / speedup - 1 / p) / (1 - 1 / p)),
                   row, "karp_flatt")
            expect(row["min"] <= row["median"] and row["min"] <= row["mean"], row, "min")
            expect(row["runs"] == 1 or row["min"] <= row["ci_low"] <= row["median"] <= row["ci_high"], row, "interval")
            expect(row["runs"] == 1 or row["speedup_ci_low"] <= row["speedup"] <= row["speedup_ci_high"], row,
                   "interval of the speedup")
            for figure in "bytes", "rows":
                size = doc["input"][figure]
                expect(row[figure + "_per_second"] is None if size is None
                       else near(row[figure + "_per_second"], size / row["median"]), row, figure)
            expect((row["note"] is not None) == (row["workers"] > doc["cores"]), row, "note")
            runs = [run for run in doc["times"] if (run["name"], run["workers"]) == (name, row["workers"])]
            seconds = [run["seconds"] for run in runs]
            expect([run["run"] for run in runs] == list(range(1, row["runs"] + 1)), row, "numbers of runs")
            expect(near(statistics.median(seconds), row["median"]) and near(statistics.mean(seconds), row["mean"])
                   and min(seconds) == row["min"], row, "times")
    return problems


def fits(doc):
    """No parameters near those found, and none at random, do better."""
    problems = []
    for fit in doc["fits"]:
        points = [(row["workers"], row["median"]) for row in doc["results"] if row["name"] == fit["name"]]
        n = len(points)

        def amdahl(f, t1):
            return sum((t - t1 * (f + (1 - f) / w)) ** 2 for w, t in points)

        def usl(a, b, g):
            return sum((1 / t - g * w / (1 + a * (w - 1) + b * w * (w - 1))) ** 2 for w, t in points)

        a, u = fit["amdahl"], fit["usl"]
        best = [amdahl(a["serial_fraction"], a["time"]), usl(u["alpha"], u["beta"], u["gamma"])]
        for least, rmse in zip(best, (a["rmse"], u["rmse"])):
            if abs((least / n) ** 0.5 - rmse) > 1e-9 + 1e-6 * rmse:
                problems.append(f"{fit['name']}: rmse {rmse}, not {(least / n) ** 0.5}")
        for _ in range(20000):
            scale = 10 ** random.uniform(-5, 0)
            f = min(max(a["serial_fraction"] + random.gauss(0, scale), 0), 1)
            others = [amdahl(f, a["time"] * (1 + random.gauss(0, scale))),
                      usl(max(u["alpha"] + random.gauss(0, scale), 0), max(u["beta"] + random.gauss(0, scale), 0),
                          u["gamma"] * abs(1 + random.gauss(0, scale)))]
            for law, other, least in zip(("Amdahl", "USL"), others, best):
                if other < least * (1 - 1e-6) - 1e-15:
                    problems.append(f"{fit['name']}: {law}: {least} is not the least, {other} is less")
                    break
    return problems


random.seed(1)
iris = judge.path("examples", "data", "iris.csv")
with tempfile.TemporaryDirectory() as folder:
    table = os.path.join(folder, "table.csv")
    with open(table, "wb") as f:
        f.write(judge.run("sdp-sample", "-d", "synthetic", "-r", "20000"))
    documents = {
        "a task": judge.document("sdp-bench", "--tasks", "all", "-w", "1,2,4,8", "--runs", "4", table),
        "a task, one run": judge.document("sdp-bench", "--tasks", "all", "-w", "1,2,3", "--runs", "1", "--warmup", "0", iris),
        "a command": judge.document("sdp-bench", "-w", "2,3,5,6", "--runs", "3", "--", "sdp-stats", "-j", "{}", table),
    }
for name, doc in documents.items():
    judge.check(f"{name}: schema", faults(doc))
    judge.check(f"{name}: figures", relations(doc))
    judge.check(f"{name}: fits", fits(doc))
judge.check("a task: input", [] if documents["a task, one run"]["input"] ==
            {"path": iris, "bytes": os.path.getsize(iris), "rows": 150} else [str(documents["a task, one run"]["input"])])
few = {
    "one number of workers": judge.document("sdp-bench", "-w", "2", "--runs", "2", "--", "true", "{}"),
    "one row": judge.document("sdp-bench", "-q", "--tasks", "all", stdin=b"a,b\n1,2\n"),
}
for name, doc in few.items():
    judge.check(f"{name}: schema", faults(doc))

# A schema that lets everything pass would be no judge.
good, problems = documents["a task"], []
for field, value in (("workers", 0), ("median", 0), ("stddev", None), ("ci_low", "1"), ("peak_rss", 1.5), ("identical", None),
                     ("runs", 1), ("speedup", None), ("note", 1)):
    bad = json.loads(json.dumps(good))
    bad["results"][0][field] = value
    if not faults(bad):
        problems.append(f"{field} {value!r} passes")
for part in good["results"][0], good["fits"][0], good["fits"][0]["usl"], good["fits"][0]["amdahl"], good["input"], good["times"][0],\
        good["method"], good["environment"], good:
    for field in list(part):
        kept = part.pop(field)
        if not faults(good):
            problems.append(f"a document without {field} passes")
        part[field] = kept
judge.check("faults are found", problems)
judge.end()
