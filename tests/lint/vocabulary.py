"""
One name has one meaning in all programs and all schemas of tests/schema:

- a long option has the same short option, type, argument and unit in all programs; if it is one of the
  common options of --help, the same default, bounds and help too;
- a short option stands for the same long option in all programs;
- a property of a document has the same type in all schemas, whether or not it may be null, and the same
  unit if its descriptions name one.

tests/lint/vocabulary.tsv lists the exceptions: name, what differs, a tab and the reason, as in
"--keep type<TAB>reason".  An exception that is not needed is an error.
"""
import csv
import glob
import json
import os
import re
import subprocess
import sys

BIN = os.environ["SDP_BIN"]
EXCEPTIONS = "tests/lint/vocabulary.tsv"
UNIT = r"(nanoseconds|microseconds|milliseconds|seconds|minutes|hours|days|bytes|KiB|MiB|GiB|percent)"
KINDS = {bool: "boolean", str: "string", int: "integer", float: "number", list: "array", dict: "object"}

found = {}  # (name, what) -> {value: {places}}


def note(name, what, value, place):
    found.setdefault((name, what), {}).setdefault(value, set()).add(place)


def output(program, option):
    return subprocess.run([program, option], capture_output=True, text=True, check=True).stdout


def read_options():
    programs = [p for p in sorted(glob.glob(os.path.join(BIN, "sdp-*"))) if re.fullmatch(r"sdp-[a-z0-9]+", os.path.basename(p))]
    if not programs:
        sys.exit(f"no program in {BIN}")
    for program in programs:
        name = os.path.basename(program)
        # The sections of the common options come last.
        listed = re.split(r"^(?:reading|output|running|about):\n", output(program, "--help"), maxsplit=1, flags=re.M)[-1]
        common = set(re.findall(r"^ +(?:-\w, )?--([a-z0-9-]+)", listed, flags=re.M))
        for row in csv.DictReader(output(program, "--options").splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE):
            option = "--" + row["long"]
            for what in "short", "type", "argument", "unit":
                note(option, what, row[what], name)
            if row["long"] in common:
                note(option, "default", row["default"], name)
                note(option, "bounds", row["min"] + " to " + row["max"], name)
                note(option, "help", row["help"], name)
            if row["short"]:
                note("-" + row["short"], "long", option, name)


def types(schema, root):
    """The types that a schema allows, without null; none if it only says more about a property that is declared elsewhere."""
    if isinstance(schema, bool):
        return set()
    result = set()
    if "$ref" in schema:
        target = root
        for key in schema["$ref"].removeprefix("#/").split("/"):
            target = target[key]
        result |= types(target, root)
    if "type" in schema:
        result |= {schema["type"]} if isinstance(schema["type"], str) else set(schema["type"])
    elif not result:
        values = schema.get("enum", [schema["const"]] if "const" in schema else [])
        result |= {KINDS[type(value)] for value in values if value is not None}
        for key in "oneOf", "anyOf":
            for part in schema.get(key, []):
                result |= types(part, root)
    if "number" in result:
        result.discard("integer")
    return result - {"null"}


def declarations(schema, root):
    """(property, its types, its description), for each declaration of a property within the schema."""
    if isinstance(schema, list):
        for part in schema:
            yield from declarations(part, root)
    elif isinstance(schema, dict):
        for name, declared in schema.get("properties", {}).items():
            described = declared.get("description", "") if isinstance(declared, dict) else ""
            yield name, types(declared, root), described
        for part in schema.values():
            yield from declarations(part, root)


def read_schemas():
    files = sorted(glob.glob("tests/schema/*.json"))
    if not files:
        sys.exit("no schema in tests/schema")
    for file in files:
        with open(file, encoding="utf-8") as f:
            root = json.load(f)
        schema = os.path.basename(file)
        all_of = {}
        for name, kinds, described in declarations(root, root):
            all_of.setdefault(name, []).append(kinds)
            unit = re.search(rf"^{UNIT}\b|\bin {UNIT}\b|\({UNIT}[);,]", described)
            if unit:
                note(name, "unit", next(u for u in unit.groups() if u), schema)
        for name, given in all_of.items():
            # A condition may narrow a declaration: what is part of another type is not a type of its own.
            for kinds in given:
                wider = any(kinds < other or (kinds - {"integer"} | {"number"}) <= other and kinds != other for other in given)
                if kinds and not wider:
                    note(name, "type", " or ".join(sorted(kinds)), schema)


def read_exceptions():
    reasons = {}
    if os.path.exists(EXCEPTIONS):
        with open(EXCEPTIONS, encoding="utf-8") as f:
            for line in f.read().splitlines():
                key, _, reason = line.partition("\t")
                if len(key.split()) != 2 or not reason.strip():
                    sys.exit(f"{EXCEPTIONS}: not a name, what differs, a tab and a reason: {line}")
                reasons[tuple(key.split())] = reason
    return reasons


def main():
    read_options()
    read_schemas()
    fault = False
    exceptions = read_exceptions()
    for (name, what), values in sorted(found.items()):
        if len(values) > 1 and (name, what) not in exceptions:
            fault = True
            print(f"{name}: {what} differs:")
            for value, places in sorted(values.items()):
                print(f"    {value or 'none'}: {' '.join(sorted(places))}")
    for key in exceptions:
        if len(found.get(key, ())) < 2:
            fault = True
            print(f"{EXCEPTIONS}: {' '.join(key)} does not differ; remove the line")
    return fault


os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
sys.exit(main())
