"""sdp-timeseries against Python's zoneinfo and plain arithmetic on fractions."""
import csv
import datetime
import io
import json
import random
import zoneinfo
from fractions import Fraction

import judge

UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1)
AWARE = EPOCH.replace(tzinfo=UTC)
ZONES = """Africa/Casablanca Africa/Monrovia America/Argentina/San_Luis America/Havana America/New_York America/Nuuk
America/Santiago America/Sao_Paulo America/St_Johns Antarctica/Troll Asia/Beirut Asia/Gaza Asia/Kathmandu Asia/Pyongyang
Asia/Tehran Australia/Lord_Howe Australia/Sydney Europe/Berlin Europe/Dublin Europe/London Pacific/Apia Pacific/Chatham
Pacific/Kiritimati Etc/GMT+5 UTC""".split()
zoneinfo.reset_tzpath(["/usr/share/zoneinfo"])
rng = random.Random(7)


def rows(*args, stdin):
    text = judge.run("sdp-timeseries", "-f", "csv", *args, stdin=stdin.encode())
    return list(csv.DictReader(io.StringIO(text.decode())))


def offset(zone, second):
    return int((AWARE + datetime.timedelta(seconds=second)).astimezone(zone).utcoffset().total_seconds())


def changes(zone, start, end, step=86400 * 5):
    """The instants between start and end at which the zone's offset changes."""
    found = []
    for second in range(start, end, step):
        low, high = second, second + step
        if offset(zone, low) == offset(zone, high):
            continue
        while high - low > 1:
            middle = (low + high) // 2
            if offset(zone, middle) == offset(zone, low):
                low = middle
            else:
                high = middle
        found.append(high)
    return found


def local(second):
    return (EPOCH + datetime.timedelta(seconds=second)).isoformat()


def instants(name, zone, around):
    """Instants come out as the zone's clock shows them."""
    seconds = {rng.randrange(-5 * 10**9, 10**10) for _ in range(100)}
    seconds |= {t + d for t in around for d in (-3601, -1, 0, 1, 1800)}
    got = {row["start"].replace("Z", "+00:00") for row in rows("--tz", name, "--every", "1s", "--agg", "count", "--time-format", "s", "-t", "t",
                                        stdin="t\n" + "".join(f"{s}\n" for s in sorted(seconds, key=lambda s: s % 97)))}
    wanted = {(AWARE + datetime.timedelta(seconds=s)).astimezone(zone).isoformat() for s in seconds}
    return [f"{name}: got {g}" for g in sorted(got - wanted)] + [f"{name}: not {w}" for w in sorted(wanted - got)]


def locals_(name, zone, around):
    """Local times become the first instant that shows them; where there is none, as much later as the clock jumped."""
    problems, twice, never = [], 0, 0
    seconds = {t + offset(zone, t) + d for t in around for d in range(-7200, 7201, 900)}
    wanted = set()
    for s in seconds:
        wall = EPOCH + datetime.timedelta(seconds=s)
        first, second = (wall.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
        instant = first.astimezone(UTC)
        wanted.add(instant.astimezone(zone).isoformat())
        there = instant.astimezone(zone).replace(tzinfo=None, fold=0) == wall
        twice += there and first.utcoffset() != second.utcoffset()
        never += not there
    stdin = "t\n" + "".join(local(s) + "\n" for s in seconds)
    doc = judge.document("sdp-timeseries", "--tz", name, "--every", "1s", "--agg", "count", "-t", "t", stdin=stdin.encode())
    got = {b["start"].replace("Z", "+00:00") for b in doc["buckets"]}
    problems += [f"{name}: got {g}" for g in sorted(got - wanted)] + [f"{name}: not {w}" for w in sorted(wanted - got)]
    told = [int(w.split()[-1]) for w in doc["warnings"]]
    if told != [n for n in (twice, never) if n]:
        problems.append(f"{name}: {doc['warnings']}, but {twice} twice, {never} never")
    return problems


def grid(wall, every):
    """The last grid time at or before a local time."""
    count, unit = int("".join(c for c in every if c.isdigit())), every.lstrip("0123456789")
    if unit in ("mo", "q", "y"):
        day = EPOCH + datetime.timedelta(seconds=wall)
        months = count * {"mo": 1, "q": 3, "y": 12}[unit]
        month = day.year * 12 + day.month - 1
        month -= (month - 24000) % months
        return int((datetime.datetime(month // 12, month % 12 + 1, 1) - EPOCH).total_seconds())
    step = count * {"m": 60, "h": 3600, "d": 86400, "w": 604800}[unit]
    return wall - (wall - 946857600) % step  # 2000-01-03


def edges(zone, every, start, end):
    """Edges by the definition, minute by minute; the time before start must be without changes."""
    found, before, latest = [], offset(zone, start - 60), start - 60 + offset(zone, start - 60)
    for now in range(start, end, 60):
        after = offset(zone, now)
        wall, shown = now + after, now - 60 + before
        edge = grid(wall, every) >= shown + 60 if after > before else grid(wall, every) == wall
        if edge and not (every[-1] in "dwoqy" and wall <= latest):
            found.append(now)
        latest, before = max(latest, wall), after
    return found


def buckets(name, zone, around):
    """Rows fall into the bucket between the edges around them."""
    problems = []
    for change in around:
        if change % 60 or offset(zone, change - 1) % 60 or offset(zone, change) % 60:
            continue
        for every in ("7m", "30m", "1h", "2h", "5h", "6h", "1d", "2d"):
            have = edges(zone, every, change - 4 * 86400, change + 3 * 86400)
            seconds = [change + rng.randrange(-86400, 86400) for _ in range(10)] + [change - 1, change, change + 1]
            wanted = sorted({max(e for e in have if e <= s) for s in seconds})
            stdin = "t\n" + "".join(f"{s}\n" for s in seconds)
            got = rows("--tz", name, "--every", every, "--agg", "count", "-t", "t", "--time-format", "s", stdin=stdin)
            text = [(AWARE + datetime.timedelta(seconds=e)).astimezone(zone).isoformat() for e in wanted]
            if [r["start"] for r in got] != text:
                problems.append(f"{name} {every} at {change}: {[r['start'] for r in got]} for {text}")
    return problems


for what, test in (("instants", instants), ("local times", locals_), ("buckets", buckets)):
    problems = []
    for name in ZONES:
        zone = zoneinfo.ZoneInfo(name)
        found = changes(zone, 0, 2 * 10**9) + changes(zone, 6 * 10**9, 6 * 10**9 + 4 * 10**7)
        problems += test(name, zone, rng.sample(found, min(len(found), 6 if test is not buckets else 2)))
    judge.check(what, problems)


def figures():
    """Figures of hours of decimals, as exact fractions rounded once, whatever the order of rows."""
    data = [(rng.randrange(10**9, 10**9 + 10**5), rng.randrange(-10**9, 10**9), rng.randrange(0, 7)) for _ in range(2000)]
    hours = {}
    for second, mantissa, scale in data:
        hours.setdefault(second // 3600, []).append(Fraction(mantissa, 10**scale))
    stdin = "t,v\n" + "".join(f"{s},{m}e-{k}\n" for s, m, k in data)
    got = rows("--every", "1h", "--agg", "count,sum,mean,stddev,min,max,range", stdin=stdin, *("-t", "t"))
    problems = [] if len(got) == len(hours) else [f"{len(got)} buckets for {len(hours)}"]
    for row, hour in zip(got, sorted(hours)):
        x = hours[hour]
        n, total = len(x), sum(x)
        variance = (n * sum(v * v for v in x) - total * total) / (n * (n - 1)) if n > 1 else None
        wanted = {"count": n, "sum": judge.nearest(total), "mean": judge.nearest(total / n), "min": judge.nearest(min(x)),
                  "max": judge.nearest(max(x)), "range": judge.nearest(max(x) - min(x)),
                  "stddev": judge.root(variance) if n > 1 else None}
        for name, value in wanted.items():
            if (float(row[name]) if row[name] else None) != value:
                problems.append(f"hour {hour}: {name} {row[name]}, not {value}")
    return problems


judge.check("figures", figures())


def far(name, got, wanted):
    """Which of two lists of numbers differ by more than 1e-9."""
    pairs = zip(got, wanted, strict=True)
    return [f"{name} {i}: {g}, not {w}" for i, (g, w) in enumerate(pairs)
            if (g is None) != (w is None) or (g is not None and abs(g - w) > 1e-9 * max(1, abs(w)))]


def airline(*args):
    return judge.document("sdp-timeseries", "-t", "Date", "--value", "Passengers", *args, judge.path("examples", "data", "airline_passengers.csv"))


def correlations(reference, *every):
    lags = airline("--acf", str(len(reference["acf"]) - 1), *every)["acf"]
    problems = far("acf", [r["acf"] for r in lags], reference["acf"]) + far("pacf", [r["pacf"] for r in lags], reference["pacf_ywm"])
    for test in reference["ljung_box"]:
        problems += far("Q and p", [lags[test["lag"]]["ljung_box"], lags[test["lag"]]["p"]], [test["q"], test["p"]])
    return problems


def parts(reference, kind):
    found = airline("--every", "1mo", "--decompose", kind, "--period", "12")["buckets"]
    wanted = reference["decompose_" + kind]
    season = wanted["seasonal_one_period"] * (len(found) // 12)
    return (far("trend", [r["trend"] for r in found], wanted["trend"]) + far("residual", [r["residual"] for r in found], wanted["resid"]) +
            far("seasonal", [r["seasonal"] for r in found], season))


with open(judge.path("tests", "data", "timeseries", "airline_passengers.json"), encoding="utf-8") as f:
    statsmodels = json.load(f)
judge.check("autocorrelations of rows", correlations(statsmodels))
judge.check("autocorrelations of buckets", correlations(statsmodels, "--every", "1mo"))
for kind in "additive", "multiplicative":
    judge.check(f"{kind} decomposition", parts(statsmodels, kind))
tail = [r["window_mean"] for r in airline("--window", "3")["buckets"]][-5:]
judge.check("moving average", far("mean", tail, statsmodels["moving_average_3_trailing_tail"]))
tail = [r["ewma"] for r in airline("--ewma", "0.3")["buckets"]][-5:]
judge.check("exponential average", far("ewma", tail, statsmodels["ewm_alpha_0.3_adjust_false_tail"]))
judge.end()
