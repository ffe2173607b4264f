# Types of cells, and of whole columns of them: sdp-csv(5).
import argparse
import functools
import math
import operator
import re

from pyspark.sql import functions as F

INTEGER, REAL, BOOLEAN, DATE, LOCAL, ZONED, STRING = (1 << i for i in range(7))
TYPE_OF = (("boolean", BOOLEAN), ("integer", INTEGER), ("real", INTEGER | REAL), ("date", DATE), ("datetime", DATE | LOCAL),
           ("datetime", ZONED))
FITS = {"boolean": BOOLEAN, "integer": INTEGER, "real": INTEGER | REAL, "date": DATE, "datetime": DATE | LOCAL | ZONED, "string": 127}
NUMERIC = ("integer", "real")
KINDS = {"number": (INTEGER | REAL, "a number", "numbers"), "time": (DATE | LOCAL | ZONED, "a date or time", "dates or times")}
READINGS = ((".", ","), (",", None), (",", "."), (".", " "), (",", " "), (".", None))  # --decimal and --thousands, the likeliest first
WHOLE_CELL = r"\A[+-]?(?:0|[1-9][0-9]*)\z"
NUMBER_CELL = r"\A[+-]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\z"
CLOCK = (r"[Tt ](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,9}0*)?)?")
ZONE_NAME = "(?:[Zz]|UTC|GMT)"
ZONE_TEXT = rf"(?:{ZONE_NAME}|[+-](?:[01][0-9]|2[0-3])(?::?[0-5][0-9]|:[0-5][0-9]:[0-5][0-9])?)"
ZONE = f"(?: ?{ZONE_TEXT})"
DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
DATA_CELL = NUMBER_CELL[2:-2] + "|(?i:true|false)|" + DAY + "(?:" + CLOCK + ZONE + "?)?"
NULLS = ",NA,N/A,NaN,nan,null,NULL"


def bare(c):
    return F.btrim(c, F.lit(" \t"))


def days(c):
    """Days since 1970 of a text that begins with a date; null if there is no such day."""
    part = [F.substring(c, at, n).cast("int") for at, n in ((1, 4), (6, 2), (9, 2))]
    return F.unix_date(F.make_date(*part))


def instant(c):
    """Seconds since 1970 of a date or datetime, as a decimal: without a zone on the clock that it means."""
    seconds = F.coalesce(F.substring(c, 12, 2).cast("long"), F.lit(0)) * 3600 + F.coalesce(F.substring(c, 15, 2).cast("long"), F.lit(0)) * 60
    seconds += F.when(F.substring(c, 17, 1) == ":", F.substring(c, 18, 2).cast("long")).otherwise(0)
    zone = F.regexp_extract(c, "(" + ZONE + r")\z", 1)
    digits = F.regexp_replace(zone, "[^0-9]", "")
    offset = (F.substring(digits, 1, 2).cast("long") * 3600 + F.coalesce(F.substring(digits, 3, 2).cast("long"), F.lit(0)) * 60
              + F.coalesce(F.substring(digits, 5, 2).cast("long"), F.lit(0)))
    offset = F.when((F.length(c) > 10) & (F.length(digits) > 0), F.when(F.instr(zone, "-") > 0, -offset).otherwise(offset)).otherwise(0)
    fraction = F.coalesce(F.regexp_extract(c, r":[0-9]{2}(\.[0-9]+)", 1).cast("decimal(10,9)"), F.lit(0).cast("decimal(10,9)"))
    return ((days(c).cast("long") * 86400 + seconds - offset).cast("decimal(21,9)") + fraction).cast("decimal(21,9)")


def number_text(c, o):
    """A cell as a number is written with a full stop and without separators; something else where it is none."""
    if o.thousands:
        mark = re.escape(o.thousands)
        grouped = c.rlike(rf"\A[ \t]*[+-]?[0-9]{{1,3}}(?:{mark}[0-9]{{3}})+(?![0-9{mark}])[^{mark}]*\z")
        c = F.when(F.instr(c, o.thousands) == 0, c).when(grouped, F.translate(c, o.thousands, "")).otherwise("?")
    return c if o.decimal == "." else F.when(F.instr(c, ".") == 0, F.translate(c, o.decimal, ".")).otherwise("?")


def seen(c, o):
    """The narrowest type that a cell fits; 0 for a null."""
    number = bare(number_text(c, o))
    time = (F.when(F.length(c) == 10, DATE).when(c.rlike(r"\A.{10}" + CLOCK + r"\z"), LOCAL)
            .when(c.rlike(r"\A.{10}" + CLOCK + ZONE + r"\z"), ZONED).otherwise(STRING))
    numeric = F.when(F.abs(number.cast("double")) < F.lit(math.inf), F.when(number.rlike(WHOLE_CELL), INTEGER).otherwise(REAL)).otherwise(STRING)
    return (F.when(c.isNull(), 0).when(number.cast("long").cast("string") == number, INTEGER)  # the most are written so
            .when(number.rlike(NUMBER_CELL), numeric).when(F.lower(c).isin("true", "false"), BOOLEAN)
            .when(c.rlike(r"\A" + DAY) & days(c).isNotNull(), time).otherwise(STRING))


def is_wide(kind, digits, number):
    """Is a number so long that no program printed it as a double?  digits and number are without sign, digits without exponent."""
    significant = F.length(F.regexp_replace(F.regexp_replace(digits, r"\.", ""), r"\A0+|0+\z", ""))
    fraction = F.length(F.regexp_extract(digits, r"\.([0-9]*[1-9])", 1))
    plain_one = (F.instr(F.lower(number), "e") == 0) & (significant <= 15) & (fraction > 18)
    return ((kind == INTEGER) & (F.length(number) > 19)) | ((kind == REAL) & ((significant > 18) | plain_one))


def elements(text):
    """A list at its commas, but not at those inside an expression."""
    found = re.findall(r"(/(?:[^/\\]|\\.)*/(?=,|\Z)|[^,]*)(?:,|\Z)", text)
    return found[:-1] if found and found[-1] == "" and not text.endswith(",") and len(found) > 1 else found


class Columns:
    """The columns of a table by their names and types: what Table has once its files are read."""

    def _fixed(self):
        fixed = {}
        for pair in (self.o.types or "").split(",") if self.o.types else []:
            name, _, kind = pair.rpartition("=")
            if kind not in FITS:
                raise Fault(f"--types: no type in {quoted(pair)}", 2)
            fixed[self.find(name)] = kind
        return fixed

    def find(self, name):
        if self.names.count(name) > 1:
            raise Fault(f"{self.names.count(name)} columns are named {quoted(name)}")
        if name in self.names:
            return self.names.index(name)
        if re.fullmatch("[0-9]{1,9}", name) and 1 <= int(name) <= len(self.names):
            return int(name) - 1
        if not name:
            raise Fault("a column's name is empty", 2)
        raise Fault(f"no column {quoted(name)} among the {len(self.names)}: {listed(self.names)}")

    def choose(self, text, but=()):
        """The columns of -x, each once; ranges and expressions pass over `but`."""
        if text is None:
            return [i for i in range(len(self.names)) if i not in but]
        chosen = []
        for element in elements(text):
            chosen += [i for i in self.choose_one(element, but) if i not in chosen]
        return list(dict.fromkeys(chosen))

    def choose_one(self, element, but=()):
        if element in self.names:
            return [self.find(element)]
        if len(element) > 1 and element[0] == element[-1] == "/":
            if "[:" in element:
                raise Fault(f"{element}: Python has no classes such as [:alpha:]", 2)
            try:
                found = [i for i, n in enumerate(self.names) if re.search(element[1:-1], n) and i not in but]
            except re.error as why:
                raise Fault(f"{element}: {why}", 2) from None
            if not found:
                raise Fault(f"no column matches {element}")
            return found
        for at in [m.start() for m in re.finditer(":", element)]:
            ends = element[:at], element[at + 1:]
            try:
                low = self.find(ends[0]) if ends[0] else 0
                high = self.find(ends[1]) if ends[1] else len(self.names) - 1
            except Fault:
                continue
            if low > high:
                raise Fault(f"the range {element} runs backwards")
            return [i for i in range(low, high + 1) if i not in but]
        return [self.find(element)]

    def know(self, columns):
        """Finds the types of these columns, and how long their decimals are; counts the rows."""
        lacking = [i for i in columns if i not in self.types]
        if not lacking and self.rows is not None:
            return
        if len(lacking) > 5:  # Java's limits of what is compiled in one piece
            for at in range(0, len(lacking), 5):
                self.know(lacking[at:at + 5])
            return
        figures, cells = [F.count("*").alias("rows")], []
        for i in lacking:
            c = F.col(f"c{i}")
            cells += [c, seen(c, self.o).alias(f"s{i}"), bare(number_text(c, self.o)).alias(f"n{i}")]
            is_whole, is_real = F.col(f"s{i}") == INTEGER, F.col(f"s{i}") == REAL
            number = F.ltrim(F.col(f"n{i}"), F.lit("+-"))
            digits, power = F.substring_index(F.lower(number), "e", 1), F.regexp_extract(number, "[eE](.*)", 1).cast("int")
            power, point = F.coalesce(power, F.lit(0)), F.instr(digits, ".")
            figures += [F.bit_or(f"s{i}").alias(f"seen{i}"),
                        F.max(F.when(is_real, F.when(point > 0, F.length(digits) - point).otherwise(0) - power)).alias(f"scale{i}"),
                        F.max(F.when(is_whole, F.length(number)).when(is_real, F.when(point > 0, point - 1).otherwise(F.length(digits)) + power))
                        .alias(f"size{i}"),
                        F.max(is_wide(F.col(f"s{i}"), digits, number)).alias(f"wide{i}")]
            cell = F.col(f"s{i}")
            marked = (cell == STRING) & c.rlike(r"\A *[+-]?[0-9.,][0-9., ]*(?:[eE][+-]?[0-9]+)?\z")
            for what, such in (("values", cell != 0), ("marked", marked), *((k, cell.bitwiseAND(KINDS[k][0]) != 0) for k in KINDS)):
                figures.append(F.count(F.when(such, 1)).alias(f"{what}{i}"))
        row = self.frame.select(*cells).agg(*figures).head() if cells else self.frame.agg(*figures).head()
        self.rows = row["rows"]
        for i in lacking:
            self.shape[i] = max(row[f"scale{i}"] or 0, 0), max(row[f"size{i}"] or 0, 0)
            self.wide[i] = bool(row[f"wide{i}"])
            bits = row[f"seen{i}"] or 0
            kind = next((name for name, within in TYPE_OF if bits and bits & ~within == 0), "string")
            if i in self.fixed:
                kind = self.fixed[i]
                self._require(i, FITS[kind], kind)
            self.types[i] = kind
            self.zoned[i] = bool(bits & ZONED)
            self.counts[i] = {what: row[f"{what}{i}"] for what in ("values", "marked", *KINDS)} | {"bits": bits}

    def nearly(self, columns, fate, kinds=tuple(KINDS)):
        """Warnings of columns that a few cells keep from being numbers or times; fate(i) is what becomes of a column."""
        found = []
        for i in columns:
            if self.types[i] == "string" and i not in self.fixed:
                texts = (self._misfits(i, kind, fate) for kind in kinds)
                found += [text for text in texts if text][:1]
        return found[:5] + ([f"and {counted(len(found) - 5, 'more column')} like these"] if len(found) > 5 else [])

    def _misfits(self, i, kind, fate):
        """The warning about a column's cells that are not of a kind, if they are a few."""
        values, bits = self.counts[i]["values"], self.counts[i]["bits"]
        most = self.counts[i][kind] + (self.counts[i]["marked"] if kind == "number" else 0)
        if most < 2 or values - most >= most:
            return None
        c, (fits, one, several) = F.col(f"c{i}"), KINDS[kind]
        odd = self.frame.where(c.isNotNull() & (seen(c, self.o).bitwiseAND(fits) == 0))
        readings = [r for r in READINGS if r != (self.o.decimal, self.o.thousands) and kind == "number" and self.format == "csv"]
        reads = [bare(number_text(c, argparse.Namespace(decimal=d, thousands=t))).rlike(NUMBER_CELL) for d, t in readings]
        unread = ~functools.reduce(operator.or_, reads, F.lit(False))
        count, first, lacking, codes, *read = odd.agg(
            F.count("*"), F.min(F.struct("_split", "_record", c))[f"c{i}"], F.count(F.when(unread, 1)),
            F.count(F.when(unread & c.rlike(r"\A[+-]?0[0-9][0-9.]*\z"), 1)), *[F.count(F.when(r, 1)) for r in reads]).head()
        texts = sorted(r[0] for r in odd.where(unread).select(c).distinct().limit(5).collect())
        best = max(range(len(read)), key=read.__getitem__) if read else None
        others = count - (read[best] if read else 0)
        fit = values - others
        if not count or (codes and kind == "number") or fit < 2 or others >= fit or (others > 2 and 4 * others > values and len(texts) != 1):
            return None
        them = f"{count} of {values} values " + (f"is not {one}" if count == 1 else f"are not {several}")
        by = [self._reading(*readings[k], bits) if read[k] + lacking == count and read[k] else None for k in (best, 1)] if read else [None]
        if len(by) > 1 and best == 0 and by[1] and by[0] and read[1] == read[0] and not lacking:
            by[0] += f" or {by[1]}"
        return f"column '{self.names[i]}' {fate(i)}: {them}, first {quoted(first)}; {self._help(i, kind, count, lacking, texts, by[0])}"

    def _reading(self, decimal, thousands, bits):
        """The options by which other numbers are read; None if those that are numbers now would be none."""
        if decimal != self.o.decimal and (bits & REAL and thousands != self.o.decimal or not thousands and decimal == self.o.thousands):
            return None
        mark = "' '" if thousands == " " else thousands
        return " ".join([f"--decimal {decimal}"] * (decimal != self.o.decimal) + [f"--thousands {mark}"] * (thousands not in (None, self.o.thousands)))

    def _help(self, i, kind, count, lacking, texts, by):
        """What makes numbers or nulls of misfits."""
        them = "it" if count == 1 else "them"
        able = 0 < len(texts) <= 4 and not any(re.search(r"[\x00-\x1f\x7f,']", t) or len(t.encode()) > 24 for t in texts)
        nulls = f"--na '{','.join([*self.nulls, *texts])}'"
        able = able and sum(len(t.encode()) + 1 for t in [*self.nulls, *texts]) <= 300
        if by and not lacking:
            return f"{by} reads {them}"
        if by and able:
            return f"{by} reads {count - lacking}, {nulls} reads the other{'s' if lacking > 1 else ''} as null"
        if able and lacking == count:
            return f"{nulls} reads {them} as null"
        return f"--types '{self.names[i]}={'real' if kind == 'number' else 'datetime'}' makes {'it an error' if count == 1 else 'them errors'}"

    def _require(self, i, fits, kind, why=""):
        c = F.col(f"c{i}")
        wrong = self.frame.where(c.isNotNull() & (seen(c, self.o).bitwiseAND(~fits) != 0)).select(c).head()
        if wrong:
            raise Fault(f"column {quoted(self.names[i])}: not {'an' if kind[0] in 'i' else 'a'} {kind}: {quoted(wrong[0])}{why}")

    def numbers(self, columns, why=""):
        """Ends unless each of the columns is one of numbers."""
        self.know(columns)
        for i in columns:
            if self.types[i] not in NUMERIC:
                self._require(i, INTEGER | REAL, "number", why)
                if self.types[i] != "string" or self.fixed.get(i):
                    raise Fault(f"column {quoted(self.names[i])}: a {self.types[i]}, not a number")

    def double(self, i):
        return bare(number_text(F.col(f"c{i}"), self.o)).cast("double")

    def is_exact(self, i):
        """Do a column's decimals fit into Spark's, and the sum of 10^12 of them?"""
        return sum(self.shape[i]) <= 25

    def exact(self, i):
        """A column of numbers as decimals where that can be, else as doubles."""
        scale, size = self.shape[i]
        if not self.is_exact(i) and self.wide[i]:
            raise Fault(f"column {quoted(self.names[i])}: numbers of more than 25 digits are not exact in Spark; "
                        f"--types {quoted(self.names[i] + '=string')} takes them as text")
        if not self.is_exact(i):
            return self.double(i)
        return bare(number_text(F.col(f"c{i}"), self.o)).cast(f"decimal({max(scale + size, 1)},{scale})")
