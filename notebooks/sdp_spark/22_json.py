# Records of JSON, by Python's reader, which keeps numbers as they are written and sees keys that occur twice.
import itertools
import json
import re

from pyspark import StorageLevel
from pyspark.sql import functions as F


def members(pairs):
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a duplicate key in an object")
    return found


class Written(str):
    """A number of JSON as it is written, which is no string."""


def no_number(text):
    raise ValueError(f"{text} is not JSON without --na NaN")


def json_values(text, o):
    """All values of a text, one after the other. NaN and Infinity are values if --na names NaN."""
    constant = Written if o.na is not None and "NaN" in o.na.split(",") else no_number
    decoder = json.JSONDecoder(object_pairs_hook=members, parse_float=Written, parse_int=Written, parse_constant=constant)
    blanks = re.compile(r"[ \t\r\n]*")
    at = blanks.match(text).end()
    while at < len(text):
        value, at = decoder.raw_decode(text, at)
        yield value
        at = blanks.match(text, at).end()


def put_cells(row, value, name, lists=None):
    """
    The cells of a value: a member of an object is outer.inner, an element of an array outer.0.  An empty array is none,
    but for that of --items-column (lists), so that the column exists if all its arrays are empty.
    """
    if value == [] and name == lists:
        row.setdefault(name, None)
    elif isinstance(value, (dict, list)):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            put_cells(row, inner, f"{name}.{key}" if name else str(key) or f"c{len(row) + 1}", lists)
    elif name in row:
        raise ValueError(f"two values for {quoted(name)}")
    else:
        row[name] = None if value is None else str(value) if isinstance(value, str) else str(value).lower()


def pointed(value, pointer):
    """What a JSON pointer (RFC 6901) points to."""
    for part in pointer.split("/")[1:]:
        part = part.replace("~1", "/").replace("~0", "~")
        try:
            value = value[int(part) if isinstance(value, list) else part]
        except (ValueError, LookupError, TypeError):
            raise ValueError(f"there is nothing at {quoted(pointer)}") from None
    return value


def table_of(text, o):
    """The records in a text that holds the whole table."""
    values = list(json_values(text, o))
    if o.records is not None:
        values = values[:1]
        values[0] = pointed(values[0], o.records)
    if o.input_format != "ndjson" and len(values) == 1 and isinstance(values[0], list):
        return values[0]
    return values


NO_HEADER = "--no-header: objects of JSON have no header, their members have names"


def json_rows(texts, o, whole):
    """Records as dicts of texts by column; where one is at fault, that as a text, and no more."""
    number, header = 0, None
    try:
        for text in texts:
            for record in table_of(text, o) if whole else json_values(text, o):
                number += 1
                if isinstance(record, dict) and o.no_header and not header:
                    yield NO_HEADER
                    return
                if isinstance(record, list) and header is None:
                    given = not o.no_header and all(type(v) is str for v in record)
                    header = [v if given and v else f"c{i + 1}" for i, v in enumerate(record)]
                    if given:
                        continue
                if isinstance(record, list) and len(record) != len(header):
                    raise ValueError(f"{counted(len(record), 'value')} where the first record has {len(header)}")
                if not isinstance(record, (dict, list)) or isinstance(record, dict) == bool(header):
                    raise ValueError("a record that is no object")
                row = {}
                put_cells(row, dict(zip(header, record)) if header else record, "", getattr(o, "items_column", None))
                json.dumps(row, ensure_ascii=False).encode()
                yield row
    except (ValueError, RecursionError) as why:
        yield f"record {number + 1}: {why}"


def json_parts(spark, path, o):
    """Records of a JSON file, part by part, and of each part (records, columns, fault)."""
    head = head_of(spark, path, 1 << 16).decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    try:
        whole = not isinstance(next(json_values(head.partition("\n")[0], o)), dict) or o.records is not None or o.input_format == "json"
    except (ValueError, StopIteration):
        whole = True
    lines = spark.read.text(path, wholetext=True) if whole else spark.read.text(path, lineSep="\n")
    if lines.where(~F.is_valid_utf8("value")).limit(1).count():
        raise Fault(f"{path}: bytes that are not UTF-8")
    rows = lines.rdd.mapPartitions(lambda texts: json_rows((t[0].removeprefix("\ufeff") for t in texts), o, whole)).persist(StorageLevel.MEMORY_AND_DISK)

    def summary(part):
        n, names, fault = 0, {}, None
        for row in part:
            if isinstance(row, str):
                fault = row
                break
            n += 1
            names.update(dict.fromkeys(row))
        yield n, list(names), fault
    parts = rows.mapPartitions(summary).collect()
    for n, _, fault in parts:
        if fault:
            raise Fault(fault, 2) if fault == NO_HEADER else Fault(f"{path}: {fault}")
    return rows, parts


def table_in_record(names):
    """The warning about the only record, if its columns look like a table."""
    one = "the input is one object and is read as one record"
    within = [name.partition(".0.")[0].replace("~", "~0").replace("/", "~1").replace(".", "/") for name in names if ".0." in name]
    if within:
        return [f"{one}: --records /{within[0]}?"]
    groups = [[inner if dot else None for _, dot, inner in group] for _, group in itertools.groupby((n.partition(".") for n in names), lambda p: p[0])]
    if None in groups[0] or len(groups[0]) < 2 or any(group != groups[0] for group in groups):
        return []
    across = groups[0] == [str(i) for i in range(len(groups[0]))]
    what, how = ("columns", "(first(.[])|keys_unsorted[]) as $i | map_values(.[$i])") if across else ("rows", ".[]")
    return [f"{one}; its members look like {what}: jq -c '{how}' makes a record of each row"]
