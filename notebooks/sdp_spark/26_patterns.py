# Regular expressions of --where, which are those of PCRE2, as Java's.
import re

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
