# The types of the parts of an expression of --where, checked as lib/table/where_bind.c does.
import math
import re

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
