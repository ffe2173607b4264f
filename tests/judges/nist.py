"""NIST StRD: certified mean and standard deviation of the nine univariate sets, by sdp-stats."""
import csv
from decimal import Decimal

import judge

DIGITS = 14  # the least; the certified values have 15


def data(name):
    if name in ("NumAcc3", "NumAcc4"):
        whole = 10 ** (int(name[-1]) + 3)
        rows = [f"{whole}.2"] + [f"{whole}.1", f"{whole}.3"] * 500
        return ("y\n" + "\n".join(rows) + "\n").encode()
    with open(judge.path("tests", "data", "nist", name + ".csv"), "rb") as f:
        return f.read()


def agreeing_digits(value, certified):
    error = abs(Decimal(value) - Decimal(certified)) / abs(Decimal(certified))
    return 15.0 if error == 0 else min(15.0, float(-error.log10()))


with open(judge.path("tests", "data", "nist", "certified.tsv"), encoding="utf-8", newline="") as f:
    for row in csv.DictReader(f, delimiter="\t"):
        text = judge.run("sdp-stats", "-f", "csv", stdin=data(row["set"])).decode().splitlines()
        got = next(csv.DictReader(text))
        problems, least = [], 15.0
        if got["count"] != row["n"]:
            problems.append(f"{got['count']} values, NIST has {row['n']}")
        for figure in "mean", "stddev":
            lre = agreeing_digits(got[figure], row[figure])
            least = min(least, lre)
            # 15 digits are certified: rounded to as many, a right figure is the certified one.
            if lre < DIGITS or Decimal(f"{Decimal(got[figure]):.14e}") != Decimal(row[figure]):
                problems.append(f"{figure}: {got[figure]}, certified {row[figure]}: {lre:.1f} digits")
        judge.check(f"{row['set']}: {least:.1f} digits", problems)
judge.end()
