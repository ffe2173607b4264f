# Records of delimited text.
import itertools
import re
import urllib.parse

from pyspark.sql import functions as F

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
