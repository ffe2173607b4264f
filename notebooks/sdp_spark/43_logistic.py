# Logistic regression: sdp-logreg(1).
import math

import numpy as np
from pyspark import StorageLevel
from pyspark.sql import functions as F


def softmax(eta, base):
    """Probabilities of all labels from linear predictors; base: the first label has none, it is 0."""
    if base:
        eta = np.hstack([np.zeros((len(eta), 1)), eta])
    eta = eta - eta.max(axis=1, keepdims=True)
    return eta - np.log(np.exp(eta).sum(axis=1, keepdims=True))


def logistic_pass(x, y, theta, base, second):
    """-log likelihood, its gradient, Σ|x r| and Hessian over a block."""
    sets = len(theta)
    log_p = softmax(x @ theta.T, base)
    p = np.exp(log_p)[:, log_p.shape[1] - sets:]
    rows = np.arange(len(y))
    residual = p - (y[:, None] == np.arange(log_p.shape[1])[None, log_p.shape[1] - sets:])
    gradient, magnitude = residual.T @ x, abs(residual).T @ abs(x)
    m, hessian = x.shape[1], None
    if second:
        hessian = np.zeros((sets * m, sets * m))
        for a in range(sets):
            for b in range(a + 1):
                h = (x * (p[:, a] * ((a == b) - p[:, b]))[:, None]).T @ x
                hessian[a * m:(a + 1) * m, b * m:(b + 1) * m] = h
                hessian[b * m:(b + 1) * m, a * m:(a + 1) * m] = h.T
    return -log_p[rows, y].sum(), gradient, magnitude, hessian


def order_of_labels(d, o):
    """The labels' codes, which are in bytewise order, as the model has them: of two the positive one last."""
    labels, name = d.label_levels, quoted(d.table.names[d.target])
    if not 2 <= len(labels) <= 100:
        raise Fault(f"column {name} has {len(labels)} labels, not 2 to 100")
    if len(labels) > 2 and {"positive", "threshold"} & set(o.given):
        raise Fault(f"--{'threshold' if o.positive is None else 'positive'} needs two labels; column {name} has {len(labels)}", 2)
    if o.positive is not None and o.positive not in labels:
        raise Fault(f"--positive: column {name} has no label {quoted(o.positive)}")
    return sorted(range(len(labels)), key=lambda code: labels[code] == o.positive)


class Logistic:
    """The fit: labels 0 … K-1, coefficients of centred and scaled columns, one set for every label but the base."""

    def __init__(self, d, o):
        self.d, self.o, self.n = d, o, d.used
        order = order_of_labels(d, o)
        self.labels = d.label_levels = [d.label_levels[code] for code in order]
        place = np.argsort(order)
        mean, spread = d.moments()
        mean, spread = mean[:-1], spread[:-1]
        size = np.hypot(mean, spread)
        self.intercept = not o.no_intercept
        self.centre = mean if self.intercept else np.zeros(d.count)
        self.scale = np.where(spread > 0, spread, 1.0) if self.intercept else np.where(size > 0, size, 1.0)
        names = [f"x{k}" for k in range(d.count)]
        self.keep = list(range(d.count))
        if d.count and not o.l2:
            r = d.triangle(self.centre, self.scale, names)
            self.keep = d.independent(r, spread if self.intercept else size, most=self.n)
        self.sets = 1 if len(self.labels) == 2 else len(self.labels) - (o.l2 == 0)
        self.base = self.sets < len(self.labels)
        self.labelled = set(self.labels[len(self.labels) - self.sets:])
        self.m = len(self.keep) + self.intercept
        if self.m == 0:
            raise Fault("there is neither an intercept nor a feature")
        centre, scale, keep, ones = self.centre[self.keep], self.scale[self.keep], self.keep, self.intercept

        def ready(array):
            x = (array[:, 1:][:, keep] - centre) / scale
            return (np.hstack([np.ones((len(x), 1)), x]) if ones else x), place[array[:, 0].astype(int)]
        self.ready = ready
        self.blocks = blocks_of(d.training(), ["y"] + names).mapValues(ready).persist(StorageLevel.MEMORY_AND_DISK)
        # λ/2 of the coefficients as they are for the columns, not for the scaled ones.
        self.ridge = o.l2 * np.tile(np.concatenate([np.zeros(int(ones)), 1 / scale ** 2]), self.sets)

    def evaluate(self, theta, second=True):
        base = self.base
        parts = over(self.blocks, lambda _, b: logistic_pass(*b, theta, base, second))
        flat = theta.ravel()
        loss = math.fsum(p[0] for p in parts)
        gradient = total([p[1] for p in parts]).ravel() + self.ridge * flat
        magnitude = total([p[2] for p in parts]).ravel() + abs(self.ridge * flat)
        hessian = total([p[3] for p in parts]) + np.diag(self.ridge) if second else None
        return loss, loss + 0.5 * float(self.ridge @ flat ** 2), gradient, magnitude, hessian

    def start(self):
        """MLlib's fit, which ends early, as the first guess."""
        from pyspark.ml.classification import LogisticRegression
        from pyspark.ml.feature import VectorAssembler
        theta = np.zeros((self.sets, self.m))
        if not self.keep or self.n < 2:
            return theta
        names, labels = [f"x{k}" for k in self.keep], self.labels
        rows = self.d.training()
        for name, c, s in zip(names, self.centre[self.keep], self.scale[self.keep]):
            rows = rows.withColumn(name, (F.col(name) - F.lit(float(c))) / F.lit(float(s)))
        y = F.col("y")
        if self.places()[0] and len(labels) == 2:
            y = 1.0 - y
        rows = VectorAssembler(inputCols=names, outputCol="features").transform(rows.withColumn("label", y)).select("features", "label")
        model = LogisticRegression(maxIter=30, tol=1e-6, regParam=self.o.l2 / self.n, standardization=self.o.l2 == 0, fitIntercept=self.intercept,
                                   family="binomial" if len(labels) == 2 else "multinomial").fit(rows)
        b = model.coefficientMatrix.toArray()
        b = np.hstack([model.interceptVector.toArray()[:, None], b]) if self.intercept else b
        return b if len(b) == self.sets else b[1:] - b[:1]

    def separates(self, direction):
        """Does no row lose by a move in this direction?  Then there is no finite best."""
        base = self.base

        def least(x, y):
            eta = x @ direction.T
            if base:
                eta = np.hstack([np.zeros((len(eta), 1)), eta])
            own = eta[np.arange(len(y)), y].copy()
            eta[np.arange(len(y)), y] = -np.inf
            margin = own - eta.max(axis=1)
            return margin.min(), abs(margin).max()
        parts = over(self.blocks, lambda _, b: least(*b))
        most = max(p[1] for p in parts)
        return most > 0 and min(p[0] for p in parts) >= -1e-8 * most

    def fit(self):
        theta = self.start()
        most, extra = self.o.max_iterations, False
        self.iterations, self.converged = 0, False
        now = self.evaluate(theta)
        while True:
            loss, objective, gradient, magnitude, hessian = now
            self.gradient_norm = float(np.max(np.where(magnitude > 0, abs(gradient) / np.where(magnitude > 0, magnitude, 1), 0)))
            step = -np.linalg.lstsq(hessian, gradient, rcond=1e-14)[0].reshape(theta.shape)
            if extra:
                break
            if not self.o.l2 and np.max(abs(step)) > 0.02 and (self.separates(step) or self.separates(theta)):
                raise Fault("separation: the features separate the labels; no finite maximum-likelihood estimate exists; --l2 gives one")
            near = np.max(abs(step)) <= 1e-4 * max(1.0, np.max(abs(theta)))
            self.converged = extra = self.gradient_norm <= 1e-10 and near
            if not extra and self.iterations >= most:
                break
            self.iterations += 1
            for _ in range(40):
                after = self.evaluate(theta + step)
                if after[1] <= objective + 1e-12 * abs(objective):
                    break
                step = step / 2
            theta, now = theta + step, after
        self.theta, self.loss, self.hessian = theta, loss, hessian
        self.d.doubt(math.sqrt(np.linalg.cond(hessian)))
        if not self.converged:
            text = f"not converged after {self.iterations} iterations: the gradient's norm is {self.gradient_norm:.3g}"
            if not self.o.keep:
                raise Fault(text)
            self.d.warnings.append(text)

    def coefficients(self):
        k, o = len(self.keep), self.o
        back = np.diag(np.concatenate([np.ones(int(self.intercept)), 1 / self.scale[self.keep]]))
        if self.intercept:
            back[0, 1:] = -self.centre[self.keep] / self.scale[self.keep]
        b = self.theta @ back.T
        if self.intercept and not self.base:
            b[:, 0] -= b[:, 0].mean()
        errors = None
        if not o.l2 and b.size <= 2000:
            whole = np.kron(np.eye(self.sets), back)
            errors = np.sqrt(np.diag(whole @ np.linalg.inv(self.hessian) @ whole.T)).reshape(b.shape)
        q = quantile_of(normal_tails, o.level)
        out = []
        for s, label in enumerate(self.labels[len(self.labels) - self.sets:]):
            for j, name in enumerate((["(intercept)"] if self.intercept else []) + self.d.names):
                c = {"label": label, "name": name, **dict.fromkeys(("estimate", "std_error", "z", "p", "ci_low", "ci_high", "odds_ratio"))}
                column = j - self.intercept
                if column < 0 or column in self.keep:
                    at = 0 if column < 0 else self.keep.index(column) + self.intercept
                    e = float(b[s, at])
                    c.update(estimate=e, odds_ratio=math.exp(e) if e < 709 else None)
                    if errors is not None:
                        error = float(errors[s, at])
                        c.update(std_error=error, z=e / error, p=normal_tails(e / error), ci_low=e - q * error, ci_high=e + q * error)
                out.append(c)
        self.k = k
        return out

    def model(self):
        """What sdp-logreg --predict computes with: coefficients of the columns less their centres."""
        for j, name in enumerate((["(intercept)"] if self.intercept else []) + self.d.names):
            column = j - self.intercept
            if column >= 0 and column not in self.keep:
                yield {"name": name, "coefficients": None, "centre": None, "scale": None}
                continue
            at = 0 if column < 0 else self.keep.index(column) + self.intercept
            centre, scale = (0.0, 1.0) if column < 0 else (self.centre[column], self.scale[column])
            yield {"name": name, "coefficients": [decimal_text(t / scale) for t in self.theta[:, at]], "centre": decimal_text(centre), "scale": "1"}

    def scores(self, held):
        """Confusion, log loss, Brier score and areas of the rows of the fit, or of those held out."""
        d, o, theta, base, binary = self.d, self.o, self.theta, self.base, len(self.labels) == 2
        names = [f"x{k}" for k in range(d.count)]
        frame = d.frame.where(F.col("held")) if held else d.training()
        blocks = blocks_of(frame, ["y"] + names).mapValues(self.ready) if held else self.blocks
        size, threshold = len(self.labels), o.threshold

        def judge(x, y):
            log_p = softmax(x @ theta.T, base)
            p = np.exp(log_p)
            guess = (p[:, 1] >= threshold).astype(int) if binary else p.argmax(axis=1)
            table = np.zeros((size, size), dtype=np.int64)
            np.add.at(table, (y, guess), 1)
            hit = y[:, None] == np.arange(size)
            brier = ((hit[:, 1] - p[:, 1]) ** 2).sum() if binary else ((hit - p) ** 2).sum()
            return table, -log_p[np.arange(len(y)), y].sum(), brier
        parts = over(blocks, lambda _, b: judge(*b))
        if not parts:
            return None
        table, n = total([p[0] for p in parts]), 0
        n = int(table.sum())
        areas = self.areas(frame)
        by_label = []
        for k, label in enumerate(self.labels):
            hits, found, support = int(table[k, k]), int(table[:, k].sum()), int(table[k].sum())
            by_label.append({"label": label, "precision": hits / found if found else 0, "recall": hits / support if support else 0,
                             "f1": 2 * hits / (found + support) if found + support else 0, "support": support, "auc": areas[k]})
        m = {"accuracy": int(np.trace(table)) / n}
        macro = {f: math.fsum(r[f] for r in by_label) / size for f in ("precision", "recall", "f1")}
        weighted = {f: math.fsum(r[f] * r["support"] for r in by_label) / n for f in macro}
        m.update({f: by_label[1][f] if binary else macro[f] for f in macro})
        m.update({f"{f}_macro": macro[f] for f in macro})
        m.update({f"{f}_weighted": weighted[f] for f in macro})
        m["log_loss"] = math.fsum(p[1] for p in parts) / n
        m["brier"] = math.fsum(p[2] for p in parts) / n
        m["auc"] = areas[1] if binary else None if None in areas else math.fsum(areas) / size
        return m, by_label, table.tolist()

    def areas(self, frame):
        """Of every label against the rest, the area under the ROC curve: MLlib's, over all thresholds."""
        from pyspark.ml.evaluation import BinaryClassificationEvaluator
        evaluator = BinaryClassificationEvaluator(rawPredictionCol="score", labelCol="is", numBins=0)
        eta = []
        for b in self.theta:
            e = F.lit(float(b[0]) if self.intercept else 0.0)
            for c, j in zip(b[self.intercept:], self.keep):
                e = e + F.lit(float(c / self.scale[j])) * (F.col(f"x{j}") - F.lit(float(self.centre[j])))
            eta.append(e)
        size, place = len(self.labels), self.places()
        if size == 2:
            scored = [(1, eta[0])]
        else:
            if self.base:
                eta = [F.lit(0.0)] + eta
            top = F.greatest(*eta)
            whole = sum((F.exp(e - top) for e in eta[1:]), F.exp(eta[0] - top))
            scored = [(k, F.exp(e - top) / whole) for k, e in enumerate(eta)]
        out = []
        for k, score in scored:
            rows = frame.select(score.alias("score"), (F.col("y") == float(place[k])).cast("double").alias("is")).persist()
            n = rows.agg(F.sum("is"), F.count("*")).head()
            out.append(evaluator.evaluate(rows) if n[1] and 0 < n[0] < n[1] else None)
            rows.unpersist()
        return out * 2 if size == 2 else out

    def places(self):
        """The codes in the frame, which are in the labels' order, of labels as they are ordered here."""
        codes = sorted(self.labels, key=str.encode)
        return [codes.index(v) for v in self.labels]


def logistic_regression(spark, o):
    table = Table(spark, o)
    d = Design(table, o, labels=True)
    fit = Logistic(d, o)
    fit.fit()
    coefficients = fit.coefficients()
    m, by_label, confusion = fit.scores(held=False)
    counts = [r["support"] for r in by_label]
    n, p = d.used, fit.sets * fit.m
    ll = -fit.loss
    null = math.fsum(c * math.log(c / n) for c in counts if c) if fit.intercept else -n * math.log(len(counts))
    m.update(log_likelihood=ll, null_log_likelihood=null, deviance=-2 * ll, mcfadden_r2=1 - ll / null if null else None,
             llr=None, llr_p=None, aic=None, bic=None)
    if not o.l2:
        free = p - (fit.sets if fit.intercept else 0)
        m.update(llr=2 * (ll - null), llr_p=chi_square_tail(2 * (ll - null), free) if free else None, aic=-2 * ll + 2 * p,
                 bic=-2 * ll + p * math.log(n))
    doc = {**d.head(LOGISTIC), "coefficients": coefficients, "metrics": m, "by_label": by_label, "confusion": confusion}
    if o.test_fraction:
        held = fit.scores(held=True)
        doc["test_metrics"] = {"rows_used": sum(map(sum, held[2])), **held[0], "confusion": held[2]} if held else None
    doc.update(iterations=fit.iterations, converged=fit.converged, gradient_norm=fit.gradient_norm)
    if len(fit.labels) == 2:
        doc["threshold"] = o.threshold
    return {**doc, "l2": o.l2, "level": o.level, "model": list(fit.model()), **d.tail()}
