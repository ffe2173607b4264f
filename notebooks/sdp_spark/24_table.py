# The files of a task as one table.
import bisect
import itertools
import math
import re

from pyspark import StorageLevel
from pyspark.sql import functions as F


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
