# The column of times: patterns of --time-format, numbers as times by guess.
import re
import zoneinfo
from decimal import Decimal

from pyspark.sql import functions as F

LONG_DIRECTIVES = {"%T": "%H:%M:%S", "%D": "%m/%d/%y", "%F": "%Y-%m-%d", "%R": "%H:%M"}
# Directives that are numbers: the part of a time that they give, and their digits.
NUMBER_DIRECTIVES = {"Y": ("year", 4), "y": ("year", 2), "m": ("month", 2), "d": ("day", 2), "e": ("day", 2), "j": ("yearday", 3),
                     "G": ("isoyear", 4), "V": ("week", 2), "u": ("weekday", 1), "H": ("hour", 2), "k": ("hour", 2),
                     "I": ("hour12", 2), "l": ("hour12", 2), "M": ("minute", 2), "S": ("second", 2)}
OTHER_DIRECTIVES = {"b": "month", "B": "month", "h": "month", "p": "half", "f": "fraction", "z": "zone", "Z": "zone", "s": "epoch"}
PART_NAMES = {"yearday": "day of the year", "isoyear": "year of weeks", "hour12": "hour", "half": "half of the day", "epoch": "time"}
MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
BLANKS = r"[\t-\r ]*"


def first_monday(year):
    """The first day of the ISO weeks of a year: the Monday of the week that has January 4."""
    day = day_number(year, 1, 4)
    return day - (day + 3) % 7


def names_pattern(names):
    return "(?i:" + "|".join(n for name in names for n in dict.fromkeys((name, name[:3]))) + ")"


class TimePattern:
    """A pattern of --time-format, as lib/table/time_pattern.h has it."""

    def __init__(self, text):
        for short, written in LONG_DIRECTIVES.items():
            text = re.sub("%(.)", lambda d, s=short, w=written: w if d[0] == s else d[0], text, flags=re.S)
        tokens, given = re.findall("%.?|[^%]", text, flags=re.S), set()
        for token in tokens:
            part = NUMBER_DIRECTIVES.get(token[1:], (None,))[0] or OTHER_DIRECTIVES.get(token[1:])
            if token[0] != "%":
                continue
            if len(token) == 1 or (part is None and token[1] not in "aAnt%"):
                raise Fault(f"--time-format: cannot read {quoted(token)}", 2)
            if part in given:
                raise Fault(f"--time-format: gives the {PART_NAMES.get(part, part)} twice, by {token}", 2)
            given |= {part} - {None}
        self._check(given)
        self.zoned = bool(given & {"zone", "epoch"})
        self.dates = not given & {"hour", "hour12", "half", "minute", "second", "fraction", "zone", "epoch"}
        self.hint = " (%Z reads UTC, GMT and Z; %z offsets)" if "%Z" in tokens else ""
        self.regex = re.compile(self._compile(tokens), re.S)

    @staticmethod
    def _check(given):
        date, week = {"year", "month", "day"}, {"isoyear", "week"}
        rules = (
            ("epoch" in given and given - {"epoch", "fraction"}, "%s is a complete time and can only be combined with %f"),
            ("hour" in given and given & {"half", "hour12"}, "%H and %k are hours from 0 to 23; with %p the hour is %I or %l"),
            ("half" in given and "hour12" not in given, "%p needs an hour, %I or %l"),
            ("hour12" in given and "half" not in given, "%I and %l are hours from 1 to 12, which need %p; those from 0 to 23 are %H"),
            ("fraction" in given and not given & {"second", "epoch"}, "%f is the fraction of a second, %S or %s"),
            ("yearday" in given and given & {"month", "day"}, "%j is the day of the year and cannot be combined with a month or day"),
            (given & (week | {"weekday"}) and not week <= given, "a week date needs %G and %V, and %u for the day"),
            (given & week and given & (date | {"yearday"}), "%G, %V and %u are a date and cannot be combined with another one"))
        for broken, why in rules:
            if broken:
                raise Fault(f"--time-format: {why}", 2)

    def _compile(self, tokens):
        out, at = [], 0
        while at < len(tokens):
            end = at
            while end < len(tokens) and tokens[end][0] == "%" and tokens[end][1:] in NUMBER_DIRECTIVES:
                end += 1
            if end > at:
                out.append(self._numbers([token[1] for token in tokens[at:end]], tokens[end:end + 1] == ["%f"]))
                at = end
            else:
                out.append(self._other(tokens[at]))
                at += 1
        return "".join(out)

    @staticmethod
    def _numbers(letters, fraction):
        """Numbers with nothing between them have all their digits, but the first may lack its zero if it has two."""
        names, widths = [f"{NUMBER_DIRECTIVES[x][0]}{'_2' if x == 'y' else ''}" for x in letters], [NUMBER_DIRECTIVES[x][1] for x in letters]
        if len(letters) == 1 and not fraction:
            least = 4 if widths[0] == 4 else 1
            return f"{BLANKS}(?=(?P<{names[0]}>[0-9]{{{least},{widths[0]}}}))(?P={names[0]})"
        rest = sum(widths[1:])
        first = f"[0-9]{{{widths[0]}}}(?=[0-9]{{{rest}}})"
        if widths[0] == 2 and not fraction:
            first += f"|[0-9](?=[0-9]{{{rest}}}(?![0-9]))"
        return f"{BLANKS}(?P<{names[0]}>{first})" + "".join(f"(?P<{n}>[0-9]{{{w}}})" for n, w in zip(names[1:], widths[1:]))

    @staticmethod
    def _other(token):
        known = {"%a": names_pattern(WEEKDAYS), "%b": f"(?P<month_name>{names_pattern(MONTHS)})", "%p": "(?P<half>(?i:am|pm))",
                 "%f": "(?P<fraction>[0-9]{1,9})0*(?![0-9])", "%s": BLANKS + "(?P<epoch>-?[0-9]{1,15})(?![0-9])",
                 "%z": f"{BLANKS}(?P<zone>{ZONE_TEXT})", "%Z": f"{BLANKS}(?P<zone>{ZONE_NAME})", "%n": BLANKS, "%%": "%"}
        same = {"%A": "%a", "%B": "%b", "%h": "%b", "%t": "%n"}.get(token, token)
        return known[same] if same in known else BLANKS if token in " \t\n\v\f\r" else re.escape(token)

    def seconds(self, text):
        """Seconds since 1970 as a decimal, in UTC if the pattern is zoned; None if the text is no time of the pattern."""
        found = self.regex.fullmatch(text or "")
        if not found:
            return None
        part = found.groupdict()

        def number(name, default=0):
            return default if part.get(name) is None else int(part[name])
        try:
            days = self._days(part, number)
        except ValueError:
            return None
        hour = number("hour")
        if part.get("half"):
            if not 1 <= number("hour12") <= 12:
                return None
            hour = number("hour12") % 12 + 12 * (part["half"].lower() == "pm")
        if hour > 23 or number("minute") > 59 or number("second") > 59:
            return None
        digits = re.sub("[^0-9]", "", part.get("zone") or "").ljust(6, "0")
        offset = (int(digits[:2]) * 3600 + int(digits[2:4]) * 60 + int(digits[4:])) * (-1 if (part.get("zone") or "")[:1] == "-" else 1)
        fraction = Decimal("0." + (part.get("fraction") or "0"))
        if (part.get("epoch") or "").startswith("-"):
            fraction = -fraction
        second = days * 86400 + hour * 3600 + number("minute") * 60 + number("second") - offset + number("epoch") + fraction
        return second if FIRST_SECOND <= second < LAST_SECOND + 1 else None

    @staticmethod
    def _days(part, number):
        if part.get("week"):
            monday = first_monday(number("isoyear")) + 7 * (number("week") - 1)
            if not 1 <= number("weekday", 1) <= 7 or number("week") < 1 or monday >= first_monday(number("isoyear") + 1):
                raise ValueError
            return monday + number("weekday", 1) - 1
        short = number("year_2")
        year = number("year", 1970) if part.get("year_2") is None else short + (2000 if short < 69 else 1900)
        named = (part.get("month_name") or "").lower()[:3]
        month = next(i for i, m in enumerate(MONTHS, 1) if m.startswith(named)) if named else number("month", 1)
        days, yearday = day_number(year, month, number("day", 1)), number("yearday", 1)
        if not 1 <= yearday <= day_number(year, 12, 31) - day_number(year, 1, 1) + 1:
            raise ValueError
        return days + yearday - 1


# Numbers as times by guess, as lib/table/time_guess.h has it.
FIRST_SECOND, LAST_SECOND = -62167219200, 253402300799
GUESS_FIRST, GUESS_END = 315532800, 2840140800  # 1980 and 2060
UNIT_NAMES = {"s": "seconds", "ms": "milliseconds", "us": "microseconds", "ns": "nanoseconds"}
NUMBER_FORMS = (("%Y", "a year"), ("%Y%m", "a month"), ("%Y%m%d", "a date"), ("%d%m%Y", "a date"), ("%m%d%Y", "a date"), ("%y%m%d", "a date"),
                ("%d%m%y", "a date"), ("%G%V", "a week"), ("%G%V%u", "a day of a week"), ("%Y%j", "a day of a year"), ("%Y%m%d%H", "an hour"),
                ("%d%m%Y%H", "an hour"), ("%m%d%Y%H", "an hour"), ("%Y%m%d%H%M", "a minute"), ("%y%m%d%H%M", "a minute"),
                ("%Y%m%d%H%M%S", "a second"), ("%y%m%d%H%M%S", "a second"), ("%Y%m%d%H%M%S%f", "a time"), ("%H%M", "a time of day"),
                ("%H%M%S", "a time of day"))


def guessed_unit(number):
    """What a number counts since 1970: s, ms, us or ns; None where it is no time by guess."""
    return next((u for k, u in enumerate(UNIT_NAMES) if GUESS_FIRST * 1000**k <= number < GUESS_END * 1000**k), None)


def number_forms(number):
    """What a number may be, for a message; "" for nothing in particular."""
    whole = number == number.to_integral_value()
    text, value = f"{number.normalize():f}", int(number) if abs(number) < 10**30 else 0
    out = (["a decimal year"] if not whole and 1000 <= value < 3000 else ["a day number of a spreadsheet"] if 10000 <= value < 100000
           else ["a Julian day"] if 2000000 <= value < 3000000 else ["a number of ticks"] if 5 * 10**17 <= value < 7 * 10**17 else [])
    out = [what + " (no format reads it)" for what in out]
    first = "--time-format "
    for pattern, what in NUMBER_FORMS:
        second = TimePattern(pattern).seconds(text)
        if second is not None and day_number(1000, 1, 1) <= second // 86400 < day_number(3000, 1, 1) and len(out) < 8:
            out.append(f"{what} ({first}{pattern})")
            first = ""
    return " or ".join(", ".join(out).rsplit(", ", 1)) if out else ""


def compact(v):
    """SQL: whether the whole number v, which counts since 1970 by guess, looks like a date in digits, or like ticks of .NET."""
    def at(low, digits):
        return f"({v} div {10**low}L) % {10**digits}L"

    def date(year, month, day):
        return f"(make_date(cast({year} as int), cast({month} as int), cast({day} as int)) is not null and {year} between 1900 and 2199)"

    def clock(low, seconds):
        return f"({at(low, 2)} < 60" + (f" and {at(low + 2, 2)} < 60 and {at(low + 4, 2)} < 24)" if seconds else f" and {at(low + 2, 2)} < 24)")

    def year_first(low):
        return date(at(low + 4, 4), at(low + 2, 2), at(low, 2))

    def short_year_first(low):
        return date(f"2000 + {at(low + 4, 2)}", at(low + 2, 2), at(low, 2))
    last = (at(2, 4), at(6, 2), at(8, 2))
    seconds = (f"({at(0, 2)} < 24 and ({year_first(2)} or {date(*last)} or {date(last[0], last[2], last[1])})"
               f" or {clock(0, False)} and {short_year_first(4)})")
    ns = f"({v} >= 621355968000000000L and {v} < 662380416000000000L or {clock(5, True)} and {year_first(11)})"
    return (f"case when {v} < {GUESS_END} then {seconds} when {v} < {GUESS_END}000 then {clock(0, True)} and {short_year_first(6)}"
            f" when {v} < {GUESS_END}000000 then {clock(2, True)} and {year_first(8)} else {ns} end")


class Times:
    """The column of times: instants as decimals of seconds."""

    def __init__(self, table, o):
        self.table, self.o, self.unit, self.warnings = table, o, None, []
        if o.time is None:
            table.know(range(len(table.names)))
            self.i = next((i for i in range(len(table.names)) if table.types[i] in ("date", "datetime")), None)
            if self.i is None and not table.rows:
                raise Fault("there are no rows to tell the column of times by: --time names it", 2)
            if self.i is None:
                raise Fault("no column has dates or datetimes: -t names the column of times, which may be months (1949-01) or counts since 1970; "
                            f"the columns are {listed(table.names)}", 2)
        else:
            self.i = table.find(o.time)
        table.know([self.i])
        try:
            self.zone = zoneinfo.ZoneInfo(o.tz) if o.tz else None
        except (zoneinfo.ZoneInfoNotFoundError, ValueError):
            raise Fault(f"--tz: there is no time zone {quoted(o.tz)}", 2) from None
        self.c, self.kind = F.col(f"c{self.i}"), table.types[self.i]
        self.local, self.guessed, self.pattern = False, False, None
        if o.time_format in UNIT_NAMES:
            table.numbers([self.i])
            self.unit = o.time_format
        elif o.time_format is not None:
            if "%" not in o.time_format or len(o.time_format.encode()) >= 100:
                raise Fault(f"--time-format: neither s, ms, us, ns nor a pattern of strptime(3): {quoted(o.time_format)}", 2)
            self.pattern = TimePattern(o.time_format)
            self.local = not self.pattern.zoned
        elif self.kind in NUMERIC:
            self.unit, self.guessed = self._guess_unit(), True
        elif self.kind in ("date", "datetime"):
            self.local = not table.zoned[self.i]
        else:
            wrong = table.frame.where(self.c.isNotNull() & ~self.c.rlike(r"\A[0-9]{4}-(0[1-9]|1[0-2])\z")).select(self.c).head()
            if wrong or self.kind != "string":
                raise Fault(f"column {quoted(table.names[self.i])}: not a time: {quoted(wrong[0]) if wrong else self.kind}")
            self.kind, self.local = "month", True
        # Dates have no zone; --tz makes times of them.
        dates = self.pattern.dates and self.kind != "datetime" if self.pattern else not self.unit and self.kind in ("date", "month")
        self.dates = dates and self.zone is None

    def _guess_unit(self):
        where = f"column {quoted(self.table.names[self.i])}"
        number = bare(number_text(self.c, self.o)).cast("decimal(38,9)")
        units = F.lit(None)
        for k, unit in enumerate(UNIT_NAMES):
            units = F.when((number >= F.lit(GUESS_FIRST * 1000**k)) & (number < F.lit(GUESS_END * 1000**k)), unit).otherwise(units)
        frame = self.table.frame.where(self.c.isNotNull()).select(self.c.alias("cell"), number.alias("n"), units.alias("unit"))
        wrong = frame.where(F.col("unit").isNull()).head()
        if wrong:
            forms = number_forms(wrong["n"]) if wrong["n"] is not None else ""
            raise Fault(f"{where}: not recognized as a time: {quoted(wrong['cell'])}; " + (
                f"it may be {forms} or a count since 1970 (--time-format s, ms, us, ns)" if forms else
                "as a count since 1970 it is outside the years 1980 to 2059 (--time-format s, ms, us, ns?)"))
        whole = F.col("n") == F.floor("n")
        frame = frame.withColumn("v", F.when(whole, F.col("n").cast("long"))).withColumn("compact", F.coalesce(F.expr(compact("v")), F.lit(False)))
        row = frame.agg(F.collect_set("unit"), F.count("*"), F.count_if("compact"), F.first(F.when(F.col("compact"), F.col("n")), True)).head()
        found = sorted(row[0], key=list(UNIT_NAMES).index)
        if len(found) > 1:
            raise Fault(f"{where}: some numbers look like {UNIT_NAMES[found[1]]} since 1970, but others like {UNIT_NAMES[found[0]]}; "
                        "--time-format s, ms, us or ns decides")
        if row[1] and 2 * row[2] >= row[1]:
            raise Fault(f"{where}: is {quoted(str(int(row[3])))} {number_forms(row[3]) or 'a date'}, or does it count "
                        f"{UNIT_NAMES[found[0]]} since 1970 (--time-format {found[0]})?")
        return found[0] if found else "s"

    def raw(self, c):
        """Seconds as written: instants, or times on the clock that is meant."""
        if self.unit:
            scale = {"s": 0, "ms": 3, "us": 6, "ns": 9}[self.unit]
            number = bare(number_text(c, self.o)).cast("decimal(38,18)")
            return (number / F.lit(10**scale).cast("decimal(10,0)")).cast("decimal(21,9)") if scale else number.cast("decimal(21,9)")
        if self.pattern:
            return F.udf(self.pattern.seconds, "decimal(21,9)")(c)
        return instant(F.concat(c, F.lit("-01")) if self.kind == "month" else c)

    def moment(self, text, what):
        """A time given by an option, written like a cell or by ISO 8601; and whether it has a zone."""
        c, kind, value = F.lit(text), 0, None
        if self.guessed:
            number = self.table.spark.range(1).select(bare(number_text(c, self.o)).cast("decimal(38,9)")).head()[0]
            unit = None if number is None else guessed_unit(number)
            value = None if unit is None else number / 1000**list(UNIT_NAMES).index(unit)
        elif self.unit or self.pattern:
            value = self.table.spark.range(1).select(self.raw(c)).head()[0]
        if value is None:
            kind = self.table.spark.range(1).select(seen(c, self.o)).head()[0]
            if kind not in (DATE, LOCAL, ZONED) and self.kind == "month" and re.fullmatch("[0-9]{4}-[0-9]{2}", text):
                c, kind = F.lit(text + "-01"), DATE
            value = self.table.spark.range(1).select(instant(c)).head()[0]
        if value is None:
            raise Fault(f"--{what}: not a time: {quoted(text)}", 2)
        if kind == ZONED and self.local and not self.zone:
            raise Fault(f"--{what}: a time with a zone, but the times of column {quoted(self.table.names[self.i])} have none; "
                        "--tz gives their zone", 2)
        return value, kind == ZONED or (not self.local and kind == 0)
