"""The starts of sdp-kmeans against those of scikit-learn: the mean inertia of 100 seeds is not above its own by more than 2 %."""
import csv
import gzip
import json
import math
import os
import statistics
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "judges")]
import judge  # noqa: E402
import numpy as np  # noqa: E402
from sklearn.cluster import KMeans  # noqa: E402

SEEDS = 100
LIMIT = 1.645  # standard errors: a one-sided test at 5 %


def compare(name, k):
    table = judge.path("tests", "data", "kmeans", name + ".csv.gz")
    with gzip.open(table, "rt") as f:
        points = np.array(list(csv.reader(f))[1:], dtype=float)
    theirs = [KMeans(k, n_init=1, init="k-means++", random_state=seed).fit(points).inertia_ for seed in range(SEEDS)]
    ours = [judge.document("sdp-kmeans", "-q", "-k", str(k), "--seed", str(seed), table)["metrics"]["inertia"] for seed in range(SEEDS)]
    ratio = statistics.mean(ours) / statistics.mean(theirs)
    error = math.sqrt((statistics.variance(ours) + 1.02 ** 2 * statistics.variance(theirs)) / SEEDS)
    above = (statistics.mean(ours) - 1.02 * statistics.mean(theirs)) / error
    judge.check(f"{name}: mean inertia of {SEEDS} seeds, {ratio:.4f} of scikit-learn's", [f"{above:.1f} standard errors above 1.02"] if above > LIMIT else [])


with open(judge.path("tests", "data", "kmeans", "seeding.json"), encoding="utf-8") as sets:
    for each, other in json.load(sets)["sets"].items():
        compare(each, other["k"])
judge.end()
