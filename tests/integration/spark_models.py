"""sdp-linreg, sdp-logreg and sdp-fpgrowth against Apache Spark's LinearRegression, LogisticRegression and FPGrowth."""
import csv
import io
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "judges"), os.path.join(HERE, "support")]
import judge  # noqa: E402
import local_spark  # noqa: E402
from pyspark.ml.classification import LogisticRegression  # noqa: E402
from pyspark.ml.evaluation import BinaryClassificationEvaluator, MulticlassClassificationEvaluator  # noqa: E402
from pyspark.ml.fpm import FPGrowth  # noqa: E402
from pyspark.ml.linalg import Vectors  # noqa: E402
from pyspark.ml.regression import LinearRegression  # noqa: E402

TOLERANCE = 1e-6
spark = local_spark.session()


def far(what, got, wanted, scale=0.0):
    return [] if got is not None and abs(got - wanted) <= TOLERANCE * max(abs(wanted), scale) else [f"{what}: {got!r}, Spark has {wanted!r}"]


def table(text, target, features, number):
    """A frame of the rows that have all values; number turns the target's cell into one."""
    rows = csv.DictReader(io.StringIO(text.decode()))
    used = [(number(row[target]), Vectors.dense([float(row[f]) for f in features]))
            for row in rows if all(row[c] not in ("", "NA") for c in [target, *features])]
    return spark.createDataFrame(used, ["label", "features"]).cache()


def coefficients(doc, columns):
    """Rows of the document in Spark's order, the intercept last."""
    by_name = {row["name"]: row for row in doc["coefficients"]}
    return [by_name[name] for name in [*columns, "(intercept)"]]


def linear(name, text, target, features):
    doc = judge.document("sdp-linreg", "-y", target, "-x", ",".join(features), stdin=text)
    model = LinearRegression(solver="normal", regParam=0.0, standardization=False).fit(table(text, target, features, float))
    s, m = model.summary, doc["metrics"]
    problems = []
    estimates = [*model.coefficients, model.intercept]
    for i, row in enumerate(coefficients(doc, features)):
        problems += far(f"{row['name']} estimate", row["estimate"], float(estimates[i]))
        problems += far(f"{row['name']} std_error", row["std_error"], s.coefficientStandardErrors[i])
        problems += far(f"{row['name']} t", row["t"], s.tValues[i])
        problems += far(f"{row['name']} p", row["p"], s.pValues[i], 1e-3)
    for ours, theirs in (("r2", s.r2), ("adjusted_r2", s.r2adj), ("rmse", s.rootMeanSquaredError), ("mse", s.meanSquaredError), ("mae", s.meanAbsoluteError)):
        problems += far(ours, m[ours], theirs)
    judge.check(f"{name}: linear regression on {len(features)} features", problems)


def logistic(name, text, target, features, positive, penalty):
    """Binary; regParam as --l2 has it: of Spark's objective, the mean loss, without standardization."""
    rows = judge.document("sdp-logreg", "-y", target, "-x", ",".join(features), "--positive", positive, "--l2", "1", stdin=text)["rows_used"]
    extra = ["--l2", repr(penalty * rows)] if penalty else []
    doc = judge.document("sdp-logreg", "-y", target, "-x", ",".join(features), "--positive", positive, *extra, stdin=text)
    frame = table(text, target, features, lambda cell: float(cell == positive))
    model = LogisticRegression(regParam=penalty, elasticNetParam=0.0, standardization=False, tol=1e-14, maxIter=5000).fit(frame)
    problems = []
    for row, wanted in zip(coefficients(doc, features), [*model.coefficients, model.intercept]):
        problems += far(f"{row['name']} estimate", row["estimate"], float(wanted), 1e-3)
    predicted = model.transform(frame)
    m = doc["metrics"]
    problems += far("auc", m["auc"], BinaryClassificationEvaluator(metricName="areaUnderROC", numBins=0).evaluate(predicted))
    for ours, theirs in (("accuracy", "accuracy"), ("precision", "precisionByLabel"), ("recall", "recallByLabel"), ("f1", "fMeasureByLabel"), ("log_loss", "logLoss")):
        problems += far(ours, m[ours], MulticlassClassificationEvaluator(metricName=theirs, metricLabel=1.0).evaluate(predicted))
    judge.check(f"{name}: logistic regression, penalty {penalty}", problems)


def rules(name, text, support, confidence):
    doc = judge.document("sdp-fpgrowth", "--support", str(support), "--rules", "--confidence", str(confidence), stdin=text)
    baskets = [(sorted(set(line.split())),) for line in text.decode().splitlines()]
    model = FPGrowth(itemsCol="items", minSupport=support, minConfidence=confidence).fit(spark.createDataFrame(baskets, ["items"]))
    sets = {(tuple(sorted(row["items"])), row["freq"]) for row in model.freqItemsets.collect()}
    ours = {(tuple(sorted(row["items"])), row["count"]) for row in doc["itemsets"]}
    judge.check(f"{name}: {len(sets)} itemsets", [f"only one has {x}" for x in sorted(sets ^ ours)])
    found = {(tuple(sorted(r["antecedent"])), tuple(r["consequent"])): r for r in doc["rules"]}
    wanted = {(tuple(sorted(r["antecedent"])), tuple(r["consequent"])): r for r in model.associationRules.collect()}
    problems = [f"only one has {key}" for key in sorted(found.keys() ^ wanted.keys())]
    for key in found.keys() & wanted.keys():
        for figure in "confidence", "lift", "support":
            problems += far(f"{key} {figure}", found[key][figure], wanted[key][figure])
    judge.check(f"{name}: {len(wanted)} rules", problems)


try:
    made = judge.run("sdp-sample", "-d", "synthetic", "-r", "20000")
    flights = b"".join(judge.run("sdp-sample", "-d", "flights").splitlines(keepends=True)[:20001])
    cancer = judge.run("sdp-sample", "-d", "breast_cancer")
    linear("synthetic", made, "y", ["x1", "x2", "x3", "x4", "x5", "x6"])
    linear("flights", flights, "arr_delay", ["dep_delay", "distance", "air_time", "hour"])
    label = cancer.decode().splitlines()[0].split(",")[-1]
    names = cancer.decode().splitlines()[0].split(",")[:3]
    logistic("synthetic", made, "label", ["x1", "x2", "x3", "x4"], sorted({r["label"] for r in csv.DictReader(io.StringIO(made.decode())) if r["label"]})[-1], 0.0)
    for penalty in 0.0, 0.05:
        logistic("breast cancer", cancer, label, names, sorted({r[label] for r in csv.DictReader(io.StringIO(cancer.decode()))})[-1], penalty)
    rules("baskets", judge.run("sdp-sample", "-d", "baskets", "-r", "5000"), 0.02, 0.5)
finally:
    spark.stop()
judge.end()
