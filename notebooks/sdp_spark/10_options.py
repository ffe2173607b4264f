# The options of the tasks, as the programs have them.
import argparse
import codecs
import math
import re
from fractions import Fraction

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
