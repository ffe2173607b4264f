"""Documents as the cases of tests/cli record them, and of real data, against tests/schema."""
import glob
import json
import os

import judge

try:
    import jsonschema
except ImportError:
    judge.check("python3-jsonschema is installed", ["it is not: make deps installs it"])
    judge.end()

validators = {}
for file in sorted(glob.glob(judge.path("tests", "schema", "*.json"))):
    with open(file, encoding="utf-8") as f:
        schema = json.load(f)
    problems = []
    try:
        jsonschema.Draft202012Validator.check_schema(schema)
    except jsonschema.SchemaError as error:
        problems = [error.message]
    judge.check(f"{os.path.basename(file)} is a schema", problems)
    validators[schema["title"]] = jsonschema.Draft202012Validator(schema)


def faults(doc):
    errors = validators[doc["task"]].iter_errors(doc)
    return [f"{'/'.join(map(str, e.absolute_path))}: {e.message[:200]}" for e in errors]


def recorded():
    """(case, document) of every line of a case's output that is one of a task with a schema."""
    for out in sorted(glob.glob(judge.path("tests", "cli", "*", "*", "out"))):
        with open(out, encoding="utf-8", errors="replace", newline="\n") as f:
            for line in f:
                if line.startswith('{"task":'):
                    yield os.path.relpath(os.path.dirname(out), judge.path("tests", "cli")), json.loads(line)


count, problems = {}, {}
for case, doc in recorded():
    task = doc["task"]
    if task in validators:
        count[task] = count.get(task, 0) + 1
        problems.setdefault(task, []).extend(f"{case}: {p}" for p in faults(doc))
for task, number in count.items():
    judge.check(f"{number} documents of {task} in tests/cli", problems[task])

for name in "iris.csv", "penguins.csv", "auto_mpg.csv", "seattle_weather.csv", "flights.csv.gz":
    doc = judge.document("sdp-stats", judge.path("examples", "data", name))
    judge.check(f"sdp-stats {name}", faults(doc))

# A schema that lets everything pass would be no judge.
good = judge.document("sdp-stats", stdin=b"i,r,s,d\n1,0.5,x,2024-01-01\n2,1.5,y,2024-01-02\n")
problems = faults(good)
for column, field, value in ((0, "min", "1"), (0, "sum", 0.5), (0, "count", -1), (0, "type", "number"), (1, "mean", "1"),
                             (1, "min_length", 3), (2, "mean", 1), (2, "min", None), (2, "max_length", 1.5),
                             (3, "max", "soon"), (3, "stddev", 0), (0, "unique", 0), (0, "null_percent", 101)):
    bad = json.loads(json.dumps(good))
    bad["columns"][column][field] = value
    if not faults(bad):
        problems.append(f"{field} {value!r} passes in a column of type {bad['columns'][column]['type']}")
for field in list(good["columns"][0]):
    bad = json.loads(json.dumps(good))
    del bad["columns"][0][field]
    if not faults(bad):
        problems.append(f"a column without {field} passes")
judge.check("faults are found", problems)
judge.end()
