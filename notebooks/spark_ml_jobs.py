# Databricks notebook source
# Built from notebooks/sdp_spark/*.py by `make notebook`: edit those files, not this one.

# COMMAND ----------

# MAGIC %md
# MAGIC # The six tasks of Spark Data Processor on Spark
# MAGIC
# MAGIC The same options, definitions and documents as the C programs `sdp-stats`, `sdp-linreg`, `sdp-logreg`, `sdp-kmeans`,
# MAGIC `sdp-fpgrowth` and `sdp-timeseries`: their manuals hold here too, `sdp-spark(7)` has the few exceptions.
# MAGIC
# MAGIC * As a notebook: the widget `arguments` is a JSON array, `["--task", "linear_regression", "-y", "price", "/Volumes/…/homes.csv"]`.
# MAGIC * As a program: `spark-submit spark_ml_jobs.py --task linear_regression -y price homes.csv > document.json`

# COMMAND ----------

"""
A task over CSV, TSV, JSON, Parquet or lines of baskets, from any path that Spark reads, as one JSON document.

    FILE … ─ read ─▶ cells as texts ─ types ─▶ numbers, levels, times ─ task ─▶ document

Cells are texts first, whatever the file's format, so that types are found by sdp's rules and not by Spark's.  Sums of decimals are
decimals.  What MLlib does to all digits is MLlib's (QR, itemsets, areas under curves, the start of a logistic fit); what it leaves
out or ends too early (tests and intervals, iterations until no label changes, silhouettes) is Spark SQL over the rows and small
algebra on the driver.

Exit codes: 1 the data are at fault, 2 the options, 3 the system.
"""
import argparse
import bisect
import codecs
import contextlib
import datetime
import decimal
import functools
import itertools
import json
import math
import operator
import os
import platform
import re
import sys
import threading
import time
import traceback
import unicodedata
import urllib.parse
import zoneinfo
from decimal import Decimal
from fractions import Fraction

import numpy as np
from pyspark import SparkContext, StorageLevel
from pyspark.sql import SparkSession, Window
from pyspark.sql import functions as F

VERSION = "0.2.0"


class Fault(Exception):
    """What ends a run: whose fault it is, as an exit code, and a message."""

    def __init__(self, text, code=1):
        super().__init__(text)
        self.code = code


class Unsaid(str):
    """A warning that is in the document and not printed."""


def quoted(text):
    text = str(text)
    return "'" + (text if len(text) <= 40 else text[:40] + "…") + "'"


def counted(n, what):
    return f"{n} {what}{'s' * (n != 1)}"


def listed(names, most=200):
    """Names as a list of so many bytes at most, which ends at a whole name: those beyond are counted."""
    text = ""
    for k, name in enumerate(names):
        size = len(name.encode())
        if not text and size > most:
            text = name.encode()[:most].decode(errors="ignore") + "…"
        elif len(text.encode()) + size + 2 * bool(text) > most:
            return f"{text} and {len(names) - k} more"
        else:
            text += f"{', ' * bool(text)}{name}"
    return text


# COMMAND ----------

# The options of the tasks, as the programs have them.
STATS, LINEAR, LOGISTIC, KMEANS, BASKETS, SERIES = TASKS = (
    "descriptive_stats", "linear_regression", "logistic_regression", "kmeans", "fp_growth", "time_series")


def whole(low, high=2**63 - 1):
    def take(text):
        if not re.fullmatch(r"[+-]?[0-9]+", text) or not low <= int(text) <= high:
            raise argparse.ArgumentTypeError(f"not a number between {low} and {high}: {quoted(text)}")
        return int(text)
    return take


def between(low, high):
    """A number, the limits included."""
    def take(text):
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"not a number between {low} and {high}: {quoted(text)}")
        return value
    return take


def share_of(text, exact=False):
    """A share between 0 and 1 (0.01, 1%) as a fraction; None. If it has to be exact, or is a percentage, a decimal of 18 places."""
    match = re.fullmatch(r"([+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)(%?)", text)
    near = float(match[1]) if match else math.nan
    if not 0 <= near <= 100:
        return None
    number, cell = Fraction(match[1]) if near else Fraction(0), Fraction(near)
    if (number * 10**18).denominator > 1 and (cell * 10**18).denominator == 1:
        number = cell
    share = number / 100 if match[2] else number
    decimal = (share * 10**18).denominator == 1
    return share if share <= 1 and (decimal or not (exact or match[2])) else None


def no_share(text):
    number = re.fullmatch(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", text)
    if number and 2 <= float(text) <= 100:
        return f"not a number between 0 and 1: {quoted(text)}, did you mean {text}%?"
    return f"not a number between 0 and 1, such as 0.2 or 20%: {quoted(text)}"


def share(text):
    if share_of(text) is None:
        raise argparse.ArgumentTypeError(no_share(text))
    return float(share_of(text))


def level_of(text):
    if share(text) in (0, 1):
        raise argparse.ArgumentTypeError("must be greater than 0 and less than 1")
    return share(text)


def part_of_rows(text):
    if share(text) == 1:
        raise argparse.ArgumentTypeError("must be less than 1, or no rows are left for the fit")
    return share(text)


def byte(text):
    text = {"\\t": "\t", "tab": "\t"}.get(text, text)
    if len(text) != 1:
        raise argparse.ArgumentTypeError(f"not a single byte (or \\t): {quoted(text)}")
    return text


def encoding(name):
    """UTF-8, or an encoding whose characters are bytes, with those of ASCII among them: what Spark's readers can be followed by."""
    try:
        codec = codecs.lookup(name).name
        if codec == "utf-8":
            return codec
        if bytes(range(128)).decode(codec) == bytes(range(128)).decode("ascii") and all(len(bytes([b, b]).decode(codec, "replace")) == 2 for b in range(256)):
            return name
    except (LookupError, UnicodeError):
        pass
    raise argparse.ArgumentTypeError(f"not utf-8 or an encoding of single bytes: {quoted(name)}")


def quote_mark(text):
    """What quotes cells; nothing where quotes are plain text."""
    if text != "none" and (len(text) != 1 or text >= "\x7f" or text in "0123456789+-.eE\r\n \t"):
        raise argparse.ArgumentTypeError(f"neither a character for quotes nor none: {quoted(text)}")
    return "" if text == "none" else text


def character(text):
    if len(text) != 1:
        raise argparse.ArgumentTypeError(f"not one character: {quoted(text)}")
    return text


class Once(argparse.Action):
    """An option of which the last value does not count, because that would hide a mistake."""
    def __call__(self, parser, namespace, values, option_string=None):
        if self.dest in namespace:
            raise Fault(f"{option_string} is given twice: join the expressions by and", 2)
        setattr(namespace, self.dest, values)


def option(name, short=None, **how):
    return name, short, how


def flag(name, short=None):
    return option(name, short, action="store_true")


def choice(name, *choices, **how):
    return option(name, choices=choices, **how)


OPTIONS_OF = (
    (TASKS, (
        option("delimiter", "d", type=byte), flag("no-header"), flag("union"), choice("input-format", "csv", "tsv", "json", "ndjson", "parquet"),
        option("encoding", type=encoding, default="utf-8"), option("records"), option("types"), option("where", action=Once, default=None), option("na"),
        option("decimal", type=byte, default="."), option("thousands", type=character), option("comment", type=byte),
        option("quote", type=quote_mark), option("skip", type=whole(0, 10**9), default=0),
        choice("ragged", "error", "pad", "skip", default="error"), option("format", "f", choices=("json",)))),
    ((STATS, BASKETS), (option("columns", "x"),)),
    ((LINEAR, LOGISTIC, KMEANS), (option("features", "x"), option("seed", type=whole(-2**63), default=1))),
    ((LINEAR, LOGISTIC), (
        option("target", "y", required=True), option("categorical", action="append", default=[]),
        option("reference", action="append", default=[]), flag("no-intercept"), choice("collinear", "drop", "error", default="drop"),
        option("test-fraction", type=part_of_rows, default=0.0), option("level", type=level_of, default=0.95))),
    ((LOGISTIC,), (
        option("l2", type=between(0, 1e300), default=0.0), option("positive"), option("threshold", type=share, default=0.5),
        option("max-iterations", type=whole(1, 10**6), default=100), flag("keep"))),
    ((KMEANS,), (
        option("clusters", "k", required=True), flag("standardize"), option("init", default="k-means++"),
        option("restarts", type=whole(1, 10**6), default=1), option("max-iterations", type=whole(1, 10**9), default=300),
        option("tolerance", type=between(0, 1e300), default=0.0))),
    ((BASKETS,), (
        option("separator", type=byte), option("basket"), option("item"), option("items-column"), flag("one-hot"), flag("table"),
        option("support", "s", default="10%"), option("min-length", type=whole(1), default=1), option("max-length", type=whole(1), default=2**31),
        option("max-basket", type=whole(1)), flag("count-only"), flag("rules", "r"), option("confidence", "c", default="50%"),
        option("lift", type=between(0, 1e300)), option("max-consequent", type=whole(1), default=1),
        choice("sort", "count", "confidence", "lift", "leverage", "conviction"), option("top", type=whole(1)))),
    ((SERIES,), (
        option("time", "t"), option("time-format"), option("tz"), option("value"), option("by"), option("from"), option("to"),
        option("every"), option("origin"), choice("label", "start", "end", default="start"),
        choice("closed", "left", "right", default="left"), choice("profile", "hour", "weekday", "month"), option("agg"), option("fill"),
        option("window"), flag("center"), option("min-periods", type=whole(1, 10**9)), option("ewma", type=between(1e-9, 1)),
        option("lag", type=whole(1, 10**9)), option("diff", type=whole(1, 10**9)), option("pct-change", type=whole(1, 10**9)),
        flag("cumulative"), option("acf", type=whole(1, 10**5)), choice("decompose", "additive", "multiplicative"),
        option("period", type=whole(2, 10**9)))),
)
OPTIONS = tuple((*one, tasks) for tasks, some in OPTIONS_OF for one in some)

# Options of the programs that are refused here: name, short name, which tasks, why.
REFUSED = (
    ("workers", "j", TASKS, "Spark has its own, see spark-submit --master and --worker-counts"),
    ("max-record", None, TASKS, "records are as long as Spark bears"),
    ("escape", None, TASKS, "a backslash is plain text; sdp-cat --escape backslash makes a table of it"),
    ("source", None, TASKS, "the files have other names there; sdp-cat --source makes a table with the column"),
    ("pdf-table", None, TASKS, "PDF is not read; sdp-cat --table makes a table of it"),
    ("correlation", None, (STATS,), "correlations are not computed"), ("against", None, (STATS,), "it belongs to --correlation"),
    ("drop-nulls", None, (STATS,), "it belongs to --correlation"), ("wide", None, (STATS,), "it belongs to --correlation"),
    ("max-memory", None, TASKS, "see spark.driver.memory and spark.executor.memory"),
    ("print", None, TASKS, "a document is printed whole, as JSON"), ("digits", None, TASKS, "figures have all their digits"),
    ("progress", None, TASKS, "Spark shows its own"), ("verbose", "v", TASKS, "seconds stand on standard error anyway"),
    ("options", None, TASKS, "see --help, with --task"),
    ("predict", None, (LINEAR, LOGISTIC, KMEANS, BASKETS), "rows are not printed; the document is a model for the program's --predict"),
    ("interval", None, (LINEAR,), "it belongs to --predict"), ("assign", None, (KMEANS,), "rows are not printed"),
    ("agg", None, (STATS,), "all statistics are printed; jq chooses some"),
    ("algorithm", None, (KMEANS,), "there is only one, with the same result"),
)


class Refuse(argparse.Action):
    def __call__(self, parser, namespace, values, option_string=None):
        raise Fault(f"{option_string}: not on Spark: {self.help}", 2)


class Parser(argparse.ArgumentParser):
    def error(self, message):
        raise Fault(message.replace("argument ", ""), 2)


def add_option(parser, name, short, **how):
    parser.add_argument(*([f"-{short}"] if short else []), f"--{name}", **how)


def parse(arguments):
    first = Parser(add_help=False, allow_abbrev=False)
    first.add_argument("--task", choices=TASKS, required="--version" not in arguments and "--help" not in arguments and "-h" not in arguments)
    task = first.parse_known_args(arguments)[0].task
    p = Parser(prog="spark_ml_jobs", allow_abbrev=False, description="A task of sdp on Spark; the manuals of its programs hold.",
               epilog=None if task else "The options of a task are listed with it, as in: --task kmeans --help")
    p.add_argument("--task", choices=TASKS, required=True)
    p.add_argument("-o", "--output", help="write the document there, to any path that Spark writes")
    p.add_argument("--result", help="write what came of the run there: exit code, message, document, seconds")
    p.add_argument("--worker-counts", help="a benchmark: run with so many tasks at once, as in 1,2,4,8")
    p.add_argument("--runs", type=whole(1, 1000), default=3, help="of each worker count (3)")
    p.add_argument("-q", "--quiet", action="store_true", help="neither warnings nor seconds on standard error")
    p.add_argument("--version", action="version", version=f"spark_ml_jobs {VERSION}")
    own = [(name, short, how) for name, short, how, tasks in OPTIONS if task in tasks]
    for name, short, how in own:
        add_option(p, name, short, **{**how, "default": argparse.SUPPRESS})
    for name, short, tasks, why in REFUSED:
        if task in tasks:
            add_option(p, name, short, action=Refuse, nargs="?", help=why)
    p.add_argument("files", nargs="+", metavar="FILE")
    o = p.parse_intermixed_args(arguments)
    o.given = [name for name, *_ in own if name.replace("-", "_") in o]
    for name, _, how in own:
        if name not in o.given:
            setattr(o, name.replace("-", "_"), how.get("default", False if "action" in how else None))
    o.notes, o.partitions = [], None
    try:
        o.worker_counts = [whole(1, 4096)(w) for w in o.worker_counts.split(",")] if o.worker_counts else None
    except argparse.ArgumentTypeError as why:
        raise Fault(f"--worker-counts: {why}", 2) from None
    check_marks(o)
    o.where = Expression(o.where) if o.where is not None else None
    return o


def refuse_given(o, names, where):
    """Options that this way to use a task does not heed, their defaults too."""
    for name in o.given:
        if name in names.split():
            raise Fault(f"--{name} has no effect {where}", 2)


def check_marks(o):
    """The bytes that mean something in cells must differ, and --union needs names and nulls."""
    if o.union and o.no_header:
        raise Fault("--union joins columns by their names, but with --no-header there are none", 2)
    if o.union and o.na == "":
        raise Fault("--union: missing cells are null, but --na '' says that no cell is", 2)
    for name, no in (("decimal", "0123456789+-eE\"\r\n \t"), ("thousands", "0123456789+-eE\"\r\n\t"),
                     ("delimiter", "\"\r\n" if o.quote is None else "\r\n"), ("comment", "\"\r\n")):
        mark = getattr(o, name)
        if mark is not None and mark in no:
            raise Fault(f"--{name}: {quoted(mark)} cannot be one", 2)
    for a, b in (("thousands", "decimal"), ("delimiter", "comment"), ("delimiter", "decimal"),
                 *(("quote", other) for other in ("delimiter", "comment", "decimal", "thousands"))):
        if getattr(o, a) is not None and getattr(o, a) == getattr(o, b):
            raise Fault(f"--{a} and --{b} are both {quoted(getattr(o, a))}", 2)


# COMMAND ----------

# Files, by Hadoop's file systems: dbfs:/, s3://, /Volumes, file:/; and what their first bytes say that they hold.
def cause_of(error):
    """A message of one line out of what Spark throws: the last line of a Python worker's traceback, or what Java says of the first cause."""
    text, java = f"{type(error).__name__}: {error}", getattr(error, "java_exception", None) or getattr(error, "_origin", None)
    traces = re.findall(r"Traceback \(most recent call last\):\n(?:[ \t].*\n)*(\S.*)", text)
    if traces:
        return traces[-1]
    if java is not None:
        while java.getCause():
            java = java.getCause()
        text = re.sub(r"\A([\w$]+\.)+", "", java.toString())
    return text.strip().partition("\n")[0]


def file_system(spark, path):
    place = spark._jvm.org.apache.hadoop.fs.Path(path)
    return place.getFileSystem(spark._jsc.hadoopConfiguration()), place


def head_of(spark, path, most):
    """The first bytes of a file, inflated where its name says that it is compressed."""
    fs, place = file_system(spark, path)
    codec = spark._jvm.org.apache.hadoop.io.compress.CompressionCodecFactory(spark._jsc.hadoopConfiguration()).getCodec(place)
    stream, io = fs.open(place), spark._jvm.org.apache.commons.io
    try:
        return bytes(io.IOUtils.toByteArray(io.input.BoundedInputStream(codec.createInputStream(stream) if codec else stream, most)))
    finally:
        stream.close()


def write_text(spark, path, text):
    """Writes a file, without a .crc file of Hadoop's beside it."""
    try:
        fs, place = file_system(spark, path)
        fs.setWriteChecksum(False)
        try:
            stream = fs.create(place, True)
        finally:
            fs.setWriteChecksum(True)
        try:
            stream.write(bytearray(text.encode()))
        finally:
            stream.close()
    except Exception as error:
        raise Fault(f"{path}: {cause_of(error)}", 3) from error


def same_file(spark, a, b):
    """Do two paths name one file?  For local ones links are followed."""
    (fs, a), (other, b) = file_system(spark, a), file_system(spark, b)
    local = [p.toUri().getPath() for f, p in ((fs, a), (other, b)) if f.getScheme() == "file"]
    if len(local) == 2:
        return all(map(os.path.exists, local)) and os.path.samefile(*local)
    return fs.makeQualified(a).equals(other.makeQualified(b))


def spare_input(spark, o):
    """Ends if a file that is read would be written."""
    written = [(name, path) for name, path in (("output", o.output), ("result", o.result)) if path and path != "-"]
    for given in o.files * bool(written):
        try:
            files = files_of(spark, given)
        except Fault:  # the task says so
            continue
        for name, path in written:
            if any(same_file(spark, path, file) for file in files):
                o.result = None if name == "result" else o.result
                raise Fault(f"--{name}: {path} is the input", 2)


def file_size(spark, path):
    fs, place = file_system(spark, path)
    return sum(fs.getContentSummary(s.getPath()).getLength() for s in fs.globStatus(place))


def files_of(spark, path):
    """The files behind a path, a folder or a pattern, in the order of their names."""
    fs, place = file_system(spark, path)
    found = fs.globStatus(place)
    if not found:
        raise Fault(f"{path}: there is no such file", 3)
    files = []
    for status in found:
        inside = fs.listStatus(status.getPath()) if status.isDirectory() else [status]
        files += sorted(s.getPath().toString() for s in inside
                        if not s.isDirectory() and s.getPath().getName()[0] not in "_.")
    if not files:
        raise Fault(f"{path}: there are no files in it", 3)
    return files


# What is neither text nor Parquet, by its first bytes.
OTHERS = ((b"%PDF-", "a PDF, which sdp-cat makes a table of"), (b"PK\3\4", "a ZIP archive"), (b"\xff\xfe", "UTF-16 text, which sdp-cat reads"),
          (b"\xfe\xff", "UTF-16 text, which sdp-cat reads"), (b"\xfd7zXZ", "xz data"), (b"BZh", "bzip2 data without a name in .bz2"),
          (b"\x28\xb5\x2f\xfd", "zstd data without a name in .zst"), (b"\x1f\x8b", "gzip data without a name in .gz"),
          (b"ARROW1\0\0", "an Arrow (Feather) file"), (b"\xff\xff\xff\xff", "an Arrow stream"), (b"Obj\1", "an Avro file"),
          (b"SQLite format 3\0", "a SQLite database"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel file"),
          (b"\x04\x22\x4d\x18", "lz4 data"), (b"\x7fELF", "a program"), (b"\x89PNG", "an image"))


# What tells a table's baskets.
BASKET_FORMS = "for a table, --basket with --item, --items-column, --one-hot or --table says what a basket is"


def looks_like_json(head):
    """An object or array begins, and goes on as one can: a header may begin with a bracket, too."""
    return bool(re.match(r'\s*(\{\s*["}]|\[\s*([{\["\]0-9-]|(true|false|null|NaN|Infinity)[],\s]))', head))


def markup_in(head):
    """XML, HTML or YAML, which are text but no table."""
    text = head.lstrip()
    if re.match(r"(?i)<(!doctype html|html|table|head|body)\b", text):
        return "an HTML page"
    if re.match(r"(?i)<(\?xml|!doctype|!--)", text):
        return "an XML file"
    first = text.partition("\n")[0].rstrip()
    if re.match(r"<[A-Za-z_][\w:.-]*[\s/>]", first + "\n") and first.endswith(">") and not re.search("[,;|\t]", re.sub("<[^>]*>", "", first)):
        return "an XML file"
    return "a YAML file" if re.match(r"(---( .*)?\r?\n|%YAML)", head) or re.match(r"- +[\w.-]+:( .*)?\r?\n +[\w.-]+:", head) else None


def aligned(rows):
    """Do these fields, as matches of a pattern, stand in columns with a blank between them in all lines?"""
    return len(set(map(len, rows))) == 1 < len(rows[0]) and all(
        max(row[k].end() for row in rows) < min(row[k + 1].start() for row in rows) for k in range(len(rows[0]) - 1))


def looks_like_text(head, whole):
    """Do the first lines hold words rather than cells?  The rules of sdp-csv(5), "Text"."""
    lines = [s for s in (t.rstrip("\r \t") for t in head.split("\n")[:None if whole else -1]) if s]
    if len(lines) < 3 or re.search('["\t|]|[,;][^ \n]', "\n".join(lines)):
        return False
    commas, words = [len(re.findall("[,;]", s)) for s in lines], [len(s.split()) for s in lines]
    if not any(commas) and all(re.search("  ", s) for s in lines):
        if aligned([list(re.finditer(r"[^ ]+(?: [^ ]+)*", s)) for s in lines]):
            return True
        if aligned([list(re.finditer(r"[^ ]+", s)) for s in lines]) and all(re.search("[0-9]", s) for s in lines[1:]):
            return True
    return words[0] >= 6 and words[0] >= 3 * (commas[0] + 1) and len(set(commas)) > 1


# COMMAND ----------

# Records of delimited text.
RECORD_MOST = 1 << 28


class Form:
    """How cells are delimited: by a character, and by quotes, none where they are plain text."""

    def __init__(self, delimiter, quote):
        self.delimiter, self.quote = delimiter, quote
        self.blanks, q = "[" + " \t".replace(delimiter, "") + "]*", re.escape(quote)
        self.opening = re.compile(self.blanks + q)
        self.closing = re.compile(f"[^{q}]*(?:{q}{q}[^{q}]*)*{q}(?!{q})") if quote else None

    def cell(self, more="", end=r"\Z"):
        """A pattern of a cell behind its delimiter; with +, Java does not look back, which needs no stack."""
        mark, q, blanks = re.escape(self.delimiter), re.escape(self.quote), self.blanks
        plain = f"[^{mark}]*{more}"
        if not q:
            return f"{mark}({plain})"
        inside = f"[^{q}]*{more}(?:{q}{q}[^{q}]*{more})*{more}"
        return f"{mark}({blanks}{q}{inside}{q}{blanks}(?={mark}|{end})|(?!{blanks}{q}){plain})"

    def split(self, record):
        return re.findall(self.cell(), self.delimiter + record)

    def text(self, cell):
        cell = cell.strip(" \t")
        return cell[1:-1].replace(2 * self.quote, self.quote) if self.quote and cell.startswith(self.quote) else cell

    def stays_open(self, line, inside):
        """Is a quoted cell open where the line ends?  inside: one was where it began."""
        at = 0
        while self.quote:
            opening = self.opening.match(line, at)
            if inside or opening:
                closing = self.closing.match(line, at if inside else opening.end())
                if not closing:
                    return True
                at, inside = closing.end(), False
            at = line.find(self.delimiter, at) + 1
            if at == 0:
                break
        return False

    def joined(self, lines, comment):
        """Lines as records: a cell in quotes goes on behind ends of lines."""
        held, size = [], 0
        for line in lines:
            if not held and comment and line.startswith(comment):
                yield line
                continue
            inside = self.stays_open(line, bool(held))
            held.append(line)
            size += len(line)
            if not inside or size > RECORD_MOST:
                yield "\n".join(held)
                held, size = [], 0
        if held:
            yield "\n".join(held)


def named_delimiter(d):
    return "tab" if d == "\t" else quoted(d)


def quotes_in_tsv(text, whole, comment):
    """Are quotes syntax in a text with tabs?  None if no cell begins with one; the rule of sdp-csv(5), "Quotes in TSV"."""
    lines = [line for line in text.split("\n")[:None if whole else -1] if line.strip("\r") and not (comment and line.startswith(comment))]
    sizes = {line.count("\t") for line in lines}
    even, found, at, start = len(sizes) == 1 and 0 not in sizes, None, 0, True
    while at < len(text):
        if start and comment and text.startswith(comment, at):
            at = text.find("\n", at) + 1 or len(text)
            continue
        opening = re.compile(' *"').match(text, at)
        if opening:
            found = True
            closing = re.compile('[^"]*(?:""[^"]*)*"(?!")').match(text, opening.end())
            end = closing.end() if closing else len(text)
            behind = re.compile(r" *(?:\r(?=\n|\Z))?(?=[\t\n]|\Z)").match(text, end)
            if not behind or ("\n" in text[opening.end():end] and even) or (whole and not closing):
                return False
            at = behind.end()
        else:
            at = re.compile(r"[^\t\n]*").match(text, at).end()
        start = text.startswith("\n", at)
        at += 1
    return found


def place_of(path):
    """Authority and path of a URI, however many slashes it begins with."""
    return re.fullmatch(r"(?:[A-Za-z][A-Za-z0-9+.-]*:)?(?://([^/]*))?(/.*)", path).groups("")


def decoded(value, encoding):
    """Bytes of a single-byte encoding as text; bytes that it does not have stay control characters."""
    high = [(chr(b), bytes([b]).decode(encoding, "replace")) for b in range(128, 256)]
    changed = [(latin, c) for latin, c in high if c not in (latin, "\ufffd")]
    text = F.decode(value.cast("binary"), "ISO-8859-1")
    return F.translate(text, "".join(latin for latin, _ in changed), "".join(c for _, c in changed)) if changed else text


def records_of(spark, files, o, form, line_end, headers):
    """Records behind the headers of text files with equal ends of lines: value, _split (ascending through all files), _record (from 1 in a file)
    and .starts: the first split of each file.  headers: how many records to leave out."""
    twice = next((path for i, path in enumerate(files) if path in files[:i]), None)
    if twice:
        raise Fault(f"{twice}: the file is given twice, which Spark does not tell apart", 2)
    value = F.col("value")
    if o.encoding != "utf-8":
        value = decoded(value, o.encoding)
    lines = spark.read.text(files, lineSep=line_end).select(
        value.alias("value"), F.col("_metadata.file_path").alias("_path"), F.col("_metadata.file_block_start").alias("_at"),
        F.monotonically_increasing_id().alias("_id"))
    cuts = cuts_of(lines, files, o, form.quote if form else "")
    starts = [next((split for split, cut in enumerate(cuts) if cut["file"] >= i), len(cuts)) for i in range(len(files))]
    if form and any(cut["odd"] for cut in cuts):
        return whole_records(spark, lines, {cut["path"]: (starts[cut["file"]], headers[cut["file"]]) for cut in cuts}, form, o.comment, o.skip), starts
    if len(cuts) <= 1:
        frame = lines.select("value", F.lit(0).alias("_split"), (F.col("_id") + 1).alias("_record"))
        return frame.where(F.col("_record") > headers[0]), starts
    rows = [(cut["path"], cut["at"], split, cut["first"] - cut["before"] - 1, headers[cut["file"]]) for split, cut in enumerate(cuts)]
    table = F.broadcast(spark.createDataFrame(rows, "_path string, _at long, _split int, _less long, _header long"))
    frame = lines.join(table, ["_path", "_at"]).select("value", "_split", (F.col("_id") - F.col("_less")).alias("_record"), "_header")
    return frame.where(F.col("_record") > F.col("_header")).drop("_header"), starts


def cuts_of(lines, files, o, quote):
    """The parts that Spark makes of files, in their order, each with how many records are before it; ends at bytes that are no text."""
    quotes = F.length("value") - F.length(F.replace(F.col("value"), F.lit(quote), F.lit(""))) if quote else F.lit(0)
    wrong = F.when(F.instr("value", "\0") > 0, F.struct("_id", F.lit("a NUL byte")))
    if o.encoding != "utf-8":
        missing = "".join(chr(b) for b in range(128, 256) if bytes([b]).decode(o.encoding, "replace") == "\ufffd")
        if missing:
            bad = F.decode(F.col("value").cast("binary"), "ISO-8859-1").rlike(f"[{missing}]")
            wrong = F.when(bad, F.struct("_id", F.lit(f"bytes that are not {o.encoding}"))).otherwise(wrong)
    else:
        wrong = F.when(~F.is_valid_utf8("value"), F.struct("_id", F.lit("bytes that are not UTF-8"))).otherwise(wrong)
    number, cuts, before = {place_of(path): i for i, path in enumerate(files)}, [], [0] * len(files)
    for path, at, first, count, odd, fault in lines.groupBy("_path", "_at").agg(F.min("_id"), F.count("*"), F.max(quotes % 2), F.min(wrong)).collect():
        authority, place = place_of(path)
        cuts.append({"file": number[authority, urllib.parse.unquote(place)], "at": at, "path": path, "first": first, "count": count, "odd": odd,
                     "fault": fault})
    cuts.sort(key=lambda cut: (cut["file"], cut["at"]))
    for cut in cuts:
        cut["before"] = before[cut["file"]]
        before[cut["file"]] += cut["count"]
        if cut["fault"]:
            raise Fault(f"{files[cut['file']]}:{cut['fault'][0] - cut['first'] + cut['before'] + 1}: {cut['fault'][1]}")
    return cuts


def whole_records(spark, lines, files, form, comment, skip):
    """Records of files in which cells go on in the next line: a file by one worker.  files: {path: (split, records to leave out)}."""
    def records(rows):
        for path, part in itertools.groupby(rows, key=lambda row: row[0]):
            split, header = files[path]
            texts = (row[1] for row in part)
            for number, record in enumerate(itertools.chain(itertools.islice(texts, skip), form.joined(texts, comment)), 1):
                if number > header:
                    yield record, split, number
    ordered = lines.repartition("_path").sortWithinPartitions("_path", "_at", "_id").select("_path", "value")
    return spark.createDataFrame(ordered.rdd.mapPartitions(records), "value string, _split int, _record long")


def cells_of(value, form):
    """The cells of a record as an array, in their quotes; joined again they are the record, if it is in order."""
    split = F.split(value, re.escape(form.delimiter), -1)
    matches = F.regexp_extract_all(F.concat(F.lit(form.delimiter), value), F.lit(form.cell("+", r"\z")), F.lit(1))
    return F.when(F.instr(value, form.quote) == 0, split).otherwise(matches) if form.quote else split


# COMMAND ----------

# Records of JSON, by Python's reader, which keeps numbers as they are written and sees keys that occur twice.
def members(pairs):
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a duplicate key in an object")
    return found


class Written(str):
    """A number of JSON as it is written, which is no string."""


def no_number(text):
    raise ValueError(f"{text} is not JSON without --na NaN")


def json_values(text, o):
    """All values of a text, one after the other. NaN and Infinity are values if --na names NaN."""
    constant = Written if o.na is not None and "NaN" in o.na.split(",") else no_number
    decoder = json.JSONDecoder(object_pairs_hook=members, parse_float=Written, parse_int=Written, parse_constant=constant)
    blanks = re.compile(r"[ \t\r\n]*")
    at = blanks.match(text).end()
    while at < len(text):
        value, at = decoder.raw_decode(text, at)
        yield value
        at = blanks.match(text, at).end()


def put_cells(row, value, name, lists=None):
    """
    The cells of a value: a member of an object is outer.inner, an element of an array outer.0.  An empty array is none,
    but for that of --items-column (lists), so that the column exists if all its arrays are empty.
    """
    if value == [] and name == lists:
        row.setdefault(name, None)
    elif isinstance(value, (dict, list)):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            put_cells(row, inner, f"{name}.{key}" if name else str(key) or f"c{len(row) + 1}", lists)
    elif name in row:
        raise ValueError(f"two values for {quoted(name)}")
    else:
        row[name] = None if value is None else str(value) if isinstance(value, str) else str(value).lower()


def pointed(value, pointer):
    """What a JSON pointer (RFC 6901) points to."""
    for part in pointer.split("/")[1:]:
        part = part.replace("~1", "/").replace("~0", "~")
        try:
            value = value[int(part) if isinstance(value, list) else part]
        except (ValueError, LookupError, TypeError):
            raise ValueError(f"there is nothing at {quoted(pointer)}") from None
    return value


def table_of(text, o):
    """The records in a text that holds the whole table."""
    values = list(json_values(text, o))
    if o.records is not None:
        values = values[:1]
        values[0] = pointed(values[0], o.records)
    if o.input_format != "ndjson" and len(values) == 1 and isinstance(values[0], list):
        return values[0]
    return values


NO_HEADER = "--no-header: objects of JSON have no header, their members have names"


def json_rows(texts, o, whole):
    """Records as dicts of texts by column; where one is at fault, that as a text, and no more."""
    number, header = 0, None
    try:
        for text in texts:
            for record in table_of(text, o) if whole else json_values(text, o):
                number += 1
                if isinstance(record, dict) and o.no_header and not header:
                    yield NO_HEADER
                    return
                if isinstance(record, list) and header is None:
                    given = not o.no_header and all(type(v) is str for v in record)
                    header = [v if given and v else f"c{i + 1}" for i, v in enumerate(record)]
                    if given:
                        continue
                if isinstance(record, list) and len(record) != len(header):
                    raise ValueError(f"{counted(len(record), 'value')} where the first record has {len(header)}")
                if not isinstance(record, (dict, list)) or isinstance(record, dict) == bool(header):
                    raise ValueError("a record that is no object")
                row = {}
                put_cells(row, dict(zip(header, record)) if header else record, "", getattr(o, "items_column", None))
                json.dumps(row, ensure_ascii=False).encode()
                yield row
    except (ValueError, RecursionError) as why:
        yield f"record {number + 1}: {why}"


def json_parts(spark, path, o):
    """Records of a JSON file, part by part, and of each part (records, columns, fault)."""
    head = head_of(spark, path, 1 << 16).decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    try:
        whole = not isinstance(next(json_values(head.partition("\n")[0], o)), dict) or o.records is not None or o.input_format == "json"
    except (ValueError, StopIteration):
        whole = True
    lines = spark.read.text(path, wholetext=True) if whole else spark.read.text(path, lineSep="\n")
    if lines.where(~F.is_valid_utf8("value")).limit(1).count():
        raise Fault(f"{path}: bytes that are not UTF-8")
    rows = lines.rdd.mapPartitions(lambda texts: json_rows((t[0].removeprefix("\ufeff") for t in texts), o, whole)).persist(StorageLevel.MEMORY_AND_DISK)

    def summary(part):
        n, names, fault = 0, {}, None
        for row in part:
            if isinstance(row, str):
                fault = row
                break
            n += 1
            names.update(dict.fromkeys(row))
        yield n, list(names), fault
    parts = rows.mapPartitions(summary).collect()
    for n, _, fault in parts:
        if fault:
            raise Fault(fault, 2) if fault == NO_HEADER else Fault(f"{path}: {fault}")
    return rows, parts


def table_in_record(names):
    """The warning about the only record, if its columns look like a table."""
    one = "the input is one object and is read as one record"
    within = [name.partition(".0.")[0].replace("~", "~0").replace("/", "~1").replace(".", "/") for name in names if ".0." in name]
    if within:
        return [f"{one}: --records /{within[0]}?"]
    groups = [[inner if dot else None for _, dot, inner in group] for _, group in itertools.groupby((n.partition(".") for n in names), lambda p: p[0])]
    if None in groups[0] or len(groups[0]) < 2 or any(group != groups[0] for group in groups):
        return []
    across = groups[0] == [str(i) for i in range(len(groups[0]))]
    what, how = ("columns", "(first(.[])|keys_unsorted[]) as $i | map_values(.[$i])") if across else ("rows", ".[]")
    return [f"{one}; its members look like {what}: jq -c '{how}' makes a record of each row"]


# COMMAND ----------

# Types of cells, and of whole columns of them: sdp-csv(5).
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


# COMMAND ----------

# The files of a task as one table.
def leaves(schema, name="", place=""):
    """The columns of Parquet (name, place, type): a field of a struct is outer.inner."""
    for field in schema.fields:
        inner, at, kind = name + field.name, f"{place}`{field.name}`", field.dataType.typeName()
        if kind == "struct":
            yield from leaves(field.dataType, inner + ".", at + ".")
        elif kind in ("array", "map", "binary", "variant"):
            raise Fault(f"column {quoted(inner)} holds {kind}s")
        else:
            yield inner, at, kind


class Table(Columns):
    """Files as one table of texts; c0, c1, … are its columns, _split and _record the order of its rows."""

    def __init__(self, spark, o, lines=False):
        self.spark, self.o = spark, o
        self.types, self.shape, self.wide, self.zoned, self.counts, self.rows = {}, {}, {}, {}, {}, None
        self.nulls = [] if o.na == "" else (NULLS if o.na is None else o.na).split(",")
        files = [f for path in o.files for f in files_of(spark, path)]
        kinds = [self._kind(f, lines) for f in files]
        if len(set(kinds)) > 1:
            raise Fault(f"{files[0]} is {kinds[0]}, but another file is {next(k for k in kinds if k != kinds[0])}")
        self.format = kinds[0]
        self.notes, self.files, self.starts = o.notes, files, [0]
        self.rows_read, self.first_rows = None, math.inf
        self.names, frames = {"csv": self._csv, "lines": self._lines, "json": self._json, "parquet": self._parquet}[self.format](files)
        self.frame = frames[0]
        for other in frames[1:]:
            self.frame = self.frame.union(other)
        self.frame = (self.frame.coalesce(o.partitions) if o.partitions else self.frame).persist(StorageLevel.MEMORY_AND_DISK)
        if self.format == "csv":
            self._check_records()
        self.fixed = self._fixed()
        for i, kind in self.fixed.items():
            if kind in NUMERIC:  # leading zeros are allowed
                self.frame = self.frame.withColumn(f"c{i}", F.regexp_replace(f"c{i}", r"\A([ \t]*[+-]?)0+(?=[0-9])", "$1"))
        if o.where:
            self.frame = self.frame.where(Filter(self, o.where).condition())

    def counts_of_rows(self):
        """The members of a document that say how many rows there are."""
        return {"rows": self.rows} | ({"rows_read": self.rows_read} if self.o.where else {})

    def file_number(self):
        """The number of the file of a row, from 0."""
        return F.size(F.filter(F.array(*map(F.lit, self.starts)), lambda start: start <= F.col("_split"))) - 1

    def place(self, split, record):
        """The file and the number of a record, for messages."""
        return f"{self.files[bisect.bisect_right(self.starts, split) - 1]}:{record}"

    def _kind(self, path, lines):
        """csv, lines, json or parquet, by what was said or by the first bytes."""
        o, head = self.o, head_of(self.spark, path, 4096)
        if o.input_format == "parquet" or (not o.input_format and not lines and head[:4] == b"PAR1"):
            for name in "quote", "skip":
                if name in o.given:
                    raise Fault(f"--{name}: Parquet has none", 2)
            return "parquet"
        for magic, name in OTHERS:
            if head.startswith(magic):
                raise Fault(f"{path}: this is {name}")
        text = head.decode("utf-8", "replace").removeprefix("\ufeff")
        text = "\n".join(text.split("\n")[o.skip:])
        if o.input_format in ("json", "ndjson") or (not o.input_format and (o.delimiter is None or lines) and looks_like_json(text)):
            if lines:
                raise Fault(f"{path}: this looks like JSON, not like lines of text: {BASKET_FORMS}", 2)
            if o.encoding != "utf-8":
                raise Fault("--encoding: JSON is read as UTF-8 here", 2)
            for name in "comment", "thousands", "quote", "skip":
                if name in o.given:
                    raise Fault(f"--{name}: " + ("JSON is read from its first line on Spark" if name == "skip" else "JSON has none"), 2)
            if o.decimal != ".":
                raise Fault("--decimal: the decimal point of JSON is a full stop", 2)
            if o.ragged != "error":
                raise Fault("--ragged: records of JSON may have different keys", 2)
            return "json"
        if o.records is not None:
            raise Fault(f"{path}: this is not JSON, and --records is for JSON")
        if not (lines or o.input_format or o.delimiter or o.skip) and markup_in(text[:512]):
            raise Fault(f"{path}: this is {markup_in(text[:512])}, not a CSV table; to read it as it is: --input-format csv")
        if not (lines or o.input_format or o.delimiter) and looks_like_text(text[:512], len(text) < 512):
            raise Fault(f"{path}: this looks like text, which sdp-cat makes a table of; --input-format csv reads it as CSV")
        return "lines" if lines else "csv"

    # --- CSV ---

    def _precedes(self, line):
        return not line.strip("\r" if self.o.delimiter == " " else " \t\r") or (self.o.comment and line.startswith(self.o.comment))

    def _header(self, path, first):
        """The first record's number, its columns, what ends lines, and how many lines are no data without a header, too."""
        o, size, q = self.o, 1 << 20, '"' if self.o.quote is None else re.escape(self.o.quote)
        while True:
            head = head_of(self.spark, path, size)
            text = head.decode(o.encoding, "replace").removeprefix("\ufeff")
            bare_cr = re.match(rf"(?:[^{q}\r\n]|{q}[^{q}]*{q})*\r(?!\n)" if q else r"[^\r\n]*\r(?!\n)", text)
            lines = re.sub("\r(?!\n)", "\n", text).split("\n") if bare_cr else text.split("\n")
            ended = lines[-1] == ""
            lines = lines[:-1] if ended else lines
            if o.skip and len(head) < size and len(lines) < o.skip:
                raise Fault(f"{path}: the input ends within the lines of --skip {o.skip}")
            begin = next((i for i, line in enumerate(lines[o.skip:], o.skip) if not self._precedes(line)), o.skip)
            named = re.fullmatch(r'(?i)("?)sep=([^"])\1\r?', lines[begin]) if begin < len(lines) else None
            dropped = begin + 1 if named else o.skip
            rest = list(itertools.dropwhile(self._precedes, lines[dropped:]))
            if size == 1 << 20:
                self._form(path, rest, ended, len(head) < size, named and named[2], first)
            records = enumerate(self.form.joined(lines[dropped:], o.comment), dropped + 1)
            found = next(((n, r) for n, r in records if not self._precedes(r)), None)
            if len(head) < size or (found and len(found[1]) < len(text) // 2):
                break
            size *= 16
        if self.form.delimiter == o.comment:
            raise Fault(f"--comment: {quoted(o.comment)} separates the cells of {path}", 2)
        if found is None:
            raise Fault(f"{path}: the input is empty" + ("" if o.no_header else ": not even a header"))
        header = found[1].removesuffix("\r")
        parts = self.form.split(header)
        if self.form.delimiter.join(parts) != header:
            raise Fault(f"{path}:{found[0]}: a quoted cell that does not end as it should{self.hint}")
        names = [self.form.text(p) for p in parts]
        if first and len(names) == 1:
            self._other_delimiter(header)
            self._preamble(rest, len(lines) - len(rest))
        return found[0], [f"c{i + 1}" if o.no_header or not n else n for i, n in enumerate(names)], "\r" if bare_cr else "\n", dropped

    def _form(self, path, lines, ended, whole, named, first):
        """How the cells are delimited: said by an option, by a line of Excel, or seen in the first file."""
        o = self.o
        given = o.delimiter or {"csv": ",", "tsv": "\t"}.get(o.input_format)
        if not first:
            if named and not given and named != self.form.delimiter:
                raise Fault(f"{path}: its cells are separated by {quoted(named)}, those of another file by {quoted(self.form.delimiter)}")
            return
        if named and not given and named == o.decimal:
            raise Fault(f"--decimal: {quoted(named)} separates the cells of {path}", 2)
        if named and given and named != given:
            self.notes.append(f"the line 'sep={named}' before the header says otherwise than --delimiter or --input-format; it is skipped")
        delimiter, quote = given or named or self._separator(lines, whole), '"' if o.quote is None else o.quote
        if delimiter == "\t" and o.quote is None:
            syntax = quotes_in_tsv("\n".join(lines) + "\n" * ended, whole, o.comment)
            quote, self.hint, self.unseen = '"' if syntax else "", " (--quote none?)" if syntax else "", syntax is None
        self.form = Form(delimiter, quote)

    def _other_delimiter(self, header):
        """Warns if a header of one cell would be several by another delimiter than that which was named."""
        q, taken = re.escape(self.form.quote), self.form.delimiter
        outside = re.sub(f"{q}[^{q}]*{q}", "", header) if q else header
        counts = {d: len(re.findall(f"{re.escape(d)}{'(?! )' * (d == ',')}", outside)) for d in ",\t;|" if d not in (taken, self.o.decimal)}
        best = max(counts, key=counts.get)
        if counts[best]:
            self.notes.append(f"the delimiter {named_delimiter(taken)} gives one column, {named_delimiter(best)} would give {counts[best] + 1}: --delimiter?")

    def _preamble(self, lines, before):
        """Warns if lines before the header seem to be taken for it."""
        o = self.o
        for d in o.delimiter or {"csv": ",", "tsv": "\t"}.get(o.input_format) or ",\t;|":
            form, line, records = Form(d, self.form.quote), before, []
            for record in itertools.islice(form.joined(lines, o.comment), 1000):
                if record.strip("\r") and not (o.comment and record.startswith(o.comment)):
                    records.append((line, len(form.split(record.removesuffix("\r")))))
                line += record.count("\n") + 1
            for (line, size), (_, n) in itertools.pairwise(records[:5]):
                if 1 < n == size:
                    self.notes.append(f"the header has one cell, but line {line + 1} has {n}, "
                                      f"separated by {named_delimiter(d)}: --skip {line}?")
                    return

    def _separator(self, lines, whole):
        """By the rule of sdp-csv(5): what gives all records as many cells as the header, the most columns, and the most types."""
        o, quote = self.o, '"' if self.o.quote is None else self.o.quote
        outside, q = next(Form(",", quote).joined(lines, o.comment), ""), re.escape(quote)
        outside = re.sub(f"(?:^|(?<=[,\t;|])) *{q}[^{q}]*{q}", "", outside) if quote else outside
        candidates = [d for d in ",\t;|" if d in outside and d not in (o.decimal, o.comment)]
        if len(candidates) < 2:
            return candidates[0] if candidates else o.comment if o.comment and o.comment in ",\t;|" and o.comment in outside else \
                ";" if "," in (o.decimal, o.thousands) and (o.no_header or "," not in outside) else ","
        found, fitting = [], set()
        for d, form in [(d, Form(d, q)) for d in candidates for q in ((quote, "") if d == "\t" else (quote,))]:
            number = DATA_CELL if d == "," or o.decimal != "." or o.thousands else DATA_CELL + r"|[+-]?\d+,\d+|[+-]?\d{1,3}(?:\.\d{3})+,\d+"
            records = [form.split(r.removesuffix("\r")) for r in form.joined(lines, o.comment)
                       if r.strip("\r") and not (o.comment and r.startswith(o.comment))]
            records = records if whole or len(records) < 2 else records[:-1]
            n = len(records[0])
            same = sum(len(r) == n for r in records[1:])
            fits = same == len(records) - 1 if o.ragged == "error" else same * 2 > len(records) - 1 or len(records) == 1
            if d in fitting or n < 2 or not fits or (o.ragged == "pad" and any(len(r) > n for r in records)):
                continue
            fitting.add(d)
            malformed = d != "\t" and quote and any(re.match(rf'[ \t]*{q}(?!(?:[^{q}]|{q}{q})*{q}[ \t]*\Z)', c) for r in records for c in r)
            columns = [[c for c in (form.text(r[i]) for r in records[1:] if i < len(r)) if c not in self.nulls] for i in range(n)]
            typed = sum(bool(c) and all(re.fullmatch(number, cell) for cell in c) for c in columns)
            found.append((not malformed, n, typed, d, d == "," and all(c.startswith(" ") for r in records for c in r[1:])))
        best = max(found, key=lambda f: f[:3], default=(True, 0, 0, "", False))
        rivals = [f for f in found if f[:2] == best[:2] and f is not best and (f[2] == best[2] or not f[4])]
        if best[3] and not rivals:
            return best[3]
        taken = best[3] or ("," if "," in candidates else max(candidates, key=outside.count))
        self.notes.append(f"the delimiter is a guess: {quoted(taken)} is used: --delimiter?")
        return taken

    def _csv(self, files):
        self.hint, self.unseen = "", False
        found = [self._header(path, path == files[0]) for path in files]
        _, names, line_end, _ = found[0]
        for path, other in zip(files, found):
            if other[1] != names and not self.o.union:
                raise Fault(f"{path}: its header is not that of {files[0]}")
            if other[2] != line_end:
                raise Fault(f"{path}: its lines do not end as those of {files[0]}")
        if not self.o.no_header and all(re.fullmatch(DATA_CELL, name.strip(" \t")) for name in names):
            self.notes.append("the first record looks like data, not like a header: --no-header?")
        headers = [dropped if self.o.no_header else header for header, *_, dropped in found]
        self.first_rows = self._first_rows(files[0], headers[0]) if self.o.where else math.inf
        frame, self.starts = records_of(self.spark, files, self.o, self.form, line_end, headers)
        return self._united([names for _, names, *_ in found], frame) if self.o.union else (names, [self._cells(frame, len(names))])

    def _united(self, headers, frame):
        """The columns of all files by their names, in the order in which they first appear; a cell that a file does not have is null."""
        for path, names in zip(self.files, headers):
            twice = next((name for name in names if names.count(name) > 1), None)
            other = next((d for d in ",\t;|" if d in names[0] and d != self.form.delimiter), None)
            if len(names) == 1 and path != self.files[0] and not self.o.delimiter and other:
                raise Fault(f"{path}: the header has no {named_delimiter(self.form.delimiter)}, which separates the cells of {self.files[0]}, but "
                            f"{named_delimiter(other)}: all files must have one delimiter")
            if twice:
                raise Fault(f"{path}: two columns are named {quoted(twice)}, so --union cannot tell them apart")
        names, frames = list(dict.fromkeys(itertools.chain(*headers))), []
        for header in dict.fromkeys(map(tuple, headers)):
            part = frame.where(self.file_number().isin([i for i, own in enumerate(headers) if tuple(own) == header]))
            cells = [F.col(f"c{header.index(name)}") if name in header else F.lit(None).cast("string") for name in names]
            frames.append(self._cells(part, len(header)).select(*[c.alias(f"c{i}") for i, c in enumerate(cells)], "_split", "_record", "_fault",
                                                                "_ragged", "_opens"))
        return names, frames

    def _first_rows(self, path, header):
        """How many records the first MiB of a file has."""
        head = head_of(self.spark, path, 1 << 20)
        lines = head.decode(self.o.encoding, "replace").split("\n")[:-1]
        return math.inf if len(head) < 1 << 20 else max(sum(1 for _ in self.form.joined(lines, self.o.comment)) - header, 1)

    def _cells(self, frame, n):
        """Records as columns; _fault is what is wrong with one, _ragged whether its cells are too few or many."""
        o, value, form, q = self.o, F.col("value"), self.form, F.lit(self.form.quote)
        first = F.when(F.col("_record") == 1, F.regexp_replace(value, "\\A\ufeff", "")).otherwise(value)
        frame = frame.select(F.regexp_replace(first, r"\r\z", "").alias("value"), "_split", "_record")
        if o.comment:
            frame = frame.where(~F.startswith(value, F.lit(o.comment)))
        if n > 1:
            frame = frame.where(value != "")
        frame = frame.select("value", cells_of(value, form).alias("_cells"), "_split", "_record")
        size = F.size("_cells")
        ragged = size != n if o.ragged != "pad" else size < n
        fault = F.when(F.array_join("_cells", form.delimiter) != value, F.lit(f"a quoted cell that does not end as it should{self.hint}"))
        if o.ragged != "skip":
            fault = F.when(size > n if o.ragged == "pad" else size != n, F.concat(size, F.when(size == 1, " cell").otherwise(" cells"), F.lit(f" where the header has {n}"))).otherwise(fault)
        cells = []
        for i in range(n):
            c = bare(F.get("_cells", F.lit(i)))
            text = F.replace(c.substr(F.lit(2), F.length(c) - 2), F.concat(q, q), q)
            cells.append(F.when(F.startswith(c, q), text).otherwise(c) if form.quote else c)
        if o.ragged == "pad" and not self.nulls:
            cells = [F.coalesce(c, F.lit("")) for c in cells]
        opens = value.rlike(r'(?:\A|\t) *"') if self.unseen else F.lit(False)
        return frame.select(*[self._cell(c, i) for i, c in enumerate(cells)], "_split", "_record", fault.alias("_fault"), ragged.alias("_ragged"),
                            opens.alias("_opens"))

    def _check_records(self):
        """Ends at the first record that is not in order; leaves out the ragged ones, if that is asked for."""
        place = F.struct("_split", "_record", "_fault")
        fault, ragged, first, opens, opening = self.frame.agg(
            F.min(F.when(F.col("_fault").isNotNull(), place)), *[f for name in ("_ragged", "_opens") for f in (
                F.sum(F.col(name).cast("long")), F.min(F.when(F.col(name), place)))]).head()
        if fault:
            raise Fault(f"{self.place(*fault[:2])}: {fault[2]}")
        if opens:
            self.notes.append(f"records with a cell that begins with a quote, which is plain text because none does in the first MiB: {opens}; "
                              f"the first: {self.place(*opening[:2])}: --quote '\"'?")
        if ragged and self.o.ragged != "error":
            done = "left out" if self.o.ragged == "skip" else "filled with nulls"
            self.notes.append(f"records without as many cells as the header, {done}: {ragged}; the first: {self.place(*first[:2])}")
            self.frame = self.frame.where(~F.col("_ragged")) if self.o.ragged == "skip" else self.frame

    def _cell(self, c, i):
        return (F.when(~c.isin(*self.nulls), c) if self.nulls else c).alias(f"c{i}")

    # --- lines, JSON, Parquet ---

    def _lines(self, files):
        for path in files:
            if not head_of(self.spark, path, 1):
                raise Fault(f"{path}: the input is empty")
        frame, _ = records_of(self.spark, files, self.o, None, "\n", [0] * len(files))
        first = F.when(F.col("_record") == 1, F.regexp_replace("value", "\\A\ufeff", "")).otherwise(F.col("value"))
        return ["line"], [frame.select(F.regexp_replace(first, r"\r\z", "").alias("c0"))]

    def _json(self, files):
        found, split, frames = [json_parts(self.spark, path, self.o) for path in files], 0, []
        names = list(dict.fromkeys(name for _, parts in found for _, columns, _ in parts for name in columns))
        if not names:
            raise Fault(f"{files[0]}: there is no table in it")
        if self.o.records is None and sum(n for _, parts in found for n, _, _ in parts) == 1:
            self.notes += table_in_record(names)
        schema = ", ".join(["_split int", "_record long"] + [f"c{i} string" for i in range(len(names))])
        self.starts = []
        for rows, parts in found:
            self.starts.append(split)
            before = list(itertools.accumulate([1] + [n for n, _, _ in parts]))
            numbered = rows.mapPartitionsWithIndex(lambda k, part, split=split, before=before: (
                (split + k, before[k] + n, *map(row.get, names)) for n, row in enumerate(part)))
            frame = self.spark.createDataFrame(numbered, schema)
            frames.append(frame.select(*[self._cell(F.col(f"c{i}"), i) for i in range(len(names))], "_split", "_record"))
            split += len(parts)
        return names, frames

    def _parquet(self, files):
        frame = self.spark.read.option("mergeSchema", True).parquet(*files)
        fields, cells = list(leaves(frame.schema)), []
        for i, (name, place, kind) in enumerate(fields):
            c = F.col(place).cast("string")
            cells.append(self._cell(F.concat(c, F.lit("Z")) if kind == "timestamp" else c, i))
        part, row = F.spark_partition_id().alias("_split"), F.monotonically_increasing_id().alias("_record")
        return [name for name, _, _ in fields], [frame.select(*cells, part, row)]


# COMMAND ----------

# The expression of --where as a tree: its grammar is in sdp-csv(5).
WHERE_BYTES, WHERE_DEPTH, WHERE_DIGITS = 1 << 16, 200, 1100
WHERE_FUNCTIONS = {"length": "string", "lower": "string", "upper": "string", "year": "time", "month": "time", "day": "time", "hour": "time",
                   "weekday": "time"}
WHERE_KEYWORDS = ("and", "or", "not", "in", "between", "is", "null")
WHERE_SIGNS = ("==", "!=", "<=", ">=", "=~", "!~", "<", ">", "(", ")", ",", "+", "-", "*")
WHERE_BLANKS = re.compile(r"[ \t\r\n]*")
WHERE_NUMBER = re.compile(r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
WHERE_STRING = re.compile(r"'(?:[^']|'')*'(?!')")
WHERE_ODD = re.compile(r"\$\{(?:[^}]|\}\})*\}(?!\})")
WHERE_NAME = re.compile(r"[A-Za-z_\u0080-\U0010ffff][A-Za-z0-9_.\u0080-\U0010ffff]*")
COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")
MATCHES = ("=~", "!~")


class Part:
    """A part of an expression: its kind, its operands, the text of a leaf, and where it begins."""

    def __init__(self, kind, operands=(), text=None, at=0):
        self.kind, self.operands, self.text, self.at = kind, list(operands), text, at
        self.type, self.column, self.seen, self.seconds, self.pattern = None, None, 0, None, None
        self.any_type = False  # only whether it is null matters

    def leaves(self, kind):
        found = [self] * (self.kind == kind)
        for part in self.operands:
            found += part.leaves(kind)
        return found


class Expression:
    """An expression of --where, parsed as lib/table/where_parse.c does: .root is its tree."""

    def __init__(self, text):
        self.text, self.depth = text, 0
        self.token = self.previous = ("end", 0, 0)  # a kind, and from where to where it goes
        size, wrong = len(text.encode(errors="replace")), re.search("[\ud800-\udfff]", text)
        if size > WHERE_BYTES:
            raise Fault(f"--where: the expression has {size} bytes, at most {WHERE_BYTES} are allowed", 2)
        if wrong:
            self.fail(wrong.start(), "this is not valid UTF-8")
        sys.setrecursionlimit(max(sys.getrecursionlimit(), 50 * WHERE_DEPTH))
        self._advance()
        if self.token[0] == "end":
            raise Fault("--where: the expression is empty", 2)
        self.root = self._either()
        if self._is(")"):
            self._fail_here("the ( of this ) is missing")
        if self.token[0] != "end":
            self._fail_operator("an operator is missing")
        check_types(self, None, 2)

    def fail(self, at, message, code=2):
        """Ends with a message, the expression near the place, and a caret below it."""
        raise Fault(f"--where: {message}\n{where_excerpt(self.text, at)}", code)

    # --- tokens ---

    def _advance(self):
        """Reads the next token."""
        at, text = WHERE_BLANKS.match(self.text, self.token[2]).end(), self.text
        self.previous, number = self.token, WHERE_NUMBER.match(text, at)
        for begin, pattern, kind, missing in (("${", WHERE_ODD, "odd", "the } of a name in ${ is missing"),
                                              ("'", WHERE_STRING, "string", "the ' at the end of a string is missing")):
            if text.startswith(begin, at):
                found = pattern.match(text, at)
                if not found:
                    self.fail(at, missing)
                self.token = kind, at, found.end()
                return
        if number:
            if re.match(r"[A-Za-z_.\u0080-\U0010ffff]", text[number.end():number.end() + 1]):
                self.fail(at, "not a number; the name of a column that begins with a digit is written in ${...}")
            self.token = "number", at, number.end()
            return
        name = WHERE_NAME.match(text, at)
        sign = None if name or sign_meant(text, at) else next((s for s in WHERE_SIGNS if text.startswith(s, at)), None)
        if at < len(text) and not name and not sign:
            self.fail(at, sign_meant(text, at) or f"{where_quoted(text[at])} has no meaning here")
        self.token = ("name", at, name.end()) if name else ("mark", at, at + len(sign)) if sign else ("end", at, at)

    def _shown(self, token=None):
        _, at, end = token or self.token
        return self.text[at:end]

    def _fail_here(self, message):
        self.fail(self.token[1], message)

    def _is(self, *signs):
        return self.token[0] == "mark" and self._shown() in signs

    def _is_word(self, *words):
        return self.token[0] == "name" and ascii_lower(self._shown()) in words

    def _take_word(self, word):
        """Takes the next token if it is this word."""
        if not self._is_word(word):
            return False
        self._advance()
        return True

    def _word_meant(self):
        return word_meant(self._shown()) if self.token[0] == "name" else None

    def _fail_operator(self, wanted):
        """Ends at the next token, before which an operator is missing, with what was probably meant."""
        kind, at, end = self.previous
        before, meant = ascii_lower(self.text[at:end]), self._word_meant()
        if not meant and kind == "string" and self.token[1] == end:
            meant = "a quote in a string is written ''"
        elif not meant and kind == "number" and self._is(","):
            meant = "a number has no commas"
        elif not meant and kind == "name" and before in WHERE_FUNCTIONS:
            meant = f"the argument of {before} is in parentheses"
        self._fail_here(f"{wanted} before this" + (f"; {meant}" if meant else ""))

    def _expect_end(self, of, wanted):
        """Takes the parenthesis after what is complete."""
        if self._is(")"):
            return self._advance()
        if self.token[0] == "end":
            self._fail_here(f"the ) of {of} is missing")
        return self._fail_operator(wanted)

    # --- grammar ---

    def _enter(self):
        self.depth += 1
        if self.depth > WHERE_DEPTH:
            self._fail_here(f"the expression is nested more than {WHERE_DEPTH} levels deep")

    def _joined(self, word, rule):
        parts = [rule()]
        while self._take_word(word):
            parts.append(rule())
        return parts[0] if len(parts) == 1 else Part(word, parts, None, parts[0].at)

    def _either(self):
        return self._joined("or", self._both)

    def _both(self):
        return self._joined("and", self._negated)

    def _negated(self):
        at = self.token[1]
        if not self._is_word("not"):
            return self._test()
        self._enter()
        self._advance()
        part = Part("not", [self._negated()], None, at)
        self.depth -= 1
        return part

    def _test(self):
        one = self._sum()
        at = one.at
        if self._is(*COMPARISONS, *MATCHES):
            return self._comparison(one)
        if self._take_word("is"):
            return self._null(one)
        negated = self._take_word("not")
        if self._take_word("in"):
            part = self._list(one)
        elif self._take_word("between"):
            part = self._between(one)
        elif negated:
            self._fail_here("after not comes in or between here; " + (
                "not null is written is not null" if self._is_word("null") else
                self._word_meant() or "not of a comparison is written before the whole of it"))
        else:
            return one
        return Part("not", [part], None, at) if negated else part

    def _comparison(self, one):
        mark = self._shown()
        if mark in MATCHES:
            part = self._match(one)
        else:
            self._advance()
            part = Part(mark, [one, self._sum()], None, one.at)
        if mark == "!~":
            part = Part("not", [part], None, one.at)
        if self._is(*COMPARISONS, *MATCHES):
            self._fail_here("a comparison cannot be continued; join two by and")
        return part

    def _match(self, one):
        # What is no string need not be a token: /pattern/.
        at = WHERE_BLANKS.match(self.text, self.token[2]).end()
        if not self.text.startswith("'", at):
            self.fail(at, "a regular expression is a string in single quotes")
        self._advance()
        return Part("=~", [one, self._leaf("string")], None, one.at)

    def _null(self, one):
        negated = self._take_word("not")
        if not self._take_word("null"):
            self._fail_here("after is comes null or not null; values are compared by == and !=")
        one.any_type = True
        part = Part("is null", [one], None, one.at)
        return Part("not", [part], None, one.at) if negated else part

    def _list(self, one):
        if not self._is("("):
            self._fail_here("after in comes a list in parentheses, as (1, 2)")
        self._advance()
        operands = [one, self._sum()]
        while self._is(","):
            self._advance()
            operands.append(self._sum())
        self._expect_end("the list of in", "a comma or ) is missing")
        return Part("in", operands, None, one.at)

    def _between(self, one):
        low = self._sum()
        if not self._take_word("and"):
            self._fail_here("the and of between is missing")
        return Part("between", [one, low, self._sum()], None, one.at)

    def _sum(self):
        parts = [self._product()]
        while self._is("+", "-"):
            minus, at = self._is("-"), self.token[1]
            self._advance()
            part = self._product()
            parts.append(Part("negate", [part], None, at) if minus else part)
        return parts[0] if len(parts) == 1 else Part("+", parts, None, parts[0].at)

    def _product(self):
        parts = [self._unary()]
        while self._is("*"):
            self._advance()
            parts.append(self._unary())
        return parts[0] if len(parts) == 1 else Part("*", parts, None, parts[0].at)

    def _unary(self):
        at = self.token[1]
        self._enter()
        if self._is("-"):
            self._advance()
            part = Part("negate", [self._unary()], None, at)
        else:
            part = self._primary()
        self.depth -= 1
        return part

    def _leaf(self, kind):
        """Makes a leaf of the next token."""
        form, at, _ = self.token
        text = self._shown()
        text = text[1:-1].replace("''", "'") if form == "string" else text[2:-1].replace("}}", "}") if form == "odd" else text
        part = Part(kind, (), text, at)
        self._advance()
        return part

    def _primary(self):
        form = self.token[0]
        if form in ("number", "string"):
            return self._leaf(form)
        if form == "odd":
            return self._leaf("column")
        if self._is("("):
            return self._group()
        if form != "name" or self._is_word(*WHERE_KEYWORDS):
            self._fail_operand()
        constant = self._is_word("true", "false")
        part = self._leaf("boolean" if constant else "column")
        if constant:
            part.text = ascii_lower(part.text)
        return self._call(part) if self._is("(") and not constant else part

    def _group(self):
        at = self.token[1]
        self._advance()
        part = self._either()
        self._expect_end("a (", "an operator or ) is missing")
        part.at = at
        return part

    def _call(self, name):
        """Makes a function of its name, and parses what is in parentheses after it."""
        part = Part(ascii_lower(name.text), (), None, name.at)
        if part.kind not in WHERE_FUNCTIONS:
            self._fail_function(name)
        self._advance()
        part.operands.append(self._either())
        if self._is(","):
            self._fail_here("a function has one argument")
        self._expect_end("a function", "an operator or ) is missing")
        return part

    def _fail_function(self, name):
        meant, near = word_meant(name.text), nearest(name.text, WHERE_FUNCTIONS)
        self.fail(name.at, f"no function {where_quoted(name.text)}" + (
            f"; {meant}" if meant else f", did you mean {near}?" if near else f"; there are {', '.join(WHERE_FUNCTIONS)}"))

    def _fail_operand(self):
        if self.token[0] == "end":
            self._fail_here("a column or a value is missing at the end")
        if self._is_word("null"):
            self._fail_here("null is compared by is null or is not null")
        if self._is("+"):
            self._fail_here("a value has no + before it")
        self._fail_here(f"a column or a value is missing before {where_quoted(self._shown())}" +
                        ("; a column of that name is written in ${...}" if self._is_word(*WHERE_KEYWORDS) else ""))


# COMMAND ----------

# The messages about an expression of --where: where the fault is, and what was probably meant, as lib/table/where_messages.c has them.
QUOTES_MEANT = "strings are in single quotes, and odd names of columns in ${...}"
COLUMN_MEANT = "a column is written by its name, or ${name}"
# Signs that begin with a valid one come before it.
SIGNS_MEANT = (
    ("===", "=== is written =="), ("!==", "!== is written !="), ("==~", "==~ is written =~"), ("!=~", "!=~ is written !~"), ("=>", "=> is written >="),
    ("=<", "=< is written <="), ("=!", "=! is written !="), ("<>", "<> is written !="), ("**", "there are no powers"), ("=~", None), ("==", None),
    ("!=", None), ("!~", None), ("=", "= is written =="), ("~", "~ is written =~"), ("&&", "&& is written and"), ("&", "& is written and"),
    ("||", "|| is written or"), ("|", "| is written or"), ("!", "! is written not"), ('"', QUOTES_MEANT), ("`", QUOTES_MEANT),
    ("/", "there is no division"), ("%", "there is no remainder"), ("^", "there are no powers"), ("$", COLUMN_MEANT), ("{", COLUMN_MEANT),
    ("[", "an odd name of a column is written ${name}, a list (a, b)"), (";", "; has no meaning; the elements of a list are separated by commas"))
WORDS_MEANT = {word: meant for words, meant in (
    ("like ilike rlike regexp regexp_like regexp_matches regex match matches similar glob contains startswith starts_with starts endswith ends_with "
     "ends instr substr substring", "a text within strings is found by =~ 'regex'"),
    ("isnull is_null notnull isna notna isnan isempty na nan nil none", "a missing value is found by is null"),
    ("date datetime timestamp to_date", "a time is compared with a string, as '2024-03-01 12:30'"),
    ("mod", "there is no remainder"), ("div", "there is no division")) for word in words.split()}
WORDS_MEANT |= {word: f"{word} is written {meant}" for word, meant in (
    ("eq", "=="), ("ne", "!="), ("lt", "<"), ("le", "<="), ("gt", ">"), ("ge", ">="), ("isin", "in"), ("strlen", "length"), ("char_length", "length"),
    ("lcase", "lower"), ("tolower", "lower"), ("ucase", "upper"), ("toupper", "upper"), ("dayofweek", "weekday"))}
CHARACTERS_MEANT = {
    "≤": "≤ is written <=", "≥": "≥ is written >=", "≠": "≠ is written !=", "×": "× is written *", "−": "the minus sign is written -",
    "\u00a0": "a no-break space is not a blank here", **dict.fromkeys("‘’“”", "strings are in straight single quotes: '...'")}


def ascii_lower(text):
    return re.sub("[A-Z]", lambda found: found[0].lower(), text)


def sign_meant(text, at):
    """What was meant by a text that begins with a sign of another language; None if that is not known, or the sign is valid."""
    return next((meant for typed, meant in SIGNS_MEANT if text.startswith(typed, at)), None)


def word_meant(word):
    """What is written instead of a word of another language; None if that is not known."""
    return WORDS_MEANT.get(ascii_lower(word)) or next((CHARACTERS_MEANT[c] for c in word if c in CHARACTERS_MEANT), None)


def is_shown(c):
    """Is it a character that a message has as it is?"""
    return " " <= c != "\x7f" and not re.match(
        "[\x80-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb"
        "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff\ud800-\udfff]", c)


def where_quoted(text):
    """A text in quotes, cut if it is long, with \\xNN for the bytes of what is not shown."""
    out, size, at = "'", 1, 0
    for c in text:
        data = c.encode(errors="replace")
        for piece, taken in [(c, len(data))] if is_shown(c) else [(f"\\x{b:02x}", 1) for b in data]:
            if at >= 40 or size + 10 >= 64:
                return out + "…'"
            out, size, at = out + piece, size + len(piece.encode()), at + taken
    return out + "'"


def excerpt_cells(text):
    """The characters of a text as an excerpt shows them, each with its width."""
    cells = []
    for c in text:
        width = 1 if c < "\u0300" else 0 if unicodedata.category(c) in ("Mn", "Me") else 1 + (unicodedata.east_asian_width(c) in "WF")
        cells += [(c, width)] if is_shown(c) else [(" ", 1)] * len(c.encode(errors="replace"))
    return cells


def where_excerpt(text, at):
    """The expression near a place, and a caret below it."""
    cells, before, after, out = excerpt_cells(text[:at]), 0, 0, "  "
    first, rest = 0, excerpt_cells(text[at:])
    before = sum(width for _, width in cells)
    while before > 40:
        before -= cells[first][1]
        first += 1
    last = 0
    while last < len(rest) and after < 36:
        after += rest[last][1]
        last += 1
    out += "…" * (first > 0) + "".join(c for c, _ in cells[first:] + rest[:last])
    return f"{out}{'…' * (last < len(rest))}\n{' ' * (before + 2 + (first > 0))}^"


def spelling_cost(byte):
    return 3 if 48 <= byte <= 57 else 1


def spelling_distance(a, b):
    """The Damerau-Levenshtein distance of two names as bytes in lower case (optimal string alignment); a digit counts as three letters."""
    rows = [[0]]
    for y in b:
        rows[0].append(rows[0][-1] + spelling_cost(y))
    for i, x in enumerate(a):
        row = [rows[i][0] + spelling_cost(x)]
        for j, y in enumerate(b):
            best = min(rows[i][j] + (0 if x == y else max(spelling_cost(x), spelling_cost(y))), rows[i][j + 1] + spelling_cost(x), row[j] + spelling_cost(y))
            if i and j and x == b[j - 1] and a[i - 1] == y:
                best = min(best, rows[i - 1][j - 1] + 1)
            row.append(best)
        rows.append(row)
    return rows[-1][-1]


def nearest(typed, names):
    """The name that is nearest to what was typed, as lib/base/suggest.c finds it; None if none is near."""
    a = typed.encode(errors="replace").lower()
    letters = re.sub(rb"[^0-9a-z\x80-\xff]", b"", a)
    size = len(re.sub(rb"[\x80-\xbf]", b"", letters))
    limit, near = 1 if size < 3 else 2 if size < 5 else 3, None
    for name in names:
        b, far = name.encode().lower(), 3
        if len(a) > 40 or len(b) > 40:
            continue
        if letters and letters == re.sub(rb"[^0-9a-z\x80-\xff]", b"", b):
            far = 0
        elif len(a) >= 3 and b.startswith(a):
            far = int(len(b) > len(a))
        elif abs(len(a) - len(b)) < limit:
            far = spelling_distance(a, b)
        if far < limit:
            limit, near = far, name
    return near


# COMMAND ----------

# The types of the parts of an expression of --where, checked as lib/table/where_bind.c does.
TYPE_NAMES = {"boolean": "a boolean", "number": "a number", "string": "a string", "time": "a time", None: "without values"}
# What is no condition: its type, and which one its operands must have, as messages say it.
TYPE_RULES = {
    "number": ("number", None, ""), "string": ("string", None, ""), "+": ("number", "number", " in a sum"), "*": ("number", "number", " in a product"),
    "negate": ("number", "number", " after -"),
    **{name: ("string" if name in ("lower", "upper") else "number", kind, f" by {name}") for name, kind in WHERE_FUNCTIONS.items()}}


def check_types(expression, columns, code):
    """Sets the type of each part.  columns says the types of columns: None where one is not known; it is None itself while there is no table."""
    Types(expression, columns, code).check()


class Types:
    def __init__(self, expression, columns, code):
        self.expression, self.columns, self.code = expression, columns, code

    def check(self):
        self._check(self.expression.root)
        self._want(self.expression.root, "boolean", " as a condition")

    def _fail(self, part, message, code=None):
        self.expression.fail(part.at, message, code or self.code)

    def _check(self, part):
        for one in part.operands:
            self._check(one)
        if part.kind == "column":
            part.type = None if self.columns is None or part.any_type else self.columns(part)
        elif part.kind in TYPE_RULES:
            part.type, kind, why = TYPE_RULES[part.kind]
            for one in part.operands:
                self._want(one, kind, why)
            if part.kind == "number" and (math.isinf(float(part.text)) or significant_digits(part.text) > WHERE_DIGITS):
                self._fail(part, "this number is too large or has too many digits", 2)
        else:
            part.type = "boolean"
            self._check_condition(part)

    def _check_condition(self, part):
        kind, operands = part.kind, part.operands
        if kind in ("boolean", "is null"):
            return
        if kind in ("and", "or", "not"):
            for one in operands:
                self._want(one, "boolean", " by not, and, or")
        elif kind == "=~":
            self._want(operands[0], "string", " by =~ and !~")
            operands[1].pattern = operands[1].pattern or java_pattern(self.expression, operands[1])
        else:
            self._unify(part)
            for one in operands if kind not in ("==", "!=", "in") else ():
                if one.type == "boolean":
                    self._fail(one, "booleans are compared by == and != only")

    def _unify(self, part):
        """Gives the operands of a comparison one type: that of the first which has one; a string is a time beside times."""
        typed = next((one for one in part.operands if one.kind != "string" and one.type), None)
        if not typed and self.columns is None:
            return
        why = "" if not typed else f" beside {self._described(typed) if typed.kind == 'column' else TYPE_NAMES[typed.type]}"
        for one in part.operands:
            self._want(one, typed.type if typed else "string", why)

    def _described(self, part):
        return f"column {where_quoted(part.text)}" if part.kind == "column" else where_quoted(part.text) if part.kind == "string" else "this"

    def _want(self, part, kind, why):
        """Makes a part have a type, if it can."""
        if kind is None or part.type == kind:
            return
        if part.type is None:
            part.type = kind
        elif part.kind == "string" and kind == "time":
            part.type = "time"
            part.seen, part.seconds = time_of(part.text)
            if not part.seen:
                self._fail(part, f"{where_quoted(part.text)} is compared with a time, but is no date and no time, as '2024-03-01' or '2024-03-01 12:30'")
        else:
            self._fail(part, f"{self._described(part)} is {TYPE_NAMES[part.type]}, {TYPE_NAMES[kind]} is wanted{why}{self._hint(part, kind)}")

    def _hint(self, part, kind):
        """What may help where a part has another type than the wanted one."""
        if part.kind == "column":
            return f"; as a string: --types '{part.text}=string'" if kind == "string" and self.columns else ""
        if kind == "time":
            return "; a time is in single quotes, as '2024-03-01'"
        if part.kind == "string" and kind == "number":
            number = re.fullmatch(r" *[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)? *", part.text)
            return "; a number has no quotes" if number else ""
        if part.kind == "number" and kind == "string":
            return "; a string is in single quotes"
        truth = part.kind == "string" and kind == "boolean" and ascii_lower(part.text) in ("true", "false")
        return "; true and false have no quotes" if truth else ""


def significant_digits(text):
    return len(re.split("[eE]", text)[0].replace(".", "").strip("0"))


# COMMAND ----------

# Regular expressions of --where, which are those of PCRE2, as Java's.
# What both understand but not in the same way, or only PCRE2: how it begins, and its name in messages.
NOT_IN_JAVA = (
    (r"\(\*", "(*…)"), (r"\(\?[|]", "(?|"), (r"\(\?#", "(?#…)"), (r"\(\?[R0-9&]|\(\?P>|\(\?[+-][0-9]", "a recursion"), (r"\(\?\(", "a condition (?(…)"),
    (r"\(\?C", "a callout (?C"), (r"\(\?P=", "(?P=NAME)"), (r"\\Q|\\E", r"\Q and \E"), (r"\\[gk]", r"\g and \k"),
    (r"\\[hHvVRKNGXCc0oL-M]", None), (r"\\[1-9][0-9]", None), (r"\\[A-Za-z]", None))
JAVA_ESCAPES = {"n": r"\n", "r": r"\r", "t": r"\t", "f": r"\f", "e": r"\e", "a": r"\a", "d": r"\d", "D": r"\D", "w": r"\w", "W": r"\W", "s": r"\s",
                "S": r"\S"}
# A boundary of a word: Java's own, before version 19, is one of Unicode's letters.
JAVA_ASSERTIONS = {"b": r"(?:(?<=\w)(?!\w)|(?<!\w)(?=\w))", "B": r"(?:(?<=\w)(?=\w)|(?<!\w)(?!\w))", "A": r"\A", "z": r"\z", "Z": r"\Z"}
CATEGORY = re.compile(r"\\([pP])(?:\{(\^?)(C[cfno]?|L[lmotu]?|M[cen]?|N[dlo]?|P[cdefios]?|S[ckmo]?|Z[lps]?)\}|([CLMNPSZ]))")
QUANTIFIER = re.compile(r"(?:[*+?]|\{[0-9]{1,5}(?:,[0-9]{0,5})?\})[?+]?")


class JavaPattern:
    """A pattern that means the same for PCRE2 and for Java; what need not is refused by name."""

    def __init__(self, pattern):
        self.pattern, self.at, self.groups, self.closed, self.names = pattern, 0, 0, set(), set()
        self.folded = bool(re.search(r"\(\?[a-z]*i", pattern))
        # With a character of two units of UTF-16 in the pattern, which matches nowhere, Java does not begin between two such units.
        self.text = "(?d)" + self._alternatives(False) + r"|(?!)\x{10000}"
        if self.at < len(pattern):
            raise ValueError("a parenthesis that was not opened")

    def _rest(self):
        return self.pattern[self.at:self.at + 40]

    def _refuse(self, length=2, name=None):
        raise ValueError(f"{name or self._rest()[:length]} is not the same in Spark's regular expressions, which are Java's")

    def _take(self, pattern):
        found = re.compile(pattern).match(self.pattern, self.at)
        if found:
            self.at = found.end()
        return found

    def _alternatives(self, behind):
        """What ends at a parenthesis or at the end; behind: within an assertion about what is before."""
        out = []
        while self.at < len(self.pattern) and self.pattern[self.at] != ")":
            if self._take(r"\|"):
                out.append("|")
                continue
            atom, again = self._atom(behind)
            found = QUANTIFIER.match(self.pattern, self.at)
            if found and (not again or behind):
                self._refuse(len(found[0]), f"the quantifier {found[0]} here")
            if found:
                self._check_counts(found[0])
                atom, self.at = atom + found[0], found.end()
                if QUANTIFIER.match(self.pattern, self.at):
                    self._refuse(1, "a quantifier of a quantifier")
            out.append(atom)
        return "".join(out)

    @staticmethod
    def _check_counts(text):
        counts = [int(n) for n in re.findall("[0-9]+", text)]
        if any(n > 65535 for n in counts) or counts != sorted(counts):
            raise ValueError(f"the numbers of {text} are out of order or too large")

    def _atom(self, behind):
        """Java's text of an atom, and whether a quantifier may follow."""
        for start, name in NOT_IN_JAVA[:-3]:
            if re.compile(start).match(self.pattern, self.at):
                self._refuse(2, name)
        c = self.pattern[self.at]
        if c == "(":
            return self._group(behind)
        if c == "[":
            return self._class(), True
        if c == "\\":
            return self._escape()
        if c in "^$":
            self.at += 1
            return c, False
        if QUANTIFIER.match(self.pattern, self.at):
            raise ValueError(f"the quantifier {c} follows nothing that it could repeat")
        if self._take(r"\{ *[0-9]*,? *[0-9]* *\}"):
            self.at -= 1
            self._refuse(1, "a brace that is no quantifier but looks like one")
        self.at += 1
        return "." if c == "." else literal(c), True

    def _group(self, behind):
        """A group or a change of flags."""
        flags = self._take(r"\(\?([ims]*)(?:-([ims]*))?([:)])")
        if flags and (flags[1] or flags[2] or flags[3] == ":"):
            on, off = (f.replace("i", "iu") for f in (flags[1], flags[2] or ""))
            text = f"(?{on}{'-' * bool(off)}{off}"
            if flags[3] == ")":
                return text + ")", False
            return self._inside(text + ":", behind), True
        if assertion := self._take(r"\(\?<?[=!]"):
            return self._inside(assertion[0], behind or "<" in assertion[0]), False
        if self._take(r"\(\?>"):
            return self._inside("(?>", behind), True
        named = self._take(r"\(\?(?:P?<([A-Za-z_][A-Za-z0-9_]{0,31})>|'([A-Za-z_][A-Za-z0-9_]{0,31})')")
        if not named and self._rest().startswith("(?"):
            self._refuse(3)
        if named and (name := named[1] or named[2]) in self.names:
            raise ValueError(f"two groups have the name {name}")
        if named:
            self.names.add(name)
        else:
            self.at += 1
        self.groups += 1
        number = self.groups
        text = self._inside("(", behind)
        self.closed.add(number)
        return text, True

    def _inside(self, opening, behind):
        text = self._alternatives(behind)
        if not self._take(r"\)"):
            raise ValueError("a parenthesis that does not end")
        return opening + text + ")"

    def _escape(self):
        """Java's text of an escape, and whether a quantifier may follow."""
        c = self.pattern[self.at + 1:self.at + 2]
        if not c:
            raise ValueError("a backslash at the end")
        if c in JAVA_ASSERTIONS:
            self.at += 2
            return JAVA_ASSERTIONS[c], False
        if back := self._take(r"\\([1-9])(?![0-9])"):
            if int(back[1]) not in self.closed:
                self.at -= 2
                self._refuse(2)
            return f"\\{back[1]}", True
        return self._character(), True

    def _character(self):
        """An escape that is a character or a class of characters, also within brackets."""
        c = self.pattern[self.at + 1:self.at + 2]
        if category := CATEGORY.match(self.pattern, self.at):
            if self.folded and (category[2] or "") + (category[3] or "") in ("Ll", "Lu", "Lt"):
                self._refuse(len(category[0]), f"{category[0]} with (?i)")
            self.at = category.end()
            turned = (category[1] == "P") != bool(category[2])
            return f"\\{'P' if turned else 'p'}{{{category[3] or category[4]}}}"
        if code := self._take(r"\\x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,8})\})"):
            number = int(code[1] or code[2], 16)
            if number > 0x10ffff or 0xd800 <= number < 0xe000:
                raise ValueError(f"{code[0]} is no character")
            return f"\\x{{{number:x}}}"
        if c in JAVA_ESCAPES:
            self.at += 2
            return JAVA_ESCAPES[c]
        if c.isascii() and c.isalnum():
            self._refuse(2)
        self.at += 2
        return literal(c)

    def _class(self):
        """Characters in brackets, of which Java could take some for operators."""
        opening, out, last = self._take(r"\[\^?"), [], None
        first = True
        while first or not self.pattern.startswith("]", self.at):
            if self.at >= len(self.pattern):
                raise ValueError("brackets that do not end")
            if self._take(r"\[(?=[:.=])"):
                self.at -= 1
                self._refuse(2, f"a class such as {self.pattern[self.at:self.at + 2]}…]")
            one = self._one()
            first = False
            if not re.match(r"-[^\]]", self._rest()):
                out.append(one)
                continue
            self.at += 1
            last = self._one()
            if is_set(one) or is_set(last):
                self._refuse(1, f"a range from or to {one if is_set(one) else last}")
            if code_of(one) > code_of(last):
                raise ValueError("a range in brackets that is out of order")
            out.append(f"{one}-{last}")
        self.at += 1
        return opening[0] + "".join(out) + "]"

    def _one(self):
        """A character or an escape within brackets."""
        if self.pattern.startswith("\\", self.at):
            if self._take(r"\\b"):
                return r"\x{8}"
            if self.at + 1 >= len(self.pattern):
                raise ValueError("brackets that do not end")
            return self._character()
        self.at += 1
        return literal(self.pattern[self.at - 1])


def literal(c):
    """A character for Java, within brackets or not."""
    return c if c.isalnum() and c.isascii() else f"\\x{{{ord(c):x}}}"


def code_of(one):
    """The number of a character as it is written for Java."""
    if one.startswith(r"\x"):
        return int(one[3:-1], 16)
    return {r"\n": 10, r"\r": 13, r"\t": 9, r"\f": 12, r"\e": 27, r"\a": 7}.get(one) or ord(one)


def is_set(one):
    return one[:2] in (r"\d", r"\D", r"\w", r"\W", r"\s", r"\S", r"\p", r"\P")


def java_pattern(expression, part):
    """The pattern for Java of a string of an expression."""
    try:
        return JavaPattern(part.text).text
    except ValueError as why:
        return expression.fail(part.at, str(why))
    except RecursionError:
        return expression.fail(part.at, "the regular expression is nested too deeply")


# COMMAND ----------

# Rows that an expression of --where wants, as a condition of Spark.
GUESS_ROWS = 1000
CLASSES = {"number": INTEGER | REAL, "boolean": BOOLEAN, "time": DATE | LOCAL | ZONED}
CLASS_OF_TYPE = {"boolean": "boolean", "integer": "number", "real": "number", "date": "time", "datetime": "time", "string": "string"}
NOT_A = {"number": "a number", "boolean": "true or false", "time": "a date or time", "integer": "an integer", "real": "a number", "date": "a date",
         "datetime": "a date or time"}
WITHOUT_ZONE = "a time without a zone is compared with one that has a zone"
ORDERS = {"==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


def time_of(text):
    """What the form of a time is, and its seconds since 1970; 0 and None if it is none."""
    found = re.fullmatch(f"({DAY})({CLOCK})?({ZONE})?", text)
    if not found or (found[3] and not found[2]):
        return 0, None
    year, month, day = map(int, found[1].split("-"))
    try:
        days = day_number(year, month, day)
    except ValueError:
        return 0, None
    hour, minute, second, *_ = [*(found[2] or "")[1:].split(":"), "0", "0", "0"]
    zone = re.sub("[^0-9]", "", found[3] or "").ljust(6, "0")
    offset = (int(zone[:2]) * 3600 + int(zone[2:4]) * 60 + int(zone[4:])) * (-1 if "-" in (found[3] or "") else 1)
    whole = days * 86400 + int(hour or 0) * 3600 + int(minute) * 60 - offset
    return ZONED if found[3] else LOCAL if found[2] else DATE, (Decimal(whole) + Decimal(second)).quantize(Decimal("1e-9"))


@functools.cache
def simple_case(upper):
    """Two texts: characters, and what each becomes by Unicode's simple mapping, which is one character."""
    changed = {}
    for number in range(128, sys.maxunicode + 1):
        c = chr(number)
        one = c.upper() if upper else c.lower()
        if len(one) > 1:
            # The simple mapping is that of titles, or for capital I with a dot the letter i.
            one = c.title() if upper else one[0]
        if len(one) == 1 and one != c and not 0xd800 <= number < 0xe000:
            changed[c] = one
    low, high = "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    ascii_from, ascii_to = (low, high) if upper else (high, low)
    return ascii_from + "".join(changed), ascii_to + "".join(changed.values())


def number_of(text):
    """A number as a fraction; nearer to 0 than 1e-400 it is 0."""
    value = Decimal(text)
    return Fraction(0) if value.adjusted() < -400 else Fraction(value)


def joined(conditions, join):
    """Conditions joined by pairs, so that they are nested little."""
    while len(conditions) > 1:
        conditions = [functools.reduce(join, conditions[k:k + 2]) for k in range(0, len(conditions), 2)]
    return conditions[0]


class Filter:
    """The rows of a table of texts that an expression wants."""

    def __init__(self, table, expression):
        self.table, self.o, self.expression, self.shape, self.exact = table, table.o, expression, {}, True
        self.columns = {}
        for part in expression.root.leaves("column"):
            part.column = self._find(part)
        self.guesses = self._guess()
        check_types(expression, lambda part: self.guesses.get(part.column), 1)
        self.uses = sorted({(part.column, part.type) for part in expression.root.leaves("column") if part.type in CLASSES})
        self._check_cells()
        self.exact = all(self._size(part) for part in self._numbers(expression.root))

    def _find(self, part):
        names, name = self.table.names, part.text
        if names.count(name) == 1:
            return names.index(name)
        text, near = where_quoted(name), nearest(name, names)
        if name in names:
            self.expression.fail(part.at, f"{names.count(name)} columns are named {text}", 1)
        if not name:
            self.expression.fail(part.at, "a column's name is empty")
        message = f"no column {text} among the {len(names)}" + (f", did you mean {where_quoted(near)}?" if near else f": {listed(names)}")
        odd = self.expression.text.startswith("$", part.at)
        meant = None if near or odd else word_meant(name) or ("a string is in single quotes" if self._is_second(part) else None)
        return self.expression.fail(part.at, message + (f"; {meant}" if meant else ""), 1)

    def _is_second(self, part, within=None):
        """Is it after the sign of a comparison, or in a list?"""
        within = within or self.expression.root
        compares = within.kind in (*COMPARISONS, "=~", "in", "between")
        return compares and any(part is one for one in within.operands[1:]) or any(self._is_second(part, one) for one in within.operands)

    # --- types ---

    def _guess(self):
        """The classes of the columns, by --types or the first rows; a column without values there has none."""
        found = {i: CLASS_OF_TYPE[kind] for i, kind in self.table.fixed.items()}
        unknown = sorted({part.column for part in self.expression.root.leaves("column")} - found.keys())
        if not unknown:
            return found
        first = self._first_file().sort("_split", "_record").limit(min(GUESS_ROWS, self.table.first_rows))
        row = first.agg(*[F.bit_or(seen(F.col(f"c{i}"), self.o)) for i in unknown]).head()
        for i, bits in zip(unknown, row):
            kind = next((name for name, within in TYPE_OF if bits and bits & ~within == 0), "string")
            if bits:
                found[i] = CLASS_OF_TYPE[kind]
        return found

    def _first_file(self):
        """The rows of the first file that has any."""
        frame, starts = self.table.frame, self.table.starts
        split = frame.agg(F.min("_split")).head()[0] if len(starts) > 1 else None
        end = next((start for start in starts if split is not None and start > split), None)
        return frame if end is None else frame.where(F.col("_split") < end)

    def _check_cells(self):
        """Ends at the first cell that has not the type of its column; finds how long numbers are."""
        table, figures = self.table, []
        for i, kind in self.uses:
            c = F.col(f"c{i}")
            fixed = table.fixed.get(i)
            wrong = c.isNotNull() & (seen(c, self.o).bitwiseAND(~(FITS[fixed] if fixed else CLASSES[kind])) != 0)
            figures.append(F.min(F.when(wrong, F.struct("_split", "_record", F.lit(i).alias("i"), F.lit(f"not {NOT_A[fixed or kind]}").alias("why"), c.alias("cell")))))
        figures += [F.min(F.when(wrong, F.struct("_split", "_record", F.lit(part.column).alias("i"), F.lit(WITHOUT_ZONE).alias("why"),
                                                 F.col(f"c{part.column}").alias("cell")))) for part, wrong in self._zones(self.expression.root)]
        numbers = [i for i, kind in self.uses if kind == "number"]
        for i in numbers:
            figures += [F.max(length) for length in lengths_of(bare(number_text(F.col(f"c{i}"), self.o)))]
        row = table.frame.agg(F.count("*"), *figures).head()
        table.rows_read = row[0]
        faults = sorted(fault for fault in row[1:len(row) - 2 * len(numbers)] if fault)
        if faults:
            split, record, i, why, cell = faults[0]
            raise Fault(f"{table.place(split, record)}:{table.names[i]}: {why}: {quoted(cell)}")
        for k, i in enumerate(numbers):
            scale, size = row[len(row) - 2 * (len(numbers) - k)], row[len(row) - 2 * (len(numbers) - k) + 1]
            self.shape[i] = max(scale or 0, 0), max(size or 0, 1)

    def _zones(self, part):
        """Where a time without a zone is compared with one that has a zone: the part, and the condition."""
        for one in part.operands:
            yield from self._zones(one)
        if part.kind not in (*COMPARISONS, "in", "between") or part.operands[0].type != "time":
            return
        for other in part.operands[1:]:
            for a, b in ((part.operands[0], other), (other, part.operands[0])):
                if a.kind == "column":
                    without = self._form(a).bitwiseAND(DATE | LOCAL) != 0
                    if b.kind == "column":
                        yield a, without & (self._form(b) == ZONED)
                    elif b.seen == ZONED:
                        yield a, without

    def _form(self, part):
        return seen(F.col(f"c{part.column}"), self.o)

    # --- numbers ---

    def _numbers(self, part):
        """All comparisons of numbers below a part, and sums whose being null is asked for."""
        found = [part] * (part.kind in (*COMPARISONS, "in", "between") and part.operands[0].type == "number")
        for one in part.operands:
            found += self._numbers(one)
        return found

    def _size(self, part):
        """How many digits a number has after and before the point, at most; None if that is more than Spark's decimals have, somewhere."""
        kind, operands = part.kind, [self._size(one) for one in part.operands if one.type == "number"]
        if None in operands:
            return None
        if kind == "column":
            size = self.shape[part.column]
        elif kind == "number":
            _, digits, exponent = Decimal(part.text).as_tuple()
            size = max(-exponent, 0), max(len(digits) + exponent, 1)
        elif kind == "*":
            size = sum(s for s, _ in operands), sum(n for _, n in operands) + len(operands)
        elif kind == "negate":
            size = operands[0]
        elif operands:  # a sum, or what is compared
            size = max(s for s, _ in operands), max(n for _, n in operands) + len(str(len(operands))) * (kind == "+")
        else:
            size = 0, 12
        return size if size and sum(size) <= 37 else None

    def _decimal(self, part, size):
        """A number as a decimal of so many digits after and before the point."""
        kind = f"decimal({sum(size)},{size[0]})"
        if part.kind == "column":
            return bare(number_text(F.col(f"c{part.column}"), self.o)).cast(kind)
        if part.kind == "number":
            return F.lit(f"{Decimal(part.text):f}").cast(kind)
        if part.kind == "negate":
            return (-self._decimal(part.operands[0], self._size(part.operands[0]))).cast(kind)
        if part.kind == "+":
            return joined([self._decimal(one, (size[0], size[1])).cast(kind) for one in part.operands], lambda a, b: (a + b).cast(kind))
        if part.kind == "*":
            return joined([self._decimal(one, self._size(one)) for one in part.operands], operator.mul).cast(kind)
        return self._count(part).cast(kind)

    def _count(self, part):
        """A function that is a whole number."""
        if part.kind == "length":
            return F.char_length(self._text(part.operands[0]))
        second = F.floor(self._time(part.operands[0])).cast("long")
        of_day = F.pmod(second, F.lit(86400).cast("long"))
        if part.kind == "hour":
            return F.floor(of_day / 3600).cast("int")
        date = F.date_from_unix_date(((second - of_day) / 86400).cast("int"))
        return F.weekday(date) + 1 if part.kind == "weekday" else {"year": F.year, "month": F.month, "day": F.day}[part.kind](date)

    def _compared_exactly(self, part):
        """A comparison of numbers of any length, by Python."""
        places, leaves = {}, []

        def tree(one):
            if one.kind in ("number", "+", "*", "negate"):
                return one.kind, number_of(one.text) if one.kind == "number" else [tree(inner) for inner in one.operands]
            key = one.column if one.kind == "column" else id(one)
            if key not in places:
                places[key] = len(leaves)
                leaves.append(bare(number_text(F.col(f"c{one.column}"), self.o)) if one.kind == "column" else self._count(one).cast("string"))
            return "cell", places[key]
        kind, trees = part.kind, [tree(one) for one in part.operands]
        return F.udf(lambda *cells: compared(kind, [computed(t, cells) for t in trees]), "boolean")(*leaves)

    # --- texts and times ---

    def _text(self, part):
        if part.kind == "column":
            return F.col(f"c{part.column}")
        if part.kind in ("lower", "upper"):
            return F.translate(self._text(part.operands[0]), *simple_case(part.kind == "upper"))
        return F.lit(part.text)

    def _time(self, part):
        return instant(F.col(f"c{part.column}")) if part.kind == "column" else F.lit(part.seconds).cast("decimal(21,9)")

    # --- conditions ---

    def _is_null(self, part):
        if part.type == "boolean":
            return self._condition(part).isNull()
        if part.kind == "column":
            return F.col(f"c{part.column}").isNull()
        return joined([self._is_null(one) for one in part.operands], operator.or_) if part.operands else F.lit(False)

    def _condition(self, part):
        """A part that is true, false or null."""
        kind, operands = part.kind, part.operands
        if kind == "boolean":
            return F.lit(part.text == "true")
        if kind == "column":
            return F.lower(f"c{part.column}") == "true"
        if kind in ("and", "or"):
            return joined([self._condition(one) for one in operands], operator.and_ if kind == "and" else operator.or_)
        if kind == "not":
            return ~self._condition(operands[0])
        if kind == "=~":
            return self._text(operands[0]).rlike(operands[1].pattern)
        if kind == "is null":
            return self._is_null(operands[0])
        return self._compared(part)

    def _compared(self, part):
        kind = part.operands[0].type
        if kind == "number" and not self.exact:
            return self._compared_exactly(part)
        if kind == "number":
            size = self._size(part)
            one, *others = [self._decimal(p, size) for p in part.operands]
        else:
            one, *others = [{"string": self._text, "time": self._time, "boolean": self._condition}[kind](p) for p in part.operands]
        if part.kind == "between":
            return (one >= others[0]) & (one <= others[1])
        if part.kind == "in":
            return joined([one == other for other in others], operator.or_)
        return ORDERS[part.kind](one, others[0])

    def condition(self):
        return self._condition(self.expression.root)


def lengths_of(number):
    """How many digits a number has after the point, and before it; at least 0 and 1."""
    digits, power = F.substring_index(F.lower(F.ltrim(number, F.lit("+-"))), "e", 1), F.coalesce(F.regexp_extract(number, "[eE](.*)", 1).cast("int"), F.lit(0))
    point = F.instr(digits, ".")
    return (F.greatest(F.when(point > 0, F.length(digits) - point).otherwise(0) - power, F.lit(0)),
            F.greatest(F.when(point > 0, point - 1).otherwise(F.length(digits)) + power, F.lit(1)))


def computed(tree, cells):
    """The exact value of a sum or product of cells; None if one is null."""
    kind, what = tree
    if kind == "number":
        return what
    if kind == "cell":
        return None if cells[what] is None else number_of(cells[what])
    values = [computed(one, cells) for one in what]
    if None in values:
        return None
    return -values[0] if kind == "negate" else functools.reduce(operator.add if kind == "+" else operator.mul, values)


def compared(kind, values):
    """A comparison of exact numbers: true, false, or None."""
    one, *others = values
    if kind == "in":
        return None if one is None else True if one in others else None if None in others else False
    if kind == "between":
        parts = [None if one is None or low is None else order(one, low) for order, low in zip((operator.ge, operator.le), others)]
        return False if False in parts else None if None in parts else True
    return None if None in values else ORDERS[kind](one, others[0])


# COMMAND ----------

# Descriptive statistics: sdp-stats(1).
def quotient(total, n):
    """total / n, rounded once."""
    return float(Fraction(total) / n) if n else None


# Quantiles of so many different values are found in the memory of one worker, those of more by sorting.
VALUES_MOST = 1_000_000
QUARTILES = (0.25, 0.5, 0.75)


def quantiles(values, shares, n, different):
    """Quantiles of type 7 of the n doubles of a frame of one column."""
    v = F.col(values.columns[0])
    if different <= VALUES_MOST:
        return values.agg(F.percentile(v, list(shares))).head()[0]
    places = [(n - 1) * share for share in shares]
    wanted = sorted({k for h in places for k in (int(h), min(int(h) + 1, n - 1))})
    ranked = values.where(v.isNotNull()).sort(v).select(v.alias("v"), F.monotonically_increasing_id().alias("_id")).persist(StorageLevel.DISK_ONLY)
    part, before, ids = F.shiftright("_id", 33), 0, {}
    for first, size in sorted(ranked.groupBy(part).agg(F.min("_id"), F.count("*")).select(F.col("min(_id)"), F.col("count(1)")).collect()):
        ids.update({first + k - before: k for k in wanted if before <= k < before + size})
        before += size
    at = {ids[i]: value for i, value in ranked.where(F.col("_id").isin(list(ids))).select("_id", "v").collect()}
    ranked.unpersist()
    ends = [(h - int(h), Fraction(at[int(h)]), Fraction(at[min(int(h) + 1, n - 1)])) for h in places]
    return [float(low + Fraction(share) * (high - low)) for share, low, high in ends]


# Java's limits of what is compiled in one piece: so many columns are done at a time.
COLUMNS_AT_ONCE = 10
FIGURES = ("count", "nulls", "null_percent", "unique", "min", "max", "mean", "sum", "stddev", "variance", "q1", "median", "q3", "min_length",
           "max_length")


def descriptive_stats(spark, o):
    table = Table(spark, o)
    columns = table.choose(o.columns)
    table.know(columns)
    table.notes += table.nearly(columns, lambda i: "is a string")
    out = []
    for at in range(0, len(columns), COLUMNS_AT_ONCE):
        some = columns[at:at + COLUMNS_AT_ONCE]
        figures, unique = first_figures(table, some), count_unique(table, some)
        for i, more in second_figures(table, figures, unique).items():
            nulls = table.rows - figures[i]["count"]
            known = {**figures[i], **more, "unique": unique.get(i, 0), "nulls": nulls, "null_percent": 100 * nulls / table.rows if table.rows else None}
            out.append({"name": table.names[i], "type": table.types[i], **{f: known.get(f) for f in FIGURES}})
    return {"task": STATS, **table.counts_of_rows(), "columns": out}


def value_of(table, i):
    """What a column's cells mean: equal ones are one value."""
    c, kind = F.col(f"c{i}"), table.types[i]
    if kind in NUMERIC:
        return table.exact(i)
    return F.lower(c) if kind == "boolean" else instant(c) if kind in ("date", "datetime") else c


def count_unique(table, columns):
    """How many different values columns have, all in one pass."""
    values = F.array(*[F.struct(F.lit(i).alias("i"), value_of(table, i).cast("string").alias("v")) for i in columns])
    return dict(table.frame.select(F.explode(values).alias("x")).select("x.*").where(F.col("v").isNotNull()).distinct().groupBy("i").count().collect())


def is_time(table, i):
    return table.types[i] in ("date", "datetime")


def aggregated(frame, figures):
    """Figures of columns, {column: {name: aggregate}}, as values."""
    names = [(i, name) for i, some in figures.items() for name in some]
    row = frame.agg(*[figures[i][name].alias(f"f{k}") for k, (i, name) in enumerate(names)], F.count("*")).head()
    found = {i: {} for i in figures}
    for (i, name), value in zip(names, row):
        found[i][name] = value
    return found


def first_figures(table, columns):
    figures = {}
    for i in columns:
        c, v = F.col(f"c{i}"), value_of(table, i)
        figures[i] = {"count": F.count(c), "min": F.min(F.when(c.isNotNull(), F.struct(v, c)))[f"c{i}"] if is_time(table, i) else F.min(v), "max": F.max(v)}
        if table.types[i] in NUMERIC:
            figures[i]["sum"] = F.sum(v)
        elif table.types[i] == "string":
            figures[i].update(min_length=F.min(F.length(c)), max_length=F.max(F.length(c)))
    return aggregated(table.frame, figures)


def second_figures(table, first, unique):
    """What needs a mean, a maximum or the number of values first."""
    figures, scales = {i: {} for i in first}, {}
    for i, f in first.items():
        if not f["count"]:
            continue
        c, v = F.col(f"c{i}"), value_of(table, i)
        if is_time(table, i):
            figures[i]["max"] = F.min(F.when(v == F.lit(f["max"]), c))
        elif table.types[i] in NUMERIC:
            mean = quotient(f["sum"], f["count"])
            shift = Decimal(mean).quantize(Decimal(1).scaleb(-table.shape[i][0])) if table.is_exact(i) else mean
            # Squares of what is near the ends of the range of doubles would leave it.
            unit = scales[i] = math.ldexp(1.0, math.frexp(max(abs(float(f["min"])), abs(float(f["max"]))))[1] - 1) or 1.0
            d = (v - F.lit(shift)).cast("double") / F.lit(unit)
            figures[i].update(shift=F.sum(d), squares=F.sum(d * d))
            if unique[i] <= VALUES_MOST and not table.wide[i]:
                figures[i]["quartiles"] = F.percentile(table.double(i), list(QUARTILES))
    found = aggregated(table.frame, figures)
    for i, f in found.items():
        if "squares" in f:
            n = first[i]["count"]
            values, different = (table.exact(i), math.inf) if table.wide[i] else (table.double(i), unique[i])
            q = f.get("quartiles") or quantiles(table.frame.select(values.alias("v")), QUARTILES, n, different)
            variance = max(f["squares"] - f["shift"] ** 2 / n, 0.0) / (n - 1) if n > 1 else None
            f.update(mean=quotient(first[i]["sum"], n), variance=None if variance is None else variance * scales[i] * scales[i],
                     stddev=None if variance is None else math.sqrt(variance) * scales[i])
            f.update(zip(("q1", "median", "q3"), q))
            for figure in "sum", "variance":
                if math.isinf({**first[i], **f}[figure] or 0):
                    table.notes.append(f"column {quoted(table.names[i])}: the {figure} exceeds every double and is printed as null")
    return found


# COMMAND ----------

# What the models share: tails of distributions, random numbers, rows as blocks of arrays.
def decimal_text(x):
    """A double as it is printed, or a fraction with 60 digits, as a text that no reader rounds."""
    if not isinstance(x, Fraction):
        return repr(float(x))
    with decimal.localcontext(prec=60):
        return format((decimal.Decimal(x.numerator) / x.denominator).normalize(), "e")


def shifted_back(constant, slopes, centres):
    """constant - Σ slope centre, exactly: the constant for columns that were not shifted to their centres."""
    return Fraction(float(constant)) - sum(Fraction(repr(float(b))) * Fraction(float(c)) for b, c in zip(slopes, centres))


# Tails of distributions, by continued fractions (W. J. Lentz; Numerical Recipes, chapter 6).
def fraction(terms, first):
    """first + a1/(b1 + a2/(b2 + …)), terms giving (a, b)."""
    tiny, f = 1e-300, first or 1e-300
    c, d = f, 0.0
    for a, b in terms:
        d = b + a * d or tiny
        c = b + a / c or tiny
        d = 1 / d
        f *= c * d
        if abs(c * d - 1) < 1e-16:
            break
    return f


def incomplete_beta(a, b, x):
    """I_x(a, b)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - incomplete_beta(b, a, 1 - x)

    def terms():
        for m in range(100000):
            yield (1.0 if m == 0 else m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))), 1.0
            yield -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)), 1.0
    scale = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    return math.exp(scale) * (fraction(itertools.islice(terms(), 1, None), 1.0) ** -1) / a


def t_tails(t, df):
    """The probability of a value farther from 0, under Student's t."""
    return incomplete_beta(df / 2, 0.5, df / (df + t * t))


def f_tail(f, k, df):
    return incomplete_beta(df / 2, k / 2, df / (df + k * f))


def normal_tails(z):
    return math.erfc(abs(z) / math.sqrt(2))


def chi_square_tail(x, df):
    a, x = df / 2, x / 2
    if x <= 0:
        return 1.0
    scale = math.exp(a * math.log(x) - x - math.lgamma(a))
    if x < a + 1:
        term = total = 1 / a
        n = a
        while term > total * 1e-17:
            n += 1
            term *= x / n
            total += term
        return 1 - total * scale
    return scale / fraction(((-i * (i - a), x + 2 * i + 1 - a) for i in range(1, 100000)), x + 1 - a)


def quantile_of(tails, level):
    """q with tails(q) = 1 - level, by bisection."""
    low, high = 0.0, 1.0
    while tails(high) > 1 - level:
        low, high = high, high * 2
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if tails(middle) > 1 - level else (low, middle)
    return (low + high) / 2


# Random numbers, sdp's own: 52 bits of a function of (seed, record, draw) as a double in (0, 1).
def mixed(x):
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xbf58476d1ce4e5b9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94d049bb133111eb)
    return x ^ (x >> np.uint64(31))


def random_bits(seed, record, draw):
    with np.errstate(over="ignore"):
        x = mixed(np.uint64(seed % 2**64) + np.uint64(0x9e3779b97f4a7c15))
        x = mixed((x ^ np.asarray(record).astype(np.uint64)) + np.uint64(0x3c6ef372fe94f82b))
        return mixed((x ^ np.asarray(draw).astype(np.uint64)) + np.uint64(0xdaa66d2c7ddf743f))


def random_unit(seed, record, draw):
    return ((random_bits(seed, record, draw) >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52


def random_unit_column(seed, table, draw):
    """The same of a column: the rows of a table, by the numbers of their files, of which the first is 0, and their records; integers of Spark wrap around."""
    def signed(x):
        return (int(x) + 2**63) % 2**64 - 2**63

    def literal_of(x):
        return F.lit(signed(x)).cast("long")

    def mix(x):
        x = x.bitwiseXOR(F.shiftrightunsigned(x, 30)) * literal_of(0xbf58476d1ce4e5b9)
        x = x.bitwiseXOR(F.shiftrightunsigned(x, 27)) * literal_of(0x94d049bb133111eb)
        return x.bitwiseXOR(F.shiftrightunsigned(x, 31))

    def unit(begun):
        x = mix(mix(begun + literal_of(0x3c6ef372fe94f82b)).bitwiseXOR(literal_of(draw)) + literal_of(0xdaa66d2c7ddf743f))
        return (F.shiftrightunsigned(x, 12).cast("double") + 0.5) * 2.0**-52
    with np.errstate(over="ignore"):
        seeds = [int(random_bits(seed, file, 2**64 - 1)) if file else seed for file in range(len(table.starts))]
        begins = [signed(mixed(np.uint64(one % 2**64) + np.uint64(0x9e3779b97f4a7c15))) for one in seeds]
    if len(begins) == 1:
        return unit(F.col("_record").bitwiseXOR(literal_of(begins[0])))
    begun = F.col("_record").bitwiseXOR(F.element_at(F.array(*map(literal_of, begins)), table.file_number() + 1))
    # A variable of a function, as unit has its argument many times.
    return F.element_at(F.transform(F.array(begun), unit), 1)


# Rows as blocks of numpy, each with the place of its first row; sums over them go together in the order of the blocks.
BLOCK = 65536


def blocks_of(frame, columns):
    """(key, array) for every BLOCK rows or fewer of a frame with _split and _record; keys are in the order of the rows."""
    def cut(rows):
        key, part = None, []
        for split, record, *x in rows:
            if part and (split != key[0] or len(part) == BLOCK):
                yield key, np.array(part, dtype=np.float64)
                part = []
            if not part:
                key = (split, record)
            part.append(x)
        if part:
            yield key, np.array(part, dtype=np.float64)
    return frame.select("_split", "_record", *columns).rdd.mapPartitions(cut).persist(StorageLevel.MEMORY_AND_DISK)


def over(blocks, function):
    """What a function says of every block, in the order of the blocks."""
    return [r for _, r in sorted(blocks.map(lambda b: (b[0], function(*b))).collect(), key=lambda r: r[0])]


def total(parts):
    return sum(parts[1:], parts[0])


# COMMAND ----------

# The columns of a regression: features and terms, levels as columns of zeros and ones.
LEVELS_DEFAULT, LEVELS_MOST = 100, 1000
TERMS = "a*b, a^2, log(a), sqrt(a)"
OPERATORS = "+-*/^()%|~<>=!&"


def canonical(value):
    """A number as the text of its value: 1 and 1.0 are 1."""
    text = format(Decimal(value).normalize(), "f")
    return "0" if text == "-0" else text


def few_of_ids(said, left_out):
    """Of the warnings about these columns the first five of each kind, and how many more there are."""
    texts, kinds = [], {True: 0, False: 0}
    for i in sorted(said):
        kinds[i in left_out] += 1
        texts += [said[i]] * (kinds[i in left_out] <= 5)
    for kind, fate in ((True, "left out"), (False, "used")):
        more = kinds[kind] - 5
        if more > 0:
            texts.append(f"and {counted(more, 'more column')} of different integers {'is' if more == 1 else 'are'} {fate}")
    return texts


def leave_out_ids(table, features, target=()):
    """Default features without those that seem to be ids, and warnings: integers that are all different, not negative and close together."""
    features, said = list(features), {}
    while True:
        rows, found = table.frame, []
        for i in [*target, *features]:
            rows = rows.where(F.col(f"c{i}").isNotNull())
        whole = [i for i in features if table.types[i] == "integer" and table.is_exact(i)]
        asked = [f(table.exact(i)).alias(f"{f.__name__}_{i}") for i in whole for f in (F.count, F.min, F.max, F.countDistinct)]
        row = rows.agg(*asked).head().asDict() if asked else {}
        said = {i: text for i, text in said.items() if i not in features}
        for i in whole:
            n, low, high = row[f"count_{i}"], row[f"min_{i}"], row[f"max_{i}"]
            if n < 10 or row[f"countDistinct_{i}"] < n:
                continue
            if low >= 0 and high - low < 2 * table.rows:
                found.append(i)
                said[i] = (f"column '{table.names[i]}' is left out: its {n} values are different integers from {int(low)} to {int(high)}, "
                           "as of an id; -x can name it")
            else:
                said[i] = (f"column '{table.names[i]}' is used although its {n} values, integers from {int(low)} to {int(high)}, "
                           "are all different: if it is an id, choose the features by -x")
        features = [i for i in features if i not in found]
        if not found:
            return features, few_of_ids(said, set(said) - set(features))


class Design:
    """What a regression stands on: names and values of its columns, as Spark columns x0, x1, … of .frame, and the target y."""

    def __init__(self, table, o, labels):
        self.table, self.o, self.warnings, self.levels = table, o, [], {}
        self.target = table.find(o.target)
        self.categorical = {table.find(c) for c in o.categorical}
        table.know(range(len(table.names)) if o.features is None else [self.target])
        self.terms = self._terms()
        self._check_numbers(labels)
        used = list(dict.fromkeys([self.target] + [i for t in self.terms for i in t["columns"]]))
        table.know(used)
        if not labels:
            table.numbers([self.target])
        self.inputs = used[1:]
        for i in self.inputs:
            if self._is_categorical(i):
                self._find_levels(i)
        self.label_levels = self._levels_of(self.target, LEVELS_MOST)[0] if labels else None
        self._make(used, labels)
        columns = [i for i in (range(len(table.names)) if o.features is None else self.inputs) if i != self.target and i not in self.categorical]
        self.warnings += table.nearly([self.target] * labels + columns, self._fate, ("number",))

    def _fate(self, i):
        if i == self.target:
            return f"becomes {len(self.label_levels)} labels"
        return f"becomes {len(self.levels[i])} levels" if i in self.inputs and i in self.levels else "is left out"

    def _check_numbers(self, labels):
        """Where only a number will do, neither --categorical nor --types may say otherwise."""
        self.powers = {i: (f"{dict(log='logarithm', sqrt='root').get(t['kind'], 'power')}s", t["name"]) for t in reversed(self.terms)
                       for i in t["columns"] if t["kind"] in ("log", "sqrt") or t["columns"].count(i) > 1}
        for i in self.powers:
            if i in self.categorical:
                raise Fault(f"--categorical: a power, logarithm or root of column {quoted(self.table.names[i])} in -x makes it a number", 2)
        for i in [*self.powers] + [self.target] * (not labels):
            if self.table.fixed.get(i, "real") not in NUMERIC:
                raise Fault(f"--types: column {quoted(self.table.names[i])} is used as a number and cannot be a {self.table.fixed[i]}", 2)

    def _numbers(self, i):
        """Ends unless it is a column of numbers."""
        self.table.numbers([i], ", and only numbers have {}: {}".format(*self.powers[i]) if i in self.powers else "")

    def _is_categorical(self, i):
        return i in self.categorical or self.table.types[i] in ("string", "boolean")

    def _terms(self):
        if self.o.features is None:
            chosen = list(self._default())
            numbers = [i for i in chosen if i not in self.categorical]
            kept, warnings = leave_out_ids(self.table, numbers, [self.target, *(i for i in chosen if i in self.categorical)])
            self.warnings += warnings
            return [{"name": self.table.names[i], "kind": "column", "columns": [i]} for i in chosen if i in kept or i in self.categorical]
        terms = []
        for element in elements(self.o.features):
            for term in self._parse(element):
                if self.target in term["columns"]:
                    raise Fault(f"column {quoted(self.table.names[self.target])} is the target and cannot be a feature", 2)
                if term not in terms:
                    terms.append(term)
        return terms

    def _default(self):
        for i, name in enumerate(self.table.names):
            if i == self.target:
                continue
            kind = self.table.types[i]
            if kind in NUMERIC or i in self.categorical:
                yield i
            elif kind in ("date", "datetime"):
                self.warnings.append(Unsaid(f"column '{name}' is left out: it is a {kind}"))
            else:
                levels, more = self._levels_of(i, LEVELS_DEFAULT)
                if more:
                    self.warnings.append(Unsaid(f"column '{name}' is left out: it has more than {LEVELS_DEFAULT} levels"))
                elif not levels:
                    self.warnings.append(Unsaid(f"column '{name}' is left out: it has no values"))
                else:
                    yield i

    def _parse(self, text):
        """The terms of an element of -x: of a range or an expression several, which pass over the target."""
        names = self.table.names
        if text not in names:
            is_product = re.search(r"[*^]", text) and not (len(text) > 1 and text[0] == text[-1] == "/")
            function = re.fullmatch(r"(log|sqrt)\((.*)\)", text.strip(" "))
            if function:
                self._refuse_expression(function[2].strip(" "), text)
                kind, i = function[1], self.table.find(function[2].strip(" "))
                return [{"name": f"{kind}({names[i]})", "kind": kind, "columns": [i]}]
            if is_product:
                return [self._product(text)]
            if not (text[:1] == text[-1:] == "/" or self._is_range(text)):
                self._refuse_expression(text, text)
        chosen = self.table.choose_one(text, (self.target,))
        return [{"name": names[i], "kind": "column", "columns": [i]} for i in chosen]

    def _is_range(self, text):
        ends = [(text[:m.start()], text[m.end():]) for m in re.finditer(":", text)]
        return any(all(not end or end in self.table.names for end in pair) for pair in ends)

    def _refuse_expression(self, part, text):
        """Ends if a part of a term, which should be a column, calls a function or has an operator beside the name of a column."""
        if part in self.table.names:
            return
        call = re.search(r"[^-+*/^( ]\(", part)
        names = [n.strip(" ") for n in re.split("[" + re.escape(OPERATORS + ":") + "]", part)]
        named = any(n in self.table.names and not n[:1].isdigit() for n in names)
        if (not part and text) or "*" in part or "," in part or ((call or named) and any(c in OPERATORS for c in part)):
            raise Fault(f"{quoted(text)} is neither a column nor a term: the terms are {TERMS}", 2)

    def _product(self, text):
        parts, columns, factors = [], [], []
        for factor in text.split("*"):
            factor, power = factor.strip(" "), 1
            found = re.fullmatch(r"(.*)\^([0-9]+)", factor)
            if factor not in self.table.names and found:
                factor, power = found[1].strip(" "), int(found[2])
            if factor not in self.table.names and re.fullmatch(r"(log|sqrt)\(.*\)", factor):
                raise Fault(f"products and powers are of columns, not of {quoted(factor)}: the terms are {TERMS}", 2)
            self._refuse_expression(factor, text)
            i = self.table.find(factor)
            if power == 0:
                raise Fault(f"the power 0 of {quoted(factor)} is a constant", 2)
            parts.append(self.table.names[i] + (f"^{power}" if power > 1 else ""))
            columns += [i] * power
            factors.append((parts[-1], i, power))
        if len(columns) > 16:
            raise Fault(f"a term of degree over 16, at {quoted(text)}", 2)
        return {"name": "*".join(parts), "kind": "product" if len(columns) > 1 else "column", "columns": columns, "factors": factors}

    def _levels_of(self, i, most):
        """Texts of the different values of a column, bytewise ascending, and whether there are more than so many."""
        kind, c = self.table.types[i], F.col(f"c{i}")
        value = self.table.exact(i) if kind in NUMERIC else F.lower(c) if kind == "boolean" else c
        found = [r[0] for r in self.table.frame.select(value).where(value.isNotNull()).distinct().limit(most + 1).collect()]
        texts = [canonical(v) if kind in NUMERIC else v for v in found]
        return sorted(texts, key=str.encode), len(texts) > most

    def _find_levels(self, i):
        name, most = self.table.names[i], LEVELS_MOST if i in self.categorical else LEVELS_DEFAULT
        if i in self.levels:
            return
        levels, more = self._levels_of(i, most)
        if more:
            raise Fault(f"column {quoted(name)} has more than {most} levels" + ("" if i in self.categorical else ": see --categorical"))
        self.levels[i] = levels

    def _is_level(self, i, level):
        c = F.col(f"c{i}")
        if self.table.types[i] in NUMERIC:
            return self.table.double(i) == F.lit(float(level))
        return (F.lower(c) if self.table.types[i] == "boolean" else c) == F.lit(level)

    def _references(self, used_levels):
        chosen = {}
        for pair in self.o.reference:
            at = next((m.start() for m in re.finditer("=", pair) if pair[:m.start()] in self.table.names), pair.find("="))
            i, level = self.table.find(pair[:at]) if at > 0 else -1, pair[at + 1:]
            if i not in used_levels:
                raise Fault(f"--reference: {quoted(pair)} names no column of levels that is a feature", 2)
            if level not in used_levels[i]:
                if level in self.unseen[i]:
                    raise Fault(f"--reference: column {quoted(self.table.names[i])} has the level {quoted(level)} only in rows that are held out")
                raise Fault(f"--reference: column {quoted(self.table.names[i])} has no level {quoted(level)}")
            chosen[i] = level
        return {i: chosen.get(i, levels[0]) for i, levels in used_levels.items()}

    def _make(self, used, labels):
        table, o = self.table, self.o
        complete = F.lit(True)
        for i in used:
            complete = complete & F.col(f"c{i}").isNotNull()
        rows = table.frame.where(complete)
        held = random_unit_column(o.seed, table, 0) < F.lit(o.test_fraction) if o.test_fraction else F.lit(False)
        # Only levels that occur in rows of the fit are levels of the model; how many held-out rows have each is for the others.
        all_levels = {**self.levels, **({self.target: self.label_levels} if labels else {})}
        counts = {i: [F.sum(F.when(self._is_level(i, v) & (held if a == "h" else ~held), 1)).alias(f"{a}{i}_{n}")
                      for n, v in enumerate(vs) for a in "lh"] for i, vs in all_levels.items()}
        there = rows.agg(F.count("*").alias("n"), F.sum(held.cast("long")).alias("held"), *[c for cs in counts.values() for c in cs]).head()
        self.rows, self.held = table.rows, there["held"] or 0
        self.used, self.dropped = there["n"] - self.held, table.rows - there["n"]
        if table.rows == 0:
            raise Fault("there are no rows")
        if self.used == 0:
            raise Fault(f"of {counted(table.rows, 'row')} none has a value in every column used" if not self.held else "all rows are held out")
        known = {i: [v for n, v in enumerate(vs) if there[f"l{i}_{n}"]] for i, vs in all_levels.items()}
        self.unseen = {i: {v: there[f"h{i}_{n}"] for n, v in enumerate(vs) if there[f"h{i}_{n}"] and not there[f"l{i}_{n}"]}
                       for i, vs in all_levels.items()}
        self.levels = {i: known[i] for i in self.levels}
        self.reference = self._references(self.levels)
        self._warn_of_unseen()
        self.names, self.parts, columns = [], [], []
        for term in self.terms:
            for name, column in self._columns_of(term):
                self.names.append(name)
                self.parts.append(term["columns"])
                columns.append(column)
        y = table.double(self.target)
        if labels:
            self.label_levels = known[self.target]
            y = F.lit(None).cast("double")
            for n, v in enumerate(self.label_levels):
                y = F.when(self._is_level(self.target, v), float(n)).otherwise(y)
        self.count = len(columns)
        for i, unseen in self.unseen.items():
            for level in unseen:
                rows = rows.where(~self._is_level(i, level))
        self.frame = rows.select("_split", "_record", held.alias("held"), y.alias("y"),
                                 *[c.alias(f"x{k}") for k, c in enumerate(columns)]).persist(StorageLevel.MEMORY_AND_DISK)
        self._check_domains(rows)
        self._check_digits(rows, [i for i in self.inputs if i not in self.levels] + [self.target] * (not labels), labels)

    def _warn_of_unseen(self):
        for i in [self.target] * (self.target in self.unseen) + self.inputs:
            unseen, what = self.unseen.get(i), "label" if i == self.target else "level"
            if unseen:
                n = sum(unseen.values())
                self.warnings.append(
                    f"column '{self.table.names[i]}': {n} of the rows held out {'is' if n == 1 else 'are'} left out of the test metrics: "
                    f"no row of the fit has the {what}{'s' * (len(unseen) > 1)} {', '.join(map(quoted, unseen))}")

    def _columns_of(self, term):
        i = term["columns"][0]
        if term["kind"] == "column" and self._is_categorical(i):
            return [(f"{self.table.names[i]}={v}", self._is_level(i, v).cast("double")) for v in self.levels[i] if v != self.reference[i]]
        if term["kind"] == "product":
            return self._products_of(term)
        self._numbers(i)
        x = self.table.double(i)
        if term["kind"] != "column":
            x = F.log(x) if term["kind"] == "log" else F.sqrt(x)
        return [(term["name"], x)]

    def _products_of(self, term):
        """Of categories a column for every choice of a level from each, those of the first one changing first."""
        choices = []
        for name, i, power in term["factors"]:
            if self._is_categorical(i) and term["columns"].count(i) == 1:
                choices.append([(f"{self.table.names[i]}={v}", [self._is_level(i, v).cast("double")])
                                for v in self.levels[i] if v != self.reference[i]])
            else:
                self._numbers(i)
                choices.append([(name, [self.table.double(i)] * power)])
        for choice in itertools.product(*reversed(choices)):
            names, factors = zip(*reversed(choice))
            yield "*".join(names), functools.reduce(operator.mul, itertools.chain(*factors))

    def _check_domains(self, rows):
        for term in self.terms:
            if term["kind"] in ("log", "sqrt"):
                x = self.table.double(term["columns"][0])
                wrong = rows.where(x <= 0 if term["kind"] == "log" else x < 0).select(f"c{term['columns'][0]}").head()
                if wrong:
                    raise Fault(f"column {quoted(self.table.names[term['columns'][0]])}: {quoted(wrong[0])} has no {term['kind']}")

    def digits(self, columns):
        """The most digits of the numbers of columns."""
        return max((sum(self.table.shape[i]) for i in columns if i not in self.levels), default=0)

    def _check_digits(self, rows, numbers, labels):
        """Spark computes with doubles: says of which columns they keep few digits of the differences; sdp-linreg has all digits."""
        long = [i for i in numbers if self.digits([i]) > 15]
        if not long:
            return
        row = rows.agg(*[f(self.table.double(i)).alias(f"{f.__name__}{i}") for i in long for f in (F.min, F.max)]).head()
        for i in long:
            low, high, name = row[f"min{i}"], row[f"max{i}"], self.table.names[i]
            most = max(abs(low), abs(high))
            part = (high / most - low / most) / 2.0**-52 if most else 0
            digits = int(math.log10(part)) if part > 1 else 0
            if digits >= 9 or (low == high and (labels or rows.select(f"c{i}").distinct().limit(2).count() < 2)):
                continue
            text = f"column {quoted(name)}: doubles keep {digits} digits of the differences between its numbers; subtract one of them from all"
            if not labels:
                raise Fault(text + ", or use sdp-linreg")
            self.warnings.append(text)

    def training(self):
        return self.frame.where(~F.col("held")) if self.o.test_fraction else self.frame

    def moments(self):
        """Means and deviations (1/n) of the columns and the target, of the rows of the fit."""
        names = [f"x{k}" for k in range(self.count)] + ["y"]
        row = self.training().agg(*[f(n).alias(f"{f.__name__}_{n}") for n in names for f in (F.avg, F.var_pop)]).head()
        if self.used:
            self._check_sizes(names, row)
        return (np.array([row[f"avg_{n}"] for n in names]), np.array([math.sqrt(row[f"var_pop_{n}"]) for n in names]))

    def _check_sizes(self, names, row):
        """Ends if squares of a column's numbers exceed every double, or those of their differences are below the least."""
        sizes = [max(abs(row[f"avg_{n}"]), math.sqrt(row[f"var_pop_{n}"])) for n in names]
        if self.held:
            most = self.frame.agg(*[F.max(F.abs(n)) for n in names]).head()
            sizes = [max(size, m) if size == size else size for size, m in zip(sizes, most)]
        small = [n for n in names if row[f"var_pop_{n}"] < 1e-300]
        different = self.training().agg(F.count("*"), *[F.min(n) < F.max(n) for n in small]).head()[1:] if small else []
        for name, n, size in zip([*self.names, self.table.names[self.target]], names, sizes):
            large = not size < 1e150 / math.sqrt(self.used + self.held)
            if large or (n in small and different[small.index(n)]):
                raise Fault(f"column {quoted(name)}: the squares of " + ("its numbers are too large" if large else "the differences of its numbers are too small") +
                            f" for doubles; {'divide' if large else 'multiply'} them by a power of ten, or use {'sdp-logreg' if self.label_levels else 'sdp-linreg'}")

    def triangle(self, centre, scale, names):
        """R of the QR decomposition of the columns less centre, by scale: MLlib's TSQR over the rows."""
        from pyspark.ml.feature import VectorAssembler
        from pyspark.mllib.linalg.distributed import RowMatrix
        from pyspark.mllib.util import MLUtils
        scaled = self.training().select(*[((F.col(n) - F.lit(float(c))) / F.lit(float(s))).alias(n) for n, c, s in zip(names, centre, scale)])
        vectors = MLUtils.convertVectorColumnsFromML(VectorAssembler(inputCols=names, outputCol="v").transform(scaled).select("v"), "v")
        r = RowMatrix(vectors).tallSkinnyQR().R.toArray()
        return np.vstack([r, np.zeros((max(len(names) - r.shape[0], 0), len(names)))])

    def independent(self, r, length, most):
        """The columns that are neither constant nor linear combinations of columns before them: R column by column."""
        keep = []
        for k in range(r.shape[1]):
            rest = r[:, k]
            if keep:
                basis = np.linalg.qr(r[:, keep])[0]
                rest = rest - basis @ (basis.T @ rest)
                rest = rest - basis @ (basis.T @ rest)
            if length[k] > 0 and len(keep) < most and np.linalg.norm(rest) > 1e-11 * np.linalg.norm(r[:, k]) > 0:
                keep.append(k)
            else:
                digits = self.digits(self.parts[k])
                why = "is constant" if length[k] == 0 else "is a linear combination of columns before it"
                if self.label_levels and length[k] == 0 and digits > 15:
                    why += " when it is rounded to doubles"
                elif not self.label_levels and length[k] > 0 and digits > 18:
                    raise Fault(f"column {quoted(self.names[k])}: doubles do not tell whether it depends on columns before it; use sdp-linreg")
                if self.o.collinear == "error":
                    raise Fault(f"column {quoted(self.names[k])} {why}")
                self.warnings.append(f"column '{self.names[k]}' is dropped: it {why}")
        return keep

    def doubt(self, condition):
        """Says so where columns so nearly depend on each other that doubles leave less than 6 digits."""
        digits = int(15.6 - math.log10(condition)) if condition < 1e16 else 0
        if digits < 6:
            self.warnings.append(f"some features nearly depend on others: their statistics have about {counted(digits, 'correct digit')}")

    def head(self, task):
        doc = {"task": task, "target": self.table.names[self.target]}
        if self.label_levels:
            doc["labels"] = self.label_levels
        doc.update(features=[t["name"] for t in self.terms], **self.table.counts_of_rows(), rows_used=self.used, rows_dropped=self.dropped)
        if self.o.test_fraction:
            doc["rows_held_out"] = self.held
        return doc

    def tail(self):
        return {"intercept": not self.o.no_intercept,
                "inputs": [{"name": self.table.names[i], "type": self.table.types[i], "levels": self.levels.get(i),
                            "reference": self.reference.get(i)} for i in self.inputs], "warnings": self.warnings}


# COMMAND ----------

# Linear regression: sdp-linreg(1).
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


# COMMAND ----------

# Logistic regression: sdp-logreg(1).
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


# COMMAND ----------

# k-means: sdp-kmeans(1).  MLlib's KMeans measures convergence by centres and leaves empty clusters behind; the iteration here is sdp's.
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


# COMMAND ----------

# Frequent itemsets and rules: sdp-fpgrowth(1).
def refuse_any(*wrong):
    """Ends at the first of the conditions that holds."""
    for condition, message in wrong:
        if condition:
            raise Fault(message, 2)


def check_baskets(o):
    pair, forms = bool(o.basket or o.item), sum((bool(o.basket or o.item), bool(o.items_column), o.one_hot, o.table))
    count = re.fullmatch("[+]?[0-9]+", o.support)
    refuse_any(
        (pair and not (o.basket and o.item), "--basket and --item need each other"),
        (o.items_column == "", "--items-column: a column's name is empty"),
        (forms > 1, "only one of --basket with --item, --items-column, --one-hot and --table can be given"),
        (o.columns and not (o.one_hot or o.table), "--columns needs --one-hot or --table"),
        (o.separator and forms and not o.items_column, "--separator needs lines of items or --items-column"))
    if not forms:
        refuse_given(o, "delimiter", "with lines of items; --separator names the character between items")
        refuse_given(o, "no-header input-format records types where union na decimal thousands ragged quote skip",
                     f"with lines of items; {BASKET_FORMS}")
    refuse_any(
        (not 0 < int(o.support) < 2**32 if count else not share_of(o.support, exact=True),
         f"--support: not a fraction up to 1 (0.01, 1%) or a count (100): {quoted(o.support)}"),
        (share_of(o.confidence, exact=True) is None, f"--confidence: {no_share(o.confidence)}"),
        (o.max_length < o.min_length, "--max-length is less than --min-length"),
        (o.count_only and (o.rules or o.top or o.sort), "--count-only excludes --rules, --sort and --top: it makes no itemsets"),
        (not o.rules and o.sort not in (None, "count"), f"--sort: only rules have a {o.sort}; --rules finds rules"),
        (not o.rules and {"lift", "max-consequent", "confidence"} & set(o.given),
         "--confidence, --lift and --max-consequent need --rules"))


def elements_of(table, name):
    """The columns of the elements of JSON's arrays of this name."""
    found = [(i, re.fullmatch(re.escape(name) + r"\.[0-9]+(\..*)?", column, re.S)) for i, column in enumerate(table.names) if table.format == "json"]
    for i, match in found:
        if match and match[1]:
            raise Fault(f"--items-column: the arrays of {quoted(name)} contain more than items: there is a column {quoted(table.names[i])}")
    return [i for i, match in found if match]


def baskets_of(table, o, lines):
    """A frame with a column items of different texts, and how many rows have no basket."""
    if lines and not o.separator:
        first = head_of(table.spark, table.files[0], 4096).decode("utf-8", "replace").split("\n")[0]
        if re.search('[,;\t|"]', first):
            raise Fault(f"{o.files[0]}: this looks like CSV, not like items separated by blanks: {BASKET_FORMS}; "
                        "for lines, --separator names the character between items", 2)

    def parts(c):
        c = F.coalesce(c, F.lit(""))
        pieces = F.split(c, "[" + re.escape(o.separator) + "]") if o.separator else F.split(c, "[ \t]+")
        pieces = F.transform(pieces, bare)
        return F.array_distinct(F.filter(pieces, lambda item: item != ""))
    if lines:
        return table.frame.select(parts(F.col("c0")).alias("items")), 0
    if o.items_column:
        elements = elements_of(table, o.items_column)
        found = [F.array(*[F.col(f"c{i}") for i in elements])] if elements else []
        if o.items_column in table.names or not elements:
            found.append(parts(F.col(f"c{table.find(o.items_column)}")))
        items = F.array_distinct(F.filter(F.concat(*found), lambda item: item.isNotNull()))
        return table.frame.select(items.alias("items")), 0
    if o.basket:
        basket, item = F.col(f"c{table.find(o.basket)}"), F.col(f"c{table.find(o.item)}")
        groups = table.frame.where(basket.isNotNull()).groupBy(basket).agg(F.collect_set(item).alias("items"))
        return groups.select("items"), table.frame.where(basket.isNull()).count()
    columns = table.choose(o.columns)
    if o.table:
        cells = [F.when(F.col(f"c{i}").isNotNull(), F.concat(F.lit(table.names[i] + "="), F.col(f"c{i}"))) for i in columns]
    else:
        table.know(columns)
        cells = []
        for i in columns:
            if table.types[i] not in NUMERIC + ("boolean",):
                table._require(i, INTEGER | REAL | BOOLEAN, "number nor true or false")
                c = F.lit(None)
            else:
                c = F.lower(f"c{i}") == "true" if table.types[i] == "boolean" else table.double(i) != 0
            cells.append(F.when(c, F.lit(table.names[i])))
    return table.frame.select(F.array_distinct(F.array_compact(F.array(*cells))).alias("items")), 0


def fp_growth(spark, o):
    from pyspark.ml.fpm import FPGrowth
    check_baskets(o)
    lines = not (o.basket or o.items_column or o.one_hot or o.table)
    table = Table(spark, o, lines)
    baskets, dropped = baskets_of(table, o, lines)
    baskets, warnings = baskets.persist(StorageLevel.MEMORY_AND_DISK), []
    if dropped:
        warnings.append(f"{counted(dropped, 'row')} without a basket left out")
    items = baskets.select(F.explode("items")).distinct().count()
    if o.max_basket:
        large, most = baskets.where(F.size("items") > o.max_basket).agg(F.count("*"), F.max(F.size("items"))).head()
        if large:
            o.notes.append(f"a basket of {most} items is left out, the largest of those over --max-basket")
            warnings.append(f"{counted(large, 'basket')} of more than {counted(o.max_basket, 'item')} left out")
        baskets = baskets.where(F.size("items") <= o.max_basket)
    n, empty = baskets.agg(F.count("*"), F.sum((F.size("items") == 0).cast("long"))).head()
    least = int(o.support) if o.support.isdecimal() else max(math.ceil(share_of(o.support) * n), 1)
    singles = baskets.select(F.explode("items").alias("item")).groupBy("item").count()
    counts = {r[0]: r[1] for r in singles.where(F.col("count") >= least).collect()}
    ranked = sorted(counts, key=lambda item: (-counts[item], item.encode()))
    rank = {item: r for r, item in enumerate(ranked)}
    doc = {"task": BASKETS, "baskets": n, "empty_baskets": empty or 0, "items": items, "min_count": least}
    if not counts and n > (empty or 0):
        warnings.append(f"no item is in {least} baskets (of {n}), the minimum: a lower --support finds rarer items")
    # Half a basket less than the count, so that no rounding of the share loses a set.
    found = []
    if counts:
        kept = F.filter("items", lambda item: item.isin(ranked)) if len(ranked) < 1000 else F.col("items")
        growth = FPGrowth(itemsCol="items", minSupport=max(least - 0.5, 0.5) / n, minConfidence=1.0)
        model = (growth.setNumPartitions(o.partitions) if o.partitions else growth).fit(baskets.select(kept.alias("items")))
        sets = model.freqItemsets
        if o.count_only:
            sets = sets.groupBy(F.size("items").alias("length")).count()
            lengths = {r[0]: r[1] for r in sets.collect() if o.min_length <= r[0] <= o.max_length}
        else:
            found = [(tuple(sorted(rank[i] for i in r[0])), r[1]) for r in sets.where(F.size("items") <= o.max_length).collect()]
            found.sort(key=lambda s: s[0][::-1])
    if not o.count_only or not counts:
        lengths = {}
        for ranks, _ in found:
            if len(ranks) >= o.min_length:
                lengths[len(ranks)] = lengths.get(len(ranks), 0) + 1
    doc["frequent_itemsets"] = sum(lengths.values())
    if not o.count_only:
        shown = [{"items": [ranked[r] for r in ranks], "count": c, "support": c / n} for ranks, c in found if len(ranks) >= o.min_length]
        doc["itemsets"] = first_of(shown, "count", o) if o.sort or o.top else shown
    if o.rules and not o.count_only:
        rules = rules_of(found, ranked, n, share_of(o.confidence), o)
        doc["rules"] = first_of(rules, o.sort or "confidence", o) if o.sort or o.top else rules
    doc["lengths"] = [{"length": k, "itemsets": lengths[k]} for k in sorted(lengths)]
    return {**doc, "warnings": warnings, **({"rows_read": table.rows_read} if o.where else {})}


def first_of(rows, figure, o):
    """The largest first, what is null being infinite; then the first --top."""
    rows = sorted(rows, key=lambda r: -(math.inf if r[figure] is None else r[figure]))
    return rows[:o.top] if o.top else rows


def rules_of(found, ranked, n, least, o):
    count, rules = dict(found), []
    for ranks, c in found:
        for size in range(1, min(o.max_consequent, len(ranks) - 1) + 1):
            for consequent in itertools.combinations(ranks, size):
                antecedent = tuple(r for r in ranks if r not in consequent)
                x, y = count[antecedent], count[consequent]
                confidence, support = c / x, c / n
                lift = c * n / (x * y)
                if Fraction(c, x) < least or (o.lift is not None and lift < o.lift):
                    continue
                rules.append({"antecedent": [ranked[r] for r in antecedent], "consequent": [ranked[r] for r in consequent], "count": c,
                              "support": support, "confidence": confidence, "lift": lift, "leverage": (c * n - x * y) / (n * n),
                              "conviction": (n - y) * x / (n * (x - c)) if c < x else None})
    return rules


# COMMAND ----------

# Clocks of time zones, and the starts of buckets on them.
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


# COMMAND ----------

# The column of times: patterns of --time-format, numbers as times by guess.
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


# COMMAND ----------

# The figures of a bucket, and what is derived from a series of them.
def aggregates(text):
    """The figures of --agg in order, as (name, of)."""
    out = []
    for name in text.split(","):
        quantile = re.fullmatch(r"q((?:0|[1-9][0-9]?)(?:\.[0-9]{0,2})?|\.[0-9]{1,2}|100(?:\.0{0,2})?)", name)
        if name == "ohlc":
            out += [("open", "first"), ("high", "max"), ("low", "min"), ("close", "last")]
        elif name == "median":
            out.append((name, 0.5))
        elif quantile:
            out.append((name, float(quantile[1]) / 100))
        elif name in ("count", "mean", "min", "max", "sum", "stddev", "variance", "first", "last", "range", "unique"):
            out.append((name, name))
        else:
            raise Fault(f"--agg: {quoted(name)} is no figure", 2)
    return list(dict.fromkeys(out))


def figure_columns(v, figures, t):
    """Spark's aggregates for what the figures are made of."""
    need, d = {"count": F.count(v)}, v.cast("double")
    for name, of in figures:
        if of in ("mean", "sum"):
            need["sum"] = F.sum(v)
        elif of in ("min", "max", "range"):
            need.update(min=F.min(v), max=F.max(v))
        elif of in ("stddev", "variance"):
            need["variance"] = F.var_samp(d)
        elif of == "unique":
            need["unique"] = F.countDistinct(v)
        elif of == "first":
            need["first"] = F.min(F.when(v.isNotNull(), F.struct(t, v.alias("v"))))["v"]
        elif of == "last":
            need["last"] = -F.max(F.when(v.isNotNull(), F.struct(t, (-v).alias("v"))))["v"]
        elif isinstance(of, float):
            need[name] = F.percentile(d, of)
    return need


def figure_of(row, name, of, prefix):
    n = row[prefix + "count"]
    if of == "count" or of == "unique":
        return row[prefix + of]
    if n == 0:
        return None
    if of == "mean":
        return quotient(row[prefix + "sum"], n)
    if of == "range":
        return row[prefix + "max"] - row[prefix + "min"]
    if of == "variance":
        return row[prefix + "variance"] if n > 1 else None
    if of == "stddev":
        return math.sqrt(row[prefix + "variance"]) if n > 1 else None
    return row[prefix + (name if isinstance(of, float) else of)]


def filled(points, how, figures):
    """Puts figures where a bucket has none of its own."""
    if how is None:
        return
    constant = {"null": None, "zero": 0}.get(how, how)
    if constant == how and how not in ("previous", "next", "linear"):
        try:
            constant = Decimal(how)
        except ArithmeticError:
            raise Fault(f"--fill: not null, zero, previous, next, linear or a number: {quoted(how)}", 2) from None
    there = [k for k, p in enumerate(points) if p["count"]]
    for k, p in enumerate(points):
        if p["count"]:
            continue
        at = bisect.bisect(there, k)
        before, behind = (points[there[j]]["figures"] if 0 <= j < len(there) else None for j in (at - 1, at))
        for name in figures:
            value = constant
            if name in ("count", "unique"):
                value = 0
            elif how in ("previous", "next"):
                near = before if how == "previous" else behind
                value = near and near[name]
            elif how == "linear":
                value = None
                if before and behind and None not in (before[name], behind[name]):
                    first, last = there[at - 1], there[at]
                    value = float(before[name]) + (float(behind[name]) - float(before[name])) * (k - first) / (last - first)
            p["figures"][name] = value


def span_of(text):
    found = re.fullmatch(r"([0-9]{1,9})(s|m|min|h|d|w)", text)
    if not found or int(found[1]) == 0:
        raise Fault(f"--window: not a count or a span like 12h, at least 1: {quoted(text)}", 2)
    return int(found[1]) * UNITS[found[2]]


def derived(o, points):
    """What --window and the like add to every point (t, x) of a series, in order."""
    x = [None if p["x"] is None else Fraction(p["x"]) for p in points]
    n = len(x)
    if o.window:
        return windows(o, points, x)
    if o.ewma is not None:
        out, s = [], None
        for v in x:
            if v is not None:
                s = float(v) if s is None else o.ewma * float(v) + (1 - o.ewma) * s
            out.append({"ewma": s if v is not None or s is None else s})
        return out
    if o.cumulative:
        out, s = [], None
        for v in x:
            s = v if s is None else s + (v or 0)
            out.append({"cumulative": None if s is None else Decimal(s.numerator) / Decimal(s.denominator)})
        return out
    for name, lag in (("lag", o.lag), ("diff", o.diff), ("pct_change", o.pct_change)):
        if lag:
            out = []
            for i in range(n):
                now, then = x[i], x[i - lag] if i >= lag else None
                value = then if name == "lag" else None if now is None or then is None else now - then
                if name == "pct_change" and value is not None:
                    value = value / then if then else None
                out.append({name: None if value is None else float(value)})
            return out
    if o.decompose:
        return decomposed(o, x)
    return [{} for _ in points]


WINDOW_FIGURES = ("window_count", "window_mean", "window_min", "window_max", "window_sum", "window_stddev")


def windows(o, points, x):
    count, out = not re.fullmatch("[0-9]{1,9}", o.window) and span_of(o.window), []
    size = int(o.window) if not count else None
    least = o.min_periods or (size or 1)
    begin = end = 0
    for i in range(len(x)):
        if size:
            behind = (size - 1) // 2 if o.center else 0
            inside = x[max(i + behind - size + 1, 0):i + behind + 1]
        else:
            t, half = Fraction(points[i]["t"]), Fraction(count, 2 if o.center else 1)
            upto = t + half if o.center else t
            while end < len(x) and Fraction(points[end]["t"]) <= upto:
                end += 1
            while Fraction(points[begin]["t"]) <= t - half:
                begin += 1
            inside = x[begin:end]
        values = [v for v in inside if v is not None]
        row = dict.fromkeys(WINDOW_FIGURES)
        row["window_count"] = len(values)
        if values and len(values) >= least:
            mean = sum(values) / len(values)
            row.update(window_mean=float(mean), window_min=float(min(values)), window_max=float(max(values)), window_sum=float(sum(values)))
            if len(values) > 1:
                row["window_stddev"] = math.sqrt(sum((v - mean) ** 2 for v in values) / (len(values) - 1))
        out.append(row)
    return out


def without_gaps(x):
    if None in x:
        raise Fault(f"point {x.index(None) + 1} has no value")
    return [float(v) for v in x]


def decomposed(o, x):
    if not o.period:
        raise Fault("--decompose needs --period", 2)
    if len(x) < 2 * o.period:
        raise Fault(f"{counted(len(x), 'point')} {'is' if len(x) == 1 else 'are'} fewer than two periods of {o.period}")
    x, times = without_gaps(x), o.decompose == "multiplicative"
    if times and min(x) <= 0:
        raise Fault(f"point {x.index(min(x)) + 1} is not above 0, so nothing can be a factor of it")
    half, trend = o.period // 2, [None] * len(x)
    for i in range(half, len(x) - half):
        part = x[i - half:i + half + 1]
        trend[i] = (sum(part) - (0 if o.period % 2 else (part[0] + part[-1]) / 2)) / o.period
    rest = [None if m is None else v / m if times else v - m for v, m in zip(x, trend)]
    season = []
    for k in range(o.period):
        part = [r for r in rest[k::o.period] if r is not None]
        season.append(sum(part) / len(part))
    mean = sum(season) / o.period
    season = [s / mean if times else s - mean for s in season]
    return [{"trend": m, "seasonal": season[i % o.period],
             "residual": None if m is None else v / season[i % o.period] / m if times else v - m - season[i % o.period]}
            for i, (v, m) in enumerate(zip(x, trend))]


def correlations(x, lags):
    n = len(x)
    if lags >= n:
        raise Fault(f"--acf: {n} points have no lag {lags}")
    mean = math.fsum(x) / n if len(set(x)) > 1 else x[0]
    d = [v - mean for v in x]
    variance = sum(v * v for v in d)
    out, phi, error, squares, weighted = [], [], 1.0, 0.0, 0.0
    for k in range(lags + 1):
        r = sum(a * b for a, b in zip(d[k:], d[:n - k])) / variance if variance else None
        row = {"lag": k, "acf": r, "acf_band": None, "pacf": None, "pacf_band": 1.959963984540054 / math.sqrt(n) if k else 0, "ljung_box": None, "p": None}
        if variance:
            row["acf_band"] = 1.959963984540054 * math.sqrt((1 + 2 * squares) / n) if k else 0
            if k == 0:
                row["pacf"] = 1
            else:
                last = (r - sum(phi[j] * out[k - 1 - j]["acf"] for j in range(k - 1))) / error if error else None
                phi = [phi[j] - last * phi[k - 2 - j] for j in range(k - 1)] + [last]
                error *= 1 - last * last
                squares, weighted = squares + r * r, weighted + r * r / (n - k)
                row.update(pacf=last, ljung_box=n * (n + 2) * weighted, p=chi_square_tail(n * (n + 2) * weighted, k))
        out.append(row)
    return out


# COMMAND ----------

# Time series: sdp-timeseries(1).
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


# COMMAND ----------

# A benchmark: the task with so many tasks of Spark at once, several times each.
def processes(spark):
    """Seconds of user and system time, and bytes at most, of the driver's processes; null where /proc does not say."""
    try:
        import os
        mine = {os.getpid(), spark._jvm.java.lang.ProcessHandle.current().pid()}
        parent, user, system, size = {}, 0.0, 0.0, 0
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as f:
                    fields = f.read().rpartition(")")[2].split()
                parent[int(pid)] = int(fields[1]), fields
            except OSError:
                continue
        for pid, (above, fields) in parent.items():
            line = [pid, above]
            while line[-1] in parent and line[-1] not in mine:
                line.append(parent[line[-1]][0])
            if mine & set(line):
                user, system = user + int(fields[11]) / 100, system + int(fields[12]) / 100
                with open(f"/proc/{pid}/status", encoding="utf-8") as f:
                    size += next((int(s.split()[1]) * 1024 for s in f if s.startswith("VmHWM")), 0)
        return user, system, size
    except Exception:  # pylint: disable=broad-except; a figure about the run must not end it
        return 0.0, 0.0, 1


def median_of(values):
    values = sorted(values)
    n = len(values)
    return values[n // 2] if n % 2 else (values[n // 2 - 1] + values[n // 2]) / 2


def bootstrap(seed, stream, times, base=None):
    """95 % percentile intervals of the median, or of the quotient of two medians; sdp-bench's, with its random numbers."""
    if len(times) < 2 and (base is None or len(base) < 2):
        return None, None
    draw, figures = itertools.count(), []

    def resample(values):
        return median_of([values[int(random_bits(seed, stream, next(draw))) * len(values) >> 64] for _ in values])
    for _ in range(2000):
        figure = resample(times)
        figures.append(resample(base) / figure if base is not None else figure)
    figures.sort()

    def quantile(p):
        h = (len(figures) - 1) * p
        i = int(h)
        return figures[i] + (h - i) * (figures[min(i + 1, len(figures) - 1)] - figures[i])
    return quantile(0.025), quantile(0.975)


def line_of(path, begin):
    """What stands behind the first line of a file that begins so; None."""
    try:
        with open(path, encoding="utf-8", errors="replace") as f:
            return next((line[len(begin):].strip(' "\t:=\n') for line in f if line.startswith(begin)), None)
    except OSError:
        return None


def environment(spark):
    """Of the driver."""
    memory = line_of("/proc/meminfo", "MemTotal")
    return {"started_at": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"), "sdp": VERSION,
            "system": line_of("/etc/os-release", "PRETTY_NAME"), "kernel": f"{platform.system()} {platform.release()}".strip() or None,
            "machine": platform.machine() or None, "cpu": line_of("/proc/cpuinfo", "model name") or None,
            "memory": int(memory.split()[0]) * 1024 if memory else 1, "spark": spark.version}


def benchmark(spark, o):
    where = environment(spark)
    size, times, usage, same, rows, first = sum(file_size(spark, f) for f in o.files), {}, {}, {}, None, None
    for workers in sorted(set(o.worker_counts)):
        o.partitions = workers
        spark.conf.set("spark.sql.shuffle.partitions", str(workers))
        for number in range(o.runs + 1):  # the first, while Java compiles, is not counted
            if number == 1:
                before = processes(spark)
            spark.catalog.clearCache()
            for rdd in spark.sparkContext._jsc.getPersistentRDDs().values():
                rdd.unpersist()
            start = time.perf_counter()
            doc = plain(RUN[o.task](spark, o))
            if number:
                times.setdefault(workers, []).append(time.perf_counter() - start)
            first = first or doc
            same[workers] = same.get(workers, True) and alike(first, doc)
        after = processes(spark)
        usage[workers] = (after[0] - before[0]) / o.runs, (after[1] - before[1]) / o.runs, max(after[2], 1)
        rows = doc.get("rows", doc.get("baskets"))
    least, results = min(times), []
    for stream, workers in enumerate(times):
        t = times[workers]
        m, n = median_of(t), len(t)
        speedup = median_of(times[least]) / m
        ratio = workers / least
        mean = sum(t) / n
        low, high = bootstrap(1, 2 * stream, t) if n > 1 else (None, None)
        faster = (None, None) if n == 1 else (1, 1) if workers == least else bootstrap(1, 2 * stream + 1, t, times[least])
        results.append({"name": o.task, "workers": workers, "runs": n, "median": m, "mean": mean,
                        "stddev": math.sqrt(sum((v - mean) ** 2 for v in t) / (n - 1)) if n > 1 else None, "min": min(t),
                        "ci_low": low, "ci_high": high, "user": max(usage[workers][0], 0), "sys": max(usage[workers][1], 0), "peak_rss": usage[workers][2],
                        "bytes_per_second": size / m, "rows_per_second": rows / m, "speedup": speedup, "speedup_ci_low": faster[0],
                        "speedup_ci_high": faster[1], "efficiency": speedup / ratio,
                        "karp_flatt": (1 / speedup - 1 / ratio) / (1 - 1 / ratio) if ratio > 1 else None, "identical": same[workers],
                        "note": "user, sys and peak_rss are the driver's; times include reading"})
    command = "spark_ml_jobs --task " + o.task + " --worker-counts {} " + " ".join(o.files)
    return {"task": "benchmark", "results": results, "command": command, "commands": [{"name": o.task, "command": command}],
            "input": {"path": o.files[0] if len(o.files) == 1 else None, "bytes": size, "rows": rows},
            "cores": spark.sparkContext.defaultParallelism, "fits": [], "skipped": [], "parameters": {},
            "times": [{"name": o.task, "workers": n, "run": i + 1, "seconds": t} for n in times for i, t in enumerate(times[n])],
            "method": {"runs": o.runs, "warmup": 1, "seed": 1}, "environment": where}


def alike(a, b):
    """The same document, but for the last digits that the order of sums leaves open?"""
    if isinstance(a, dict):
        return isinstance(b, dict) and a.keys() == b.keys() and all(alike(a[k], b[k]) for k in a)
    if isinstance(a, list):
        return isinstance(b, list) and len(a) == len(b) and all(map(alike, a, b))
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9)
    return a == b


# COMMAND ----------

# Running: a session, a task, what came of it.
RUN = {STATS: descriptive_stats, LINEAR: linear_regression, LOGISTIC: logistic_regression, KMEANS: kmeans, BASKETS: fp_growth,
       SERIES: time_series}


def session():
    spark = SparkSession.builder.appName("spark_ml_jobs").config("spark.ui.showConsoleProgress", "false").getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    # Casts give null where there is no value; types are checked beforehand.  A record's cells are counted, so none is pruned.
    for name, value in (("spark.sql.ansi.enabled", "false"), ("spark.sql.session.timeZone", "UTC"),
                        ("spark.sql.csv.parser.columnPruning.enabled", "false"), ("spark.sql.legacy.timeParserPolicy", "CORRECTED"),
                        ("spark.sql.caseSensitive", "true")):
        spark.conf.set(name, value)
    return spark


def plain(value):
    """A figure as JSON has it: decimals and whole doubles without a point, null for what is no number."""
    if isinstance(value, Decimal):
        value = int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        return int(value) if value == int(value) and abs(value) < 1e15 else value
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    return value


def printed(result):
    """The warnings that are printed: those beside the document, and those in it but for what only the document says."""
    return result["notes"] + [w for w in (result["document"] or {}).get("warnings", []) if not isinstance(w, Unsaid)]


def run(arguments):
    """Runs a task; what came of it: exit (a code), error (a message), document, seconds."""
    start, spark, result = time.perf_counter(), None, {"version": VERSION, "task": None, "exit": 0, "error": None, "document": None}
    o = None
    try:
        o = parse(arguments)
        spark = session()
        spare_input(spark, o)
        ready = time.perf_counter()
        result["task"] = o.task
        result["document"] = plain(benchmark(spark, o) if o.worker_counts else RUN[o.task](spark, o))
        done = time.perf_counter()
        result["seconds"] = {"session": ready - start, "task": done - ready, "total": done - start}
        result["notes"] = list(dict.fromkeys(o.notes))
        result["spark"] = {"version": spark.version, "cores": spark.sparkContext.defaultParallelism}
        if o.output and o.output != "-":
            write_text(spark, o.output, json.dumps(result["document"], ensure_ascii=False, separators=(",", ":")) + "\n")
    except Fault as fault:
        result.update(exit=fault.code, error=str(fault), document=None)
    except Exception as error:  # pylint: disable=broad-except; whatever Spark throws
        result.update(exit=3, error=cause_of(error), document=None)
    place = o.result if o else next((b for a, b in zip(arguments, arguments[1:]) if a == "--result"), None)
    if place:
        write_text(spark or session(), place, json.dumps(result, ensure_ascii=False, separators=(",", ":")))
    return result, o


@contextlib.contextmanager
def standard_error():
    """Where spark-submit joins Python's standard error into standard output, it goes to Java's System.err instead, which is standard error."""
    if "PYSPARK_GATEWAY_PORT" not in os.environ or not os.path.sameopenfile(1, 2):
        yield
        return
    SparkContext._ensure_initialized()  # the gateway, which is there before a session is
    java, (reader, writer) = SparkContext._jvm.java.lang.System.err, os.pipe()

    def forward():
        while piece := os.read(reader, 1 << 16):
            java.write(bytearray(piece), 0, len(piece))
        java.flush()
    thread = threading.Thread(target=forward, daemon=True)
    thread.start()
    os.dup2(writer, 2)
    os.close(writer)
    try:
        yield
    except Exception:  # pylint: disable=broad-except; a traceback is a message, too
        traceback.print_exc()
        sys.exit(3)
    finally:
        sys.stderr.flush()
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        thread.join(10)


def main():
    words = sys.argv[1:]
    if len(words) == 1 and words[0].startswith("arguments=["):  # a notebook's parameter, as some runners of jobs pass it
        words = json.loads(words[0][len("arguments="):])
    result, o = run(words)
    if result["exit"]:
        sys.stderr.write(f"spark_ml_jobs: {result['error']}\n")
    else:
        if not o.output or o.output == "-":
            print(json.dumps(result["document"], ensure_ascii=False, separators=(",", ":")))
        if not o.quiet:
            for warning in printed(result):
                sys.stderr.write(f"spark_ml_jobs: warning: {warning}\n")
            sys.stderr.write("spark_ml_jobs: " + json.dumps({"task": o.task, "seconds": result["seconds"], "spark": result["spark"]}) + "\n")
    sys.stdout.flush()
    sys.exit(result["exit"])


def notebook(utilities):
    utilities.widgets.text("arguments", "[]")
    arguments = json.loads(utilities.widgets.get("arguments"))
    if not arguments:
        print("The widget `arguments` takes a JSON array, as in the first cell.")
        return
    result, _ = run(arguments)
    if result["exit"]:
        raise RuntimeError(f"sdp exit {result['exit']}: {result['error']}")
    # A notebook's value ends at 5 MB; the whole is where --result says.
    text = json.dumps(result, ensure_ascii=False)
    utilities.notebook.exit(text if len(text.encode()) < 4_000_000 else json.dumps({**result, "document": None, "truncated": True}))


if "dbutils" in globals():
    notebook(globals()["dbutils"])
elif __name__ == "__main__":
    with standard_error():
        main()
