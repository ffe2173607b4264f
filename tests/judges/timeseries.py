"""sdp-timeseries against Python's zoneinfo and plain arithmetic on fractions."""
import csv
import datetime
import io
import json
import os
import random
import subprocess
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

# A decimal is printed with all its digits; what is a quotient or a root is the nearest double.
DECIMAL, QUOTIENT, ROOT = 1, 2, 3


def agrees(text, value, kind):
    if value is None or text == "":
        return value is None and text == ""
    if kind == DECIMAL:
        return Fraction(text) == value
    return float(text) == (judge.root(value) if kind == ROOT else judge.nearest(value))


def median(x):
    x, n = sorted(x), len(x)
    return (x[(n - 1) // 2] + x[n // 2]) / 2


AGGREGATES = {"sum": (sum, DECIMAL), "min": (min, DECIMAL), "max": (max, DECIMAL), "mean": (lambda x: sum(x) / len(x), QUOTIENT),
              "median": (median, QUOTIENT), "range": (lambda x: max(x) - min(x), DECIMAL)}
STEPS = ("--cumulative", "--diff", "--pct-change", "--ewma", "--window", "--lag")


def derived(step, x, kind):
    """The columns that a window function adds to a series x, some of which are None: name, values, kind."""
    n, back = len(x), 2
    pairs = [(x[i - back] if i >= back else None, x[i]) for i in range(n)]
    if step == "--cumulative":
        sums = [sum((v for v in x[:i + 1] if v is not None), Fraction(0)) if any(v is not None for v in x[:i + 1]) else None for i in range(n)]
        return [("cumulative", sums, kind)]
    if step == "--lag":
        return [("lag", [a for a, _ in pairs], kind)]
    if step == "--diff":
        return [("diff", [None if a is None or b is None else b - a for a, b in pairs], kind)]
    if step == "--pct-change":
        return [("pct_change", [None if not a or b is None else (b - a) / a for a, b in pairs], QUOTIENT)]
    if step == "--ewma":
        s, averages, alpha = None, [], Fraction(3, 10)
        for v in x:
            s = s if v is None else v if s is None else alpha * v + (1 - alpha) * s
            averages.append(s)
        return [("ewma", averages, QUOTIENT)]
    windows = [[v for v in x[max(0, i - 2):i + 1] if v is not None] for i in range(n)]
    windows = [w if len(w) > 1 else [] for w in windows]
    variance = [(len(w) * sum(v * v for v in w) - sum(w)**2) / (len(w) * (len(w) - 1)) if w else None for w in windows]
    return [("window_sum", [sum(w) if w else None for w in windows], kind), ("window_min", [min(w) if w else None for w in windows], kind),
            ("window_max", [max(w) if w else None for w in windows], kind),
            ("window_mean", [sum(w) / len(w) if w else None for w in windows], QUOTIENT), ("window_stddev", variance, ROOT)]


def series(step, aggregate, fill, digits):
    """A window function on the rows, or on the buckets of days of which some are empty, against fractions."""
    make, kind = AGGREGATES.get(aggregate, (None, DECIMAL))
    days = {}
    for _ in range(60):
        day = rng.randrange(30) if aggregate else len(days)
        days.setdefault(day, []).append((rng.randrange(-10**digits, 10**digits), rng.randrange(digits + 1)))
    texts = {d: [f"{m}e-{k}" if digits <= 17 else f"{m}.{k}" for m, k in v] for d, v in days.items()}
    stdin = "t,v\n" + "".join(f"{EPOCH.date() + datetime.timedelta(days=d)},{text}\n" for d in sorted(texts) for text in texts[d])
    exact = {d: [Fraction(text) for text in v] for d, v in texts.items()}
    x = [make(exact[d]) if aggregate and d in exact else exact[d][0] if d in exact else None for d in range(min(days), max(days) + 1)]
    if fill == "linear":
        kind = kind if all(v is not None for v in x) else QUOTIENT
        known = [i for i, v in enumerate(x) if v is not None]
        for a, b in zip(known, known[1:]):
            for i in range(a + 1, b):
                x[i] = x[a] + (x[b] - x[a]) * (i - a) / (b - a)
    options = {"--cumulative": [], "--ewma": ["0.3"], "--window": ["3", "--min-periods", "2"]}.get(step, ["2"])
    every = ["--every", "1d", "--agg", aggregate, *(["--fill", fill] if fill else [])] if aggregate else []
    got = rows(*every, step, *options, stdin=stdin)
    problems = [] if len(got) == len(x) else [f"{len(got)} rows for {len(x)}"]
    for name, values, how in [(aggregate or "x", x, kind)] + derived(step, x, kind):
        for i, (row, value) in enumerate(zip(got, values)):
            if not agrees(row[name], value, how):
                problems.append(f"{step} {aggregate} {fill} row {i}: {name} {row[name]}, not {value}")
    return problems


found, count = [], 0
for step in STEPS:
    for aggregate in [None, *AGGREGATES]:
        for fill in [None, "linear"] if aggregate else [None]:
            for digits in 3, 9, 17, 25:
                found += series(step, aggregate, fill, digits)
                count += 1
judge.check(f"{count} random series", found)


def texts():
    """Times as Python's strftime writes them, read back by the same pattern; ISO weeks are Python's, too."""
    patterns = ["%Y%m%d%H%M%S", "%d.%m.%Y %I:%M:%S %p", "%G-W%V-%u %T", "%Y %j %H%M%S", "%b %d %Y %H:%M:%S", "%A, %d %B %Y, %H.%M.%S",
                "%m/%d/%Y %l:%M:%S%p", "%d%m%Y%k:%M:%S", "%F %T %Z", "%FT%T%z", "%s", "%G%V%u%H%M%S", "%D %T"]
    problems = []
    for pattern in patterns:
        # %y is a year from 1969 to 2068; strftime's %Y needs not have four digits before the year 1000.
        low, high = (0, 3 * 10**9) if "%D" in pattern else (-30000000000, 253402300799)
        seconds = sorted({rng.randrange(low, high) for _ in range(200)} | {1609459199, 1609459200, 1230768000, 1451606400, 951782400})
        moments = [AWARE + datetime.timedelta(seconds=s) for s in seconds]
        plain = pattern.replace("%F", "%Y-%m-%d").replace("%T", "%H:%M:%S").replace("%D", "%m/%d/%y").replace("%k", "%H").replace("%l", "%I")
        cells = [str(s) if pattern == "%s" else m.strftime(plain) for s, m in zip(seconds, moments)]
        got = [r["start"].rstrip("Z") for r in rows("-t", "t", "-d", ";", "--time-format", pattern, "--every", "1s", "--agg", "count",
                                                    stdin="t\n" + "".join(c + "\n" for c in cells))]
        wanted = [m.replace(tzinfo=None).isoformat() for m in moments]
        problems += [f"{pattern}: {set(got) ^ set(wanted)}"] if got != wanted else []
    return problems


judge.check("patterns as strftime writes them", texts())


def nanoseconds():
    """Distinct values and extremes of times with up to nine digits of a fraction, as integers of nanoseconds."""
    problems = []
    for low, high in ((-62167219200 + 366 * 86400, 253402300799), (253402300700, 253402300799), (-9223372100, -9223371900), (9223371900, 9223372100)):
        times = {}
        for _ in range(400):
            second, nano = rng.randrange(low, high), rng.randrange(0, 10**9) // 10**(k := rng.choice((0, 0, 1, 2, 5, 8))) * 10**k
            for _ in range(rng.choice((1, 1, 2))):
                shift = rng.choice((0, 3600, -19800)) if low + 86400 < second < high - 86400 else 0
                cell = (EPOCH + datetime.timedelta(seconds=second + shift)).isoformat() + f".{nano:09}"[:rng.choice((10 - k, 10))].rstrip(".")
                zone = {0: rng.choice(("Z", " UTC", "GMT", " +00:00")), 3600: "+01:00", -19800: " -0530"}[shift]
                times.setdefault(second * 10**9 + nano, []).append(cell + zone)
        cells = [c for cs in times.values() for c in cs]
        rng.shuffle(cells)
        column = judge.document("sdp-stats", stdin=("t\n" + "".join(c + "\n" for c in cells)).encode())["columns"][0]
        wanted = {"type": "datetime", "count": len(cells), "unique": len(times), "min": min(times[min(times)]), "max": min(times[max(times)])}
        problems += [f"{low} to {high}: {k} is {column[k]}, not {v}" for k, v in wanted.items() if column[k] != v]
    return problems


judge.check("nanoseconds", nanoseconds())


def by_guess(cells):
    return subprocess.run([os.path.join(judge.BIN, "sdp-timeseries"), "-t", "t", "--every", "1d"], input=("t\n" + "".join(f"{c}\n" for c in cells)).encode(),
                          capture_output=True, check=False)


def guesses():
    """A number is a time by itself if Python has it in the years 1980 to 2059 in one unit; dates in digits are none."""
    problems, scales = [], {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
    moments = [EPOCH + datetime.timedelta(days=rng.randrange(-20000, 30000), seconds=rng.randrange(86400)) for _ in range(60)]
    for pattern in ("%Y", "%Y%m", "%Y%m%d", "%d%m%Y", "%y%m%d", "%Y%j", "%G%V", "%Y%m%d%H", "%Y%m%d%H%M", "%Y%m%d%H%M%S", "%Y%m%d%H%M%S%f", "%y%m%d%H%M%S"):
        cells = [c for c in (m.strftime(pattern) for m in moments) if c[0] != "0"]
        done = by_guess(cells)
        if done.returncode != 1 or b"--time-format" not in done.stderr:
            problems.append(f"{pattern}: {done.returncode} {done.stderr}")
    for unit, scale in scales.items():
        first, end = 315532800 * scale, 2840140800 * scale
        for value in [rng.randrange(-(10**10), 10**10) * scale for _ in range(10)] + [first - 1, first, end - 1, end]:
            units = [u for u, n in scales.items() if 315532800 <= Fraction(value, n) < 2840140800]
            done = by_guess([value, value])
            got = [json.loads(done.stdout)["time_unit"]] if done.returncode == 0 else []
            if got != units:
                problems.append(f"{value}: {got}, not {units}")
    return problems


judge.check("guesses", guesses())


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
