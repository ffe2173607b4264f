"""Compares the tables of fields in the manuals with tests/schema and with recorded documents.

In a manual, comments `.\\" fields: TASK PATH` precede each table (.TS) whose first column names
fields: one for each path whose objects have these fields.  TASK is the title of a schema.  PATH
leads to the objects: empty for the document, `metrics` for a member, `coefficients[]` for the
elements of an array.

A manual with such a table must name all fields of the schema, at every path, and no others.  The
documents that tests/cli records must have no field that the schema lacks.
"""
import collections
import glob
import json
import os
import re
import sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
FREE = {("time_series", "buckets[]"), ("time_series", "acf[]")}  # objects with the columns of --by
PAGES = {"sdp-linreg.1": "linear_regression", "sdp-logreg.1": "logistic_regression", "sdp-kmeans.1": "kmeans",
         "sdp-fpgrowth.1": "fp_growth", "sdp-timeseries.1": "time_series"}  # these must have tables
faults = []


def read(*names):
    with open(os.path.join(ROOT, *names), encoding="utf-8", errors="replace") as f:
        return f.read()


def resolved(schema, node):
    while "$ref" in node:
        target = schema
        for step in node["$ref"].split("/")[1:]:
            target = target[step]
        node = {**target, **{k: v for k, v in node.items() if k != "$ref"}}
    return node


def collect(schema, node, path, found):
    """Adds the names and patterns of fields of all objects in node to found[path]."""
    node = resolved(schema, node)
    for part in node.get("allOf", []):
        collect(schema, part, path, found)
    for name, member in node.get("properties", {}).items():
        if "if" not in node or member is not False:
            found[path].add(name)
            collect(schema, member, f"{path}.{name}".lstrip("."), found)
    for name in node.get("required", []):
        found[path].add(name)
    for pattern in node.get("patternProperties", {}):
        found[path].add(re.compile(pattern))
    if isinstance(node.get("items"), dict):
        collect(schema, node["items"], path + "[]", found)


def tables(page):
    """Yields task, path and names of each table of fields."""
    marks, names = [], None
    for line in read("man", page).split("\n"):
        if comment := re.fullmatch(r'\.\\" fields: (\S+) ?(\S*)', line):
            marks.append(comment.groups())
            names, text, head = [], False, True
        elif marks and line == ".TE":
            yield from ((*mark, names) for mark in marks)
            marks = []
        elif marks and text:
            text = not line.startswith("T}")
        elif marks and head:
            head = not line.startswith("Field")
        elif marks:
            cells = line.split("\t")
            names += [re.sub(r"\\[&%]", "", name) for name in cells[0].split(", ")]
            text = cells[-1] == "T{"


def check_page(page, schemas):
    named = collections.defaultdict(list)
    for task, path, names in tables(page):
        if task not in schemas:
            faults.append(f"man/{page}: there is no schema {task}")
        named[task, path] += names
    for task in {task for task, _ in named} & set(schemas):
        for path, fields in schemas[task].items():
            names = named.pop((task, path), [])
            for name in fields:
                if not any(name == n or (isinstance(name, re.Pattern) and name.search(n)) for n in names):
                    faults.append(f"man/{page}: {task} {path}: lacks the field {getattr(name, 'pattern', name)}")
            for name in names:
                if not any(name == f or (isinstance(f, re.Pattern) and f.search(name)) for f in fields):
                    faults.append(f"man/{page}: {task} {path}: there is no field {name}")
                if names.count(name) > 1:
                    faults.append(f"man/{page}: {task} {path}: names {name} twice")
    for task, path in named:
        faults.append(f"man/{page}: {task}: no object has the path {path}")
    if page in PAGES and not any(task == PAGES[page] for task, _, _ in tables(page)):
        faults.append(f"man/{page}: lacks a table of the fields of {PAGES[page]}")


def check_document(case, task, value, path, fields):
    if isinstance(value, list):
        for element in value:
            check_document(case, task, element, path + "[]", fields)
    elif isinstance(value, dict):
        for name, member in value.items():
            known = fields.get(path, set())
            if name not in known and (task, path) not in FREE and not any(
                    isinstance(f, re.Pattern) and f.search(name) for f in known):
                faults.append(f"tests/cli/{case}: the schema of {task} lacks the field {path} {name}")
            check_document(case, task, member, f"{path}.{name}".lstrip("."), fields)


schemas = {}
for file in glob.glob(os.path.join(ROOT, "tests", "schema", "*.json")):
    with open(file, encoding="utf-8") as f:
        schema = json.load(f)
    schemas[schema["title"]] = collections.defaultdict(set)
    collect(schema, schema, "", schemas[schema["title"]])
for page in sorted(os.listdir(os.path.join(ROOT, "man"))):
    check_page(page, schemas)
for out in sorted(glob.glob(os.path.join(ROOT, "tests", "cli", "*", "*", "out"))):
    with open(out, encoding="utf-8", errors="replace", newline="\n") as f:
        for line in f:
            if line.startswith('{"task":') and line.endswith("}\n"):
                document = json.loads(line)
                if document["task"] in PAGES.values():
                    check_document(os.path.relpath(os.path.dirname(out), os.path.join(ROOT, "tests", "cli")),
                                   document["task"], document, "", schemas[document["task"]])
for fault in dict.fromkeys(faults):
    print(fault)
sys.exit(bool(faults))
