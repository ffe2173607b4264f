# The expression of --where as a tree: its grammar is in sdp-csv(5).
import re
import sys

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
