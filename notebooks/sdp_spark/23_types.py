# Types of cells, whole columns of them: sdp(7).
import math
import re
import time

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
