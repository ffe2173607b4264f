# Rows that an expression of --where wants, as a condition of Spark.
import functools
import operator
import re
import sys
from decimal import Decimal
from fractions import Fraction

from pyspark.sql import functions as F

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
