"""What sdp's tasks do, done by others: python3 peers.py PEER TASK THREADS FILE, for run.sh beside it.

Each reads the CSV of `sdp-sample -d synthetic` anew, computes with the same parameters, and prints a few figures, so that
nothing can be left out.  python3 peers.py PEER lists the tasks that a peer has, or fails if it is not installed."""
import os
import sys

FEATURES = ["x1", "x2", "x3", "x4", "x5", "x6"]


def polars_stats(path):
    import polars as pl
    table = pl.scan_csv(path)
    figures = []
    for name, kind in table.collect_schema().items():
        c = pl.col(name)
        both = [c.count(), c.null_count(), c.n_unique(), c.min(), c.max()]
        if kind.is_numeric():
            both += [c.mean(), c.sum(), c.std(), c.skew(), c.kurtosis()] + [c.quantile(q, "linear") for q in (0.25, 0.5, 0.75)]
        figures += [f.alias(f"{name} {i}") for i, f in enumerate(both)]
    print(table.select(figures).collect().row(0))


def polars_series(path):
    import polars as pl
    table = pl.scan_csv(path, try_parse_dates=True).select(["ts", *FEATURES]).sort("ts")
    figures = [f for x in FEATURES for f in (pl.col(x).count().alias(x + "_count"), pl.col(x).mean().alias(x + "_mean"), pl.col(x).min().alias(x + "_min"),
                                             pl.col(x).max().alias(x + "_max"), pl.col(x).sum().alias(x + "_sum"), pl.col(x).std().alias(x + "_std"))]
    print(table.group_by_dynamic("ts", every="1h").agg(figures).collect())


def duckdb_run(query):
    import duckdb
    connection = duckdb.connect(config={"threads": int(sys.argv[3])})
    print(connection.execute(query).fetchall()[:3])


def duckdb_stats(path):
    import duckdb
    columns = duckdb.connect().execute("describe select * from read_csv(?)", [path]).fetchall()
    figures = []
    for name, kind, *_ in columns:
        figures += [f"count({name}), count(distinct {name}), min({name}), max({name})"]
        if kind in ("BIGINT", "DOUBLE", "INTEGER"):
            figures += [f"avg({name}), sum({name}), stddev_samp({name}), skewness({name}), kurtosis({name}), quantile_cont({name}, [0.25, 0.5, 0.75])"]
    duckdb_run(f"select {', '.join(figures)} from read_csv('{path}')")


def duckdb_series(path):
    figures = ", ".join(f"count({x}), avg({x}), min({x}), max({x}), sum({x}), stddev_samp({x})" for x in FEATURES)
    duckdb_run(f"select date_trunc('hour', ts) as hour, {figures} from read_csv('{path}') group by hour order by hour")


def numbers(path, *more):
    import polars as pl
    table = pl.read_csv(path, columns=[*FEATURES, *more]).drop_nulls()
    return table.select(FEATURES).to_numpy(), [table[name].to_numpy() for name in more]


def sklearn_kmeans(path):
    from sklearn.cluster import KMeans
    x, _ = numbers(path)
    model = KMeans(3, n_init=1, random_state=1).fit(x)
    print(model.inertia_, model.n_iter_, model.cluster_centers_)


def sklearn_linear(path):
    from sklearn.linear_model import LinearRegression
    x, (y,) = numbers(path, "y")
    model = LinearRegression().fit(x, y)
    print(model.intercept_, model.coef_, model.score(x, y))


def sklearn_logistic(path):
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler
    x, (y,) = numbers(path, "label")
    scaler = StandardScaler().fit(x)
    model = LogisticRegression(C=1.0).fit(scaler.transform(x), y)
    print(model.intercept_, model.coef_, model.score(scaler.transform(x), y))


def pyfim_itemsets(path):
    import csv
    import fim
    with open(path, newline="", encoding="utf-8") as f:
        baskets = [row["items"].split() for row in csv.DictReader(f)]
    print(len(fim.fpgrowth(baskets, target="s", supp=2)))


PEERS = {
    "polars": ("polars", {"descriptive_stats": polars_stats, "time_series": polars_series}),
    "duckdb": ("duckdb", {"descriptive_stats": duckdb_stats, "time_series": duckdb_series}),
    "scikit-learn": ("sklearn", {"kmeans": sklearn_kmeans, "linear_regression": sklearn_linear, "logistic_regression": sklearn_logistic}),
    "pyfim": ("fim", {"fp_growth": pyfim_itemsets}),
}

if len(sys.argv) == 2:
    __import__(PEERS[sys.argv[1]][0])
    print("\n".join(PEERS[sys.argv[1]][1]))
else:
    peer, task, threads, file = sys.argv[1:]
    # Before any of them is loaded.
    for variable in "POLARS_MAX_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS":
        os.environ[variable] = threads
    PEERS[peer][1][task](file)
