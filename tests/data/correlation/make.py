"""Writes TABLE.json for each table of examples/data: what scipy and numpy find.  Run it where they are installed."""
import gzip
import io
import json
import os
import warnings

import numpy
import pandas
import scipy
from scipy import stats

HERE = os.path.dirname(os.path.abspath(__file__))
EXAMPLES = os.path.join(HERE, "..", "..", "..", "examples", "data")
TABLES = {"iris": None, "penguins": None, "auto_mpg": None, "seattle_weather": None, "wine": None, "breast_cancer": 12,
          "co2_weekly": None, "flights": None}
warnings.simplefilter("error", stats.ConstantInputWarning)


def text(name):
    if name == "flights":
        with gzip.open(os.path.join(EXAMPLES, "flights.csv.gz"), "rt", encoding="utf-8") as f:
            return "".join(line for _, line in zip(range(20001), f))
    with open(os.path.join(EXAMPLES, name + ".csv"), encoding="utf-8") as f:
        return f.read()


def pair(x, y):
    """What is found for two columns, on the rows in which both have a value."""
    both = x.notna() & y.notna()
    x, y = x[both].astype(float), y[both].astype(float)
    found = {"n": int(both.sum()), "covariance": float(numpy.cov(x, y)[0, 1])}
    try:
        r = stats.pearsonr(x, y)
    except stats.ConstantInputWarning:
        return found | {"pearson": None, "spearman": None, "kendall": None}
    ci = r.confidence_interval(0.95)
    s, k = stats.spearmanr(x, y), stats.kendalltau(x, y, method="asymptotic")
    return found | {"pearson": [float(v) for v in (r.statistic, r.pvalue, ci.low, ci.high)],
                    "spearman": [float(s.statistic), float(s.pvalue)], "kendall": [float(k.statistic), float(k.pvalue)]}


for name, most in TABLES.items():
    frame = pandas.read_csv(io.StringIO(text(name)))
    columns = [c for c in frame.columns if pandas.api.types.is_numeric_dtype(frame[c]) and not pandas.api.types.is_bool_dtype(frame[c])]
    columns = columns[:most]
    answer = {"versions": {"scipy": scipy.__version__, "numpy": numpy.__version__, "pandas": pandas.__version__},
              "columns": columns,
              "pairs": [{"a": a, "b": b} | pair(frame[a], frame[b]) for i, a in enumerate(columns) for b in columns[i + 1:]]}
    with open(os.path.join(HERE, name + ".json"), "w", encoding="utf-8") as f:
        f.write(json.dumps(answer | {"pairs": 0}, indent=1).replace("0\n}", "[\n" + ",\n".join(map(json.dumps, answer["pairs"])) + "\n]\n}\n"))
