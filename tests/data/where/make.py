"""
Random tables and expressions of --where over them, always the same ones, each expression also in DuckDB's SQL.

make(i) is the table i; expressions(i) are those over it, ill_typed(i) are some that are errors.  SQL names columns c0, c1, ….
Numbers have so many digits at most that DuckDB's decimals of 38 digits hold all sums and products.
"""
import json
import random
import re
import zlib

TABLES, EACH, WRONG = 25, 20, 4
NULLS = ("", "NA", "N/A", "NaN", "nan", "null", "NULL")
NAMES = ("price", "a b", "x.y", "naïve", "and", "sum(x)", "a}b", "${x}", "'q'", "1st", "line\nbreak", "Is", "true", "-", "größe", "a,b", "not", "x=1",
         '"', "length", "_", "Ω", "null", "e1", "in")
WORDS = ("", "a", "B", "ab", "b,c", 'q"q', '""', "it's", "two\nlines", "cr\r\nlf", " padded ", "tab\tbed", "é", "ωΩ", "Яя", "𝒳", "a.b", "x1", "X-1", "zz", "~",
         "\u2028", "[x]", "a|b", "$1", "\\", "A", "0x", "1 2", "2024-13-01", "truth", "%", "\x7f")
PATTERNS = ("a", "^a", "[A-Z]", r"\d", r"^\w+\z", "(?i)B", "a|b", r"\.", r"^.\z", r"[^a-z]", "x*1", "^(a|b)+", r"\s", "'", '"', "é|Ω", r"\bab?\b", r"\\",
            r"[\[\]|]", "(a)(b)?", "z{2}", r"^[^\n]*\z")
KINDS = ("small", "decimal", "wide", "long", "boolean", "local", "zoned", "string", "string", "date")


def sign(r, text, low=.3):
    return "-" + text if r.random() < low else "+" + text if r.random() < .1 else text


def number_cell(r, kind):
    """The text of a number, and its size: digits before and after the point, at most."""
    if kind == "small":
        return sign(r, str(r.choice((0, 1, 2, 3, 5, 7, 10, 24, 99, r.randrange(1000)))))
    if kind == "decimal":
        return sign(r, r.choice(("0.1", "0.2", "0.3", "1.50", "1.5", ".5", "2.", "15e-1", "1e2", "0.30", f"{r.randrange(1000)}.{r.randrange(1000):03}")))
    if kind == "wide":
        return sign(r, str(2**r.choice((53, 53, 63, 64)) + r.randrange(-2, 3)))
    return sign(r, r.choice(("0.1000000000000000", "0.10000000000000001", "0.1", "0.3", "1e-17", f"{r.randrange(3)}.{r.randrange(10**17):017}")))


SIZES = {"small": (4, 0), "decimal": (4, 3), "wide": (20, 0), "long": (1, 17)}


def time_cell(r, kind):
    day = r.choice(("2024-02-29", "2024-03-01", "1969-12-31", "2023-12-31", "2024-01-01", f"20{r.randrange(100):02}-{r.randrange(1, 13):02}-{r.randrange(1, 29):02}"))
    if kind == "date" or (kind == "local" and r.random() < .2):
        return day
    clock = r.choice(("00:00", "23:59:59.999999", "12:30", "00:00:00", f"{r.randrange(24):02}:{r.randrange(60):02}:{r.randrange(60):02}", "06:00:00.5"))
    zone = r.choice(("Z", "+01:00", "-05:30", "+00:00", " UTC")) if kind == "zoned" else ""
    return day + r.choice("T ") + clock + zone


def cell(r, kind):
    if kind in SIZES:
        return number_cell(r, kind)
    if kind == "boolean":
        return r.choice(("true", "false", "True", "FALSE"))
    return time_cell(r, kind) if kind in ("date", "local", "zoned") else r.choice(WORDS[1:])


def make(i):
    """A table: its names, kinds, and rows of texts, None where a cell is null."""
    r = random.Random(f"table {i}")
    kinds = ["row"] + r.sample(KINDS, r.randrange(4, 8)) + [r.choice(KINDS) for _ in range(3)]
    names = ["id"] + r.sample(NAMES, len(kinds) - 1)
    rows = [[str(k)] + [None if r.random() < .15 else cell(r, kind) for kind in kinds[1:]] for k in range(r.randrange(20, 41))]
    for at, kind in enumerate(kinds[1:], 1):
        # Each column has a value that shows its type.
        rows[r.randrange(len(rows))][at] = {"string": "a", "boolean": "true", "date": "2024-03-01", "local": "2024-03-01T12:30", "zoned": "2024-03-01T00:00Z"}.get(kind, "3")
    return {"names": names, "kinds": kinds, "rows": rows}


def as_csv(table, null="", delimiter=","):
    def written(c):
        return '"' + c.replace('"', '""') + '"' if c != c.strip() or c == "" or any(x in c for x in delimiter + '"\r\n') else c
    return "".join(delimiter.join(null if c is None else written(c) for c in row) + "\n" for row in [table["names"]] + table["rows"]).encode()


def as_ndjson(table):
    def value(c):
        return c if c and re.fullmatch(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?", c) else json.dumps(c)
    return "".join("{" + ", ".join(f"{json.dumps(n)}: {value(c)}" for n, c in zip(table["names"], row)) + "}\n" for row in table["rows"]).encode()


# ---- expressions ----

def in_quotes(text):
    return "'" + text.replace("'", "''") + "'"


class Maker:
    """Makes parts of expressions, each with its text, how tightly it binds, its SQL, and for a number how many digits it has."""

    OR, AND, NOT, TEST, SUM, PRODUCT, UNARY, LEAF = range(8)

    def __init__(self, table, r):
        self.table, self.r = table, r

    def word(self, text):
        return self.r.choice((text, text, text, text.upper(), text.title()))

    def blank(self):
        return self.r.choice((" ", " ", " ", "  ", "\n", "\t"))

    def wrap(self, part, least):
        text, binds = part[:2]
        return f"({text})" if binds < least or self.r.random() < .1 else text

    def columns(self, *kinds):
        return [i for i, kind in enumerate(self.table["kinds"]) if kind in kinds]

    def column(self, i):
        name = self.table["names"][i]
        plain = re.fullmatch(r"[A-Za-z_\x80-\U0010ffff][\w.]*", name) and name.lower() not in ("and", "or", "not", "in", "is", "null", "true", "false", "between")
        return (name if plain and self.r.random() < .8 else "${" + name.replace("}", "}}") + "}"), self.LEAF, f"c{i}"

    # --- numbers ---

    def literal(self):
        r, kind = self.r, self.r.choice(("small", "decimal", "decimal", "wide", "long"))
        text = number_cell(r, kind).lstrip("+")
        text, negative = text.lstrip("-"), text.startswith("-")
        size = SIZES[kind]
        sql = f"cast({in_quotes(plain(text))} as decimal({sum(size)},{size[1]}))"
        return (f"-{text}", self.UNARY, f"(-{sql})", size) if negative else (text, self.LEAF, sql, size)

    def number(self, depth):
        r, kind = self.r, self.r.random()
        numbers = self.columns(*SIZES)
        if depth > 0 and kind < .45:
            part = self.sum(depth) if kind < .3 else self.negative(depth) if kind < .35 else self.function(depth)
            return part or self.number(depth - 1)
        if kind < .75 and numbers:
            i = r.choice(numbers)
            size = SIZES[self.table["kinds"][i]]
            text, binds, sql = self.column(i)
            return text, binds, f"cast({sql} as decimal({sum(size)},{size[1]}))", size
        return self.literal()

    def sum(self, depth):
        r, (a, b) = self.r, (self.number(depth - 1), self.number(depth - 1))
        times = r.random() < .4
        size = (a[3][0] + b[3][0], a[3][1] + b[3][1]) if times else (max(a[3][0], b[3][0]) + 1, max(a[3][1], b[3][1]))
        if sum(size) > 36:
            return None
        sign_of = "*" if times else r.choice("+-")
        level = self.PRODUCT if times else self.SUM
        gap = r.choice(("", " "))
        text = f"{self.wrap(a, level)}{gap}{sign_of}{gap}{self.wrap(b, level + 1)}"
        sql = f"({hugely(a)} * {hugely(b)})" if times else f"({cast(a, size)} {sign_of} {cast(b, size)})"
        return text, level, f"cast({sql} as decimal({sum(size)},{size[1]}))", size

    def negative(self, depth):
        part = self.number(depth - 1)
        return f"-{self.wrap(part, self.UNARY)}", self.UNARY, f"(-{part[2]})", part[3]

    def function(self, depth):
        r, times = self.r, self.columns("date", "local", "zoned")
        name = r.choice(("year", "month", "day", "hour", "weekday", "length"))
        if name != "length" and times:
            text, _, sql = self.column(r.choice(times))
            sql = f"{'isodow' if name == 'weekday' else name}({sql})"
        else:
            name = "length"
            text, _, sql = self.string(depth - 1)
            sql = f"length({sql})"
        return f"{self.word(name)}({text})", self.LEAF, f"cast({sql} as decimal(6,0))", (6, 0)

    # --- strings and times ---

    def string(self, depth):
        r, strings = self.r, self.columns("string")
        if depth > 0 and r.random() < .3:
            name = r.choice(("lower", "upper"))
            text, _, sql = self.string(depth - 1)
            return f"{self.word(name)}({text})", self.LEAF, f"{name}({sql})"
        if strings and r.random() < .7:
            return self.column(r.choice(strings))
        text = r.choice(WORDS)
        return in_quotes(text), self.LEAF, in_quotes(text)

    def time(self, kinds):
        r = self.r
        if r.random() < .4:
            return self.column(r.choice(self.columns(*kinds)))
        text = time_cell(r, "zoned" if "zoned" in kinds and r.random() < .5 else r.choice(("date", "local")))
        return in_quotes(text), self.LEAF, in_utc(in_quotes(text))

    # --- conditions ---

    def operands(self, depth, n):
        """Some operands of one type, the first of times being a column; of numbers with SQL of one type."""
        r, kind = self.r, self.r.random()
        for times in ("zoned",), ("local", "date"):
            if kind < .25 and self.columns(*times) and r.random() < .6:
                return [self.column(r.choice(self.columns(*times)))] + [self.time(times) for _ in range(n - 1)]
        if kind < .5 and self.columns("string"):
            return [self.string(depth) for _ in range(n)]
        parts = [self.number(depth) for _ in range(n)]
        size = max(p[3][0] for p in parts), max(p[3][1] for p in parts)
        return [(p[0], p[1], cast(p, size)) for p in parts] if sum(size) <= 38 else self.operands(depth - 1, n)

    def comparison(self, depth):
        r, b = self.r, self.blank
        kind = r.random()
        if kind < .5:
            x, y = self.operands(depth, 2)
            mark = r.choice(("==", "!=", "<", "<=", ">", ">="))
            return f"{self.wrap(x, self.SUM)} {mark}{b()}{self.wrap(y, self.SUM)}", self.TEST, f"({x[2]} {'=' if mark == '==' else mark} {y[2]})"
        negated = r.random() < .3
        no, sql_no = (self.word("not") + " ", "not ") if negated else ("", "")
        if kind < .65:
            x, y, z = self.operands(depth, 3)
            return (f"{self.wrap(x, self.SUM)}{b()}{no}{self.word('between')} {self.wrap(y, self.SUM)}{b()}{self.word('and')} {self.wrap(z, self.SUM)}", self.TEST,
                    f"({x[2]} {sql_no}between {y[2]} and {z[2]})")
        if kind < .8:
            x, *others = self.operands(depth, r.randrange(2, 6))
            return (f"{self.wrap(x, self.SUM)} {no}{self.word('in')}{b()}({', '.join(self.wrap(o, self.SUM) for o in others)})", self.TEST,
                    f"({x[2]} {sql_no}in ({', '.join(o[2] for o in others)}))")
        if kind < .9:
            x, pattern = self.string(depth), r.choice(PATTERNS)
            mark = r.choice(("=~", "!~"))
            return f"{x[0]} {mark}{b()}{in_quotes(pattern)}", self.TEST, \
                f"({'not ' * (mark == '!~')}regexp_matches({x[2]}, {in_quotes(pattern)}))"
        x = r.choice((self.number, self.string, self.condition))(depth - 1) if r.random() < .4 else self.column(r.randrange(len(self.table["kinds"])))
        return f"{self.wrap(x, self.SUM)} {self.word('is')} {no}{self.word('null')}", self.TEST, f"({x[2]} is {sql_no}null)"

    def condition(self, depth):
        r, kind = self.r, self.r.random()
        if depth > 0 and kind < .35:
            word = r.choice(("and", "or"))
            level = self.AND if word == "and" else self.OR
            parts = [self.condition(depth - 1) for _ in range(r.choice((2, 2, 3)))]
            return (f"{self.blank()}{self.word(word)}{self.blank()}".join(self.wrap(p, level + 1) for p in parts), level,
                    "(" + f" {word} ".join(p[2] for p in parts) + ")")
        if depth > 0 and kind < .5:
            part = self.condition(depth - 1)
            return f"{self.word('not')} {self.wrap(part, self.NOT)}", self.NOT, f"(not {part[2]})"
        booleans = self.columns("boolean")
        if kind < .58 and booleans:
            one, other = self.column(r.choice(booleans)), r.choice((("true", self.LEAF, "true"), ("FALSE", self.LEAF, "false"), self.column(r.choice(booleans))))
            mark = r.choice(("==", "!=", None))
            return (f"{one[0]} {mark} {other[0]}", self.TEST, f"({one[2]} {'=' if mark == '==' else mark} {other[2]})") if mark else one
        if depth > 0 and kind < .62:
            a, b = self.condition(depth - 1), self.condition(depth - 1)
            return f"{self.wrap(a, self.LEAF)} == {self.wrap(b, self.LEAF)}", self.TEST, f"({a[2]} = {b[2]})"
        return self.comparison(depth)


def in_utc(sql):
    """A time, which DuckDB takes to be in UTC where it has no zone, as a timestamp in UTC."""
    return f"make_timestamp(epoch_us(cast({sql} as timestamptz)))"


def plain(text):
    """A number without an exponent."""
    if text[0] in "+-":
        return text[0].strip("+") + plain(text[1:])
    mantissa, _, power = text.lower().partition("e")
    whole, _, fraction = mantissa.partition(".")
    power = int(power or 0)
    if power >= 0:
        fraction = fraction.ljust(power, "0")
        whole, fraction = whole + fraction[:power], fraction[power:]
    else:
        whole = whole.rjust(-power, "0")
        whole, fraction = whole[:power], whole[power:] + fraction
    return f"{whole or '0'}.{fraction or '0'}"


def cast(part, size):
    return f"cast({part[2]} as decimal({sum(size)},{size[1]}))"


def hugely(part):
    """A factor as a decimal of 19 digits or more: the product of two others would have 18."""
    digits, scale = part[3]
    return cast(part, (max(digits, 19 - scale), scale))


def expressions(i):
    """Pairs of an expression over the table i and its SQL."""
    table, found = make(i), []
    for k in range(EACH):
        maker = Maker(table, random.Random(f"expression {i} {k}"))
        text, _, sql = maker.condition(maker.r.choice((1, 2, 2, 3)))[:3]
        found.append((text, sql))
    return found


def ill_typed(i):
    """Expressions over the table i that are errors."""
    table, found = make(i), []
    for k in range(WRONG):
        r = random.Random(f"wrong {i} {k}")
        m = Maker(table, r)
        at = r.randrange(1, len(table["kinds"]))
        column, kind = m.column(at)[0], table["kinds"][at]
        good = m.condition(1)
        string = kind == "string"
        by_kind = [f"{column} == 'no'" if not string else f"{column} < 5", f"length({column}) > 1" if not string else f"year({column}) > 1",
                   f"{column} + 'a' > 1", f"not ({column} + 1)", f"{column} =~ 'a'" if not string else f"-{column} < 0", f"{column} in ('x', 1)",
                   f"{column} == true" if kind != "boolean" else f"{column} < true", f"{column} between 1 and 'b'"]
        always = [f"{column} = 1", f"{column} == 1 == 2", f"nothere{k} > 1", f"{column} == null", f"({column} is null", f"{column} is null)", f"lenght({column}) == 1",
                  f"{column} is null && true", f"1 == 'a' or {column} is null", "''", f"{column} =~ '('", f"{column}", f"not {column} is", f"1 < {column} < 3",
                  f'{column} == "x"', f"{column} in ()", f"{column} / 2 > 1", "5", ""]
        if kind == "boolean":
            always.remove(column)
        if kind in ("date", "local"):
            by_kind.append(f"{column} < '2024-03-01T00:00Z'")
        wrong = r.choice(by_kind + always)
        found.append(f"({m.wrap(good, m.LEAF)}) or {wrong}" if r.random() < .3 and wrong else wrong)
    return found


# ---- answers ----

def key(table, expression):
    """A number for a table and an expression: an answer belongs to no other."""
    return zlib.crc32(as_csv(table) + b"\0" + expression.encode())


def mask(rows):
    """Numbers of rows as the bits of a number, in hexadecimal."""
    return f"{sum(1 << row for row in rows):x}"
