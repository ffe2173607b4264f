"""sdp-kmeans against Apache Spark: the silhouette of ClusteringEvaluator, the cost, labels and centres."""
import csv
import io
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "judges"), os.path.join(HERE, "support")]
import judge  # noqa: E402
import local_spark  # noqa: E402
from pyspark.ml.evaluation import ClusteringEvaluator  # noqa: E402
from pyspark.ml.linalg import Vectors  # noqa: E402
from pyspark.mllib.clustering import KMeans, KMeansModel  # noqa: E402

TOLERANCE = 1e-9
spark = local_spark.session()
folder = tempfile.TemporaryDirectory()


def far(what, got, wanted):
    return [] if got is not None and abs(got - wanted) <= TOLERANCE * abs(wanted) else [f"{what}: {got!r}, Spark has {wanted!r}"]


def clustered(table, features, *arguments):
    """The document, the points used and their labels."""
    arguments = ["-x", ",".join(features), *arguments, table]
    doc = judge.document("sdp-kmeans", *arguments)
    rows = list(csv.DictReader(io.StringIO(judge.run("sdp-kmeans", "--assign", *arguments).decode())))
    rows = [row for row in rows if row["cluster"]]
    return doc, [[float(row[f]) for f in features] for row in rows], [int(row["cluster"]) for row in rows]


def scores(name, doc, points, labels):
    """What Spark says of sdp's labels and centres."""
    frame = spark.createDataFrame([(Vectors.dense(x), label) for x, label in zip(points, labels)], ["features", "prediction"])
    silhouette = ClusteringEvaluator(metricName="silhouette", distanceMeasure="squaredEuclidean").evaluate(frame)
    judge.check(f"{name}: silhouette {silhouette:.6f}", far("silhouette_squared", doc["metrics"]["silhouette_squared"], silhouette))
    rows = spark.sparkContext.parallelize(points, 2)
    model = KMeansModel(doc["centers"])
    cost = model.computeCost(rows)
    judge.check(f"{name}: cost {cost:.6f}", far("inertia", doc["metrics"]["inertia"], cost))
    wrong = sum(a != b for a, b in zip(model.predict(rows).collect(), labels))
    judge.check(f"{name}: {len(labels)} labels", [f"{wrong} differ"] if wrong else [])


def trained(name, table, features, start):
    """Spark's own run from the same centres ends where sdp's does."""
    path = os.path.join(folder.name, "start.csv")
    with open(path, "w", encoding="utf-8", newline="") as f:
        csv.writer(f, lineterminator="\n").writerows([features, *start])
    doc, points, labels = clustered(table, features, "-k", str(len(start)), "--init", path)
    rows = spark.sparkContext.parallelize(points, 2).cache()
    model = KMeans.train(rows, len(start), maxIterations=300, epsilon=0.0, initialModel=KMeansModel(start))
    problems = [] if doc["converged"] else ["sdp-kmeans did not converge"]
    for got, wanted in zip(doc["centers"], model.clusterCenters):
        for a, b in zip(got, wanted):
            problems += far("centre", a, float(b))
    problems += far("inertia", doc["metrics"]["inertia"], model.computeCost(rows))
    judge.check(f"{name}: trained from the same {len(start)} centres, {doc['iterations']} iterations", problems)
    scores(f"{name}, trained", doc, points, labels)


try:
    iris = judge.path("examples", "data", "iris.csv")
    petals = ["sepal_length", "sepal_width", "petal_length", "petal_width"]
    for k in "2", "3", "5":
        scores(f"iris, k = {k}", *clustered(iris, petals, "-k", k))
    trained("iris", iris, petals, [[5.1, 3.5, 1.4, 0.2], [7.0, 3.2, 4.7, 1.4], [6.3, 3.3, 6.0, 2.5]])

    made = os.path.join(folder.name, "synthetic.csv")
    with open(made, "wb") as f:
        f.write(judge.run("sdp-sample", "-d", "synthetic", "-r", "20000"))
    columns = ["x1", "x2", "x3", "x4", "x5", "x6"]
    result = clustered(made, columns, "-k", "4")
    scores("synthetic, k = 4", *result)
    scores("synthetic, k = 9", *clustered(made, columns, "-k", "9", "--init", "random"))
    trained("synthetic", made, columns, result[1][:40:10])
finally:
    spark.stop()
    folder.cleanup()
judge.end()
