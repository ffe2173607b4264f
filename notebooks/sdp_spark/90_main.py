# Running: a session, a task, what came of it.
import contextlib
import json
import math
import os
import sys
import threading
import time
import traceback
from decimal import Decimal

import numpy as np
from pyspark import SparkContext
from pyspark.sql import SparkSession

RUN = {STATS: descriptive_stats, LINEAR: linear_regression, LOGISTIC: logistic_regression, KMEANS: kmeans, BASKETS: fp_growth,
       SERIES: time_series}


def session():
    spark = SparkSession.builder.appName("spark_ml_jobs").config("spark.ui.showConsoleProgress", "false").getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    # Casts give null where there is no value; types are checked beforehand.  A record's cells are counted, so none is pruned.
    for name, value in (("spark.sql.ansi.enabled", "false"), ("spark.sql.session.timeZone", "UTC"),
                        ("spark.sql.csv.parser.columnPruning.enabled", "false"), ("spark.sql.legacy.timeParserPolicy", "CORRECTED"),
                        ("spark.sql.caseSensitive", "true")):
        spark.conf.set(name, value)
    return spark


def plain(value):
    """A figure as JSON has it: decimals and whole doubles without a point, null for what is no number."""
    if isinstance(value, Decimal):
        value = int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        return int(value) if value == int(value) and abs(value) < 1e15 else value
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    return value


def printed(result):
    """The warnings that are printed: those beside the document, and those in it but for what only the document says."""
    return result["notes"] + [w for w in (result["document"] or {}).get("warnings", []) if not isinstance(w, Unsaid)]


def run(arguments):
    """Runs a task; what came of it: exit (a code), error (a message), document, seconds."""
    start, spark, result = time.perf_counter(), None, {"version": VERSION, "task": None, "exit": 0, "error": None, "document": None}
    o = None
    try:
        o = parse(arguments)
        spark = session()
        spare_input(spark, o)
        ready = time.perf_counter()
        result["task"] = o.task
        result["document"] = plain(benchmark(spark, o) if o.worker_counts else RUN[o.task](spark, o))
        done = time.perf_counter()
        result["seconds"] = {"session": ready - start, "task": done - ready, "total": done - start}
        result["notes"] = list(dict.fromkeys(o.notes))
        result["spark"] = {"version": spark.version, "cores": spark.sparkContext.defaultParallelism}
        if o.output and o.output != "-":
            write_text(spark, o.output, json.dumps(result["document"], ensure_ascii=False, separators=(",", ":")) + "\n")
    except Fault as fault:
        result.update(exit=fault.code, error=str(fault), document=None)
    except Exception as error:  # pylint: disable=broad-except; whatever Spark throws
        result.update(exit=3, error=cause_of(error), document=None)
    place = o.result if o else next((b for a, b in zip(arguments, arguments[1:]) if a == "--result"), None)
    if place:
        write_text(spark or session(), place, json.dumps(result, ensure_ascii=False, separators=(",", ":")))
    return result, o


@contextlib.contextmanager
def standard_error():
    """Where spark-submit joins Python's standard error into standard output, it goes to Java's System.err instead, which is standard error."""
    if "PYSPARK_GATEWAY_PORT" not in os.environ or not os.path.sameopenfile(1, 2):
        yield
        return
    SparkContext._ensure_initialized()  # the gateway, which is there before a session is
    java, (reader, writer) = SparkContext._jvm.java.lang.System.err, os.pipe()

    def forward():
        while piece := os.read(reader, 1 << 16):
            java.write(bytearray(piece), 0, len(piece))
        java.flush()
    thread = threading.Thread(target=forward, daemon=True)
    thread.start()
    os.dup2(writer, 2)
    os.close(writer)
    try:
        yield
    except Exception:  # pylint: disable=broad-except; a traceback is a message, too
        traceback.print_exc()
        sys.exit(3)
    finally:
        sys.stderr.flush()
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        thread.join(10)


def main():
    words = sys.argv[1:]
    if len(words) == 1 and words[0].startswith("arguments=["):  # a notebook's parameter, as some runners of jobs pass it
        words = json.loads(words[0][len("arguments="):])
    result, o = run(words)
    if result["exit"]:
        sys.stderr.write(f"spark_ml_jobs: {result['error']}\n")
    else:
        if not o.output or o.output == "-":
            print(json.dumps(result["document"], ensure_ascii=False, separators=(",", ":")))
        if not o.quiet:
            for warning in printed(result):
                sys.stderr.write(f"spark_ml_jobs: warning: {warning}\n")
            sys.stderr.write("spark_ml_jobs: " + json.dumps({"task": o.task, "seconds": result["seconds"], "spark": result["spark"]}) + "\n")
    sys.stdout.flush()
    sys.exit(result["exit"])


def notebook(utilities):
    utilities.widgets.text("arguments", "[]")
    arguments = json.loads(utilities.widgets.get("arguments"))
    if not arguments:
        print("The widget `arguments` takes a JSON array, as in the first cell.")
        return
    result, _ = run(arguments)
    if result["exit"]:
        raise RuntimeError(f"sdp exit {result['exit']}: {result['error']}")
    # A notebook's value ends at 5 MB; the whole is where --result says.
    text = json.dumps(result, ensure_ascii=False)
    utilities.notebook.exit(text if len(text.encode()) < 4_000_000 else json.dumps({**result, "document": None, "truncated": True}))


if "dbutils" in globals():
    notebook(globals()["dbutils"])
elif __name__ == "__main__":
    with standard_error():
        main()
