"""Labels and figures that others found for real data, by sdp-kmeans; and Lloyd's iteration, ties and
empty clusters included, once more in Python on small random tables."""
import csv
import io
import json
import math
import os
import random
import tempfile
from fractions import Fraction

import judge

TABLES = 150
folder = tempfile.TemporaryDirectory()


def near(got, wanted, tolerance=1e-9):
    return got is not None and abs(got - wanted) <= tolerance * max(abs(wanted), 1e-3)


def differ(what, got, wanted):
    return [] if got == wanted else [f"{what}: {got!r}, expected {wanted!r}"]


def far(what, got, wanted, tolerance=1e-9):
    return [] if near(got, wanted, tolerance) else [f"{what}: {got!r}, expected {wanted!r}"]


def write(name, features, rows):
    path = os.path.join(folder.name, name)
    with open(path, "w", encoding="utf-8", newline="") as f:
        csv.writer(f, lineterminator="\n").writerows([features, *rows])
    return path


def cluster(arguments, path):
    """The document, and the labels of the rows used."""
    doc = judge.document("sdp-kmeans", "-q", *arguments, path)
    text = judge.run("sdp-kmeans", "-q", "--assign", *arguments, path).decode()
    return doc, [int(row["cluster"]) for row in csv.DictReader(io.StringIO(text)) if row["cluster"]]


# ---- what the figures are, by definition ----

def silhouette(points, labels, distance):
    total = 0.0
    for x, own in zip(points, labels):
        sums, sizes = {}, {}
        for y, label in zip(points, labels):
            sums[label] = sums.get(label, 0.0) + distance(x, y)
            sizes[label] = sizes.get(label, 0) + 1
        if sizes[own] > 1:
            a = sums[own] / (sizes[own] - 1)
            b = min(sums[c] / sizes[c] for c in sums if c != own)
            total += (b - a) / max(a, b) if max(a, b) > 0 else 0
    return total / len(points)


def square(x, y):
    """Coordinate by coordinate, as ties are decided by; sum() of Python 3.12 would round doubles but once."""
    total = 0
    for a, b in zip(x, y):
        total += (a - b) * (a - b)
    return total


def distance(x, y):
    return math.sqrt(square(x, y))


def exact_mean(points):
    return [sum(map(Fraction, column)) / len(points) for column in zip(*points)]


def mean(points):
    return list(map(float, exact_mean(points)))


def metrics(points, labels, centers):
    """In fractions up to the roots."""
    used = sorted(set(labels))
    points, centers = [list(map(Fraction, x)) for x in points], [list(map(Fraction, c)) for c in centers]
    groups = [[x for x, label in zip(points, labels) if label == c] for c in used]
    found = {"inertia": float(sum(square(x, centers[label]) for x, label in zip(points, labels)))}
    if len(used) < 2:
        return found
    means, middle = [exact_mean(g) for g in groups], exact_mean(points)
    spread = [sum(distance(x, m) for x in g) / len(g) for g, m in zip(groups, means)]
    within = sum(square(x, m) for g, m in zip(groups, means) for x in g)
    between = sum(len(g) * square(m, middle) for g, m in zip(groups, means))
    found["silhouette"] = silhouette(points, labels, distance)
    found["silhouette_squared"] = silhouette(points, labels, lambda x, y: float(square(x, y)))
    found["davies_bouldin"] = sum(max((spread[i] + spread[j]) / distance(means[i], means[j])
                                      for j in range(len(used)) if j != i) for i in range(len(used))) / len(used)
    if within and len(points) > len(used):
        found["calinski_harabasz"] = float(between / (len(used) - 1) / (within / (len(points) - len(used))))
    return found


def compare_metrics(doc, points, labels):
    scale = doc["deviations"]
    divide = (lambda x: [a / s if s else 0.0 for a, s in zip(x, scale)]) if scale else list
    wanted = metrics([divide(x) for x in points], labels, [divide(c) for c in doc["centers"]])
    problems = []
    for figure, got in doc["metrics"].items():
        problems += far(figure, got, wanted[figure]) if figure in wanted else differ(figure, got, None)
    return problems


# ---- real data ----

def inertias(table, k, seeds):
    """By one start of k-means++ from each seed."""
    return [judge.document("sdp-kmeans", "-q", "-j", "1", "-k", str(k), "--seed", str(seed), table)["metrics"]["inertia"] for seed in seeds]


def excess(ours, mean, deviation, count):
    """How many standard errors the mean is above that of count runs of another program and 2 %."""
    average = sum(ours) / len(ours)
    variance = sum((x - average) ** 2 for x in ours) / (len(ours) - 1)
    return (average - 1.02 * mean) / math.sqrt(variance / len(ours) + 1.02 ** 2 * deviation ** 2 / count)


def seeding(seeds):
    """Greedy k-means++ is as good as that of scikit-learn, by a one-sided test at 5 %."""
    with open(judge.path("tests", "data", "kmeans", "seeding.json"), encoding="utf-8") as f:
        want = json.load(f)
    for name, other in want["sets"].items():
        table, k = judge.path("tests", "data", "kmeans", name + ".csv.gz"), other["k"]
        ours = inertias(table, k, range(seeds))
        above = excess(ours, other["mean_inertia"], other["deviation"], want["seeds"])
        judge.check(f"{name}: mean inertia of {seeds} seeds, {sum(ours) / seeds / other['mean_inertia']:.3f} of scikit-learn's",
                    [f"{above:.1f} standard errors above 1.02"] if above > 1.645 else [])
        for restarts in ("10", "50") if "of_ten_starts" in other else ():
            best = judge.document("sdp-kmeans", "-q", "-k", str(k), "--restarts", restarts, table)["metrics"]["inertia"]
            judge.check(f"{name}: inertia of {restarts} starts", far("inertia", best, other["of_ten_starts"]))


def real(name):
    with open(judge.path("tests", "data", "kmeans", name + ".json"), encoding="utf-8") as f:
        want = json.load(f)
    table = judge.path("examples", "data", name + ".csv")
    features = want["features"]
    with open(table, encoding="utf-8", newline="") as f:
        rows = [[row[c] for c in features] for row in csv.DictReader(f)]
    rows = [row for row in rows if all(cell not in ("", "NA") for cell in row)]
    start = write(name + "-start.csv", features, [rows[i - 1] for i in want["start_rows"]])
    ways = ["-x", ",".join(features)] + (["--standardize"] if want["standardize"] else [])
    doc, labels = cluster(["-k", str(want["k"]), "--init", start, *ways], table)
    points = [[float(cell) for cell in row] for row in rows]
    problems = differ("labels", "".join(map(str, labels)), want["labels"])
    problems += differ("rows", doc["rows_used"], want["n"]) + differ("sizes", doc["sizes"], want["cluster_sizes"])
    problems += differ("iterations", doc["iterations"], want["lloyd_iterations_including_final_check"])
    problems += differ("converged", doc["converged"], True)
    for figure in "inertia", "silhouette", "calinski_harabasz", "davies_bouldin":
        problems += far(figure, doc["metrics"][figure], want[figure])
    units = doc["deviations"] or [1.0] * len(features)
    scaled = [[a / unit for a, unit in zip(x, units)] for x in points]
    problems += far("silhouette_squared", doc["metrics"]["silhouette_squared"], silhouette(scaled, labels, square))
    middle = mean(points)
    for got, centre in zip(doc["centers"], want["centres"]):
        for f, value in enumerate(centre):
            problems += far("centre", got[f], value * units[f] + middle[f] if want["standardize"] else value)
    judge.check(f"{name}: labels, centres and figures", problems)
    problems = []
    for k, best in want["best_known_inertia_k"].items():
        doc = judge.document("sdp-kmeans", "-k", k, "--restarts", "200", *ways, table)
        if not doc["metrics"]["inertia"] <= best * (1 + 1e-9):
            problems.append(f"k = {k}: inertia {doc['metrics']['inertia']}, others found {best}")
    judge.check(f"{name}: 200 restarts find what others found", problems)


# ---- Lloyd's iteration in doubles, as the manual defines it ----

def lloyd(points, centers, most):
    """(labels, centers, iterations, converged, refills); None if a cluster cannot be refilled."""
    k, labels, refills = len(centers), [None] * len(points), 0
    for iteration in range(1, most + 1):
        new = [min(range(k), key=lambda c, x=x: (square(x, centers[c]), c)) for x in points]
        stands, labels = new == labels, new
        for empty in range(k):
            if empty in labels:
                continue
            spare = [i for i, c in enumerate(labels) if labels.count(c) > 1 and square(points[i], centers[c]) > 0]
            if not spare:
                return None
            row = min(spare, key=lambda i: (-square(points[i], centers[labels[i]]), i))
            centers = centers[:empty] + [points[row]] + centers[empty + 1:]
            labels[row] = empty
            refills += 1
            stands = False
        if stands:
            return labels, centers, iteration, True, refills
        centers = [mean([x for x, label in zip(points, labels) if label == c]) for c in range(k)]
    labels = [min(range(k), key=lambda c, x=x: (square(x, centers[c]), c)) for x in points]
    return labels, centers, most, False, refills


def table(r):
    kind = r.choice(["grid", "grid", "line", "decimals", "copies", "offset"])
    n, d = r.randrange(1, 40), 1 if kind == "line" else r.randrange(1, 5)
    def cell():
        if kind == "decimals":
            return round(r.gauss(0, 10), r.randrange(0, 4))
        return r.randrange(3 if kind == "copies" else 6) + (2**40 if kind == "offset" else 0)
    return [[float(cell()) for _ in range(d)] for _ in range(n)]


def small(index):
    r = random.Random(f"kmeans/{index}")
    points = table(r)
    features = [f"f{i}" for i in range(len(points[0]))]
    most, k = r.choice([1, 2, 300]), r.randrange(1, 7)
    centers = [r.choice([r.choice(points), r.choice(points), [r.gauss(0, 30) for _ in features]]) for _ in range(k)]
    path = write("table.csv", features, points)
    arguments = ["-k", str(k), "--init", write("start.csv", features, centers), "--max-iterations", str(most)]
    arguments += r.choice([[], ["--algorithm", "lloyd"], ["-j", "1"]])
    want = lloyd(points, centers, most)
    if want is None or k > len(points):
        try:
            judge.run("sdp-kmeans", "-q", *arguments, path)
            return [f"table {index}: clustered, though its rows are too few"]
        except RuntimeError as error:
            return [] if "row" in str(error) else [f"table {index}: {error}"]
    doc, labels = cluster(arguments, path)
    warned = [int(w.split(": ")[2].split(";")[0]) for w in doc["warnings"] if "lost all" in w]
    problems = differ("labels", labels, want[0]) + differ("centres", doc["centers"], want[1])
    problems += differ("iterations", doc["iterations"], want[2]) + differ("converged", doc["converged"], want[3])
    problems += differ("refills", warned, [want[4]] if want[4] else [])
    problems += differ("sizes", doc["sizes"], [labels.count(c) for c in range(k)])
    return [f"table {index}: {p}" for p in problems + compare_metrics(doc, points, labels)]


def started(index):
    """From its own starts sdp-kmeans ends where the iteration stands still, with rows as the least inertia."""
    r = random.Random(f"started/{index}")
    points = table(r)
    features = [f"f{i}" for i in range(len(points[0]))]
    path, distinct = write("table.csv", features, points), len(set(map(tuple, points)))
    k = r.randrange(1, distinct + 1)
    arguments = ["-k", str(k), "--init", r.choice(["random", "k-means++"]), "--seed", str(index)]
    doc, labels = cluster(arguments, path)
    again = lloyd(points, doc["centers"], 2)
    problems = differ("converged", doc["converged"], True) + differ("labels", labels, again[0])
    problems += differ("centres", doc["centers"], again[1]) + compare_metrics(doc, points, labels)
    if k == distinct:
        problems += differ("inertia of all distinct rows", doc["metrics"]["inertia"], 0)
    return [f"table {index}: {p}" for p in problems]


real("iris")
real("penguins")
seeding(20)
problems = [p for index in range(TABLES) for p in small(index)]
judge.check(f"{TABLES} small tables from given centres: labels, centres, counts and figures", problems)
problems = [p for index in range(TABLES) for p in started(index)]
judge.check(f"{TABLES} small tables: an end of the iteration, and its figures", problems)
folder.cleanup()
judge.end()
