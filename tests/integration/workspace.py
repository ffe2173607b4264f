"""sdp-databricks beside the official SDK: the same requests for the same calls; against minilake; and run, with the notebook on PySpark.

The SDK and sdp-databricks talk to the workspace of tests/scenarios/databricks_stub.py, which keeps what it was sent.
"""
import base64
import io
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "judges"), os.path.join(HERE, "..", "scenarios"), os.path.join(HERE, "support")]
import judge  # noqa: E402
from documents import far  # noqa: E402

import databricks_stub as stub  # noqa: E402
from databricks.sdk import WorkspaceClient  # noqa: E402
from databricks.sdk.service import compute, files, jobs, workspace  # noqa: E402

work = tempfile.mkdtemp(prefix="sdp-databricks.")
clean = {k: v for k, v in os.environ.items() if not k.startswith(("DATABRICKS_", "SDP_FORMAT"))}
clean.update(HOME=work, no_proxy="*", TMPDIR=work)
os.environ.update(HOME=work, no_proxy="*")
os.environ.pop("PYTHONPATH", None)


def run(*args, stdin=b"", **environment):
    done = subprocess.run([os.path.join(judge.BIN, "sdp-databricks"), *args], env=dict(clean, **environment), input=stdin, capture_output=True, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def write(name, text):
    path = os.path.join(work, name)
    with open(path, "wb") as f:
        f.write(text if isinstance(text, bytes) else text.encode())
    return path


# ---- the same requests as the SDK's ----

server = stub.serve()
w = server.workspace
w.run_plan = w.cluster_plan = ["TERMINATED"]
w.machines = [m for m in stub.NODES if not m[-1]]  # the SDK takes Graviton's, which need other versions of Spark
host = f"http://127.0.0.1:{server.server_port}"
settings = {"DATABRICKS_HOST": host, "DATABRICKS_TOKEN": stub.TOKEN}
client = WorkspaceClient(host=host, token=stub.TOKEN)
note = write("note.py", "# Databricks notebook source\nprint('é')\n")


def shape(call):
    """Method, path, query and body of a request: what a server sees of it, but for the order of what has none."""
    method, path, headers, body = call
    url = urllib.parse.urlsplit(path)
    kind = headers.get("Content-Type", "").partition(";")[0]
    if body and kind == "application/json" or body[:1] == b"{":
        content = json.loads(body)
    else:
        content = body
    return method, urllib.parse.unquote(url.path), sorted(urllib.parse.parse_qsl(url.query)), content, headers.get("Authorization")


def requests_of(function):
    w.calls = []
    try:
        function()
    except SystemExit:
        pass
    return [shape(c) for c in w.calls if not c[1].startswith("/.well-known/databricks-config") or "oidc" in c[1]]


def compare(name, ours, theirs, drop=lambda call: False, change=lambda call: call):
    a = [change(c) for c in requests_of(lambda: run(*ours, **settings)) if not drop(c)]
    b = [change(c) for c in requests_of(theirs) if not drop(c)]
    problems = [f"ours {x!r}\ntheirs {y!r}" for x, y in zip(a, b) if x != y]
    if len(a) != len(b):
        problems.append(f"{len(a)} requests {[c[:2] for c in a]}, theirs {len(b)} {[c[:2] for c in b]}")
    judge.check(f"as the SDK: {name}, {len(a)} requests", problems if a else ["none was made"])


def without(*names):
    """A change that takes these members out of a body."""
    return lambda call: (*call[:3], {k: v for k, v in call[3].items() if k not in names} if isinstance(call[3], dict) else call[3], call[4])


def versionless(call):
    return (call[0], call[1].replace("/2.1/", "/2.x/").replace("/2.2/", "/2.x/"), *call[2:])


try:
    only = lambda *paths: lambda call: not any(call[1].endswith(p) for p in paths)  # noqa: E731
    compare("who am I", ["check"], client.current_user.me, drop=only("/Me"))
    compare("versions and nodes", ["check"], lambda: (client.clusters.spark_versions(), client.clusters.list_node_types()), drop=only("/spark-versions", "/list-node-types"))
    compare("upload", ["upload", "--local-path", note, "--workspace-path", "/Shared/a b/note"],
            lambda: (client.workspace.mkdirs("/Shared/a b"), client.workspace.import_(
                "/Shared/a b/note", content=base64.b64encode(open(note, "rb").read()).decode(), format=workspace.ImportFormat.SOURCE,
                language=workspace.Language.PYTHON, overwrite=True), client.workspace.get_status("/Shared/a b/note")))
    compare("create-cluster", ["create-cluster", "--cluster-name", "spark-processor", "--num-workers", "4"],
            lambda: client.clusters.create(spark_version=client.clusters.select_spark_version(long_term_support=True),
                                           node_type_id=client.clusters.select_node_type(category="General Purpose", local_disk=True, min_gpus=0),
                                           cluster_name="spark-processor", num_workers=4, autotermination_minutes=60,
                                           data_security_mode=compute.DataSecurityMode.SINGLE_USER), drop=only("/spark-versions", "/list-node-types", "/create"))
    name = list(w.clusters)[0]
    compare("clusters", ["clusters"], lambda: list(client.clusters.list(page_size=100)))
    compare("start", ["start", name], lambda: (client.clusters.start(name), client.clusters.get(name)))
    compare("terminate", ["terminate", name], lambda: (client.clusters.delete(name), client.clusters.get(name)))
    small = write("small.csv", "x,y\n1,2\n")
    compare("put to DBFS", ["put", small, "dbfs:/tmp/s.csv"], lambda: client.dbfs.upload("/tmp/s.csv", io.BytesIO(b"x,y\n1,2\n"), overwrite=True), change=without("handle"))
    compare("put to a Volume", ["put", small, "/Volumes/c/s/v/é/s.csv"], lambda: (
        client.files.create_directory("/Volumes/c/s/v/é"), client.files.upload("/Volumes/c/s/v/é/s.csv", io.BytesIO(b"x,y\n1,2\n"), overwrite=True)))
    compare("get from a Volume", ["get", "/Volumes/c/s/v/é/s.csv"], lambda: client.files.download("/Volumes/c/s/v/é/s.csv").contents.read(), 
            drop=lambda c: c[1].endswith("/create-download-url"))  # which the SDK asks for first, and goes on without
    compare("get from DBFS", ["get", "dbfs:/tmp/s.csv"], lambda: (
        client.dbfs.get_status("/tmp/s.csv"), client.dbfs.read("/tmp/s.csv", offset=0, length=1 << 20), client.dbfs.get_status("/tmp/s.csv")))
    compare("ls of DBFS", ["ls", "dbfs:/tmp"], lambda: list(files.DbfsAPI.list(client.dbfs, "/tmp")))  # the client's own asks first what it is
    compare("get from the workspace", ["get", "/Shared/a b/note"], lambda: client.workspace.export("/Shared/a b/note", format=workspace.ExportFormat.SOURCE))
    compare("ls of the workspace", ["ls", "/Shared"], lambda: list(client.workspace.list("/Shared")))
    compare("rm from the workspace", ["rm", "--recursive", "/Shared/a b/note"], lambda: (
        w.notebooks.update({"/Shared/a b/note": b""}), client.workspace.delete("/Shared/a b/note", recursive=True)), drop=only("/workspace/delete"))
    compare("ls of a Volume", ["ls", "/Volumes/c/s/v/é"], lambda: list(client.files.list_directory_contents("/Volumes/c/s/v/é")))
    compare("rm from a Volume", ["rm", "/Volumes/c/s/v/é/s.csv"], lambda: (client.files.upload("/Volumes/c/s/v/é/s.csv", io.BytesIO(b"x"), overwrite=True),
                                                                        client.files.delete("/Volumes/c/s/v/é/s.csv")), drop=lambda c: c[0] != "DELETE")
    compare("rm from DBFS", ["rm", "dbfs:/tmp/s.csv", "--recursive"], lambda: client.dbfs.delete("/tmp/s.csv", recursive=True), drop=only("/dbfs/delete"))

    words = json.dumps(["--task", "kmeans", "-k", "3", "--result", "R", "s3://b/t.csv"], separators=(",", ":"))

    def submit():
        client.jobs.submit(run_name="sdp kmeans", idempotency_token="T", tasks=[jobs.SubmitTask(
            task_key="ml_jobs", existing_cluster_id="c1", notebook_task=jobs.NotebookTask(notebook_path="/Shared/n", base_parameters={"arguments": words}))])

    def anonymous(call):
        """Without what is new in every run."""
        text = json.dumps(call[3])
        body = json.loads(text)
        body["idempotency_token"] = "T"
        given = json.loads(body["tasks"][0]["notebook_task"]["base_parameters"]["arguments"])
        given[given.index("--result") + 1] = "R"
        body["tasks"][0]["notebook_task"]["base_parameters"]["arguments"] = json.dumps(given, separators=(",", ":"))
        return versionless((*call[:3], body, call[4]))
    compare("submit", ["run", "--task", "kmeans", "-k", "3", "--cluster-id", "c1", "--notebook", "/Shared/n", "s3://b/t.csv"], submit, drop=only("/runs/submit"), change=anonymous)
    run_id = str(list(w.runs)[0])
    compare("status", ["status", run_id], lambda: client.jobs.get_run(int(run_id)), change=versionless)
    compare("output", ["output", run_id], lambda: client.jobs.get_run_output(int(run_id) + 1), drop=only("/runs/get-output"), change=versionless)
    compare("cancel", ["cancel", run_id], lambda: client.jobs.cancel_run(int(run_id)), drop=only("/runs/cancel"), change=versionless)
    compare("runs", ["runs"], lambda: list(client.jobs.list_runs(limit=25)), change=versionless)
    machine = {"DATABRICKS_HOST": host, "DATABRICKS_CLIENT_ID": stub.CLIENT_ID, "DATABRICKS_CLIENT_SECRET": stub.CLIENT_SECRET}
    w.calls = []
    run("clusters", **machine)
    ours = [(c[0], c[1], c[2].get("Authorization"), sorted(urllib.parse.parse_qsl(c[3].decode()))) for c in w.calls if "/token" in c[1]]
    w.calls = []
    list(WorkspaceClient(host=host, client_id=stub.CLIENT_ID, client_secret=stub.CLIENT_SECRET).clusters.list(page_size=100))
    theirs = [(c[0], c[1], c[2].get("Authorization"), sorted(urllib.parse.parse_qsl(c[3].decode()))) for c in w.calls if "/token" in c[1]]
    judge.check("as the SDK: a token of OAuth", [] if ours == theirs and ours else [f"ours {ours}, theirs {theirs}"])

    # ---- run, with the notebook on PySpark behind the server ----

    w.reset()
    w.run_plan = ["PENDING", "RUNNING", "TERMINATED"]
    # A small Spark, which takes the folder where minilake keeps DBFS for dbfs:/.
    os.mkdir(os.path.join(work, "conf"))
    write("conf/spark-defaults.conf", "spark.master local[2]\nspark.ui.enabled false\nspark.sql.shuffle.partitions 2\n"
          "spark.driver.bindAddress 127.0.0.1\nspark.driver.host 127.0.0.1\n"
          "spark.hadoop.fs.dbfs.impl org.apache.hadoop.fs.viewfs.ViewFileSystemOverloadScheme\n"
          f"spark.hadoop.fs.viewfs.mounttable.default.link./tmp file://{work}/lake/dbfs/tmp\n")
    os.environ["SPARK_CONF_DIR"] = os.path.join(work, "conf")
    w.outcome = stub.Cluster(w, sys.executable, os.path.join(HERE, "..", "scenarios", "databricks_notebook.py"))
    iris = write("iris.csv", judge.run("sdp-sample", "iris"))
    start = write("start.csv", "petal_length,petal_width\n1,0\n4,1\n6,2\n")

    for task, program, place, words in (("kmeans", "sdp-kmeans", "dbfs:/tmp", ["-k", "3", "-x", "petal_length,petal_width", "--init", start]),
                                        ("linear_regression", "sdp-linreg", "/Volumes/main/default/files", ["-y", "sepal_length", "-x", "petal_length,species"])):
        code, out, err = run("run", "--poll", "1", "--stage", place, "--task", task, *words, iris, **settings)
        judge.check(f"run {task}, staged in {place}: the document of {program}", [err] if code else far(json.loads(out), judge.document(program, *words, iris)) +
                    ([f"left there: {list(w.files)}"] if w.files else []))
    code, out, err = run("run", "--poll", "1", "--task", "linear_regression", "-y", "species", iris, **settings)
    judge.check("run: the data's fault is exit 1 here too", [] if code == 1 and not out and "not a number: 'setosa'" in err else [f"{code} {out} {err}"])
    code, out, err = run("run", "--poll", "1", "--task", "kmeans", "-k", "3", "-f", "csv", "-", stdin=open(iris, "rb").read(), **settings)
    judge.check("run from standard input, as CSV", [err] if code else [] if out.startswith("cluster,size,sepal_length,") and out.count("\n") == 4 else [out])
    code, out, err = run("run", "--poll", "1", "--task", "kmeans", "-k", "3", "--worker-counts", "1,2", "--runs", "1", iris, **settings)
    doc = json.loads(out or "{}")
    judge.check("run --worker-counts: a benchmark document", [err] if code else [] if [r["workers"] for r in doc["results"]] == [1, 2] and doc["fits"][0]["amdahl"]["time"] > 0 else [out])
    w.outcome.stop()

    # ---- minilake ----

    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    # Its jobs are processes of its own python3.
    folder = os.path.dirname(sys.executable)
    lake = subprocess.Popen([os.path.join(folder, "minilake"), "--host", "127.0.0.1", "--port", str(port)], cwd=work,
                            env=dict(clean, MINILAKE_DATA_DIR=os.path.join(work, "lake"), MINILAKE_NOTEBOOK="0", MINILAKE_JOB_EXECUTOR="subprocess",
                                     SPARK_CONF_DIR=os.environ["SPARK_CONF_DIR"], PATH=folder + ":" + os.environ["PATH"]),
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        there = {"DATABRICKS_HOST": f"http://127.0.0.1:{port}", "DATABRICKS_TOKEN": "any"}
        for _ in range(600):
            try:
                urllib.request.urlopen(there["DATABRICKS_HOST"] + "/api/2.0/preview/scim/v2/Me", timeout=5).read()
                break
            except OSError:
                time.sleep(0.1)

        def went(name, *args, test=lambda doc: True, code=0, **more):
            done, out, err = run(*args, **there, **more)
            doc = json.loads(out) if out[:1] == "{" else out
            judge.check("minilake: " + name, [] if done == code and (done or test(doc)) else [f"exit {done}: {out[:300]} {err[:300]}"])
            return doc
        went("check", "check", test=lambda d: d["user"] and d["spark_version"] and d["node_type"])
        went("upload", "upload", "--local-path", note, "--workspace-path", "/Shared/spark-data-processor/ml_jobs", test=lambda d: d["path"].endswith("ml_jobs"))
        went("upload again", "upload", "--local-path", note, "--workspace-path", "/Shared/spark-data-processor/ml_jobs")
        made = went("create-cluster", "create-cluster", "--cluster-name", "spark-processor", "--num-workers", "4", "--wait", "--poll", "1", test=lambda d: d["state"] == "RUNNING")
        went("clusters", "clusters", test=lambda d: [c for c in d["clusters"] if c["cluster_id"] == made["cluster_id"]])
        went("terminate", "terminate", made["cluster_id"], "--wait", "--poll", "1", test=lambda d: d["state"] == "TERMINATED")
        went("start", "start", made["cluster_id"], "--wait", "--poll", "1", test=lambda d: d["state"] == "RUNNING")
        blob = write("blob", os.urandom(3 << 20))
        for place in ("dbfs:/tmp/sdp/blob",):
            went(f"put {place}", "put", blob, place, test=lambda d: d["size"] == 3 << 20)
            code = run("get", place, "-o", os.path.join(work, "back"), **there)[0]
            judge.check(f"minilake: get {place}", [] if code == 0 and open(os.path.join(work, "back"), "rb").read() == open(blob, "rb").read() else [str(code)])
            went(f"ls {place}", "ls", place.rpartition("/")[0], test=lambda d: [f["size"] for f in d["files"]] == [3 << 20])
            went(f"rm {place}", "rm", "--recursive", place.rpartition("/")[0])
            went(f"ls of nothing, {place}", "ls", place, code=3)
        words = ["-k", "3", "-x", "petal_length,petal_width", "--init", start]
        doc = went("run", "run", "--poll", "1", "--task", "kmeans", *words, iris)
        judge.check("minilake: run, the document of sdp-kmeans", far(doc, judge.document("sdp-kmeans", *words, iris)) if isinstance(doc, dict) else ["none"])
        went("cleaned up", "ls", "dbfs:/tmp", test=lambda d: not [f for f in d["files"] if "sdp-run-" in f["path"]])
        listed = went("runs", "runs", test=lambda d: d["runs"][0]["state"] == "TERMINATED")
        went("status", "status", str(listed["runs"][0]["run_id"]), test=lambda d: d["run_name"] == "sdp kmeans")
        went("no such run", "status", "99999", code=3)
    finally:
        lake.terminate()
        lake.wait()
finally:
    subprocess.run(["rm", "-rf", work], check=False)
judge.end()
