# Clocks of time zones, and the starts of buckets on them.
import bisect
import datetime
import math
import re

from pyspark.sql import functions as F

EPOCH = datetime.datetime(1970, 1, 1)
UNITS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400, "w": 7 * 86400, "mo": 1, "q": 3, "y": 12}
BUCKETS_MOST = 5_000_000


def day_number(year, month, day):
    """Days since 1970 of a date of any year; ValueError if there is no such day."""
    cycles = (2000 - year) // 400
    return datetime.date(year + 400 * cycles, month, day).toordinal() - 719163 - 146097 * cycles


def wall(seconds):
    """Whole seconds of a clock as a date and time of Python's years, 1 to 9999, and the years to add to that."""
    cycles = (seconds < -62104060800) - (seconds > 253370764800)  # within years 2 and 9998
    return EPOCH + datetime.timedelta(seconds=int(seconds) + 146097 * 86400 * cycles), -400 * cycles


def seconds_of(moment):
    delta = moment.replace(tzinfo=None) - EPOCH
    return delta.days * 86400 + delta.seconds


class Clock:
    """A zone's offsets between two instants: .changes are (instant, offset before, offset behind)."""

    def __init__(self, zone, low, high):
        self.zone, self.changes = zone, []
        self.fixed = 0 if zone is None else None
        if zone is None:
            return
        at, step = low - 86400 * 400, 86400 * 5
        offset = self._ask(at)
        self.first = offset
        while at < high + 86400 * 400:
            there = self._ask(at + step)
            if there != offset:
                a, b = at, at + step
                while b - a > 1:
                    a, b = ((a + b) // 2, b) if self._ask((a + b) // 2) == offset else (a, (a + b) // 2)
                there = self._ask(b)
                self.changes.append((b, offset, there))
                offset, at = there, b
            else:
                at += step

    def _ask(self, instant):
        moment = wall(instant)[0].replace(tzinfo=datetime.timezone.utc).astimezone(self.zone)
        return int(moment.utcoffset().total_seconds())

    def offset(self, instant):
        if self.fixed is not None:
            return self.fixed
        behind = self.first
        for at, _, after in self.changes:
            if instant < at:
                break
            behind = after
        return behind

    def instant(self, local):
        """Of a time on the clock: of two the first; of one that was left out, the change itself."""
        if self.fixed is not None:
            return local - self.fixed
        offset = self.first
        for at, before, after in self.changes:
            if at + before <= local < at + after:
                return at
            if local < at + max(before, after):
                break
            offset = after
        return local - offset

    def offsets(self, frame, column, local=False):
        """A column with the offset at a column of instants, or at times on the clock as cells without a zone are read."""
        if self.fixed is not None:
            return frame, F.lit(self.fixed)
        points = [at + (max(before, after) if local else 0) for at, before, after in self.changes]
        frame, index = located(frame, column, points)
        return frame, F.element_at(F.array(*[F.lit(o) for o in [self.first] + [after for _, _, after in self.changes]]), index + 1)

    def date(self, instant):
        moment, years = wall(instant + self.offset(instant))
        return f"{moment.year + years:04}-" + moment.strftime("%m-%d")

    def text(self, instant, zoned=True, digits=""):
        offset = self.offset(instant)
        text = self.date(instant) + wall(instant + offset)[0].strftime("T%H:%M:%S") + digits
        if not zoned:
            return text
        if offset == 0 and (self.zone is None or str(self.zone) == "UTC"):
            return text + "Z"
        hours, rest = divmod(abs(offset), 3600)
        return text + f"{'-' if offset < 0 else '+'}{hours:02}:{rest // 60:02}" + (f":{rest % 60:02}" if rest % 60 else "")


def located(frame, column, points):
    """How many of the ascending points are at or before the whole numbers in a column: by MLlib's Bucketizer."""
    from pyspark.ml.feature import Bucketizer
    points = sorted(set(points))
    if not points:
        return frame, F.lit(0)
    name = f"_in{len(frame.columns)}"
    frame = frame.withColumn(name + "d", column.cast("double"))
    frame = Bucketizer(splits=[-math.inf] + [float(p) for p in points] + [math.inf], inputCol=name + "d", outputCol=name).transform(frame)
    return frame, F.col(name).cast("int")


class Steps:
    """The starts of buckets on a clock; order matters: .start of an instant, .after a start, both in seconds."""

    def __init__(self, every, clock, origin, low, high):
        found = re.fullmatch(r"([0-9]{1,9})(s|m|min|h|d|w|mo|q|y)", every)
        if not found or int(found[1]) == 0:
            raise Fault(f"--every: not a whole number of s, m, h, d, w, mo, q or y, at least 1: {quoted(every)}", 2)
        self.clock, self.n, self.unit = clock, int(found[1]) * UNITS[found[2]], found[2]
        self.short = self.unit in ("s", "m", "min", "h")
        months = self.unit in ("mo", "q", "y")
        default = seconds_of(datetime.datetime(2000, 1, 1) if months else datetime.datetime(2000, 1, 3))
        self.origin = default if origin is None else origin
        self.midnight = (months or self.n % 86400 == 0) and self.origin % 86400 == 0
        if months and wall(self.origin)[0].day > 28:
            raise Fault("--origin: months must begin by the 28th", 2)
        if (high - low) / (self.n * (2629746 if months else 1)) > BUCKETS_MOST:
            raise Fault(f"more than {BUCKETS_MOST} buckets")
        self.edges = None if self.short else self._make_edges(low, high, months)
        if self.short:
            self._make_segments()

    def _make_edges(self, low, high, months):
        if not months:
            first = (low - 2 * 86400 - self.origin) // self.n
            last = (high + 2 * 86400 - self.origin) // self.n + 2
            return [self.clock.instant(self.origin + k * self.n) for k in range(first, last + 1)]
        start, years = wall(self.origin)
        base = (start.year + years) * 12 + start.month - 1

        def at(k):
            year, month = divmod(base + k * self.n, 12)
            day, of_day = day_number(year, month + 1, start.day), start.hour * 3600 + start.minute * 60 + start.second
            return self.clock.instant(day * 86400 + of_day)
        begin, end = ((moment.year + years) * 12 + moment.month - 1 - base for moment, years in (wall(low), wall(high)))
        first, last = begin // self.n - 2, end // self.n + 3
        return [at(k) for k in range(max(first, -(base // self.n)), last + 1)]

    def _grid(self, local):
        return (local - self.origin) // self.n * self.n + self.origin

    def _make_segments(self):
        """Between changes of the clock starts lie evenly; .carry is the start of the bucket that goes on through a change."""
        self.segments = [(-math.inf, self.clock.offset(-10**12), None)]
        if self.clock.fixed is None:
            self.segments = [(-math.inf, self.clock.first, None)]
        for at, before, after in self.clock.changes:
            jumped = after > before and self._grid(at + after) >= at + before
            self.segments.append((at, after, at if jumped else self.start(at - 1)))

    def start(self, t):
        if not self.short:
            return self.edges[bisect.bisect_right(self.edges, t) - 1]
        begin, offset, carry = next(s for s in reversed(self.segments) if s[0] <= t)
        start = self._grid(t + offset) - offset
        return start if start >= begin else carry

    def after(self, start):
        if not self.short:
            return self.edges[bisect.bisect_right(self.edges, start)]
        t = start
        while True:
            k = max(i for i, s in enumerate(self.segments) if s[0] <= t)
            following = self._grid(t + self.segments[k][1]) + self.n - self.segments[k][1]
            end = self.segments[k + 1][0] if k + 1 < len(self.segments) else math.inf
            if following < end:
                return following
            if self.start(end) > start:
                return self.start(end)
            t = end

    def column(self, frame, t):
        """A column with the start of the bucket of whole seconds."""
        if not self.short:
            frame, index = located(frame, t, self.edges)
            # Edges that fall together, at a change of the clock, are one.
            return frame, F.element_at(F.array(*[F.lit(e).cast("long") for e in sorted(set(self.edges))]), index)
        if len(self.segments) == 1:
            offset = self.segments[0][1]
            return frame, t - F.pmod(t + F.lit(offset) - F.lit(self.origin), F.lit(self.n))
        frame, index = located(frame, t, [s[0] for s in self.segments[1:]])

        def of(part):
            return F.element_at(F.array(*[F.lit(int(max(p, -10**15)) if p is not None else 0).cast("long") for p in part]), index + 1)
        begin, offset, carry = (of([s[k] for s in self.segments]) for k in range(3))
        start = t - F.pmod(t + offset - F.lit(self.origin), F.lit(self.n))
        return frame, F.when(start >= begin, start).otherwise(carry)
