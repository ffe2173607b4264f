# The expression of --where as a tree: its grammar is in sdp-csv(5).
import difflib
import math
import re
import sys

WHERE_BYTES, WHERE_DEPTH, WHERE_DIGITS = 1 << 16, 200, 1100
WHERE_WORDS = ("and", "or", "not", "in", "between", "is", "null", "true", "false")
WHERE_FUNCTIONS = {"length": "string", "lower": "string", "upper": "string", "year": "time", "month": "time", "day": "time", "hour": "time",
                   "weekday": "time"}
WHERE_TOKEN = re.compile(
    r"(?P<blank>[ \t\r\n]+)|(?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)|(?P<string>'(?:[^']|'')*')"
    r"|(?P<odd>\$\{(?:[^}]|\}\})*\})|(?P<name>[A-Za-z_\u0080-\U0010ffff][A-Za-z0-9_.\u0080-\U0010ffff]*)"
    r"|(?P<mark>==|!=|<=|>=|=~|!~|<(?!>)|[-+*(),>])")
# What has no meaning, and what was probably meant.
WHERE_MEANT = (
    ("${", "the } of a name in ${ is missing"), ("'", "the ' at the end of a string is missing"), ("<>", "<> is written !="), ("=", "= is written =="),
    ("&&", "&& is written and"), ("&", "& is written and"), ("||", "|| is written or"), ("|", "| is written or"), ("!", "! is written not"),
    ('"', "strings are in single quotes, and odd names of columns in ${...}"), ("`", "strings are in single quotes, and odd names of columns in ${...}"),
    ("/", "there is no division"), ("%", "there is no remainder"), ("^", "there are no powers"), ("$", "a column is written by its name, or ${name}"),
    ("[", "an odd name of a column is written ${name}, a list (a, b)"), (";", "there is nothing to separate"))
COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")


class Part:
    """A part of an expression: its kind, its operands, the text of a leaf, and its place."""

    def __init__(self, kind, operands=(), text=None, at=0, end=0):
        self.kind, self.operands, self.text, self.at, self.end = kind, list(operands), text, at, end
        self.type, self.column, self.seen, self.seconds, self.pattern = None, None, 0, None, None

    def leaves(self, kind):
        found = [self] * (self.kind == kind)
        for part in self.operands:
            found += part.leaves(kind)
        return found


class Expression:
    """An expression of --where, parsed: .root is its tree."""

    def __init__(self, text):
        self.text, self.tokens, self.at, self.depth = text, [], 0, 0
        size = len(text.encode(errors="replace"))
        if size > WHERE_BYTES:
            raise Fault(f"--where: the expression has {size} bytes, at most {WHERE_BYTES} are allowed", 2)
        sys.setrecursionlimit(max(sys.getrecursionlimit(), 50 * WHERE_DEPTH))
        self._cut()
        if len(self.tokens) == 1:
            raise Fault("--where: the expression is empty", 2)
        self.root = self._either()
        if self.tokens[self.at][0]:
            self._fail_next("the ( of this ) is missing" if self.tokens[self.at][1] == ")" else "an operator is missing before this")
        self.check(None, 2)

    def fail(self, message, at, end, code=2):
        """Ends with a message, the expression near the place, and a caret below it."""
        line = re.sub(r"[\t\r\n]", " ", self.text)
        first = max(0, at - 40)
        shown = line[first:max(end, first + 70)][:160]
        raise Fault(f"--where: {message}\n  {shown}\n  {' ' * (at - first)}{'^' * max(1, min(end - at, len(shown) - (at - first)))}", code)

    def fail_at(self, part, message, code=2):
        self.fail(message, part.at, part.end, code)

    # --- words ---

    def _cut(self):
        at = 0
        while at < len(self.text):
            found = WHERE_TOKEN.match(self.text, at)
            if not found:
                meant = next((why for mark, why in WHERE_MEANT if self.text.startswith(mark, at)), f"{quoted(self.text[at])} has no meaning here")
                self.fail(meant, at, at + 1)
            at = found.end()
            kind, text = found.lastgroup, found[0]
            if kind == "number" and re.match(r"[A-Za-z_.\u0080-\U0010ffff]", self.text[at:at + 1]):
                self.fail("not a number; the name of a column that begins with a digit is written in ${...}", found.start(), at)
            if kind == "name" and text.lower() in WHERE_WORDS:
                kind, text = "word", text.lower()
            if kind != "blank":
                self.tokens.append((kind, text, found.start(), at))
        self.tokens.append((None, "", len(self.text), len(self.text)))

    def _fail_next(self, message):
        """Ends with a message about the next token."""
        _, _, at, end = self.tokens[self.at]
        self.fail(message, at, end)

    def _next(self, *texts):
        """Takes the next token if it is one of these marks or words."""
        kind, text, *_ = self.tokens[self.at]
        if kind in ("mark", "word") and text in texts:
            self.at += 1
            return text
        return None

    def _need(self, text, where=""):
        if not self._next(text):
            self._fail_next(f"{text} is missing{where}")

    def _made(self, kind, operands, at, text=None):
        return Part(kind, operands, text, at, self.tokens[self.at - 1][3])

    # --- grammar ---

    def _inner(self, rule):
        """Parses what is a level deeper."""
        self.depth += 1
        if self.depth > WHERE_DEPTH:
            self._fail_next(f"the expression is nested more than {WHERE_DEPTH} levels deep")
        part = rule()
        self.depth -= 1
        return part

    def _joined(self, word, rule):
        begin = self.tokens[self.at][2]
        parts = [rule()]
        while self._next(word):
            parts.append(rule())
        return parts[0] if len(parts) == 1 else self._made(word, parts, begin)

    def _either(self):
        return self._joined("or", self._both)

    def _both(self):
        return self._joined("and", self._negated)

    def _negated(self):
        begin = self.tokens[self.at][2]
        if self._next("not"):
            return self._made("not", [self._inner(self._negated)], begin)
        return self._test()

    def _test(self):
        begin, one = self.tokens[self.at][2], self._sum()
        mark = self._next(*COMPARISONS, "=~", "!~", "is")
        if mark == "is":
            other = self._next("not")
            if not self._next("null"):
                self._fail_next("after is comes null or not null")
            part = self._made("is null", [one], begin)
            return self._made("not", [part], begin) if other else part
        if not mark:
            return self._range(one, begin)
        part = self._made(mark, [one, self._sum()], begin) if mark in COMPARISONS else self._match(mark, one, begin)
        if self.tokens[self.at][1] in (*COMPARISONS, "=~", "!~"):
            self._fail_next("a comparison cannot be continued; join two by and")
        return part

    def _match(self, mark, one, begin):
        kind, text, at, end = self.tokens[self.at]
        if kind != "string":
            self._fail_next("a regular expression is a string in single quotes")
        self.at += 1
        pattern = Part("string", (), text[1:-1].replace("''", "'"), at, end)
        part = self._made("=~", [one, pattern], begin)
        pattern.pattern = java_pattern(self, pattern)
        return part if mark == "=~" else self._made("not", [part], begin)

    def _range(self, one, begin):
        """in and between, or the sum itself."""
        negated = self._next("not")
        word = self._next("in", "between")
        if not word and negated:
            self._fail_next("after not comes in or between here")
        if not word:
            return one
        operands = [one]
        if word == "in":
            self._need("(", " after in")
            operands.append(self._sum())
            while self._next(","):
                operands.append(self._sum())
            self._need(")", " at the end of the list of in")
        else:
            operands.append(self._sum())
            if not self._next("and"):
                self._fail_next("the and of between is missing")
            operands.append(self._sum())
        part = self._made(word, operands, begin)
        return self._made("not", [part], begin) if negated else part

    def _sum(self):
        begin, parts = self.tokens[self.at][2], [self._product()]
        while mark := self._next("+", "-"):
            at, part = self.tokens[self.at - 1][2], self._product()
            parts.append(part if mark == "+" else self._made("negate", [part], at))
        return parts[0] if len(parts) == 1 else self._made("+", parts, begin)

    def _product(self):
        return self._joined("*", lambda: self._inner(self._unary))

    def _unary(self):
        begin = self.tokens[self.at][2]
        return self._made("negate", [self._inner(self._unary)], begin) if self._next("-") else self._primary()

    def _primary(self):
        kind, text, at, _ = self.tokens[self.at]
        if self._next("("):
            part = self._either()
            self._need(")")
            return part
        if self._next("true", "false"):
            return self._made("boolean", (), at, text)
        if kind not in ("number", "string", "name", "odd"):
            self._fail_next("a column or a value is missing at the end" if not kind else "null is compared by is null or is not null" if text == "null" else
                            f"a column or a value is missing before {quoted(text)}" +
                            ("; a column of that name is written in ${...}" if kind == "word" else ""))
        self.at += 1
        if kind == "name" and self.tokens[self.at][1] == "(":
            return self._function(text, at)
        text = {"string": text[1:-1].replace("''", "'"), "odd": text[2:-1].replace("}}", "}")}.get(kind, text)
        return self._made("column" if kind in ("name", "odd") else kind, (), at, text)

    def _function(self, name, at):
        if name.lower() not in WHERE_FUNCTIONS:
            near = difflib.get_close_matches(name.lower(), WHERE_FUNCTIONS, 1)
            self.fail(f"no function {quoted(name)}" + (f", did you mean {near[0]}?" if near else f"; there are {', '.join(WHERE_FUNCTIONS)}"), at, at + len(name))
        self._need("(")
        part = self._either()
        self._need(")", " after the argument of a function")
        return self._made(name.lower(), [part], at)

    # --- types ---

    def check(self, columns, code):
        """Sets the type of each part.  columns says the types of columns by name: None where it is not known yet, or does not matter."""
        self.columns, self.code = columns, code
        self._want(self.root, "boolean")

    def _type(self, part):
        """The type of a part, found from its operands."""
        kind, operands = part.kind, part.operands
        if kind in ("number", "string", "boolean"):
            part.type = kind
            if kind == "number" and (math.isinf(float(part.text)) or significant_digits(part.text) > WHERE_DIGITS):
                self.fail_at(part, "this number is too large or has too many digits", 2)
        elif kind == "column":
            part.type = self.columns(part) if self.columns else None
        elif kind in ("+", "*", "negate"):
            part.type = "number"
            for one in operands:
                self._want(one, "number")
        elif kind in WHERE_FUNCTIONS:
            part.type = "string" if kind in ("lower", "upper") else "number"
            self._want(operands[0], WHERE_FUNCTIONS[kind])
        else:
            part.type = "boolean"
            self._check_boolean(part)
        return part.type

    def _check_boolean(self, part):
        kind, operands = part.kind, part.operands
        if kind in ("and", "or", "not"):
            for one in operands:
                self._want(one, "boolean")
        elif kind == "=~":
            operands[1].type = "string"
            self._want(operands[0], "string")
        elif kind == "is null":
            if operands[0].kind != "column":  # its type does not matter
                self._type(operands[0])
        else:
            for one in operands:
                self._type(one)
            self._unify(part)

    def _unify(self, part):
        """Gives the operands of a comparison one type: that of the first which has one; a string is a time beside times."""
        typed = next((one for one in part.operands if one.kind != "string" and one.type), None)
        if not typed and not self.columns:
            return
        for one in part.operands:
            self._agree(one, typed.type if typed else "string", f" beside column {quoted(typed.text)}" if typed and typed.kind == "column" else "")
        if part.kind not in ("==", "!=", "in") and any(one.type == "boolean" for one in part.operands):
            self.fail_at(part, "booleans are compared by == and != only", self.code)

    def _agree(self, part, kind, why=""):
        """Makes a part have a type, if it can."""
        if part.type is None:
            part.type = kind if self.columns else None
        elif part.kind == "string" and kind == "time":
            part.type = "time"
            part.seen, part.seconds = time_of(part.text)
            if not part.seen:
                self.fail_at(part, f"{quoted(part.text)} is compared with a time, but is no date and no time, as '2024-03-01' or '2024-03-01 12:30'", self.code)
        elif part.type != kind:
            what = f"column {quoted(part.text)}" if part.kind == "column" else quoted(part.text) if part.kind == "string" else "this"
            hint = f"; as a string: --types '{part.text}=string'" if part.kind == "column" and kind == "string" else ""
            self.fail_at(part, f"{what} is a {part.type}, a {kind} is wanted{why}{hint}", self.code)

    def _want(self, part, kind):
        self._type(part)
        self._agree(part, kind)


def significant_digits(text):
    return len(re.split("[eE]", text)[0].replace(".", "").strip("0"))
