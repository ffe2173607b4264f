# The columns of a regression: features and terms, levels as columns of zeros and ones.
import functools
import itertools
import math
import operator
import re
from decimal import Decimal

import numpy as np
from pyspark import StorageLevel
from pyspark.sql import functions as F

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
