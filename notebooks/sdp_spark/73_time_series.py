# Time series: sdp-timeseries(1).
import math
import re
from decimal import Decimal

from pyspark import StorageLevel
from pyspark.sql import functions as F

# The options that make series, and the fields that they make.
DERIVED = {"window": WINDOW_FIGURES, "ewma": ("ewma",), "lag": ("lag",), "diff": ("diff",), "pct_change": ("pct_change",),
           "cumulative": ("cumulative",), "decompose": ("trend", "seasonal", "residual"),
           "acf": ("lag", "acf", "acf_band", "pacf", "pacf_band", "ljung_box", "p")}


def check_series(o):
    """Which of the options that make series is given; there is one at most."""
    derive = [name for name in DERIVED if getattr(o, name) not in (None, False)]
    refuse_any(
        (len(derive) > 1, "only one of --window, --ewma, --lag, --diff, --pct-change, --cumulative, --decompose and --acf can be given"),
        ((o.center or o.min_periods) and not o.window, "--center and --min-periods need --window"),
        (bool(o.decompose) != bool(o.period), "--decompose and --period need each other"),
        (bool(o.every) == bool(o.profile) and (o.every or not derive), "one of --every (length of buckets) and --profile must be given"),
        (o.profile and derive, "--profile cannot be combined with an option that needs a series"))
    if o.window and not re.fullmatch("[1-9][0-9]{0,8}", o.window):
        span_of(o.window)
    elif o.window and (o.min_periods or 0) > int(o.window):
        raise Fault(f"--min-periods: {o.min_periods} is more than --window {o.window}", 2)
    if not o.every:
        refuse_given(o, "origin label closed fill", "with --profile") if o.profile else refuse_given(
            o, "origin label closed fill agg", "without --every, which makes buckets")
    return derive


def value_columns(table, times, by, o):
    """The columns of --value, or all of numbers that are not named otherwise; none where rows are counted."""
    if o.value is None and o.agg == "count":
        return []
    values = table.choose(o.value) if o.value is not None else [i for i in range(len(table.names)) if i != times.i and i not in by]
    table.know(values)
    if o.value is not None:
        table.numbers(values)
    return [i for i in values if table.types[i] in NUMERIC]


def on_clock(table, times, o):
    """The rows with a time between --from and --to, _t being its instant; the clock, the two bounds, warnings."""
    frame, warnings = table.frame.withColumn("_t", times.raw(times.c)), []
    if o.time_format or times.unit:
        wrong = frame.where(times.c.isNotNull() & F.col("_t").isNull()).select(times.c).head()
        if wrong:
            how = "does not match --time-format" if times.pattern else "not a time of the years 0 to 9999"
            raise Fault(f"column {quoted(table.names[times.i])}: {how}: {quoted(wrong[0])}{times.pattern.hint if times.pattern else ''}")
    low, high = frame.agg(F.min("_t"), F.max("_t")).head()
    given = {what: times.moment(getattr(o, what), what) for what in ("from", "to") if getattr(o, what) is not None}
    reach = [v for v in (low, high) if v is not None] + [value for value, _ in given.values()] or [Decimal(0)]
    clock, bounds = Clock(times.zone, int(min(reach)), int(max(reach))), {}
    if times.local and times.zone:
        warnings = doubtful(frame, clock)
        frame, offset = clock.offsets(frame, F.floor("_t"), local=True)
        frame = frame.withColumn("_t", (F.col("_t") - offset.cast("decimal(10,0)")).cast("decimal(21,9)"))
    for what, (value, has_zone) in given.items():
        bounds[what] = value if has_zone or not times.zone else Decimal(clock.instant(int(value))) + value % 1
        frame = frame.where(F.col("_t") >= F.lit(bounds[what]) if what == "from" else F.col("_t") < F.lit(bounds[what]))
    return frame.where(F.col("_t").isNotNull()).persist(StorageLevel.MEMORY_AND_DISK), clock, bounds, warnings


def time_series(spark, o):
    derive = check_series(o)
    table = Table(spark, o)
    times = Times(table, o)
    by = table.choose(o.by) if o.by is not None else []
    table.know(by)
    values = value_columns(table, times, by, o)
    near = [] if o.value is not None or o.agg == "count" else table.nearly([i for i in range(len(table.names)) if i != times.i and i not in by],
                                                                            lambda i: "is not used", ("number",))
    if not values and (derive or o.agg not in (None, "count")):
        what = "make a series of" if derive else "aggregate"
        raise Fault(f"no numeric column to {what}: {near[0]}" if near else f"no numeric column to {what}: --value names one", 2 - bool(near))
    frame, clock, bounds, warnings = on_clock(table, times, o)
    warnings += near
    used, zoned = frame.count(), times.zone is not None or not times.local
    doc = {"task": SERIES, "every": o.every, **({"profile": o.profile} if o.profile else {}),
           "timezone": o.tz if times.zone else "UTC" if zoned else None, "time": table.names[times.i],
           **table.counts_of_rows(), "rows_used": used, "rows_dropped": table.rows - used, **({"time_unit": times.unit} if times.unit else {}),
           "duplicates": used - frame.select("_t", *[f"c{i}" for i in by]).distinct().count()}
    s = Series(table, o, times, by, values, clock, zoned, derive, bounds)
    if o.profile:
        s.profile(frame)
    elif o.every:
        s.buckets(frame)
        doc["gaps"] = s.gaps
    else:
        s.of_rows(frame)
    if o.acf:
        doc["acf"] = s.acf
    return {**doc, "buckets": s.out, "warnings": warnings}


def doubtful(frame, clock):
    """Warnings of local times that the clock showed twice or not at all."""
    twice, never, t = F.lit(False), F.lit(False), F.col("_t")
    for at, before, after in clock.changes:
        if after < before:
            twice = twice | ((t >= at + after) & (t < at + before))
        else:
            never = never | ((t >= at + before) & (t < at + after))
    counts = frame.agg(F.sum(twice.cast("long")), F.sum(never.cast("long"))).head()
    texts = ("ambiguous local times (the clock was set back), read as the earlier time: {}",
             "nonexistent local times (the clock was set forward), moved forward by the same amount: {}")
    return [Unsaid(text.format(n)) for text, n in zip(texts, counts) if n]


class Series:
    """Figures of buckets or rows, group by group."""

    def __init__(self, table, o, times, by, values, clock, zoned, derive, bounds):
        self.table, self.o, self.by, self.values, self.clock, self.zoned = table, o, by, values, clock, zoned
        self.dates, self.derive, self.bounds, self.out, self.acf, self.gaps = times.dates, derive, bounds, [], [], 0
        self.figures = aggregates(o.agg or ("count" if not values else "count,mean,min,max,sum,stddev"))
        if not values:
            self.figures = [("count", "count")]
        hidden = {"value", "count", "x", o.profile or o.label, *(name for name, _ in self.figures), *(f for d in derive for f in DERIVED[d])}
        groups = [table.names[i] for i in by]
        for name in groups:
            if name in hidden:
                raise Fault(f"--by: column {quoted(name)} would hide the field of the same name", 2)
            if groups.count(name) > 1:
                raise Fault(f"--by: two columns are named {quoted(name)}: rename one")

    def group_key(self, cells):
        """Nulls last; integers by value, others bytewise."""
        return tuple((c is None, int(c) if c is not None and self.table.types[i] == "integer" else (c or "").encode()) for i, c in zip(self.by, cells))

    def named(self, cells):
        """Integers are numbers, and true and false in lower case booleans; all else is text."""
        found = {}
        for i, c in zip(self.by, cells):
            kind = None if c is None else self.table.types[i]
            found[self.table.names[i]] = int(c) if kind == "integer" else c == "true" if kind == "boolean" and c in ("true", "false") else c
        return found

    def collected(self, frame, key):
        """Rows of figures of every bucket: {group: {key: row}}."""
        t, needs = F.col("_t"), []
        for i in self.values or [None]:
            v = self.table.exact(i) if i is not None else F.lit(1)
            needs += [c.alias(f"v{i}_{name}") for name, c in figure_columns(v, self.figures, t).items()]
        rows = frame.groupBy(*[f"c{i}" for i in self.by], key.alias("_key")).agg(*needs)
        if rows.count() > BUCKETS_MOST:
            raise Fault(f"more than {BUCKETS_MOST} buckets")
        groups = {}
        for row in rows.collect():
            groups.setdefault(tuple(row[:len(self.by)]), {})[row["_key"]] = row
        return sorted(groups.items(), key=lambda g: self.group_key(g[0]))

    def put(self, cells, label, i, figures):
        value = {} if i is None else {"value": self.table.names[i]}
        self.out.append({**self.named(cells), **label, **value, **figures})

    def own(self, row, i):
        prefix = f"v{i}_"
        if row is None:
            return {"count": 0, "figures": {name: 0 if of in ("count", "unique") else None for name, of in self.figures}}
        return {"count": row[prefix + "count"], "figures": {name: figure_of(row, name, of, prefix) for name, of in self.figures}}

    def profile(self, frame):
        t = F.floor("_t").cast("long")
        frame, offset = self.clock.offsets(frame, t)
        local = t + offset
        day = F.floor(local / 86400).cast("int")
        key = {"hour": F.floor(F.pmod(local, F.lit(86400)) / 3600), "weekday": F.pmod(day + 3, F.lit(7)) + 1,
               "month": F.month(F.date_from_unix_date(day))}[self.o.profile]
        for cells, rows in self.collected(frame, key):
            for k in sorted(rows):
                for i in self.values or [None]:
                    self.put(cells, {self.o.profile: int(k)}, i, self.own(rows[k], i)["figures"])

    def buckets(self, frame):
        o, t = self.o, F.floor("_t")
        if o.closed == "right":
            t = F.ceil("_t") - 1
        low, high = frame.agg(F.min("_t"), F.max("_t")).head()
        if low is None:
            return
        ends = [int(math.floor(v)) for v in [low, high, *self.bounds.values()]]
        origin = None
        if o.origin is not None:
            times = Times(self.table, o)
            value, has_zone = times.moment(o.origin, "origin")
            if value % 1:
                raise Fault("--origin: must be a whole second", 2)
            origin = int(value) + (self.clock.offset(int(value)) if has_zone else 0)
        steps = self.steps = Steps(o.every, self.clock, origin, min(ends), max(ends))
        frame, key = steps.column(frame.withColumn("_s", t.cast("long")), F.col("_s"))
        for cells, rows in self.collected(frame, key):
            self.bucket_group(cells, rows)

    def bucket_group(self, cells, rows):
        o, steps = self.o, self.steps
        first, last = min(rows), max(rows)
        starts, at = [], first
        while at <= last:
            starts.append(at)
            at = steps.after(at)
        self.gaps += len(starts) - len(rows)
        if o.fill is not None or self.derive:
            if "from" in self.bounds and o.fill is not None:
                lead, at = [], steps.start(int(math.floor(self.bounds["from"])))
                while at < first:
                    lead.append(at)
                    at = steps.after(at)
                starts = lead + starts
            if "to" in self.bounds and o.fill is not None:
                at = steps.after(starts[-1])
                while at < self.bounds["to"]:
                    starts.append(at)
                    at = steps.after(at)
        else:
            starts = sorted(rows)
        table = {}
        for i in self.values or [None]:
            points = [{"t": s, **self.own(rows.get(s), i)} for s in starts]
            filled(points, o.fill, [name for name, _ in self.figures])
            main = "mean" if not o.agg and self.values else self.figures[0][0]
            for p in points:
                p["x"] = p["figures"].get(main)
            if o.acf:
                self.correlate(cells, i, points)
            table[i] = points, derived(o, points) if self.derive else [{}] * len(points)
        for k, s in enumerate(starts):
            moment = s if o.label == "start" else steps.after(s)
            label = {o.label: self.clock.date(moment) if self.dates and steps.midnight else self.clock.text(moment, self.zoned)}
            for i, (points, more) in table.items():
                self.put(cells, label, i, {**points[k]["figures"], **more[k]})

    def correlate(self, cells, i, points):
        for row in correlations(without_gaps([None if p["x"] is None else p["x"] for p in points]), self.o.acf):
            self.acf.append({**self.named(cells), **({} if i is None else {"value": self.table.names[i]}), **row})

    def of_rows(self, frame):
        """Series of single rows, in order of time, equal times in order of values."""
        if frame.count() > BUCKETS_MOST:
            raise Fault(f"more than {BUCKETS_MOST} rows: make buckets of them (--every)")
        groups = {}
        for row in frame.select(*[f"c{i}" for i in self.by], "_t", *[self.table.exact(i).alias(f"v{i}") for i in self.values]).collect():
            groups.setdefault(tuple(row[:len(self.by)]), []).append(row)
        for cells, rows in sorted(groups.items(), key=lambda g: self.group_key(g[0])):
            table = {}
            for i in self.values:
                ordered = sorted(rows, key=lambda r, i=i: (r["_t"], r[f"v{i}"] is None, r[f"v{i}"] or 0))
                points = [{"t": r["_t"], "x": r[f"v{i}"], "figures": {"x": r[f"v{i}"]}} for r in ordered]
                if self.o.acf:
                    self.correlate(cells, i, points)
                table[i] = points, derived(self.o, points)
            for k in range(len(rows)):
                for i, (points, more) in table.items():
                    t = points[k]["t"]
                    whole = int(math.floor(t))
                    digits = format((t - whole).normalize(), "f")[1:] if t != whole else ""
                    start = self.clock.date(whole) if self.dates else self.clock.text(whole, self.zoned, digits)
                    self.put(cells, {"start": start}, i, {**points[k]["figures"], **more[k]})
