"""notebooks/spark_ml_jobs.py on Apache Spark: every task's document is that of the C program, to 1e-6, and fits its schema.

All of a document is compared, member by member, in its order; what may differ stands in EXCEPT, and in sdp(7).
"""
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "judges"), os.path.join(HERE, "..", "..", "notebooks")]
import judge  # noqa: E402

NOTEBOOK = judge.path("notebooks", "spark_ml_jobs.py")
os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
os.environ["PYTHONPATH"] = os.path.dirname(NOTEBOOK)
os.environ["PYSPARK_SUBMIT_ARGS"] = ("--master local[2] --conf spark.ui.enabled=false --conf spark.driver.bindAddress=127.0.0.1 --conf spark.driver.host=127.0.0.1 "
                                     "--conf spark.sql.shuffle.partitions=4 --driver-memory 3g pyspark-shell")
sys.dont_write_bytecode = True
import jsonschema  # noqa: E402
import spark_ml_jobs  # noqa: E402

PROGRAMS = {"descriptive_stats": "sdp-stats", "linear_regression": "sdp-linreg", "logistic_regression": "sdp-logreg", "kmeans": "sdp-kmeans",
            "fp_growth": "sdp-fpgrowth", "time_series": "sdp-timeseries"}
# sdp(7), On Spark: a fit that begins elsewhere takes other steps.
EXCEPT = {"logistic_regression": {"iterations", "gradient_norm"}}
TOLERANCE = 1e-6
folder = tempfile.TemporaryDirectory()
os.chdir(folder.name)


def far(got, wanted, path="", free=()):
    """Where two documents differ."""
    if isinstance(wanted, dict) and isinstance(got, dict):
        if list(got) != list(wanted):
            return [f"{path}: members {list(got)}, not {list(wanted)}"]
        return [p for k in wanted if k not in free for p in far(got[k], wanted[k], f"{path}.{k}")]
    if isinstance(wanted, list) and isinstance(got, list):
        if len(got) != len(wanted):
            return [f"{path}: {len(got)} elements, not {len(wanted)}"]
        return [p for i, (g, v) in enumerate(zip(got, wanted)) for p in far(g, v, f"{path}[{i}]")]
    if any(not isinstance(v, (int, float)) or isinstance(v, bool) for v in (got, wanted)):
        return [] if got == wanted and type(got) is type(wanted) else [f"{path}: {got!r}, not {wanted!r}"]
    return [] if abs(got - wanted) <= TOLERANCE * max(abs(wanted), 1e-9) else [f"{path}: {got!r}, not {wanted!r}"]


def schema_faults(doc):
    with open(judge.path("tests", "schema", doc["task"] + ".json"), encoding="utf-8") as f:
        validator = jsonschema.Draft202012Validator(json.load(f))
    return [f"schema: {'.'.join(map(str, e.absolute_path))}: {e.message[:200]}" for e in validator.iter_errors(doc)]


def spark(task, *arguments):
    result, _ = spark_ml_jobs.run(["--task", task, *arguments])
    session = spark_ml_jobs.session()
    session.catalog.clearCache()
    for rdd in session.sparkContext._jsc.getPersistentRDDs().values():
        rdd.unpersist()
    return result


def same(task, *arguments):
    """One run of both, compared."""
    name = " ".join((task, *arguments))
    try:
        wanted = judge.document(PROGRAMS[task], *arguments)
    except RuntimeError as error:
        judge.check(name, [str(error)])
        return None
    result = spark(task, *arguments)
    if result["exit"]:
        judge.check(name, [f"exit {result['exit']}: {result['error']}"])
        return None
    doc = json.loads(json.dumps(result["document"]))
    judge.check(name, schema_faults(doc) + far(doc, wanted, free=EXCEPT.get(task, ())))
    return doc


def fails(task, *arguments):
    """A run that fails here as there: the same exit code."""
    done = subprocess.run([os.path.join(judge.BIN, PROGRAMS[task]), *arguments], capture_output=True, check=False)
    result = spark(task, *arguments)
    judge.check("fails: " + " ".join((task, *arguments)), [] if result["exit"] == done.returncode != 0 and result["document"] is None and result["error"]
                else [f"exit {result['exit']} ({result['error']}), there {done.returncode} ({done.stderr.decode()})"])


def write(name, text):
    with open(name, "w", encoding="utf-8", newline="") as f:
        f.write(text)


for data, arguments in (("iris", ["iris"]), ("flights", ["flights"]), ("synthetic", ["-d", "synthetic", "-r", "20000"]), ("baskets", ["baskets", "-r", "20000"]),
                        ("penguins", ["penguins"]), ("auto_mpg", ["auto_mpg"]), ("breast_cancer", ["breast_cancer"]), ("co2_weekly", ["co2_weekly"]),
                        ("airline_passengers", ["airline_passengers"]), ("seattle_weather", ["seattle_weather"])):
    with open(data + (".txt" if data == "baskets" else ".csv"), "wb") as f:
        f.write(judge.run("sdp-sample", *arguments))
write("start.csv", "petal_length,petal_width\n1,0\n4,1\n6,2\n")
write("odd.csv", 'id,name,v,b,d\n1,"Smith, J","1.50",true,2024-01-01\n2,"O""Neil",-0,FALSE,2024-02-29\n3,"two\nlines",1e-3,True,2023-12-31 10:00\n'
      '4,,NA,,\n005,x,.5,true,2024-01-01\n')
write("semi.csv", "t;p\n1,5;7\n-999;8\n")
write("one.csv", 'x\n1\n\n3\n"4"\n')
write("ragged.csv", "a,b\n1,2\n3\n")
write("shop.csv", "order,item\n1,tea\n2,tea\n1,milk\n2,milk\n3,jam\n")
write("local.csv", "t,v\n2024-10-27T01:30,1\n2024-10-27T02:30,2\n2024-03-31T02:30,4\n2024-10-28T02:30:00.5,3\n")
write("gaps.csv", "t,v,w,g\n2024-03-31T00:30Z,1,,4\n2024-03-31T05:30Z,2,5,\n2024-03-31T05:40Z,,,4\n2024-03-31T05:30Z,2,7.5,\n")
write("first.csv", "x,y\n" + "".join(f"{i},{i * i % 17}\n" for i in range(40)))
write("second.csv", "x,y\n" + "".join(f"{i},{i * i % 13}\n" for i in range(30)))

try:
    # Every task on the four sets.
    for table in "iris.csv", "flights.csv", "synthetic.csv":
        same("descriptive_stats", table)
    same("descriptive_stats", "--no-header", "-d", "tab", "baskets.txt")
    same("linear_regression", "-y", "sepal_length", "iris.csv")
    same("linear_regression", "-y", "arr_delay", "-x", "dep_delay,distance,air_time,origin,month", "flights.csv")
    same("linear_regression", "-y", "y", "-x", "x1,x2,x1*x2,x3^2,sqrt(x3),category", "--test-fraction", "0.2", "synthetic.csv")
    same("linear_regression", "-y", "y", "-x", "x1,x2,x3", "--no-intercept", "synthetic.csv")
    same("logistic_regression", "-y", "species", "--l2", "1", "iris.csv")
    same("logistic_regression", "-y", "origin", "-x", "distance,month,hour", "flights.csv")
    same("logistic_regression", "-y", "label", "-x", "x1,x2,x3,category", "--test-fraction", "0.2", "synthetic.csv")
    same("kmeans", "-k", "3", "iris.csv")
    same("kmeans", "-k", "3", "-x", "petal_length,petal_width", "--init", "start.csv", "iris.csv")
    same("kmeans", "-k", "4", "-x", "dep_delay,arr_delay,distance", "--standardize", "--max-iterations", "12", "flights.csv")
    same("kmeans", "-k", "9", "--init", "random", "-x", "x1,x2,x3,x4,x5,x6", "synthetic.csv")
    same("fp_growth", "-s", "2%", "--rules", "-c", "0.6", "baskets.txt")
    same("fp_growth", "--table", "-x", "carrier,origin,dest", "-s", "1%", "--rules", "-c", ".3", "flights.csv")
    same("fp_growth", "--items-column", "items", "-s", "0.05", "--rules", "synthetic.csv")
    same("fp_growth", "--separator", ",", "-s", "2", "--rules", "--max-consequent", "2", "--lift", "1", "iris.csv")
    same("time_series", "-t", "time_hour", "--value", "dep_delay", "--every", "1d", "--tz", "America/New_York", "--by", "origin", "flights.csv")
    same("time_series", "-t", "time_hour", "--value", "dep_delay", "--profile", "hour", "--agg", "count,median,q90,unique", "flights.csv")
    same("time_series", "-t", "ts", "--value", "x1,qty", "--every", "1w", "--by", "category", "--agg", "ohlc,sum,variance", "synthetic.csv")

    # The rest of the options, and of what tables can be.
    same("descriptive_stats", "odd.csv")
    same("descriptive_stats", "-d", ";", "--decimal", ",", "--na", "-999", "semi.csv")
    same("descriptive_stats", "one.csv")
    same("descriptive_stats", "-x", "/^sep/,4", "--types", "petal_width=string", "iris.csv")
    same("descriptive_stats", "first.csv", "second.csv")
    same("linear_regression", "-y", "mpg", "auto_mpg.csv")
    same("linear_regression", "-y", "mpg", "-x", "log(weight),hp,hp^2,hp*weight,cyl", "--categorical", "cyl", "--reference", "cyl=8", "--level", ".9", "auto_mpg.csv")
    same("linear_regression", "-y", "y", "--test-fraction", ".3", "--seed", "5", "first.csv", "second.csv")
    same("logistic_regression", "-y", "sex", "--test-fraction", "0.3", "--positive", "female", "--threshold", ".4", "penguins.csv")
    same("logistic_regression", "-y", "benign", "-x", "mean_radius,mean_texture,mean_smoothness", "--level", "0.99", "breast_cancer.csv")
    same("kmeans", "-k", "2..5", "--restarts", "2", "--standardize", "iris.csv")
    same("kmeans", "-k", "3", "--tolerance", "0.05", "--seed", "7", "iris.csv")
    same("kmeans", "-k", "1", "iris.csv")
    same("fp_growth", "-s", "2%", "--rules", "-c", "0.3", "--max-consequent", "3", "--sort", "lift", "--top", "20", "--max-length", "3", "baskets.txt")
    same("fp_growth", "-s", "5%", "--count-only", "baskets.txt")
    same("fp_growth", "--basket", "order", "--item", "item", "-s", "2", "--rules", "shop.csv")
    for arguments in (["--every", "1h"], ["--every", "1h", "--fill", "previous", "--agg", "mean,count"], ["--every", "1h", "--window", "2"],
                      ["--every", "1h", "--agg", "count"], ["--window", "2", "--value", "v"], ["--every", "1h", "--diff", "1", "--agg", "sum", "--value", "v", "--by", "g"],
                      ["--every", "1d", "--tz", "Europe/Berlin", "--label", "end", "--from", "2024-03-30", "--to", "2024-04-02", "--fill", "0", "--value", "v"],
                      ["--every", "1h", "--value", "v", "--acf", "2", "--fill", "0"]):
        same("time_series", *arguments, "gaps.csv")
    same("time_series", "--every", "1h", "--tz", "Europe/Berlin", "--value", "v", "local.csv")
    same("time_series", "--every", "1d", "--tz", "Europe/Berlin", "--value", "v", "--fill", "linear", "local.csv")
    same("time_series", "--every", "6h", "--tz", "America/New_York", "--value", "v", "--closed", "right", "--label", "end", "local.csv")
    same("time_series", "-t", "Date", "--value", "Passengers", "--acf", "24", "airline_passengers.csv")
    same("time_series", "-t", "Date", "--value", "Passengers", "--every", "1mo", "--decompose", "multiplicative", "--period", "12", "airline_passengers.csv")
    same("time_series", "-t", "Date", "--value", "Passengers", "--every", "1q", "--agg", "median,first,last,range,variance", "airline_passengers.csv")
    same("time_series", "-t", "date", "--time-format", "%Y%m%d", "--every", "1w", "--fill", "linear", "--agg", "mean", "--window", "52", "--center", "co2_weekly.csv")
    same("time_series", "-t", "date", "--time-format", "%Y%m%d", "--ewma", "0.1", "co2_weekly.csv")
    same("time_series", "--every", "1y", "--tz", "Asia/Tokyo", "seattle_weather.csv")
    same("time_series", "--window", "7d", "--value", "temp_max", "seattle_weather.csv")
    same("time_series", "--every", "2w", "--pct-change", "1", "--value", "wind", "--origin", "2012-01-01", "seattle_weather.csv")

    # Other formats hold the same table.
    session = spark_ml_jobs.session()
    typed = session.read.options(header=True, inferSchema=True).csv("iris.csv").coalesce(1)
    typed.write.parquet("iris.parquet")
    typed.write.json("iris.ndjson")
    rows = [json.loads(line) for name in sorted(os.listdir("iris.ndjson")) if name.endswith(".json") for line in open(os.path.join("iris.ndjson", name), encoding="utf-8")]
    write("iris.json", json.dumps(rows, indent=1))
    for task, arguments in (("descriptive_stats", []), ("linear_regression", ["-y", "sepal_length"]), ("kmeans", ["-k", "3"])):
        wanted = judge.document(PROGRAMS[task], *arguments, "iris.csv")
        for table in "iris.parquet", "iris.ndjson", "iris.json":
            result = spark(task, *arguments, table)
            judge.check(f"{task} of {table}", [result["error"]] if result["exit"] else far(json.loads(json.dumps(result["document"])), wanted))

    # What it must refuse, with the same exit code.
    fails("descriptive_stats", "ragged.csv")
    fails("descriptive_stats", "nothere.csv")
    fails("descriptive_stats", "--types", "species=integer", "iris.csv")
    fails("linear_regression", "-y", "nope", "iris.csv")
    fails("linear_regression", "-y", "species", "iris.csv")
    fails("linear_regression", "iris.csv")
    fails("logistic_regression", "-y", "species", "-x", "body_mass_g,bill_depth_mm", "penguins.csv")
    fails("kmeans", "-k", "200", "iris.csv")
    fails("kmeans", "-k", "0", "iris.csv")
    fails("fp_growth", "-s", "2", "iris.csv")
    fails("time_series", "--every", "1x", "gaps.csv")
    fails("time_series", "--every", "1h", "--tz", "Nowhere/Land", "gaps.csv")
    fails("time_series", "-t", "v", "--every", "1h", "--time-format", "%Y", "gaps.csv")

    # The exceptions of sdp(7).
    doc = spark("logistic_regression", "-y", "label", "-x", "x1,x2", "synthetic.csv")["document"]
    judge.check("exception: steps of a logistic fit, which all the same converged", [] if doc["converged"] and doc["gradient_norm"] < 1e-9 else [str(doc["gradient_norm"])])
    longley = judge.path("tests", "data", "nist", "Longley.csv")
    same("linear_regression", "-y", "y", longley)
    filip = [f"x^{k}" for k in range(2, 11)]
    filip = ["-y", "y", "-x", ",".join(["x"] + filip), judge.path("tests", "data", "nist", "Filip.csv")]
    result = spark("linear_regression", *filip)
    wanted = judge.document("sdp-linreg", *filip)
    judge.check("exception: Filip's powers, whose condition number is beyond doubles", [] if result["document"] is None or result["document"]["warnings"] or
                far(result["document"], wanted) else ["it is no exception any more: say so in sdp(7)"])
    write("blank.csv", "x,y\n" + "".join(f"{i},{i * i % 17}\n" + "\n" * (i % 3 == 0) for i in range(200)))
    wanted, got = judge.document("sdp-linreg", "-y", "y", "--test-fraction", ".5", "blank.csv"), spark("linear_regression", "-y", "y", "--test-fraction", ".5", "blank.csv")
    judge.check("exception: blank lines count no records, so others are held out", [] if got["document"]["rows"] == wanted["rows"] == 200 and
                got["document"]["rows_held_out"] != wanted["rows_held_out"] else [f"{got['document']['rows_held_out']} of {got['document']['rows']}"])

    # A benchmark.
    result = spark("kmeans", "-k", "3", "--worker-counts", "1,2,4,8", "--runs", "2", "iris.csv")
    doc = result["document"] or {"results": []}
    judge.check("benchmark", [result["error"]] if result["exit"] else schema_faults(doc) + far([r["workers"] for r in doc["results"]], [1, 2, 4, 8]) +
                [f"{r['workers']} workers: not identical" for r in doc["results"] if not r["identical"]])
    # By itself, as spark-submit runs it: the document on standard output, seconds on standard error, exit codes.
    spark_ml_jobs.session().stop()
    done = subprocess.run([sys.executable, NOTEBOOK, "--task", "kmeans", "-k", "3", "iris.csv"], capture_output=True, text=True, check=False)
    seconds = [json.loads(line.partition(": ")[2]) for line in done.stderr.split("\n") if line.startswith("spark_ml_jobs: {")]
    judge.check("as a program", (far(json.loads(done.stdout), judge.document("sdp-kmeans", "-k", "3", "iris.csv")) if done.returncode == 0 else [done.stderr[-500:]]) +
                ([] if seconds and seconds[0]["seconds"]["task"] > 0 else ["no seconds"]))
    done = subprocess.run([sys.executable, NOTEBOOK, "--task", "kmeans", "-k", "200", "iris.csv"], capture_output=True, text=True, check=False)
    judge.check("as a program that fails", [] if done.returncode == 1 and not done.stdout and "only 150 rows for 200 clusters" in done.stderr else [f"{done.returncode} {done.stderr[-300:]}"])
finally:
    os.chdir("/")
    folder.cleanup()
judge.end()
