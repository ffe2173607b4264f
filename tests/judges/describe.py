"""Figures that pandas and mpmath found for real data, by sdp-stats: doubles equal to the nearest."""
import json
import os
from fractions import Fraction

import judge

EXACT = {"mean": "mean", "std": "stddev", "variance": "variance", "sum": "sum"}
QUARTILES = {"0.25": "q1", "0.5": "median", "0.75": "q3"}


def compare(name, want, got):
    """What differs in one column; got is sdp's row of it."""
    def differ(figure, a, b):
        return [] if a == b else [f"{name}: {figure} is {b!r}, expected {a!r}"]

    problems = differ("count", want["count"], got["count"]) + differ("nulls", want["missing"], got["nulls"])
    problems += differ("unique", want["nunique"], got["unique"])
    if want["type"] != "numeric":
        return problems + differ("type", "string", got["type"])
    for figure, ours in EXACT.items():
        problems += differ(ours, judge.nearest(Fraction(want[figure])), float(got[ours]))
    for figure in "min", "max":
        problems += differ(figure, float(want[figure]), float(got[figure]))
    for p, ours in QUARTILES.items():
        # Interpolated in doubles there: the last digit may differ.
        expected = float(want["quantiles"][p])
        if abs(float(got[ours]) - expected) > 1e-15 * abs(expected):
            problems += differ(ours, expected, float(got[ours]))
    return problems


for file in judge.files(judge.path("tests", "data", "describe", "*.json")):
    name = os.path.splitext(os.path.basename(file))[0]
    with open(file, encoding="utf-8") as f:
        expected = json.load(f)
    text = judge.table(name)
    if text is None:
        judge.skip(name)
        continue
    got = judge.document("sdp-stats", stdin=text)
    columns = {c["name"]: c for c in got["columns"]}
    problems = [] if got["rows"] == expected["rows"] else [f"{got['rows']} rows, expected {expected['rows']}"]
    figures = 0
    for column, want in expected["columns"].items():
        problems += compare(column, want, columns[column])
        figures += 12 if want["type"] == "numeric" else 3
    judge.check(f"{name}: {figures} figures", problems)
judge.end()
