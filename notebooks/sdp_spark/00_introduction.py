# Databricks notebook source
# Built from notebooks/sdp_spark/*.py by `make notebook`: edit those files, not this one.

# COMMAND ----------

# MAGIC %md
# MAGIC # The six tasks of Spark Data Processor on Spark
# MAGIC
# MAGIC The same options, definitions and documents as the C programs `sdp-stats`, `sdp-linreg`, `sdp-logreg`, `sdp-kmeans`,
# MAGIC `sdp-fpgrowth` and `sdp-timeseries`: their manuals hold here too, `sdp-spark(7)` has the few exceptions.
# MAGIC
# MAGIC * As a notebook: the widget `arguments` is a JSON array, `["--task", "linear_regression", "-y", "price", "/Volumes/…/homes.csv"]`.
# MAGIC * As a program: `spark-submit spark_ml_jobs.py --task linear_regression -y price homes.csv > document.json`

# COMMAND ----------

"""
A task over CSV, TSV, JSON, Parquet or lines of baskets, from any path that Spark reads, as one JSON document.

    FILE … ─ read ─▶ cells as texts ─ types ─▶ numbers, levels, times ─ task ─▶ document

Cells are texts first, whatever the file's format, so that types are found by sdp's rules and not by Spark's.  Sums of decimals are
decimals.  What MLlib does to all digits is MLlib's (QR, itemsets, areas under curves, the start of a logistic fit); what it leaves
out or ends too early (tests and intervals, iterations until no label changes, silhouettes) is Spark SQL over the rows and small
algebra on the driver.

Exit codes: 1 the data are at fault, 2 the options, 3 the system.
"""

VERSION = "@VERSION@"


class Fault(Exception):
    """What ends a run: whose fault it is, as an exit code, and a message."""

    def __init__(self, text, code=1):
        super().__init__(text)
        self.code = code


class Unsaid(str):
    """A warning that is in the document and not printed."""


def quoted(text):
    text = str(text)
    return "'" + (text if len(text) <= 40 else text[:40] + "…") + "'"


def counted(n, what):
    return f"{n} {what}{'s' * (n != 1)}"


def listed(names, most=200):
    """Names as a list of so many bytes at most, which ends at a whole name: those beyond are counted."""
    text = ""
    for k, name in enumerate(names):
        size = len(name.encode())
        if not text and size > most:
            text = name.encode()[:most].decode(errors="ignore") + "…"
        elif len(text.encode()) + size + 2 * bool(text) > most:
            return f"{text} and {len(names) - k} more"
        else:
            text += f"{', ' * bool(text)}{name}"
    return text
