# The figures of a bucket, and what is derived from a series of them.
import bisect
import math
import re
from decimal import Decimal
from fractions import Fraction

from pyspark.sql import functions as F


def aggregates(text):
    """The figures of --agg in order, as (name, of)."""
    out = []
    for name in text.split(","):
        quantile = re.fullmatch(r"q((?:0|[1-9][0-9]?)(?:\.[0-9]{0,2})?|\.[0-9]{1,2}|100(?:\.0{0,2})?)", name)
        if name == "ohlc":
            out += [("open", "first"), ("high", "max"), ("low", "min"), ("close", "last")]
        elif name == "median":
            out.append((name, 0.5))
        elif quantile:
            out.append((name, float(quantile[1]) / 100))
        elif name in ("count", "mean", "min", "max", "sum", "stddev", "variance", "first", "last", "range", "unique"):
            out.append((name, name))
        else:
            raise Fault(f"--agg: {quoted(name)} is no figure", 2)
    return list(dict.fromkeys(out))


def figure_columns(v, figures, t):
    """Spark's aggregates for what the figures are made of."""
    need, d = {"count": F.count(v)}, v.cast("double")
    for name, of in figures:
        if of in ("mean", "sum"):
            need["sum"] = F.sum(v)
        elif of in ("min", "max", "range"):
            need.update(min=F.min(v), max=F.max(v))
        elif of in ("stddev", "variance"):
            need["variance"] = F.var_samp(d)
        elif of == "unique":
            need["unique"] = F.countDistinct(v)
        elif of == "first":
            need["first"] = F.min(F.when(v.isNotNull(), F.struct(t, v.alias("v"))))["v"]
        elif of == "last":
            need["last"] = -F.max(F.when(v.isNotNull(), F.struct(t, (-v).alias("v"))))["v"]
        elif isinstance(of, float):
            need[name] = F.percentile(d, of)
    return need


def figure_of(row, name, of, prefix):
    n = row[prefix + "count"]
    if of == "count" or of == "unique":
        return row[prefix + of]
    if n == 0:
        return None
    if of == "mean":
        return quotient(row[prefix + "sum"], n)
    if of == "range":
        return row[prefix + "max"] - row[prefix + "min"]
    if of == "variance":
        return row[prefix + "variance"] if n > 1 else None
    if of == "stddev":
        return math.sqrt(row[prefix + "variance"]) if n > 1 else None
    return row[prefix + (name if isinstance(of, float) else of)]


def filled(points, how, figures):
    """Puts figures where a bucket has none of its own."""
    if how is None:
        return
    constant = {"null": None, "zero": 0}.get(how, how)
    if constant == how and how not in ("previous", "next", "linear"):
        try:
            constant = Decimal(how)
        except ArithmeticError:
            raise Fault(f"--fill: not null, zero, previous, next, linear or a number: {quoted(how)}", 2) from None
    there = [k for k, p in enumerate(points) if p["count"]]
    for k, p in enumerate(points):
        if p["count"]:
            continue
        at = bisect.bisect(there, k)
        before, behind = (points[there[j]]["figures"] if 0 <= j < len(there) else None for j in (at - 1, at))
        for name in figures:
            value = constant
            if name in ("count", "unique"):
                value = 0
            elif how in ("previous", "next"):
                near = before if how == "previous" else behind
                value = near and near[name]
            elif how == "linear":
                value = None
                if before and behind and None not in (before[name], behind[name]):
                    first, last = there[at - 1], there[at]
                    value = float(before[name]) + (float(behind[name]) - float(before[name])) * (k - first) / (last - first)
            p["figures"][name] = value


def span_of(text):
    found = re.fullmatch(r"([0-9]{1,9})(s|m|min|h|d|w)", text)
    if not found or int(found[1]) == 0:
        raise Fault(f"--window: not a count or a span like 12h, at least 1: {quoted(text)}", 2)
    return int(found[1]) * UNITS[found[2]]


def derived(o, points):
    """What --window and the like add to every point (t, x) of a series, in order."""
    x = [None if p["x"] is None else Fraction(p["x"]) for p in points]
    n = len(x)
    if o.window:
        return windows(o, points, x)
    if o.ewma is not None:
        out, s = [], None
        for v in x:
            if v is not None:
                s = float(v) if s is None else o.ewma * float(v) + (1 - o.ewma) * s
            out.append({"ewma": s if v is not None or s is None else s})
        return out
    if o.cumulative:
        out, s = [], None
        for v in x:
            s = v if s is None else s + (v or 0)
            out.append({"cumulative": None if s is None else Decimal(s.numerator) / Decimal(s.denominator)})
        return out
    for name, lag in (("lag", o.lag), ("diff", o.diff), ("pct_change", o.pct_change)):
        if lag:
            out = []
            for i in range(n):
                now, then = x[i], x[i - lag] if i >= lag else None
                value = then if name == "lag" else None if now is None or then is None else now - then
                if name == "pct_change" and value is not None:
                    value = value / then if then else None
                out.append({name: None if value is None else float(value)})
            return out
    if o.decompose:
        return decomposed(o, x)
    return [{} for _ in points]


WINDOW_FIGURES = ("window_count", "window_mean", "window_min", "window_max", "window_sum", "window_stddev")


def windows(o, points, x):
    count, out = not re.fullmatch("[0-9]{1,9}", o.window) and span_of(o.window), []
    size = int(o.window) if not count else None
    least = o.min_periods or (size or 1)
    begin = end = 0
    for i in range(len(x)):
        if size:
            behind = (size - 1) // 2 if o.center else 0
            inside = x[max(i + behind - size + 1, 0):i + behind + 1]
        else:
            t, half = Fraction(points[i]["t"]), Fraction(count, 2 if o.center else 1)
            upto = t + half if o.center else t
            while end < len(x) and Fraction(points[end]["t"]) <= upto:
                end += 1
            while Fraction(points[begin]["t"]) <= t - half:
                begin += 1
            inside = x[begin:end]
        values = [v for v in inside if v is not None]
        row = dict.fromkeys(WINDOW_FIGURES)
        row["window_count"] = len(values)
        if values and len(values) >= least:
            mean = sum(values) / len(values)
            row.update(window_mean=float(mean), window_min=float(min(values)), window_max=float(max(values)), window_sum=float(sum(values)))
            if len(values) > 1:
                row["window_stddev"] = math.sqrt(sum((v - mean) ** 2 for v in values) / (len(values) - 1))
        out.append(row)
    return out


def without_gaps(x):
    if None in x:
        raise Fault(f"point {x.index(None) + 1} has no value")
    return [float(v) for v in x]


def decomposed(o, x):
    if not o.period:
        raise Fault("--decompose needs --period", 2)
    if len(x) < 2 * o.period:
        raise Fault(f"{counted(len(x), 'point')} {'is' if len(x) == 1 else 'are'} fewer than two periods of {o.period}")
    x, times = without_gaps(x), o.decompose == "multiplicative"
    if times and min(x) <= 0:
        raise Fault(f"point {x.index(min(x)) + 1} is not above 0, so nothing can be a factor of it")
    half, trend = o.period // 2, [None] * len(x)
    for i in range(half, len(x) - half):
        part = x[i - half:i + half + 1]
        trend[i] = (sum(part) - (0 if o.period % 2 else (part[0] + part[-1]) / 2)) / o.period
    rest = [None if m is None else v / m if times else v - m for v, m in zip(x, trend)]
    season = []
    for k in range(o.period):
        part = [r for r in rest[k::o.period] if r is not None]
        season.append(sum(part) / len(part))
    mean = sum(season) / o.period
    season = [s / mean if times else s - mean for s in season]
    return [{"trend": m, "seasonal": season[i % o.period],
             "residual": None if m is None else v / season[i % o.period] / m if times else v - m - season[i % o.period]}
            for i, (v, m) in enumerate(zip(x, trend))]


def correlations(x, lags):
    n = len(x)
    if lags >= n:
        raise Fault(f"--acf: {n} points have no lag {lags}")
    mean = math.fsum(x) / n if len(set(x)) > 1 else x[0]
    d = [v - mean for v in x]
    variance = sum(v * v for v in d)
    out, phi, error, squares, weighted = [], [], 1.0, 0.0, 0.0
    for k in range(lags + 1):
        r = sum(a * b for a, b in zip(d[k:], d[:n - k])) / variance if variance else None
        row = {"lag": k, "acf": r, "acf_band": None, "pacf": None, "pacf_band": 1.959963984540054 / math.sqrt(n) if k else 0, "ljung_box": None, "p": None}
        if variance:
            row["acf_band"] = 1.959963984540054 * math.sqrt((1 + 2 * squares) / n) if k else 0
            if k == 0:
                row["pacf"] = 1
            else:
                last = (r - sum(phi[j] * out[k - 1 - j]["acf"] for j in range(k - 1))) / error if error else None
                phi = [phi[j] - last * phi[k - 2 - j] for j in range(k - 1)] + [last]
                error *= 1 - last * last
                squares, weighted = squares + r * r, weighted + r * r / (n - k)
                row.update(pacf=last, ljung_box=n * (n + 2) * weighted, p=chi_square_tail(n * (n + 2) * weighted, k))
        out.append(row)
    return out
