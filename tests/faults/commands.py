"""The commands whose calls fail in tests/faults/drive.py, with their inputs and stores, and what must be true after each.

A check takes a finished case (drive.py) and returns its problems, as pairs (SORT, TEXT).
"""
import json
import os
import re
import shutil
import subprocess

ROOT = os.environ.get("SDP_ROOT") or os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
OLD = b"what was there before\n"
REQUEST = '{"path":"%s","tasks":["descriptive_stats"],"worker_counts":[1],"runs":1,"warmup":0}\n'


class Command:
    """
    A command line, in which {NAME} is a file of the inputs, {out} the file of -o and {id} the id of a file in the store.
    rows: a part of the output may be printed before a fault.  others: what cannot be read may be left out.
    early: the document is printed before what it describes is done; if it cannot be printed, nothing is done.  If it then
    fails, the document is whole, and nothing has changed.
    pipe: the input that comes through a pipe.
    store: the folder of the inputs that SDP_HOME is a copy of; "" is an empty one.  check: see above.
    there: the key or path of a file that the service has.
    """
    def __init__(self, name, line, rows=False, others=False, early=False, pipe=None, store=None, check=None, service=None, there=None):
        self.name, self.words, self.rows, self.pipe, self.store, self.service = name, line.split(), rows, pipe, store, service
        self.others, self.early, self.there = others, early, there
        self.check = check or same_bytes
        self.saves = "{out}" in line
        self.program = self.words[0]


# ---- checks: what must be true after each case ----

def same_bytes(case):
    if case.rc == 0 and case.out != case.command.want:
        yield "wrong", "other bytes, with exit code 0"
    if case.command.saves and case.read_out() != (OLD if case.rc else case.command.want_out):
        yield "wrong", "the file of -o is not the old one" if case.rc else "the file of -o is not complete"


def shape(text):
    """A document without what differs from run to run: measurements, ids, times and places."""
    text = re.sub(rb"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z|127\.0\.0\.1:[0-9]+", b"*", text)
    return re.sub(rb"slot[0-9]+|learning", b"*", text)


def document(case):
    """The document without a fault."""
    if case.rc == 0 and shape(case.out) != shape(case.command.want):
        yield "wrong", f"another document: {case.out[-200:]}"


def measured(case):
    """The document of a measurement, in which figures differ; of the machine, what cannot be read is unknown."""
    def figures(text):
        text = re.sub(rb'"environment":.*', b"", shape(text))
        return re.sub(rb"(?<=:)(null|-?[0-9][0-9.e+-]*)(?=[,}])", b"0", text)

    if case.rc == 0 and figures(case.out) != figures(case.command.want):
        yield "wrong", f"another document: {case.out}"


def stored(case):
    """The file is stored completely, or nothing of it is left."""
    listed, fault = case.ask("sdp-upload", "--verify")
    if fault:
        yield "wrong", f"--verify: {fault}"
    files = [] if fault else [json.loads(line) for line in listed.splitlines()]
    if len(files) != (1 if case.rc == 0 else 0):
        yield "wrong", f"{len(files)} files are stored"
    yield from document(case)
    if case.rc != 0 and case.sticky:
        # What could not be removed, because every call fails, the next upload removes.
        again, fault = case.ask("sdp-upload", "--name", "again", case.slot.names["second"])
        yield from [("wrong", f"another upload: {fault}")] if fault else []
        files = [json.loads(again)] if again else []
    for kind, count in ("objects", len(files)), ("index", len(files)), ("pending", 0), ("tmp", 0):
        found = [os.path.join(folder, name) for folder, _, names in os.walk(os.path.join(case.home, "files", kind)) for name in names]
        if len(found) != count:
            yield "left", f"in the store: {found}"


def removed(case):
    """The file is removed, or it is still complete."""
    listed, fault = case.ask("sdp-upload", "--verify")
    if fault:
        yield "wrong", f"--verify: {fault}"
    elif len(listed.splitlines()) != (1 if case.rc == 0 else 2):
        yield "wrong", f"{len(listed.splitlines())} files are there"
    yield from same_bytes(case)


def job_ends(case):
    """A job that was submitted ends; if the command failed, there is no job."""
    listed, fault = case.ask("sdp-job", "list")
    jobs = [] if fault else [json.loads(line) for line in listed.splitlines()]
    if fault:
        yield "wrong", f"list: {fault}"
    if len(jobs) != (1 if case.rc == 0 else 0):
        yield "wrong", f"{len(jobs)} jobs: {[job['status'] for job in jobs]}"
    for job in jobs:
        ended, fault = case.ask("sdp-job", "wait", job["job_id"], codes=(0, 1, 3))
        if fault or json.loads(ended)["status"] not in ("succeeded", "failed"):
            yield "wrong", f"wait: {fault or ended}"
        elif json.loads(ended)["status"] == "succeeded":
            result, fault = case.ask("sdp-job", "result", job["job_id"], "descriptive_stats")
            with open(case.slot.names["result"], encoding="utf-8") as f:
                if fault or result != f.read():
                    yield "wrong", f"result: {fault or result}"
        elif json.loads(ended)["exit_code"] != 3:
            yield "code", f"the job ended with {ended}"
    yield from document(case)
    for folder, _, names in os.walk(os.path.join(case.home, "jobs")):
        for name in names:
            if os.path.basename(folder) == ".tmp" or (case.rc != 0 and name != ".lock"):
                yield "left", f"in the store: {os.path.join(folder, name)}"


def stored_in_s3(case):
    store = case.service.store
    objects = sorted(store.objects)
    if case.rc == 0 and (len(objects) != 3 or store.uploads):
        yield "wrong", f"objects: {objects}, unfinished: {len(store.uploads)}"
    yield from document(case)
    if case.rc != 0 and (objects or store.uploads):
        # What a program without memory could not remove is reused by the next upload, or removed by --sync.
        again, fault = case.ask(*[word.format(**case.slot.names) for word in case.command.words])
        if fault or len(store.objects) != 3 or store.uploads or not again.startswith("{"):
            yield "left", f"objects: {objects}, then {sorted(store.objects)}, unfinished: {len(store.uploads)}: {fault}"


# ---- inputs ----

def make_inputs(folder, environment):
    """Files, stores and models for the commands; returns what {NAME} stands for."""
    def sh(line):
        return subprocess.run(["sh", "-e", "-c", line], cwd=folder, env=environment, check=True, capture_output=True, text=True).stdout

    sh("sdp-sample -d synthetic -r 3000 > table.csv && head -n 301 table.csv > small.csv")
    sh("gzip -k small.csv && zstd -q small.csv && xz -k small.csv && bzip2 -k small.csv && gzip -k table.csv")
    sh("sdp-cat -q -f ndjson small.csv > small.ndjson && { echo '['; sed '$!s/$/,/' small.ndjson; echo ']'; } > small.json")
    sh("sdp-cat -q -x items -f ndjson small.csv | jq -c '.items |= split(\" \")' > items.ndjson")
    sh("sdp-linreg -q -y y -x x1,x2,category small.csv > linreg.json; sdp-logreg -q -y label -x x1,x2 small.csv > logreg.json")
    sh("sdp-kmeans -q -k 3 -x x1,x2 small.csv > kmeans.json; sdp-fpgrowth -q --items-column items -s 0.05 --rules small.csv > fpgrowth.json")
    sh(f"cp {ROOT}/tests/data/report/before.json {ROOT}/tests/data/report/after.json .; cp {ROOT}/tests/data/pdf/ruled/wrapped.pdf table.pdf")
    with open(os.path.join(folder, "job.json"), "w", encoding="ascii") as f:
        f.write(REQUEST % os.path.join(folder, "small.csv"))
    names = {name.replace(".", "_"): os.path.join(folder, name) for name in os.listdir(folder)}
    names["id"] = sh("SDP_HOME=$PWD/two sdp-upload small.csv table.csv | head -n 1 | jq -r .file_id").strip()
    names["job"] = sh("SDP_HOME=$PWD/jobs sdp-job submit job.json | jq -r .job_id").strip()
    sh(f"SDP_HOME=$PWD/jobs sdp-job wait {names['job']}")
    sh("sdp-stats small.csv > result; echo 1 > second")
    names["result"], names["second"] = (os.path.join(folder, name) for name in ("result", "second"))
    os.makedirs(os.path.join(folder, "empty"))
    return names


# ---- the commands ----

FIT = {
    "linreg": "sdp-linreg -j2 -q -y y -x x1,x2,category,x4*x5,x6^2 --test-fraction 0.1",
    "logreg": "sdp-logreg -j2 -q -y label -x x1,x2,category --test-fraction 0.2",
    "kmeans": "sdp-kmeans -j2 -q -k 3 -x x1,x2 --max-iterations 5",
    "fpgrowth": "sdp-fpgrowth -j2 -q --items-column items -s 0.05 --rules",
    "timeseries": "sdp-timeseries -j2 -q -t ts --value x1,y,qty --by category --every 1d --agg count,mean,stddev,median,first,last",
}

COMMANDS = [
    Command("stats", "sdp-stats -j2 -q {small_csv}"),
    Command("stats, --agg", "sdp-stats -j2 -q --agg mean,unique,q95 {small_csv}"),
    Command("stats, --correlation", "sdp-stats -j2 -q --correlation spearman --drop-nulls {small_csv}"),
    Command("stats, much", "sdp-stats -j2 -q {table_csv}"),
    Command("stats, spilled", "sdp-stats -j2 -q --max-memory 1M {table_csv}"),
    Command("stats, gzip", "sdp-stats -j2 -q {small_csv_gz}"),
    Command("stats, zstd", "sdp-stats -j2 -q {small_csv_zst}"),
    Command("stats, xz", "sdp-stats -j2 -q {small_csv_xz}"),
    Command("stats, bzip2", "sdp-stats -j2 -q {small_csv_bz2}"),
    Command("stats, NDJSON", "sdp-stats -j2 -q {small_ndjson}"),
    Command("stats, JSON array", "sdp-stats -j2 -q {small_json}"),
    Command("stats, PDF", "sdp-stats -j2 -q --pdf-table auto {table_pdf}"),
    Command("stats, pipe", "sdp-stats -j2 -q -", pipe="small_csv"),
    Command("stats, -o", "sdp-stats -j1 -q -f table -o {out} {small_csv}"),
    Command("cat", "sdp-cat -j2 -q {small_csv}", rows=True),
    Command("cat, gzip", "sdp-cat -j2 -q -f ndjson {small_csv_gz}", rows=True),
    Command("cat, pipe", "sdp-cat -j2 -q -x y,/^cat/ -", rows=True, pipe="table_csv"),
    Command("cat, table", "sdp-cat -j2 -q -f table {small_json}", rows=True),
    Command("cat, PDF", "sdp-cat -q {table_pdf}", rows=True),
    Command("cat, follow", "sdp-cat -j2 -q --follow -n 300 {small_csv}", rows=True),
    Command("cat, -o", "sdp-cat -j2 -q -o {out} {table_csv}"),
    Command("pdf", "sdp-pdf -q {table_pdf}", rows=True),
    Command("pdf, tables", "sdp-pdf -q --tables -f ndjson -o {out} {table_pdf}"),
    Command("linreg", FIT["linreg"] + " {small_csv_gz}"),
    Command("linreg, spilled", FIT["linreg"] + " --max-memory 1M {table_csv}"),
    Command("linreg, predict", "sdp-linreg -j2 -q --predict {linreg_json} {small_csv}", rows=True),
    Command("logreg", FIT["logreg"] + " {small_csv}"),
    Command("logreg, spilled", FIT["logreg"] + " --max-memory 1M {table_csv}"),
    Command("logreg, predict", "sdp-logreg -j2 -q --predict {logreg_json} -f ndjson -o {out} {small_csv}"),
    Command("kmeans", FIT["kmeans"] + " {small_csv}"),
    Command("kmeans, assign", FIT["kmeans"] + " --assign {small_csv}", rows=True),
    Command("kmeans, spilled", FIT["kmeans"] + " --max-memory 1M --assign {table_csv}", rows=True),
    Command("kmeans, predict", "sdp-kmeans -j2 -q --predict {kmeans_json} -", rows=True, pipe="small_csv"),
    Command("fpgrowth", FIT["fpgrowth"] + " {small_csv}"),
    Command("fpgrowth, baskets", "sdp-fpgrowth -j2 -q --max-memory 1M --basket customer --item category -s 2% {table_csv}"),
    Command("fpgrowth, predict", "sdp-fpgrowth -j2 -q --items-column items --predict {fpgrowth_json} {small_csv}", rows=True),
    Command("timeseries", FIT["timeseries"] + " {small_csv}"),
    Command("timeseries, table", "sdp-timeseries -j1 -q -t ts --value x1 --by category --every 1h -f table {small_csv}"),
    Command("timeseries, spilled", FIT["timeseries"] + " --max-memory 1M {table_csv_gz}"),
    Command("timeseries, window", "sdp-timeseries -j2 -q -t ts --value x1 --window 5 {small_ndjson}", rows=True),
    Command("sample", "sdp-sample -j2 -d synthetic -r 5000", rows=True),
    Command("sample, iris", "sdp-sample iris -o {out}"),
    Command("bench", "sdp-bench -q --tasks descriptive_stats -w 1 --runs 1 --warmup 0 {small_csv}", check=measured),
    Command("bench, command", "sdp-bench -q -w 1 --runs 2 --warmup 0 -- cat {small_csv}", check=measured),
    Command("report", "sdp-report {before_json}"),
    Command("report, compare", "sdp-report -q -f html -o {out} --compare {before_json} {after_json}"),
    Command("upload", "sdp-upload {small_csv}", store="empty", check=stored),
    Command("upload, pipe", "sdp-upload --name x.csv -", store="empty", check=stored, pipe="small_csv"),
    Command("upload, PDF", "sdp-upload {table_pdf}", store="empty", check=stored),
    Command("upload, gzip", "sdp-upload {small_csv_gz}", store="empty", check=stored),
    Command("upload --get", "sdp-upload --get {id}", store="two", rows=True),
    Command("upload --get -o", "sdp-upload --get -o {out} {id}", store="two"),
    Command("stats, stored", "sdp-stats -j2 -q {id}", store="two"),
    Command("cat, stored", "sdp-cat -j2 -q -f ndjson {id}", store="two", rows=True),
    Command("bench, stored", "sdp-bench -q --tasks descriptive_stats -w 1 --runs 1 --warmup 0 {id}", store="two", check=measured),
    Command("upload --list", "sdp-upload --list", store="two", others=True),
    Command("upload --stat", "sdp-upload --stat {id}", store="two"),
    Command("upload --verify", "sdp-upload --verify", store="two", others=True),
    Command("upload --remove", "sdp-upload --remove {id}", store="two", check=removed, early=True),
    Command("job submit", "sdp-job submit {job_json}", store="empty", check=job_ends, early=True),
    Command("job list", "sdp-job list", store="jobs", others=True),
    Command("job status", "sdp-job status {job}", store="jobs"),
    Command("job result", "sdp-job result {job} descriptive_stats", store="jobs"),
    Command("job metrics", "sdp-job metrics {job}", store="jobs"),
    Command("job logs", "sdp-job logs {job}", store="jobs", rows=True),
    Command("job wait", "sdp-job wait {job}", store="jobs"),
    Command("job prune", "sdp-job prune", store="jobs"),
    Command("databricks", "sdp-databricks --options"),
]

SERVED = [
    Command("upload to S3", "sdp-upload {small_csv}", store="empty", check=stored_in_s3, service="s3"),
    Command("upload --get from S3", "sdp-upload --get s3://bucket/k/a.csv -o {out}", store="empty", service="s3", there="k/a.csv"),
    Command("databricks get, DBFS", "sdp-databricks get dbfs:/a.csv --retry 2", rows=True, service="databricks", there="dbfs:/a.csv"),
    Command("databricks get, Volume", "sdp-databricks get /Volumes/a/b/c/a.csv -o {out} --retry 2", service="databricks", there="/Volumes/a/b/c/a.csv"),
    Command("databricks check", "sdp-databricks check --retry 2", service="databricks", check=document),
    Command("databricks ls", "sdp-databricks ls /Shared --retry 2", service="databricks"),
    Command("databricks put", "sdp-databricks put {small_csv} dbfs:/a.csv --retry 2", service="databricks"),
    Command("databricks run", "sdp-databricks run --poll 1 --task linear_regression -y y {small_csv} --retry 2", service="databricks",
            check=document),
]
