"""notebooks/spark_ml_jobs.py on Apache Spark: for each command of notebook/PART.cases the document is that of the C program, to 1e-6, and
fits its schema.

All of a document is compared, member by member, in its order; what may differ stands in EXCEPT, and in sdp-spark(7).  Of a line with ! both must
fail, with the same exit code and nothing printed; of a line with - the notebook alone refuses, with 2 and the name of the option, and of one
with ~ with 1: see sdp-spark(7).  The tables are made here.

python3 notebook.py PART [REGEX] runs a part, or its commands that match; the parts are the files of cases and those of PARTS.
"""
import csv
import gzip
import io
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "judges"), os.path.join(HERE, "support"), os.path.join(HERE, "..", "..", "notebooks")]
import judge  # noqa: E402
from documents import TOLERANCE, far  # noqa: E402

NOTEBOOK = judge.path("notebooks", "spark_ml_jobs.py")
os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
os.environ["PYTHONPATH"] = os.path.dirname(NOTEBOOK)
# Many small tables: to compile less is to be done sooner.
SUBMIT = (
    "--master local[2] --driver-memory 3g --driver-java-options '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC' --conf spark.ui.enabled=false "
    "--conf spark.driver.bindAddress=127.0.0.1 --conf spark.driver.host=127.0.0.1 --conf spark.sql.shuffle.partitions=2 "
    "--conf spark.sql.codegen.wholeStage=false --conf spark.sql.adaptive.enabled=false")
# What is interpreted is sooner done for a small table; these parts are compiled, as all is in earnest.
COMPILED = ("tasks", "others")
os.environ["PYSPARK_SUBMIT_ARGS"] = " ".join(
    [SUBMIT] + ["--conf spark.sql.codegen.factoryMode=NO_CODEGEN"] * (sys.argv[1] not in COMPILED) + ["pyspark-shell"])
sys.dont_write_bytecode = True
import jsonschema  # noqa: E402
import pyspark  # noqa: E402
import spark_ml_jobs  # noqa: E402

TASKS = {"sdp-stats": "descriptive_stats", "sdp-linreg": "linear_regression", "sdp-logreg": "logistic_regression", "sdp-kmeans": "kmeans",
         "sdp-fpgrowth": "fp_growth", "sdp-timeseries": "time_series"}
# sdp-spark(7): a fit that begins elsewhere takes other steps.
# Its columns have other centres and scales; predictions_differ compares what follows from them.
EXCEPT = {"logistic_regression": {"iterations", "gradient_norm", "model"}}
FIT = {"-y": 1, "-x": 1, "--categorical": 1, "--reference": 1, "--no-intercept": 0, "--collinear": 1, "--test-fraction": 1, "--seed": 1, "--level": 1,
       "--l2": 1, "--positive": 1, "--threshold": 1, "--max-iterations": 1, "--keep": 0}


def changed(value, free=()):
    """Every document that differs from this one in a single place, each with what was done."""
    if isinstance(value, dict):
        yield "a member too many", {**value, "another": 1}
        for k in value:
            yield f"no {k}", {name: v for name, v in value.items() if name != k}
            if k not in free:
                yield from ((f"{k}: {what}", {**value, k: other}) for what, other in changed(value[k]))
    elif isinstance(value, list):
        yield "an element too many", value + [None]
        for i, inner in enumerate(value):
            yield from ((f"{i}: {what}", value[:i] + [other] + value[i + 1:]) for what, other in changed(inner))
    elif isinstance(value, bool) or value is None or isinstance(value, str):
        yield "another value", "" if value is None else None
    else:
        yield "another figure", value * (1 + 3e-6) if abs(value) > 1e-9 else value + 3e-13
        yield "no figure", None


def shortened(value):
    """A document with the first elements of each list."""
    if isinstance(value, dict):
        return {k: shortened(v) for k, v in value.items()}
    return [shortened(v) for v in value[:3]] if isinstance(value, list) else value


def sees_changes(doc, free):
    """That the comparison cannot pass by chance: it finds every single change."""
    doc = shortened(doc)
    return [what for what, other in changed(doc, free) if not far(other, doc, free=free)]


def schema_faults(doc):
    with open(judge.path("tests", "schema", doc["task"] + ".json"), encoding="utf-8") as f:
        validator = jsonschema.Draft202012Validator(json.load(f))
    return [f"schema: {'.'.join(map(str, e.absolute_path))}: {e.message[:200]}" for e in validator.iter_errors(doc)]


def forget():
    """What a run keeps in memory."""
    session = spark_ml_jobs.session()
    session.catalog.clearCache()
    for rdd in session.sparkContext._jsc.getPersistentRDDs().values():
        rdd.unpersist()


def spark(task, *arguments):
    result, _ = spark_ml_jobs.run(["--task", task, *arguments])
    forget()
    return json.loads(json.dumps({**result, "printed": [] if result["exit"] else spark_ml_jobs.printed(result)}))


def program(name, *arguments):
    return subprocess.run([os.path.join(judge.BIN, name), *arguments], capture_output=True, text=True, check=False)


proven = set()


def same(name, *arguments):
    """One run of both, compared."""
    done, task = program(name, *arguments), TASKS[name]
    result = spark(task, *arguments)
    if done.returncode or result["exit"]:
        return [f"exit {result['exit']}: {result['error']}; there {done.returncode}: {done.stderr}"]
    wanted, free = json.loads(done.stdout), EXCEPT.get(task, ())
    problems = schema_faults(result["document"]) + far(result["document"], wanted, free=free)
    problems += predictions_differ(name, result["document"], wanted, arguments)
    if task not in proven:
        proven.add(task)
        problems += sees_changes(wanted, free)
    elsewhere = [line for line in done.stderr.splitlines() if line.partition("warning: ")[2] not in wanted.get("warnings", [])]
    if len(result["notes"]) != len(elsewhere):
        problems.append(f"notes {result['notes']}, there {elsewhere}")
    said = [w for w in wanted.get("warnings", []) if any(line.endswith(w) for line in done.stderr.splitlines())]
    if result["printed"][len(result["notes"]):] != said:
        problems.append(f"warnings {result['printed']}, there {said}")
    return problems


def predictions(name, document, interval, file):
    """The numbers that the program predicts by a document, row by row, and other added cells as they are."""
    write("model.json", json.dumps(document))
    done = program(name, "--predict", "model.json", *interval, file)
    if done.returncode:
        return done.stderr
    rows = list(csv.reader(io.StringIO(done.stdout)))
    first = next(i for i, column in enumerate(rows[0]) if column.startswith("prediction"))
    return [row[first:] for row in rows[1:]]


def predictions_differ(name, got, wanted, arguments):
    """Where the program's predictions by the notebook's document differ from those by its own, for rows of the same file."""
    words = list(arguments)
    while words and words[0] in FIT:
        del words[:1 + FIT[words[0]]]
    if name not in ("sdp-linreg", "sdp-logreg") or len(words) != 1 or words[0].startswith("-"):
        return []
    interval = ["--interval"] if name == "sdp-linreg" and wanted["metrics"]["residual_df"] and wanted["leverage_root"] else []
    ours, theirs = predictions(name, wanted, interval, words[0]), predictions(name, got, interval, words[0])
    if not isinstance(ours, list) or not isinstance(theirs, list) or len(ours) != len(theirs):
        return [f"predictions: {theirs}, there {ours}"[:500]]
    numbers = [[float(cell) if cell and (name == "sdp-linreg" or k) else cell for k, cell in enumerate(row)] for row in ours + theirs]
    size = max((abs(v) for row in numbers for v in row if isinstance(v, float)), default=0.0)
    return [f"row {i}: {b}, not {a}" for i, (a, b) in enumerate(zip(numbers, numbers[len(ours):]))
            if any(abs(v - w) > TOLERANCE * size if isinstance(v, float) else v != w for v, w in zip(a, b))][:3]


def refused(result, code):
    return result["exit"] == code and result["document"] is None and bool(result["error"])


def case(line):
    mark, line = (line[0], line[2:]) if line[0] in "!-~" else ("", line)
    name, *arguments = [judge.path("tests", "data", "nist", "Longley.csv") if word == "LONGLEY" else word for word in shlex.split(line)]
    if not mark:
        return same(name, *arguments)
    result = spark(TASKS[name], *arguments)
    if mark == "!":
        done = program(name, *arguments)
        return [] if done.returncode and refused(result, done.returncode) else [f"exit {result['exit']}: {result['error']}; there {done.returncode}: {done.stderr}"]
    named = mark == "~" or any(word in result["error"] for word in arguments if word[0] == "-")
    return [] if refused(result, 2 if mark == "-" else 1) and named else [f"exit {result['exit']}: {result['error']}"]


def write(name, text):
    with open(name, "wb") as f:
        f.write(text if isinstance(text, bytes) else text.encode())


def sample(*arguments):
    return judge.run("sdp-sample", *arguments)


def make_tables():
    for data in "iris", "penguins", "auto_mpg", "breast_cancer", "co2_weekly", "airline_passengers", "seattle_weather":
        write(data + ".csv", sample(data))
    flights = sample("flights")
    write("all_flights.csv", flights)
    write("flights.csv", b"".join(flights.splitlines(keepends=True)[:30001]))
    write("synthetic.csv", sample("-d", "synthetic", "-r", "10000"))
    write("baskets.txt", sample("baskets", "-r", "10000"))
    write("few.txt", sample("baskets", "-r", "1000"))
    iris = sample("iris")
    write("iris.csv.gz", gzip.compress(iris))
    write("iris3.csv", b"".join(line.rpartition(b",")[0] + b",%d\n" % i for i, line in enumerate(iris.splitlines()[1:])))
    write("start.csv", "petal_length,petal_width\n1,0\n4,1\n6,2\n")
    write("start.tsv", "petal_width\tpetal_length\n0\t1\n1\t4\n2\t6\n")
    write("bare.csv", "1,0\n4,1\n6,2\n")
    write("two.csv", "x2,x1\n-1,3\n1,2\n")
    write("delays.csv", "dep_delay,arr_delay,distance\n0,0,300\n5,5,1000\n10,10,2500\n")
    write("apart.csv", "x,y\n0,0\n1,1\n20,5\n1000,1000\n")
    # What cells can be.
    write("odd.csv", 'id,name,v,b,d\n1,"Smith, J","1.50",true,2024-01-01\n2,"O""Neil",-0,FALSE,2024-02-29\n3,"two\nlines",1e-3,True,2023-12-31 10:00\n'
          '4,,NA,,\n005,x,.5,true,2024-01-01\n')
    write("odd2.csv", 'id,name,v,b,d\n7,"more\nlines",2,,\n')
    for program, table in ("sdp-linreg", "heldout-levels/hoA"), ("sdp-logreg", "heldout-labels/in"):
        with open(judge.path("tests", "cli", program, table + ".csv"), encoding="utf-8") as f:
            write(program[4:] + "_held.csv", f.read())
    write("ids.csv", "y,id,a,account,l\n" + "".join(f"{i * i % 17},{1000 + i * 37 % 41},{i % 5},{7 * i * i - 900},{i * i % 3}\n" for i in range(1, 41)))
    write("huge.csv", "a,y,a2,l\n1,1e308,1e-200,u\n2,1.2e308,3e-200,v\n3,1.5e308,4e-200,u\n4,-1.7e308,2e-200,v\n5,1e300,9e-200,u\n")
    write("leftout.csv", "y,id,d,x\n" + "".join(f"{i * i % 17},{1000 + i},2024-01-{i + 10},{i * i % 3}\n" for i in range(1, 20)))
    write("torn.csv", "x,y\n1,2\n3\n")
    write("semi.csv", "t;p\n1,5;7\n-999;8\n")
    write("grouped.csv", "a;b\n1.234,5;1.234.567\n-12,25;12\n0,5;100.000\n")
    write("grouped2.csv", "a;b\n1,234.5;12,34\n-12.25;1\n\"1,000\";5\n")
    write("no_break_spaces.csv", "a;b\n1\u00a0234,5;1\u00a0234\n-12,25;12\n0,5;100 000\n")
    write("leading_zeros.csv", "a,b,c\n0001,-007.50,007\n20,08,8\n")
    write("long_numbers.csv", "t,a,b\n2024-01-01,1234567890123456789012,18446744073709551615\n2024-01-02,1234567890123456789013,9223372036854775808\n"
          "2024-01-02,-1234567890123456789014,1\n")
    write("one.csv", 'x\n1\n\n3\n"4"\n')
    write("close.csv", "y,a,l\n" + "".join(f"{i % 5},{2**63 - 1 - i * i % 17},{'uv'[i % 3 > 0]}\n" for i in range(40)))
    write("range.csv", "y,d,x\n1,0,1e-12\n3,0,2e-12\n4,0,3e-12\n4,0,7e-12\n9,1,1e10\n")
    write("decimals.csv", "y,a,b\n" + "".join(f"{i % 5}.{i:017},{i * i % 17}.{i * 7919:018},{i % 4}\n" for i in range(40)))
    write("blank.csv", "x,y\n" + "".join(f"{i},{i * i % 17}\n" + "\n" * (i % 3 == 0) for i in range(200)))
    write("commented.csv", "#,\nx,y\n" + "".join(f"{i},{i * i % 17}\n" + '# "\n' * (i % 3 == 0) for i in range(200)))
    write("comments.csv", '#c\n#d,"\na,b\n#x\n1,2\n"#3",4\n')
    write("crlf.csv", 'a,b\r\n1,"x\r\ny"\r\n2,z\r\n"3",\r\n')
    write("cr.csv", 'a,b\r1,"x"\r2,z\r')
    write("bom.csv", b"\xef\xbb\xbfa,b\n1,2\n3,4\n")
    write("wide.csv", ",".join(f"v{i}" for i in range(40)) + "\n" + "".join(",".join(str(i * k % 7) for i in range(40)) + "\n" for k in range(9)))
    write("u1.csv", "id,x,s\n" + "".join(f"{i},{i * i % 7}.5,{'abc'[i % 3]}\n" for i in range(30)))
    write("u2.csv", 's,new,id\r\n' + "".join(f'"q, {i % 4}",{i % 5},{100 + i}\r\n' for i in range(20)) + ",,\r\n")
    write("u3.csv", "x\n" + "".join(f"{i}\n" for i in range(5)))
    write("u4.csv", "late,x\n")
    write("u5.csv", "x;y\n1;2\n")
    write("u6.csv", "id,x,s\n1,2,a\n2,3\n3,4,5,6\n")
    write("u7.csv", "id,x,s\n1,2,a\n2,3\n")
    write("u8.ndjson", '{"a": 1, "z": "q"}\n{"z": "r", "y": 2.5}\n')
    write("u9.csv", "id,x\n1,2\n")
    write("u9b.csv", "id,x\n3,a\n")
    write("inches.csv", 'size,name\n5" x,a\n7" y,"b ""c"""\n')
    write("doubled.csv", 'a,b\n"""",1\n"",2\n"x"""",3"",\n'.replace('"x"""",3"",', '"x""",3'))
    write("preamble.csv", 'My "report\n\nof 2024\na,b\n1,2\n"3",4\n')
    write("quoted.tsv", 'a\tb\n1\t"x\ty"\n2\t "say ""hi""" \n3\t"two\nlines"\n4\t5" wide\n')
    write("quoted2.tsv", 'a\tb\n1\t"x"\n2\t"y\n')
    write("plain.tsv", 'a\tb\n1\t"x\n2\ty"\n3\t"z"\n')
    write("late.tsv", "a\tb\n" + "1\tx\n" * (1 << 18) + '2\t"y"\n3\t"z"\n')
    write("late_open.tsv", 'a\tb\n1\t"x"\n' + "1\tx\n" * (1 << 18) + '2\t"y\n3\tz\n')
    write("apart_quotes.csv", 'a, "b, c"\n1, "x, y" \n2,\t"z\nw"\n3," k "\n4, l\n')
    write("apart_junk.csv", 'a,b\n1, "x, y"z\n')
    write("single.csv", "a,b\n1,'x, ''y'\n2,\"z\n'3','two\nlines'\n")
    write("mark.csv", 'a"b\n#"\n1"2\n3"4\n')
    write("noname.csv", "a,,b,\n1,2,3,4\n")
    write("onlyheader.csv", "x,y\n")
    write("onlyheader_t.csv", "t,y\n2024-01-01,1\n")
    write("allnull.csv", "x,y\n,\nNA,\n")
    write("bars.txt", "a|b\n1|x\n2|y\n")
    write("exponents.csv", "a,b,c\n1e2,1e300,0.1\n100,-1e-300,1e-1\n1.5E-1,1e10,1.00\n")
    write("big.csv", "a,b,c\n9223372036854775807,12345678901234567890,0.12345678901234567\n9223372036854775800,1,2\n9223372036854775806,2,3\n")
    write("times.csv", "y,d,z,m,bad\n1,2024-01-01,2024-01-01T10:00Z,2024-01-01,2024-02-30\n2,2024-02-29T01:00,2024-01-01T11:00+01:00,2024-01-01T00:00:00.5,2024-01-01\n"
          "4,2023-12-31 23:59:59.999,2024-01-01T10:00:30+00:53:28,,x\n")
    write("dates.csv", "day,d,v\n2018-11-03,3.11.18,1\n2018-11-04,04.11.18,2\n,,8\n2018-11-07,7.11.18,4\n")
    write("latin1.csv", "name,v\ncaf\xe9,1\n".encode("latin1"))
    write("cp1252.csv", "name,v\n\u20ac \u2013 \xe9,1\n\xdf,2\n".encode("cp1252"))
    write("cp1252-bad.csv", b"name,v\n\x81,1\n")
    write("cities.tsv", "City, State\tPop\nAustin, TX\t961855\nBoise, ID\t235684\n")
    write("prices.csv", "Datum;Preis, EUR;Menge\n2024-01-02;1,5;3\n2024-01-03;2,5;4\n")
    write("excel.csv", "sep=;\r\nname;price\r\na;1\r\nb,c;3\r\n")
    write("leading.csv", "\n \n#x\n\nid,v\n1,2\n")
    write("codes.csv", "product code\nAB  12\nCD  13\nEF  14\n")
    write("table.xml", "<?xml version=\"1.0\"?>\n<r/>\n")
    write("list.yaml", "- a: 1\n  b: x\n- a: 2\n  b: y\n")
    write("x.avro", b"Obj\1\4\24avro.codec")
    write("utf16.csv", "a,b\n1,2\n".encode("utf-16"))
    write("tabs.tsv", "a,b\tc\n1\t2\n3\t4\n")
    write("headless.csv", "1,2.5\n3,4\n")
    write("words.txt", "one  two\n1    2\n3    4\n")
    write("ragged.csv", "a,b\n1,2\n3\n4,5,6\n")
    write("short.csv", "a,b\n1,2\n3\n")
    write("empty.csv", "")
    write("badutf8.csv", b"a,b\n1,\xff\n")
    write("nul.csv", b"a,b\n1,x\0y\n")
    write("unclosed.csv", 'a,b\n1,"x\n2,y\n')
    write("junk.csv", 'a,b\n"1"x,2\n')
    write("gzipped.csv", gzip.compress(iris))
    write("page.pdf", b"%PDF-1.4\n")
    write("zip.csv", b"PK\3\4a,b\n1,2\n")
    write("twice.csv", "a,a\n1,2\n")
    # JSON.
    write("nested.json", '[{"a":1.50,"b":{"x":"q","y":[1,null,{"z":true}]}},{"c":"12","a":2,"b":{"w":"","y":[]}}]')
    write("lines.ndjson", '{"v":1,"s":"a"}\n\n{"s":"","v":2.0,"new":null}\n{"v":null,"s":"\\u00e9\\n","t":false}\n{"v":12345678901234567890}\n')
    write("empties.ndjson", '{"id":1,"items":[],"deep":{"items":[]}}\n{"id":2}\n{"id":3,"items":[]}\n')
    write("baskets.ndjson", '{"items":["ice cream","milk",7],"deep":["a",{"b":1}]}\n{"items":["milk","ice cream","milk",null]}\n{"items":[]}\n{}\n'
          '{"items":["milk",true]}\n{"items":"milk cream"}\n')
    write("pretty.json", '{\n "a": 1\n}\n{\n "a": 2,\n "b": "x"\n}\n')
    write("arrays.json", '[["x","y"],["1","2"],["3","z"]]')
    write("within.json", '{"data":{"rows":[{"a":1},{"a":2}]}}')
    write("numbers.ndjson", "[1,2]\n[3,4]\n")
    write("nan.json", "[NaN,1]\n[2,3]\n")
    write("columns.json", '{"a":{"0":1,"1":2},"b":{"0":3,"1":4}}')
    write("rows.json", '{"r1":{"x":1,"y":"p"},"r2":{"x":2,"y":"q"}}')
    write("xy.ndjson", "".join(json.dumps({"x": i, "y": i * i % 17}) + "\n" for i in range(100)))
    write("twokeys.json", '[{"a":1,"a":2}]')
    write("torn.ndjson", '{"a":1}\n{"a":2\n')
    write("numbers.json", "[1,2,3]")
    # For models.
    write("first.csv", "x,y\n" + "".join(f"{i},{i * i % 17}\n" for i in range(40)))
    write("second.csv", "x,y\n" + "".join(f"{i},{i * i % 13}\n" for i in range(30)))
    write("collinear.csv", "a,b,c,y\n" + "".join(f"{i},{2 * i + 1},{i * i},{i * 7 % 11}\n" for i in range(30)))
    write("constant.csv", "a,b,y\n" + "".join(f"{i},5,{i * 7 % 11}\n" for i in range(30)))
    write("decades.csv", "x,y,s\n" + "".join(f"{1990 + i},{i * i * 7 % 31 + i},{'ab'[i * 7 % 31 > 14 - i / 9]}\n" for i in range(35)))
    write("perfect.csv", "x,y\n" + "".join(f"{i},{2 * i + 1}\n" for i in range(20)))
    write("flat.csv", "x,y\n" + "".join(f"{i},3\n" for i in range(20)))
    write("few.csv", "a,b,c,y\n1,2,4,1\n2,1,9,3\n5,4,1,2\n")
    write("booleans.csv", "b,y\n" + "".join(f"{'true' if i * 5 % 7 < 3 else 'false'},{i % 11}\n" for i in range(40)))
    write("levels.csv", "level,y\n" + "".join(f"k{i % 120},{i * i % 37 + i / 100}\n" for i in range(400)))
    write("overlap.csv", "x,x2,n\n" + "".join(f"{i},{i * i % 19},{int(i * 7 % 40 + i > 40)}\n" for i in range(60)))
    write("separated.csv", "x,s\n" + "".join(f"{i},{'a' if i < 10 else 'b'}\n" for i in range(20)))
    write("rare.csv", "x,s\n" + "".join(f"{i},{'r' if i == 3 else 'ab'[i * 7 % 5 > 2]}\n" for i in range(30)))
    write("onelabel.csv", "x,k\n1,a\n2,a\n3,a\n")
    write("collinear2.csv", "x,c,s\n" + "".join(f"{i},{2 * i},{'a' if i * 7 % 20 < 9 else 'b'}\n" for i in range(20)))
    write("same.csv", "x,y\n" + "1,2\n" * 5 + "3,4\n" * 5)
    write("strings.csv", "a,b\nx,y\nz,w\n")
    # Rows that --where wants.
    write("where.csv", "i,v,w,b,at,z,s,odd } name,e\n1,0.1,9007199254740993,true,2024-03-01,2024-03-01T00:00Z,Straße,x,\n"
          "2,0.2,9007199254740992,FALSE,2024-03-01T01:00,2024-03-01T00:00+01:00,İstanbul,,\n3,,1e20,,1969-12-31 23:59:59.5,,NA,y,\n"
          "4,1.50,123456789012345678901234567890.123456789,true,2024-12-29,2024-02-29T23:30-01:00,\"'q', \"\"k\"\"\nz\",z,\n"
          "-5,-.5e2,-1e-30,false,0000-01-01,9999-12-31T23:59:59.999999999Z,a.b\tǅ𝒳,ω,\n")
    write("where2.csv", "i,v,w,b,at,z,s,odd } name,e\n7,-0.30,1,true,,2024-03-01 00:00:00 UTC,ΣΊΣΥΦΟΣ,x,5\n8,4,2,,2024-03-02,2024-03-02Z\"\",é,y,\n".replace('Z""', "T00:00Z"))
    write("where.ndjson", '{"i":1,"v":0.1,"s":"a","b":true}\n{"i":2,"s":"B\\n","b":false}\n{"i":3,"v":12345678901234567890123456789012345678901,"b":null}\n')
    write("late.csv", "x,y,at\n" + "".join(f"{i},{i % 7},2024-01-{i % 28 + 1:02}\n" for i in range(1500)) + "x,1,2024-01-01T00:00Z\n")
    # Baskets.
    write("small.txt", "a b c\na b\nb c\na\n\na b c d\n")
    write("blanks.txt", "a  b a \n\n   \nb\t c\r\n")
    write("tabbed.txt", "a\tb\nb\n")
    write("hiding.csv", "t,value,v\n2024-01-01,a,1\n2024-01-02,b,2\n")
    write("nonumbers.csv", "t,s\n2024-01-01,x\n2024-01-02,y\n")
    write("semi.txt", "x y; z;x y\n; ;\nz\n")
    write("shop.csv", "order,item\n1,tea\n2,tea\n1,milk\n2,milk\n3,jam\n")
    write("shopnulls.csv", "order,item\n1,tea\n,tea\n1,\n2,milk\n3,\n1,tea\n")
    write("lists.csv", "id,list\n1,a|b\n2,b|a|c\n3,\n4,b\n")
    write("onehot.csv", "tea,milk,jam\n1,0,true\n0,2.5,false\n1,1,\n")
    # Times.
    write("local.csv", "t,v\n2024-10-27T01:30,1\n2024-10-27T02:30,2\n2024-03-31T02:30,4\n2024-10-28T02:30:00.5,3\n")
    write("gaps.csv", "t,v,w,g\n2024-03-31T00:30Z,1,,4\n2024-03-31T05:30Z,2,5,\n2024-03-31T05:40Z,,,4\n2024-03-31T05:30Z,2,7.5,\n")
    write("epochs.csv", "t,v\n1711843200,1\n1711846800.5,2\n1711929600,3\n1711843200,0\n")
    write("months.csv", "m,v\n2012-01,1\n2012-02,2\n2012-07,3\n2013-03,5\n")
    write("patterns.csv", "t,u,v\n31.03.2024 01:30:00,2024-03-31T01:30:00.25+0200,1\n01.04.2024 12:00:00,2024-03-31T02:30:00.5-0100,2\n")
    write("zones.csv", "utc,named,week,count,noon,short,last,ms,month,serial,hour,units,v\n"
          "2024-03-31 01:30:00 UTC,2024-03-31 01:30:00 UTC,2020-W53-7,1711843200.25,31.03.2024 12:00 AM,31032024,9999-12-31T23:59:59.999999999Z,"
          "1711843200000,202401,43831.5,2024033101,1711843200,1\n"
          "2024-03-31 01:30:00.5 +0530,2024-03-31 01:40:00 GMT,2015-W53-5,-1.50,31.03.2024 12:30 pm,1042024,2024-03-31T00:00:00.000000001 GMT,"
          "1711846800500,202402,43832,2024033124,1711846800000,2\n"
          "2024-03-31T05:00:00Z,2024-03-31 05:00:00 Z,2021-W01-1,0.0,01.04.2024 1:05 PM,02042024,2024-03-31T00:00:00.00000000100 Z,"
          "1711929600000,,43833,2024033102,,4\n")
    write("padded.csv", "t,u,v\n2024-01-01  5,2024-01-01 05:00:00.1234567,1\n")
    write("mixedzones.csv", "t,v\n2024-01-01T10:00Z,1\n2024-01-01T10:00,2\n")
    write("years.csv", "y,v\n1871,1\n1872,2\n")
    write("badtimes.csv", "t,v\n2024-01-01,1\nsoon,2\n")


def takes(how, text):
    try:
        how["type"](text)
        return True
    except spark_ml_jobs.argparse.ArgumentTypeError:
        return False


def compare_option(row, short, own):
    """What differs between an option of a program, as --options has it, and the notebook's."""
    if row["argument"]:
        action = own.get("action")  # a class takes an argument, unless nargs says otherwise
        if action not in (None, "append") and not (isinstance(action, type) and own.get("nargs") is None):
            yield "it takes no argument"
    elif own.get("action") != "store_true":
        yield "it is no flag"
    if short != row["short"]:
        yield f"its short name is {short}"
    if row["type"] == "integer":
        low, high = (int(row[k]) if row[k] else None for k in ("min", "max"))
        for bound, step in (low, -1), (high, 1):
            if bound is not None and (not takes(own, str(bound)) or takes(own, str(bound + step))):
                yield f"{bound} is no limit of it"
    if row["type"] == "choice" and not set(own.get("choices", ())) <= {*row["argument"].split("|"), "parquet"}:
        yield f"it takes {own.get('choices')}"
    if row["default"] and row["type"] != "flag" and str(own.get("default")) not in (row["default"], row["default"] + ".0", "None"):
        yield f"its default is {own.get('default')}"


def compare_options():
    """Each option of the programs is one of the notebook's with the same name, argument and limits, or is refused, and sdp-spark(7) says so."""
    own = {"output": "o", "quiet": "q", "help": "h", "version": ""}
    with open(judge.path("man", "sdp-spark.7"), encoding="utf-8") as f:
        told = set(re.findall(r"Fl Fl ([a-z0-9-]+)", f.read()))
    for name, task in TASKS.items():
        taken = {option: (short or "", how) for option, short, how, tasks in spark_ml_jobs.OPTIONS if task in tasks}
        left = {option: short or "" for option, short, tasks, _ in spark_ml_jobs.REFUSED if task in tasks}
        lines = [line.split("\t") for line in judge.run(name, "--options").decode().splitlines()]
        there, problems = {row[1]: dict(zip(lines[0], row)) for row in lines[1:]}, []
        for option, row in there.items():
            if option in taken:
                problems += [f"--{option}: {what}" for what in compare_option(row, *taken[option])]
            elif {**left, **own}.get(option) != row["short"]:
                problems.append(f"--{option}: neither taken nor refused")
            elif option in left and option not in told:
                problems.append(f"--{option}: refused, and sdp-spark(7) does not say so")
        judge.check(f"{name}: {len(there)} options", problems + [f"--{option}: {name} has none" for option in {**taken, **left} if option not in there])


def other_formats():
    """Parquet holds the same table; so does JSON that Spark wrote."""
    session = spark_ml_jobs.session()
    typed = session.read.options(header=True, inferSchema=True).csv("iris.csv").coalesce(1)
    typed.write.parquet("iris.parquet")
    typed.write.json("iris.ndjson")
    for name, arguments in (("sdp-stats", []), ("sdp-linreg", ["-y", "sepal_length"]), ("sdp-kmeans", ["-k", "3"])):
        wanted = json.loads(program(name, *arguments, "iris.csv").stdout)
        for table in "iris.parquet", "iris.ndjson":
            result = spark(TASKS[name], *arguments, table)
            judge.check(f"{name} of {table}", [result["error"]] if result["exit"] else far(result["document"], wanted))
    session.sql("select named_struct('x', 1.50, 'y', timestamp'2024-01-01 10:00:00') as s, cast('NaN' as double) as d, date'2024-01-02' as t").write.parquet("kinds.parquet")
    doc = spark("descriptive_stats", "kinds.parquet")["document"]
    judge.check("structs, times and NaN of Parquet", far([[c["name"], c["type"], c["count"], c["min"]] for c in doc["columns"]], [
        ["s.x", "real", 1, 1.5], ["s.y", "datetime", 1, "2024-01-01 10:00:00Z"], ["d", "string", 0, None], ["t", "date", 1, "2024-01-02"]]))
    session.sql("select array(1, 2) as a").write.parquet("arrays.parquet")
    result = spark("descriptive_stats", "arrays.parquet")
    judge.check("arrays of Parquet are refused", [] if refused(result, 1) and "'a' holds arrays" in result["error"] else [str(result["error"])])


def exceptions():
    """Those of sdp-spark(7)."""
    doc = spark("logistic_regression", "-y", "label", "-x", "x1,x2", "synthetic.csv")["document"]
    judge.check("exception: steps of a logistic fit, which all the same converged", [] if doc["converged"] and doc["gradient_norm"] < 1e-9 else [str(doc["gradient_norm"])])
    filip = ["-y", "y", "-x", ",".join(["x"] + [f"x^{k}" for k in range(2, 11)]), judge.path("tests", "data", "nist", "Filip.csv")]
    result, wanted = spark("linear_regression", *filip), judge.document("sdp-linreg", *filip)
    judge.check("exception: Filip's powers, whose condition number is beyond doubles", [] if result["document"] is None or result["document"]["warnings"] or
                far(result["document"], wanted) else ["it is no exception any more: say so in sdp-spark(7)"])


def many_values():
    """Quantiles by sorting, which else only columns of a million values need."""
    most, spark_ml_jobs.VALUES_MOST = spark_ml_jobs.VALUES_MOST, 5
    judge.check("quartiles by sorting", same("sdp-stats", "-x", "x1,x2,qty", "synthetic.csv") + same("sdp-linreg", "-y", "y", "-x", "x1", "synthetic.csv"))
    spark_ml_jobs.VALUES_MOST = most


def benchmark():
    result = spark("kmeans", "-k", "3", "--worker-counts", "1,2,4,8", "--runs", "2", "iris.csv")
    doc = result["document"] or {"results": []}
    judge.check("benchmark", [result["error"]] if result["exit"] else schema_faults(doc) + far([r["workers"] for r in doc["results"]], [1, 2, 4, 8]) +
                [f"{r['workers']} workers: not identical" for r in doc["results"] if not r["identical"]])


def draws():
    """The draws of sdp.7, computed by Spark, select the rows that sdp-cat --sample prints, with --where or not."""
    write("draw1.csv", "i\n" + "".join(f"{i}\n" for i in range(3000)))
    write("draw3.csv", "i\n1\n2000\n3210\n")
    write("draw2.csv", "i\n" + "\n".join(map(str, range(3000, 3500))) + "\n")
    for where in ["i >= 0", "i > 1000 and i < 3300"]:
        o = spark_ml_jobs.parse(["--task", "descriptive_stats", "--where", where, "draw1.csv", "draw2.csv", "draw3.csv"])
        table = spark_ml_jobs.Table(spark_ml_jobs.session(), o)
        unit = spark_ml_jobs.random_unit_column(-9, table, 1)
        found = [row[0] for row in table.frame.where(unit < 0.3).sort("_split", "_record").select("c0").collect()]
        wanted = judge.run("sdp-cat", "--sample", "30%", "--seed", "-9", "--where", where, "draw1.csv", "draw2.csv", "draw3.csv").decode().split()[1:]
        judge.check(f"rows drawn where {where}", far(found, wanted) + ["none"] * (not found))
    forget()


def outputs():
    """Files that are written: never an input's, nothing beside them, and if they cannot be written it is said why."""
    write("in.csv", "a\n1\n")
    os.symlink("in.csv", "link.csv")
    for option, place in ("-o", "in.csv"), ("-o", "./link.csv"), ("-o", "file:" + os.path.abspath("in.csv")), ("--result", "link.csv"):
        result = spark("descriptive_stats", option, place, "in.csv")
        with open("in.csv", encoding="utf-8") as f:
            judge.check(f"{option} {place} is the input", ([] if refused(result, 2) and f"{place} is the input" in result["error"] else [str(result["error"])]) +
                        [text for text in (f.read(),) if text != "a\n1\n"])
    os.mkdir("written")
    result = spark("descriptive_stats", "-o", "written/doc.json", "--result", "written/result.json", "in.csv")
    judge.check("two files written", [str(result["error"])] * (result["exit"] != 0) + far(sorted(os.listdir("written")), ["doc.json", "result.json"]))
    result = spark("descriptive_stats", "-o", "/proc/nope/doc.json", "in.csv")
    judge.check("a file that cannot be written", [] if refused(result, 3) and re.match("/proc/nope/doc.json: .*/proc/nope", result["error"]) else [str(result["error"])])


def causes():
    """What a fault within Spark comes to: one line that says what it is."""
    context = spark_ml_jobs.session().sparkContext
    for what, job, wanted in (("of a worker", lambda: context.parallelize([0]).map(lambda x: 1 // x).collect(), "ZeroDivisionError: "),
                              ("of Java", lambda: context.textFile("nothere").count(), "IOException: Input path does not exist: .*nothere")):
        try:
            job()
            text = "none"
        except Exception as error:  # pylint: disable=broad-except; whatever Spark throws
            text = spark_ml_jobs.cause_of(error)
        judge.check(f"a fault {what}", [] if re.match(wanted, text) and "\n" not in text else [text])


def submitted(*arguments):
    """The notebook run by spark-submit."""
    command = os.path.join(os.path.dirname(pyspark.__file__), "bin", "spark-submit")
    environment = {name: value for name, value in os.environ.items() if name not in ("PYSPARK_SUBMIT_ARGS", "PYSPARK_GATEWAY_PORT")}
    return subprocess.run([command, *shlex.split(SUBMIT), NOTEBOOK, *arguments], capture_output=True, text=True, check=False, env=environment)


def called(*arguments):
    """The notebook run by Python."""
    return subprocess.run([sys.executable, NOTEBOOK, *arguments], capture_output=True, text=True, check=False)


def fails(done, code, *messages):
    """What is wrong with a run that must fail: nothing on standard output, and a message on standard error."""
    lines = [line for line in done.stderr.split("\n") if line.startswith("spark_ml_jobs: ")]
    return ([f"exit {done.returncode}: {done.stderr[-500:]}"] if done.returncode != code else []) + (
        [f"on standard output: {done.stdout[:200]}"] if done.stdout else []) + [f"no message {m!r}: {lines}" for m in messages if m not in done.stderr]


def as_a_program(_):
    """The document and nothing else on standard output; warnings and seconds on standard error; exit codes."""
    write("near.csv", "a,b\n" + "".join(f"{i},{i}\n" for i in range(20)) + "20,x\n")
    for name, run in ("spark-submit", submitted), ("Python", called):
        done = run("--task", "descriptive_stats", "near.csv")
        seconds = [json.loads(line.partition(": ")[2]) for line in done.stderr.split("\n") if line.startswith("spark_ml_jobs: {")]
        warning = program("sdp-stats", "near.csv").stderr.strip().replace("sdp-stats: ", "spark_ml_jobs: ")
        judge.check(f"{name}: a document", (far(json.loads(done.stdout), judge.document("sdp-stats", "near.csv")) if done.returncode == 0 else [done.stderr[-500:]]) +
                    ([] if seconds and seconds[0]["seconds"]["task"] > 0 else ["no seconds"]) +
                    ([] if "column 'b' is a string" in done.stderr and "column 'b' is a string" in warning else ["no warning"]))
        judge.check(f"{name}: options that are wrong", fails(run("--task", "kmeans", "near.csv"), 2, "-k/--clusters"))
        judge.check(f"{name}: data that are wrong", fails(run("--task", "kmeans", "-k", "200", "iris.csv"), 1, "only 150 rows for 200 clusters"))
    done = submitted("--task", "descriptive_stats", "nested.json")
    judge.check("spark-submit: functions sent to workers", far(json.loads(done.stdout), judge.document("sdp-stats", "nested.json")) if done.returncode == 0 else [done.stderr[-500:]])
    judge.check("spark-submit: no such file", fails(submitted("--task", "descriptive_stats", "nothere.csv"), 3, "nothere.csv: there is no such file"))
    judge.check("spark-submit: a fault of the program itself", fails(submitted("--task", "descriptive_stats", "--result", "/proc/no/such", "iris.csv"), 3, "Traceback"))
    done = submitted("--task", "descriptive_stats", "-o", "out.json", "-q", "iris.csv")
    with open("out.json", encoding="utf-8") as f:
        judge.check("spark-submit: a document in a file", far(json.load(f), judge.document("sdp-stats", "iris.csv")) + [text for text in (done.stdout,) if text])


def others(pattern):
    for part in compare_options, other_formats, exceptions, many_values, benchmark, draws, outputs, causes:
        if re.search(pattern, part.__name__):
            part()


PARTS = {"others": others, "program": as_a_program}


def main(part, pattern):
    make_tables()
    if part in PARTS:
        PARTS[part](pattern)
        return
    with open(os.path.join(HERE, "notebook", part + ".cases"), encoding="utf-8") as f:
        lines = [line.rstrip("\n") for line in f if line.strip() and line[0] != "#"]
    for line in lines:
        if re.search(pattern, line):
            judge.check(line, case(line))
    if part == "tasks" and not pattern:
        judge.check("every task was compared, and its comparison proven", far(sorted(proven), sorted(TASKS.values())))


folder = tempfile.TemporaryDirectory()
os.chdir(folder.name)
try:
    main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "")
finally:
    os.chdir("/")
    folder.cleanup()
judge.end()
