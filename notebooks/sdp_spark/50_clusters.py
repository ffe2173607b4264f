# k-means: sdp-kmeans(1).  MLlib's KMeans measures convergence by centres and leaves empty clusters behind; the iteration here is sdp's.
import math
import re

import numpy as np
from pyspark.sql import functions as F

SILHOUETTE_ROWS = 20000


def distances(x, centers, weight):
    """Squared, of rows to centres, summed in the order of the features."""
    out = np.zeros((len(x), len(centers)))
    for f in range(x.shape[1]):
        out += ((x[:, f, None] - centers[None, :, f]) * weight[f]) ** 2
    return out


def exact_sum(values):
    """The sum of doubles that are not negative, without rounding: a whole number of 2^-1127."""
    mantissa, exponent = np.frexp(values)
    whole = (mantissa * 2.0**53).astype(np.int64)
    parts = ((p, whole[exponent == p]) for p in np.unique(exponent).tolist())
    return sum((int((v >> 26).sum()) << 26) + int((v & 2**26 - 1).sum()) << p + 1127 for p, v in parts)


class Clusters:
    def __init__(self, blocks, features, o, weight):
        self.blocks, self.o, self.weight, self.features = blocks, o, weight, features
        counts = over(blocks, lambda key, x: (key, len(x)))
        self.first = dict(zip([k for k, _ in counts], np.cumsum([0] + [n for _, n in counts[:-1]]).tolist()))
        self.rows = sum(n for _, n in counts)

    def sweep(self, draw, centers, rivals, tries):
        """
        A pass of the seeding of sdp-kmeans: what each candidate for a centre gains, and for each the winners of the exponential race for
        the centre after it, as (random number, row, values); without candidates there is one race.  The same random numbers as there, so
        the same rows.
        """
        first, seed, spread, weight = self.first, self.o.seed, self.o.init == "k-means++", self.weight

        def each(key, x):
            exponential = -np.log(random_unit(seed, first[key] + np.arange(len(x)), draw))
            near = distances(x, centers, weight).min(axis=1) if len(centers) else np.ones(len(x))
            left = np.minimum(near, distances(x, rivals, weight).T)
            races = []
            for w in left if len(rivals) else [near]:
                rate = w if spread or not len(centers) else (w > 0).astype(float)
                with np.errstate(divide="ignore"):
                    number = np.where(rate > 0, exponential / rate, np.inf)
                races.append([(number[i], first[key] + i, x[i]) for i in np.argsort(number, kind="stable")[:tries].tolist() if number[i] < np.inf])
            return [exact_sum(near - w) for w in left], races
        parts = over(self.blocks, each)
        races = [sorted((e for part in parts for e in part[1][i]), key=lambda e: e[:2])[:tries] for i in range(max(len(rivals), 1))]
        return [sum(part[0][i] for part in parts) for i in range(len(rivals))], races

    def seeds(self, k, restart):
        """Greedy k-means++ as that of sdp-kmeans, or rows at random."""
        tries = 2 + int(math.log(k)) if self.o.init == "k-means++" else 1
        centers = rivals = np.zeros((0, self.features))
        while len(centers) < k:
            gains, races = self.sweep(restart << 32 | len(centers) + (len(rivals) > 0), centers, rivals, tries)
            best = gains.index(max(gains)) if gains else 0
            if gains:
                centers = np.vstack([centers, rivals[best]])
                if len(centers) == k:
                    break
            if not races[best]:
                raise Fault(f"only {counted(len(centers), 'distinct row')} for {k} clusters")
            rivals = np.array([values for _, _, values in races[best]])
            if len(centers) == 0 or tries == 1:
                centers, rivals = np.vstack([centers, rivals[:1]]), rivals[:0]
        return centers

    def assign(self, centers, before, moved):
        """Sizes and sums of the clusters, and how many rows have another label than by the centres before and rows moved since."""
        first, weight, k = self.first, self.weight, len(centers)

        def each(key, x):
            label = distances(x, centers, weight).argmin(axis=1)
            changed = len(x)
            if before is not None:
                old = distances(x, before, weight).argmin(axis=1)
                for index, cluster in moved:
                    if 0 <= index - first[key] < len(x):
                        old[index - first[key]] = cluster
                changed = int((old != label).sum())
            return (np.bincount(label, minlength=k), np.array([np.bincount(label, weights=x[:, f], minlength=k) for f in range(x.shape[1])]).T,
                    changed)
        parts = over(self.blocks, each)
        sums = np.array([[math.fsum(p[1][c, f] for p in parts) for f in range(self.features)] for c in range(k)])
        return total([p[0] for p in parts]), sums, sum(p[2] for p in parts)

    def farthest(self, centers, aims, sizes, moved):
        """The row farthest from its centre, of clusters that can spare one: distance, index, label, values."""
        first, weight = self.first, self.weight

        def each(key, x):
            label = distances(x, aims, weight).argmin(axis=1)
            for index, cluster in moved:
                if 0 <= index - first[key] < len(x):
                    label[index - first[key]] = cluster
            far = (((x - centers[label]) * weight) ** 2).sum(axis=1)
            far = np.where(sizes[label] > 1, far, 0)
            at = int(far.argmax())
            return -far[at], first[key] + at, int(label[at]), x[at]
        best = min(over(self.blocks, each), key=lambda r: r[:2])
        return best if best[0] < 0 else None

    def run(self, centers):
        o, k, before, moved = self.o, len(centers), None, []
        iteration = refills = 0
        while True:
            iteration += 1
            aims = centers.copy()
            sizes, sums, changed = self.assign(aims, before, moved)
            moved = []
            centers = centers.copy()
            while (sizes == 0).any():
                best = self.farthest(centers, aims, sizes, moved)
                if best is None:
                    raise Fault(f"only {int((sizes > 0).sum())} distinct rows for {k} clusters")
                empty = int(np.argmin(sizes))
                moved.append((best[1], empty))
                for c, sign in ((best[2], -1), (empty, 1)):
                    sizes[c] += sign
                    sums[c] += sign * best[3]
                centers[empty] = best[3]
                refills += 1
            means = sums / sizes[:, None]
            converged = changed == 0 and iteration > 1 and not moved
            if converged:
                break
            move = math.sqrt((((means - centers) * self.weight) ** 2).sum(axis=1).max())
            before, centers = aims, means
            converged = 0 < o.tolerance >= move
            if converged or iteration == o.max_iterations:
                sizes, sums, _ = self.assign(centers, None, [])
                break
        return {"centers": centers, "sizes": sizes, "sums": sums, "iterations": iteration, "converged": converged, "refills": refills,
                "changed": changed, "inertia": self.inertia(centers)}

    def inertia(self, centers):
        weight = self.weight
        return math.fsum(over(self.blocks, lambda _, x: distances(x, centers, weight).min(axis=1).sum()))

    def metrics(self, r):
        """Of the clusters and their means, in units of deviations where these are given."""
        centers, sizes, k, n, weight = r["centers"], r["sizes"], len(r["centers"]), self.rows, self.weight
        out = {"inertia": r["inertia"], "silhouette_squared": None, "silhouette": None, "calinski_harabasz": None, "davies_bouldin": None}
        if k == 1:
            return out
        means = r["sums"] / np.maximum(sizes, 1)[:, None]
        middle = r["sums"].sum(axis=0) / n

        def spread(_, x):
            label = distances(x, centers, weight).argmin(axis=1)
            own = (((x - means[label]) * weight) ** 2).sum(axis=1)
            return np.bincount(label, weights=own, minlength=k), np.bincount(label, weights=np.sqrt(own), minlength=k)
        parts = over(self.blocks, spread)
        within = np.array([math.fsum(p[0][c] for p in parts) for c in range(k)])
        mean_distance = np.array([math.fsum(p[1][c] for p in parts) for c in range(k)]) / np.maximum(sizes, 1)

        def squared(_, x):
            # Σ over a cluster of squared distances to x: size (|x - mean|² + the cluster's mean square).
            label = distances(x, centers, weight).argmin(axis=1)
            whole = (distances(x, means, weight) + within / np.maximum(sizes, 1)) * sizes
            return silhouette_sum(whole, label, sizes)
        out["silhouette_squared"] = math.fsum(over(self.blocks, squared)) / n
        if n <= SILHOUETTE_ROWS:
            x = np.vstack([b for _, b in sorted(self.blocks.collect(), key=lambda b: b[0])]) * weight
            label = distances(x, centers * weight, np.ones(self.features)).argmin(axis=1)
            sums = []
            for at in range(0, n, 500):
                d = np.sqrt(distances(x[at:at + 500], x, np.ones(self.features)))
                whole = np.array([np.bincount(label, weights=row, minlength=k) for row in d])
                sums.append(silhouette_sum(whole, label[at:at + 500], sizes))
            out["silhouette"] = math.fsum(sums) / n
        between = float((sizes * (((means - middle) * weight) ** 2).sum(axis=1)).sum())
        if within.sum() > 0 and n > k:
            out["calinski_harabasz"] = between / (k - 1) / (within.sum() / (n - k))
        apart = np.sqrt(distances(means, means, weight))
        np.fill_diagonal(apart, np.nan)
        with np.errstate(divide="ignore", invalid="ignore"):
            out["davies_bouldin"] = float(np.nanmax((mean_distance[:, None] + mean_distance[None, :]) / apart, axis=1).mean())
        return out


def silhouette_sum(whole, label, sizes):
    """Σ (b - a) / max(a, b) over rows, from their sums of distances to the rows of every cluster."""
    rows, own = np.arange(len(label)), sizes[label]
    a = whole[rows, label] / np.maximum(own - 1, 1)
    mean = np.where(sizes > 0, whole / np.maximum(sizes, 1), np.inf)
    mean[rows, label] = np.inf
    b = mean.min(axis=1)
    most = np.maximum(a, b)
    return float(np.where((own > 1) & (most > 0), (b - a) / np.where(most > 0, most, 1), 0).sum())


def read_centers(spark, o, names, k):
    """The centres of an init file: columns by name, or without a header in the features' order."""
    import csv
    import gzip
    raw = head_of(spark, o.init, 1 << 26)
    text = (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode("utf-8-sig")
    delimiter = "\t" if "\t" in text.split("\n")[0] and "," not in text.split("\n")[0] else ","
    rows = [r for r in csv.reader(text.splitlines(), delimiter=delimiter) if r]
    try:
        places = range(len(names))
        if rows and not all(re.fullmatch(NUMBER_CELL.replace(r"\z", r"\Z"), c.strip(" \t")) for c in rows[0]):
            places = [rows[0].index(n) for n in names]
            rows = rows[1:]
        centers = np.array([[float(r[p]) for p in places] for r in rows])
    except (ValueError, IndexError) as why:
        raise Fault(f"{o.init}: {why}") from None
    if len(centers) != k:
        raise Fault(f"{o.init}: {counted(len(centers), 'center')} for -k {k}")
    return centers


def cluster_features(table, o):
    """The columns to cluster by, all of numbers; warnings of those that are left out."""
    chosen = table.choose(o.features)
    table.know(chosen)
    warnings = []
    if o.features is None:
        every, left = chosen, [table.names[i] for i in chosen if table.types[i] not in NUMERIC]
        chosen = [i for i in chosen if table.types[i] in NUMERIC]
        if left:
            warnings.append(Unsaid("left out, not numeric: " + listed(left)))
        chosen, ids = leave_out_ids(table, chosen)
        warnings += ids
        warnings += (near := table.nearly(every, lambda i: "is left out", ("number",)))
        if not chosen:
            raise Fault("; ".join(["no column is numeric: there are no features", *near]))
    table.numbers(chosen)
    return chosen, warnings


def kmeans(spark, o):
    numbers = re.fullmatch(r"([0-9]+)(?:\.\.([0-9]+))?", o.clusters)
    low, high = (int(numbers[1]), int(numbers[2] or numbers[1])) if numbers else (0, 0)
    if not 1 <= low <= high <= 10**6:
        raise Fault(f"-k: not a number from 1 to 1000000 or a range A..B: {quoted(o.clusters)}", 2)
    scan, given = low != high, o.init not in ("k-means++", "random")
    if scan and given:
        raise Fault("-k A..B needs --init k-means++ or random, not a file of centers", 2)
    if given and not re.search("[./]", o.init):
        fs, place = file_system(spark, o.init)
        if not fs.exists(place):
            raise Fault(f"--init: not k-means++, random or a file of centers: {quoted(o.init)}", 2)
    table = Table(spark, o)
    chosen, warnings = cluster_features(table, o)
    names = [table.names[i] for i in chosen]
    complete = F.lit(True)
    for i in chosen:
        complete = complete & F.col(f"c{i}").isNotNull()
    frame = table.frame.where(complete).select("_split", "_record", *[table.double(i).alias(f"x{i}") for i in chosen])
    blocks = blocks_of(frame, [f"x{i}" for i in chosen])
    row = frame.agg(F.count("*"), *[f(f"x{i}") for i in chosen for f in (F.avg, F.min, F.max)]).head()
    n = row[0]
    if table.rows == 0:
        raise Fault("there are no rows")
    if n == 0:
        raise Fault(f"none of {counted(table.rows, 'row')} has a value in every feature")
    if n < high:
        raise Fault(f"only {counted(n, 'row')} for {high} clusters")
    for i, least, most in zip(chosen, row[2::3], row[3::3]):
        if max(abs(least), abs(most)) > 1e150:
            raise Fault(f"column {quoted(table.names[i])}: the squares of its numbers are too large for doubles; divide them by a power of ten, or use sdp-kmeans")
    deviations, weight = None, np.ones(len(chosen))
    if o.standardize:
        mean = np.array(row[1::3])
        squares = total(over(blocks, lambda _, x: ((x - mean) ** 2).sum(axis=0)))
        constant = np.array(row[2::3]) == np.array(row[3::3])
        deviations = np.where(constant, 0, np.sqrt(squares / n))
        weight = np.where(constant, 0, 1 / np.where(constant, 1, deviations))
        warnings += [f"column '{v}' is constant: it cannot be standardized and is ignored" for v, c in zip(names, constant) if c]
    c = Clusters(blocks, len(chosen), o, weight)
    results = []
    for k in range(low, high + 1):
        starts = [read_centers(spark, o, names, k)] if given else (c.seeds(k, r) for r in range(o.restarts))
        best = min((c.run(s) for s in starts), key=lambda r: r["inertia"])
        best["metrics"] = c.metrics(best)
        results.append((k, best))
        if not best["converged"]:
            warnings.append(f"k = {k}: not converged: {counted(best['changed'], 'row')} changed cluster in the last iteration, {best['iterations']}")
        if best["refills"]:
            warnings.append(f"k = {k}: clusters that lost all their rows: {best['refills']}; each continued from the row farthest from its center")
    doc = {"task": KMEANS} if scan else {"task": KMEANS, "k": low}
    doc.update(features=names, **table.counts_of_rows(), rows_used=n, rows_dropped=table.rows - n)
    if scan:
        doc["scan"] = [{"k": k, **r["metrics"], "iterations": r["iterations"], "converged": r["converged"]} for k, r in results]
    else:
        r = results[0][1]
        doc.update(centers=r["centers"].tolist(), sizes=r["sizes"].tolist(), metrics=r["metrics"], iterations=r["iterations"],
                   converged=r["converged"])
    return {**doc, "deviations": None if deviations is None else deviations.tolist(), "warnings": warnings}
