# Linear regression: sdp-linreg(1).
import math

import numpy as np
from pyspark import StorageLevel
from pyspark.sql import Window
from pyspark.sql import functions as F


class LeastSquares:
    """A fit by QR: .keep are the columns that count, .beta the coefficients (the intercept first), .triangle R of the columns as they are."""

    def __init__(self, d, intercept):
        self.n, self.intercept = d.used, int(intercept)
        self.mean, self.spread = d.moments()
        size = np.hypot(self.spread, self.mean)
        self.length = self.spread if intercept else size  # of a column (1/n), about its mean or about 0
        centre, scale = self.mean if intercept else np.zeros(d.count + 1), np.where(self.length > 0, self.length, 1.0)
        r = d.triangle(centre, scale, [f"x{k}" for k in range(d.count)] + ["y"])
        self.keep = d.independent(r[:, :-1], self.length, most=self.n - self.intercept)
        k = self.k = len(self.keep)
        self.p, self.df = k + self.intercept, self.n - k - self.intercept
        r = np.linalg.qr(np.vstack([r[:, self.keep + [d.count]], np.zeros((k + 1, k + 1))]), mode="r")
        d.doubt(np.linalg.cond(r[:k, :k]) if k else 1.0)
        slopes = (np.linalg.solve(r[:k, :k], r[:k, k]) if k else np.zeros(0)) * scale[-1] / scale[self.keep]
        shift = [self.mean[-1] - slopes @ self.mean[self.keep]] if intercept else []
        self.beta = np.concatenate([shift, slopes])
        # [1 X] = [1 Xc] T, so its triangle is Rc T.
        whole = np.zeros((self.p, self.p))
        if intercept:
            whole[0, 0], whole[0, 1:] = math.sqrt(self.n), self.mean[self.keep] * math.sqrt(self.n)
        whole[self.intercept:, self.intercept:] = r[:k, :k] * scale[self.keep]
        self.triangle = whole * np.where(np.diag(whole) < 0, -1.0, 1.0)[:, None]
        self.root = np.linalg.inv(self.triangle).T  # root' root = (X'X)^-1
        self.variances = (self.root ** 2).sum(axis=0)

    def residual(self):
        """Of the columns and the target less their means, so that values far from zero lose no digits."""
        centres = self.mean if self.intercept else np.zeros(len(self.mean))
        e = F.col("y") - F.lit(float(centres[-1]))
        for b, j in zip(self.beta[self.intercept:], self.keep):
            e = e - F.lit(float(b)) * (F.col(f"x{j}") - F.lit(float(centres[j])))
        return e

    def model(self, names):
        """What sdp-linreg --predict computes with: the digits of the constants are those for columns that are not shifted."""
        slopes, centres = self.beta[self.intercept:], self.mean[self.keep]
        texts = [decimal_text(b) for b in self.beta]
        rows = [[decimal_text(v) for v in self.root[i, :i + 1]] for i in range(self.p)] if self.p <= 100 else None
        if self.intercept:
            texts[0] = decimal_text(shifted_back(self.mean[-1], slopes, centres))
            for i in range(1, len(rows or [])):
                rows[i][0] = decimal_text(shifted_back(0.0, self.root[i, 1:i + 1], centres))
        for name, column in names:
            at = 0 if column < 0 else self.keep.index(column) + self.intercept if column in self.keep else None
            yield {"name": name, "coefficient": None if at is None else texts[at], "leverage_root": None if at is None or not rows else rows[at]}

    def coefficient(self, name, column, sigma, quantile):
        """The row of a column, or of the intercept (-1)."""
        c = {"name": name, **dict.fromkeys(("estimate", "std_error", "t", "p", "ci_low", "ci_high", "vif"))}
        if column >= 0 and column not in self.keep:
            return c
        at = 0 if column < 0 else self.keep.index(column) + self.intercept
        b = c["estimate"] = self.beta[at]
        if column >= 0:
            c["vif"] = self.variances[at] * self.n * self.length[column] ** 2
        if sigma is not None:
            error = sigma * math.sqrt(self.variances[at])
            c.update(std_error=error, ci_low=b - quantile * error, ci_high=b + quantile * error)
            if error > 0:
                c.update(t=b / error, p=t_tails(b / error, self.df))
        return c

    def metrics(self, sse, rest):
        n, p, k, df, sst = self.n, self.p, self.k, self.df, self.n * self.length[-1] ** 2
        singular = np.linalg.svd(self.triangle, compute_uv=False) if p else np.ones(1)
        m = {"r2": max(0.0, 1 - sse / sst) if sst else None, "adjusted_r2": None, "rmse": math.sqrt(sse / n), "mae": rest["absolute"] / n if sse else 0.0,
             "mse": sse / n, "sse": sse, "sigma": math.sqrt(sse / df) if df else None, "f": None, "f_p": None, "log_likelihood": None,
             "aic": None, "bic": None, "residual_df": df, "condition_number": singular[0] / singular[-1],
             "durbin_watson": rest["steps"] / sse if sse else None}
        if df and sst:
            m["adjusted_r2"] = 1 - (sse / df) / (sst / (n - self.intercept))
            if k and sse:
                m["f"] = (max(0.0, sst - sse) / k) / (sse / df)
                m["f_p"] = f_tail(m["f"], k, df)
        if sse:
            likelihood = -n / 2 * (math.log(2 * math.pi) + math.log(sse / n) + 1)
            m.update(log_likelihood=likelihood, aic=-2 * likelihood + 2 * p, bic=-2 * likelihood + p * math.log(n))
        return m


def linear_regression(spark, o):
    d = Design(Table(spark, o), o, labels=False)
    fit = LeastSquares(d, not o.no_intercept)
    residual = fit.residual()
    rest = residuals(d.training().select("_split", "_record", residual.alias("e")))
    if rest["sse"] <= 1e-26 * fit.n * (fit.spread[-1] ** 2 + fit.mean[-1] ** 2):  # no more than rounding leaves
        if d.digits([d.target]) > 13 and rest["sse"] > 0:
            raise Fault(f"column {quoted(d.table.names[d.target])}: doubles do not tell whether the fit is exact; use sdp-linreg")
        rest.update(sse=0.0, quartiles=dict.fromkeys(rest["quartiles"], 0))
    metrics = fit.metrics(rest["sse"], rest)
    if not fit.df:
        d.warnings.append(f"no standard errors: no residual degrees of freedom ({counted(fit.p, 'coefficient')}, {counted(fit.n, 'row')})")
    quantile = quantile_of(lambda t: t_tails(t, fit.df), o.level) if fit.df else None
    names = ([("(intercept)", -1)] if fit.intercept else []) + [(name, j) for j, name in enumerate(d.names)]
    doc = {**d.head(LINEAR), "coefficients": [fit.coefficient(name, j, metrics["sigma"], quantile) for name, j in names],
           "metrics": metrics, "residuals": rest["quartiles"]}
    if o.test_fraction:
        doc["test_metrics"] = held_out_metrics(d, residual)
    doc.update(level=o.level, leverage_root=[list(fit.root[i, :i + 1]) for i in range(fit.p)] if fit.p <= 100 else None,
               model=list(fit.model(names)), model_sigma=None if metrics["sigma"] is None else decimal_text(metrics["sigma"]))
    return {**doc, **d.tail()}


def residuals(frame):
    """Sums, quartiles and, in the order of the rows, squared steps of residuals e."""
    frame = frame.persist(StorageLevel.MEMORY_AND_DISK)
    e = F.col("e")
    row = frame.agg(F.sum(e * e).alias("sse"), F.sum(F.abs(e)).alias("absolute"), F.min(e), F.max(e), F.count(e)).head()
    middle = quantiles(frame.select("e"), QUARTILES, row[4], row[4])
    before = F.lag(e).over(Window.partitionBy("_split").orderBy("_record"))
    parts = (frame.select("_split", "_record", "e", ((e - before) * (e - before)).alias("step")).groupBy("_split")
             .agg(F.sum("step"), F.min_by("e", "_record"), F.max_by("e", "_record")).collect())
    parts.sort()
    steps = math.fsum(p[1] or 0.0 for p in parts) + math.fsum((b[2] - a[3]) ** 2 for a, b in zip(parts, parts[1:]))
    frame.unpersist()
    return {"sse": row["sse"], "absolute": row["absolute"], "steps": steps,
            "quartiles": dict(zip(("min", "q1", "median", "q3", "max"), (row[2], *middle, row[3])))}


def held_out_metrics(d, residual):
    held = d.frame.where(F.col("held"))
    n, mean, sse, absolute = held.agg(F.count("*"), F.avg("y"), F.sum(residual * residual), F.sum(F.abs(residual))).head()
    if not n:
        return {"rows_used": 0, **dict.fromkeys(("r2", "rmse", "mae", "mse"))}
    sst = held.agg(F.sum((F.col("y") - F.lit(mean)) ** 2)).head()[0]
    return {"rows_used": n, "r2": 1 - sse / sst if sst else None, "rmse": math.sqrt(sse / n), "mae": absolute / n, "mse": sse / n}
