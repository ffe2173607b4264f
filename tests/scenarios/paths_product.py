"""Every way into sdp with every task, as a full product: what is printed must be what the plain CSV file gives.

Formats CSV, JSON, NDJSON, text and PDF of one table, and lines of items; each as a file, through a pipe, stored and
read back, stored in S3 and read back, and as a job by path, by file_id and by the file_id of a file in S3; each with
six tasks.  What makes no sense, such as a regression on lines, must be refused alike everywhere.

As a scenario, S3 is s3_stub.py; tests/integration/paths.py runs the same with a real server.
"""
import importlib.util
import json
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [here, os.path.join(here, "..", "judges")]
import s3_stub  # noqa: E402
from judge import BIN, check, end  # noqa: E402

COLUMNS = ["ts", "x1", "x2", "y", "label", "items"]
ROWS = 40

# Task, program, its arguments, and the parameters of a job that mean the same.
TASKS = [
    ("descriptive_stats", "sdp-stats", [], {}),
    ("linear_regression", "sdp-linreg", ["-y", "y", "-x", "x1,x2"], {"target": "y", "features": ["x1", "x2"]}),
    ("logistic_regression", "sdp-logreg", ["-y", "label", "-x", "x1,x2", "--l2", "1"],
     {"target": "label", "features": ["x1", "x2"], "l2": 1}),
    ("kmeans", "sdp-kmeans", ["-k", "2", "-x", "x1,x2", "--standardize", "--restarts", "20"], {"k": 2, "features": ["x1", "x2"]}),
    ("fp_growth", "sdp-fpgrowth", ["--items-column", "items", "-s", "0.1"], {"items_column": "items", "support": "0.1"}),
    ("time_series", "sdp-timeseries", ["-t", "ts", "--every", "10m", "--value", "y"], {"time": "ts", "every": "10m", "value": "y"}),
]
# Of lines of items: only these have baskets; there is no column to fit, group or order by.
LINES = {"fp_growth": (["-s", "0.1"], {"support": "0.1"})}
NO_COLUMN = {"linear_regression": "y", "logistic_regression": "label", "kmeans": "x1", "time_series": "ts"}


def make_pdf(path, header, rows):
    spec = importlib.util.spec_from_file_location("make_pdf", os.path.join(here, "..", "data", "pdf", "make.py"))
    make = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make)
    with open(path, "wb") as f:
        f.write(make.pdf([make.table(40, 800, [105, 60, 60, 60, 45, 200], [header, *rows])]))


class Product:
    def __init__(self, work, s3):
        """s3: the settings of a store in S3."""
        plain = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "S3_", "STORAGE_", "SDP_F", "MAX_UP"))}
        plain["PATH"] = BIN + os.pathsep + plain["PATH"]
        self.work = work
        self.local = dict(plain, SDP_HOME=os.path.join(work, "local"), HOME=work)
        self.s3 = dict(plain, SDP_HOME=os.path.join(work, "s3"), HOME=work, STORAGE_BACKEND="s3", no_proxy="*", **s3)

    def run(self, *words, env=None, stdin=None):
        done = subprocess.run(words, env=env or self.local, cwd=self.work, capture_output=True, input=stdin, timeout=120, check=False)
        return done.returncode, done.stdout, done.stderr.decode(errors="replace")

    def good(self, *words, env=None, stdin=None):
        rc, out, err = self.run(*words, env=env, stdin=stdin)
        if rc:
            raise RuntimeError(f"{' '.join(words)}: exit code {rc}: {err}")
        return out

    # ---- the files ----

    def make_files(self):
        names = {"csv": "table.csv", "json": "table.json", "ndjson": "table.ndjson", "txt": "table.txt", "pdf": "table.pdf", "lines": "baskets.txt"}
        whole = self.good("sdp-sample", "synthetic", "-r", str(ROWS))
        table = self.good("sdp-cat", "-x", ",".join(COLUMNS), stdin=whole)
        records = self.good("sdp-cat", "-f", "ndjson", stdin=table)
        rows = [line.split(",") for line in table.decode().splitlines()]  # no cell has a comma or a quote
        texts = {"csv": table, "json": b"[" + b",".join(records.splitlines()) + b"]", "ndjson": records,
                 "txt": table.replace(b",", b";"), "lines": self.good("sdp-sample", "baskets", "-r", str(ROWS))}
        for form, text in texts.items():
            with open(os.path.join(self.work, names[form]), "wb") as f:
                f.write(text)
        make_pdf(os.path.join(self.work, names["pdf"]), rows[0], rows[1:])
        return names

    # ---- the ways: each returns, for a task, (exit code, document, message) ----

    def by_file(self, name, program, args, _):
        return self.run(program, "-f", "json", *args, name)

    def by_pipe(self, name, program, args, _):
        with open(os.path.join(self.work, name), "rb") as f:
            return self.run(program, "-f", "json", *args, stdin=f.read())

    def by_upload(self, _, program, args, stored):
        return self.run(program, "-f", "json", *args, stdin=stored["local"])

    def by_s3(self, _, program, args, stored):
        return self.run(program, "-f", "json", *args, stdin=stored["s3"])

    def store(self, name):
        """The bytes of a file as both stores give them back, and its ids there."""
        stored = {}
        for place, env in (("local", self.local), ("s3", self.s3)):
            doc = json.loads(self.good("sdp-upload", name, env=env))
            stored[place + "_id"] = doc["file_id"]
            stored[place] = self.good("sdp-upload", "--get", doc["file_id"], env=env)
        return stored

    def job(self, source, tasks, params, env):
        """Runs tasks as one job and returns {task: document or reason}, and the error of the job."""
        body = {**source, "tasks": tasks, "worker_counts": [2], "runs": 1, "warmup": 0, "params": params}
        doc = json.loads(self.good("sdp-job", "submit", "--max-jobs", "4", env=env, stdin=json.dumps(body).encode()))
        rc, out, err = self.run("sdp-job", "wait", doc["job_id"], env=env)
        done = json.loads(out)
        results = {row["name"]: row["reason"] if row["status"] == "skipped" else
                   self.run("sdp-job", "result", doc["job_id"], row["name"], env=env)[1] for row in done["progress_by_task"]}
        return rc, results, done["error"], done["name"]


# ---- what is expected ----

def nameless(text, *names):
    """A message without the name of the input and of the program that shows it first."""
    for name in sorted([*names, "stdin"], key=len, reverse=True):
        text = text.replace(name, "INPUT")
    return re.sub(r"; sdp-bench: .*", "", text).strip()


def compare(want, got):
    (rc, out, err), (rc2, out2, err2) = want, got
    if rc != rc2 or nameless(err, *NAMES) != nameless(err2, *NAMES):
        return f"exit code {rc2}, {err2!r} instead of {rc}, {err!r}"
    return None if out == out2 else f"{out2[:300]} instead of {out[:300]}"


NAMES = []


def lines_problem(task, result):
    """What is wrong with a task on lines of items, a program's result: a document, or the documented error."""
    rc, out, err = result
    if task in NO_COLUMN:
        pattern = f"no column '{NO_COLUMN[task]}' among the 1"
        return None if rc in (1, 2) and not out and pattern in err else f"exit code {rc}, {err!r}, not {pattern!r}"
    return None if rc == 0 and json.loads(out)["task"] == task and not err.replace("warning", "") else f"exit code {rc}: {err!r}"


def check_programs(product, form, name, stored, reference):
    for way in ("file", "pipe", "upload", "s3"):
        problems = []
        for task, program, args, _ in TASKS:
            args = LINES.get(task, ([],))[0] if form == "lines" and task not in NO_COLUMN else args
            got = getattr(product, "by_" + way)(name, program, args, stored)
            problem = lines_problem(task, got) if form == "lines" else None
            want = reference.setdefault(task, got)
            problem = problem or compare(want, got)
            problems += [f"{task}: {problem}"] if problem else []
        check(f"{form}, {way}: {len(TASKS)} tasks", problems)


def try_jobs(product, form, name, stored, reference):
    """Returns the names of the checks and their problems."""
    lines, found = form == "lines", []
    if lines:
        wanted = [task for task, *_ in TASKS if task not in NO_COLUMN]
        params = {task: LINES[task][1] for task in wanted if task in LINES}
    else:
        wanted = [task for task, *_ in TASKS]
        params = {task: own for task, _, _, own in TASKS if own}
    ways = {"path": ({"path": os.path.join(product.work, name)}, product.local), "file_id": ({"file_id": stored["local_id"]}, product.local),
            "file_id in S3": ({"file_id": stored["s3_id"]}, product.s3)}
    for way, (source, env) in ways.items():
        rc, results, error, called = product.job(source, wanted, params, env)
        problems = [error] if rc else []
        problems += [f"it is called {called}"] if called != name else []
        problems += [f"{task}: {results[task][:200]!r} instead of {reference[task][1][:200]!r}" for task in wanted
                     if not rc and results[task] != reference[task][1]]
        # A task that makes no sense is skipped with a reason or, with parameters, fails with the program's message.
        for task, program, args, own in TASKS if lines else ():
            if task not in NO_COLUMN:
                continue
            rc, results, error, _ = product.job(source, [task], {task: own}, env)
            if rc != 1 or nameless(error, source.get("path", name), name) != nameless(reference[task][2], name):
                problems.append(f"{task}: exit code {rc}, {error!r}")
        if lines:
            rc, results, error, _ = product.job(source, list(NO_COLUMN), {}, env)
            problems += [] if rc == 1 and all(isinstance(r, str) and r in error for r in results.values()) else [f"by default: {rc}, {results}, {error!r}"]
        found.append((f"{form}, job by {way}: {len(TASKS)} tasks", problems))
    return found


def run(work, s3):
    product = Product(work, s3)
    names = product.make_files()
    NAMES[:] = names.values()
    with ThreadPoolExecutor(3) as pool:
        stored = dict(zip(names, pool.map(product.store, names.values())))
    for form, name in names.items():
        with open(os.path.join(work, name), "rb") as f:
            whole = f.read()
        check(f"{form}: both stores give the bytes back", [place for place in ("local", "s3") if stored[form][place] != whole])
    table, lines = {}, {}
    for form, name in names.items():
        check_programs(product, form, name, stored[form], lines if form == "lines" else table)
    with ThreadPoolExecutor(3) as pool:
        jobs = pool.map(lambda form: try_jobs(product, form, names[form], stored[form], lines if form == "lines" else table), names)
    for name, problems in (found for form in jobs for found in form):
        check(name, problems)


def main():
    server = s3_stub.serve()
    with tempfile.TemporaryDirectory(prefix="sdp-paths.") as work:
        run(work, {"S3_BUCKET": "bucket", "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret",
                   "AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}"})
    end()


if __name__ == "__main__":
    main()
