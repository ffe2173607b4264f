# Descriptive statistics: sdp-stats(1).
import math
from decimal import Decimal
from fractions import Fraction

from pyspark import StorageLevel
from pyspark.sql import functions as F


def quotient(total, n):
    """total / n, rounded once."""
    return float(Fraction(total) / n) if n else None


# Quantiles of so many different values are found in the memory of one worker, those of more by sorting.
VALUES_MOST = 1_000_000
QUARTILES = (0.25, 0.5, 0.75)


def quantiles(values, shares, n, different):
    """Quantiles of type 7 of the n doubles of a frame of one column."""
    v = F.col(values.columns[0])
    if different <= VALUES_MOST:
        return values.agg(F.percentile(v, list(shares))).head()[0]
    places = [(n - 1) * share for share in shares]
    wanted = sorted({k for h in places for k in (int(h), min(int(h) + 1, n - 1))})
    ranked = values.where(v.isNotNull()).sort(v).select(v.alias("v"), F.monotonically_increasing_id().alias("_id")).persist(StorageLevel.DISK_ONLY)
    part, before, ids = F.shiftright("_id", 33), 0, {}
    for first, size in sorted(ranked.groupBy(part).agg(F.min("_id"), F.count("*")).select(F.col("min(_id)"), F.col("count(1)")).collect()):
        ids.update({first + k - before: k for k in wanted if before <= k < before + size})
        before += size
    at = {ids[i]: value for i, value in ranked.where(F.col("_id").isin(list(ids))).select("_id", "v").collect()}
    ranked.unpersist()
    ends = [(h - int(h), Fraction(at[int(h)]), Fraction(at[min(int(h) + 1, n - 1)])) for h in places]
    return [float(low + Fraction(share) * (high - low)) for share, low, high in ends]


# Java's limits of what is compiled in one piece: so many columns are done at a time.
COLUMNS_AT_ONCE = 10
FIGURES = ("count", "nulls", "null_percent", "unique", "min", "max", "mean", "sum", "stddev", "variance", "q1", "median", "q3", "min_length",
           "max_length")


def descriptive_stats(spark, o):
    table = Table(spark, o)
    columns = table.choose(o.columns)
    table.know(columns)
    table.notes += table.nearly(columns, lambda i: "is a string")
    out = []
    for at in range(0, len(columns), COLUMNS_AT_ONCE):
        some = columns[at:at + COLUMNS_AT_ONCE]
        figures, unique = first_figures(table, some), count_unique(table, some)
        for i, more in second_figures(table, figures, unique).items():
            nulls = table.rows - figures[i]["count"]
            known = {**figures[i], **more, "unique": unique.get(i, 0), "nulls": nulls, "null_percent": 100 * nulls / table.rows if table.rows else None}
            out.append({"name": table.names[i], "type": table.types[i], **{f: known.get(f) for f in FIGURES}})
    return {"task": STATS, **table.counts_of_rows(), "columns": out}


def value_of(table, i):
    """What a column's cells mean: equal ones are one value."""
    c, kind = F.col(f"c{i}"), table.types[i]
    if kind in NUMERIC:
        return table.exact(i)
    return F.lower(c) if kind == "boolean" else instant(c) if kind in ("date", "datetime") else c


def count_unique(table, columns):
    """How many different values columns have, all in one pass."""
    values = F.array(*[F.struct(F.lit(i).alias("i"), value_of(table, i).cast("string").alias("v")) for i in columns])
    return dict(table.frame.select(F.explode(values).alias("x")).select("x.*").where(F.col("v").isNotNull()).distinct().groupBy("i").count().collect())


def is_time(table, i):
    return table.types[i] in ("date", "datetime")


def aggregated(frame, figures):
    """Figures of columns, {column: {name: aggregate}}, as values."""
    names = [(i, name) for i, some in figures.items() for name in some]
    row = frame.agg(*[figures[i][name].alias(f"f{k}") for k, (i, name) in enumerate(names)], F.count("*")).head()
    found = {i: {} for i in figures}
    for (i, name), value in zip(names, row):
        found[i][name] = value
    return found


def first_figures(table, columns):
    figures = {}
    for i in columns:
        c, v = F.col(f"c{i}"), value_of(table, i)
        figures[i] = {"count": F.count(c), "min": F.min(F.when(c.isNotNull(), F.struct(v, c)))[f"c{i}"] if is_time(table, i) else F.min(v), "max": F.max(v)}
        if table.types[i] in NUMERIC:
            figures[i]["sum"] = F.sum(v)
        elif table.types[i] == "string":
            figures[i].update(min_length=F.min(F.length(c)), max_length=F.max(F.length(c)))
    return aggregated(table.frame, figures)


def second_figures(table, first, unique):
    """What needs a mean, a maximum or the number of values first."""
    figures, scales = {i: {} for i in first}, {}
    for i, f in first.items():
        if not f["count"]:
            continue
        c, v = F.col(f"c{i}"), value_of(table, i)
        if is_time(table, i):
            figures[i]["max"] = F.min(F.when(v == F.lit(f["max"]), c))
        elif table.types[i] in NUMERIC:
            mean = quotient(f["sum"], f["count"])
            shift = Decimal(mean).quantize(Decimal(1).scaleb(-table.shape[i][0])) if table.is_exact(i) else mean
            # Squares of what is near the ends of the range of doubles would leave it.
            unit = scales[i] = math.ldexp(1.0, math.frexp(max(abs(float(f["min"])), abs(float(f["max"]))))[1] - 1) or 1.0
            d = (v - F.lit(shift)).cast("double") / F.lit(unit)
            figures[i].update(shift=F.sum(d), squares=F.sum(d * d))
            if unique[i] <= VALUES_MOST and not table.wide[i]:
                figures[i]["quartiles"] = F.percentile(table.double(i), list(QUARTILES))
    found = aggregated(table.frame, figures)
    for i, f in found.items():
        if "squares" in f:
            n = first[i]["count"]
            values, different = (table.exact(i), math.inf) if table.wide[i] else (table.double(i), unique[i])
            q = f.get("quartiles") or quantiles(table.frame.select(values.alias("v")), QUARTILES, n, different)
            variance = max(f["squares"] - f["shift"] ** 2 / n, 0.0) / (n - 1) if n > 1 else None
            f.update(mean=quotient(first[i]["sum"], n), variance=None if variance is None else variance * scales[i] * scales[i],
                     stddev=None if variance is None else math.sqrt(variance) * scales[i])
            f.update(zip(("q1", "median", "q3"), q))
            for figure in "sum", "variance":
                if math.isinf({**first[i], **f}[figure] or 0):
                    table.notes.append(f"column {quoted(table.names[i])}: the {figure} exceeds every double and is printed as null")
    return found
