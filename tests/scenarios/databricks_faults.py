"""sdp-databricks against a workspace of our own: every command, settings, OAuth, faults of the network, of clusters and of runs."""
import json
import os
import random
import signal
import ssl
import subprocess
import sys
import tempfile
import time

import databricks_stub as stub

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "judges"))
from judge import check, end  # noqa: E402

work = tempfile.mkdtemp(prefix="sdp-databricks.")
server = stub.serve()
w = server.workspace
ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
PROJECT = os.path.join(ROOT, "notebooks", "spark_ml_jobs.py")
HOST = f"http://127.0.0.1:{server.server_port}"
SECRETS = [stub.TOKEN, stub.CLIENT_SECRET, "eyJoauth"]
clean = {k: v for k, v in os.environ.items() if not k.startswith(("DATABRICKS_", "SDP_FORMAT", "SSL_CERT"))}
clean.update(HOME=work, no_proxy="*")
environment = dict(clean, DATABRICKS_HOST=HOST, DATABRICKS_TOKEN=stub.TOKEN)
printed = []


def run(*args, env=None, stdin=b"", **more):
    done = subprocess.run(["sdp-databricks", *args], env=dict(env or environment, **more), input=stdin, capture_output=True, timeout=120, check=False)
    out, err = done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
    printed.append(out + err)
    return done.returncode, out, err


def document(*args, **more):
    code, out, err = run(*args, **more)
    if code:
        raise RuntimeError(f"{args}: exit {code}: {err}")
    return json.loads(out)


def same(what, got, wanted):
    return None if got == wanted else f"{what}: {got!r}, not {wanted!r}"


def ends(what, result, code, *texts):
    """Problems with a run that must fail so, with these texts in its message and nothing printed."""
    if result[0] != code:
        return f"{what}: exit {result[0]}, not {code}: {result[2]}"
    if result[1]:
        return f"{what}: printed {result[1]!r}"
    return "; ".join(f"{what}: no {t!r} in {result[2]!r}" for t in texts if t not in result[2])


def fresh(*faults):
    with w.lock:
        w.reset()
        w.faults = [dict(f) for f in faults]


def sent(method, path):
    return [c for c in w.calls if c[0] == method and c[1].startswith(path)]


def write(name, text):
    path = os.path.join(work, name)
    with open(path, "wb") as f:
        f.write(text if isinstance(text, bytes) else text.encode())
    return path


table = write("table.csv", "x,y\n" + "".join(f"{i},{2 * i}\n" for i in range(100)))
notebook = write("note.py", "# Databricks notebook source\nprint(1)\n")

# ---- the mission's commands ----
fresh()
doc = document("check")
check("check", same("user", doc["user"], "ada@example.org"), same("version", doc["spark_version"], "16.4.x-scala2.12"),
      same("node", doc["node_type"], "m5d.large"), same("workspace", doc["workspace_id"], "1234567890123456"),
      same("settings", doc["settings"], [{"name": "host", "value": HOST, "source": "DATABRICKS_HOST"},
                                         {"name": "token", "value": None, "source": "DATABRICKS_TOKEN"}]))
check("check, as a table: a token that is set", same("rows", [line.split() for line in run("check", "-f", "table", "--print", "settings")[1].splitlines()],
                                                     [["name", "value", "source"], ["host", HOST, "DATABRICKS_HOST"], ["token", "(set)", "DATABRICKS_TOKEN"]]))
place = "/Shared/spark-data-processor/ml_jobs"
doc = document("upload", "--local-path", notebook, "--workspace-path", place)
again = document("upload", "--local-path", notebook, "--workspace-path", place)
check("upload, twice", same("content", w.notebooks[place], open(notebook, "rb").read()), same("id", doc["object_id"], 9007199254740995),
      same("the second", again, doc), same("parents", json.loads(sent("POST", "/api/2.0/workspace/mkdirs")[0][3]), {"path": os.path.dirname(place)}))
large = write("large.py", b"#" * (11 << 20))
check("a notebook over 10 MB", ends("upload", run("upload", "--local-path", large, "--workspace-path", place), 1, "10 MB", "/Volumes/"))
doc = document("create-cluster", "--cluster-name", "spark-processor", "--num-workers", "4")
body = json.loads(sent("POST", "/api/2.1/clusters/create")[0][3])
check("create-cluster", same("id", doc["cluster_id"], "0101-000000-stub"),
      same("body", body, {"autotermination_minutes": 60, "cluster_name": "spark-processor", "data_security_mode": "SINGLE_USER",
                          "node_type_id": "m5d.large", "num_workers": 4, "spark_version": "16.4.x-scala2.12"}))
line = subprocess.run("sdp-databricks check && sdp-databricks upload --local-path notebooks/spark_ml_jobs.py --workspace-path "
                      "/Shared/spark-data-processor/ml_jobs && sdp-databricks create-cluster --cluster-name spark-processor --num-workers 4 | jq -r .cluster_id",
                      shell=True, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
lines = line.stdout.split("\n")
check("as the mission writes it", same("lines", len(lines), 4), same("check", lines[0][:26], '{"task":"databricks_check"'), same("upload", lines[1][:16], '{"path":"/Shared'),
      same("cluster_id", lines[2], "0101-000001-stub"), same("exit", line.returncode, 0), same("content", w.notebooks[place] == open(PROJECT, "rb").read(), True))

# ---- clusters ----
fresh()
doc = document("create-cluster", "--cluster-name", "a", "--num-workers", "0", "--wait", "--poll", "1")
check("--wait", same("state", doc["state"], "RUNNING"),
      same("single node", json.loads(sent("POST", "/api/2.1/clusters/create")[0][3])["spark_conf"]["spark.master"], "local[*]"))
for name in "bcdef":
    document("create-cluster", "--cluster-name", name)
doc = document("clusters")
check("clusters, three pages", same("names", [c["cluster_name"] for c in doc["clusters"]], list("abcdef")))
doc = document("terminate", "0101-000000-stub", "--wait", "--poll", "1")
check("terminate", same("state", doc["state"], "TERMINATED"))
check("start what runs already", same("state", document("start", "0101-000000-stub", "--wait", "--poll", "1")["state"], "RUNNING"),
      same("again", document("start", "--cluster-id", "0101-000000-stub")["state"], "RUNNING"))
w.clusters["0101-000000-stub"]["plan"] = ["TERMINATING"]
check("start what is about to end", ends("start", run("start", "0101-000000-stub"), 3, "INVALID_STATE"))
w.faults = [{"path": "/api/2.1/clusters/get", "status": 502}]
check("a cluster's id is printed even if nothing else can be learnt of it", same("id", document("create-cluster", "--cluster-name", "y")["cluster_id"], "0101-000006-stub"))
w.faults = [{"path": "/api/2.1/clusters/get", "status": 502, "body": b"<html><title>Bad Gateway</title>"}]
doc = document("create-cluster", "--cluster-name", "y", "--wait", "--poll", "1")
check("while waiting a gateway's trouble is looked past", same("state", doc["state"], "RUNNING"))
w.cluster_plan = ["PENDING", "TERMINATED"]
check("a cluster that fails", ends("create", run("create-cluster", "--cluster-name", "x", "--wait", "--poll", "1"), 3,
                                   "cluster 0101-000008-stub is made", "CLOUD_PROVIDER_LAUNCH_FAILURE", "out of machines", "region: nowhere"))
w.cluster_plan = ["PENDING"]
check("a slow cluster and --timeout", ends("create", run("create-cluster", "--cluster-name", "x", "--wait", "--poll", "1", "--timeout", "1"), 3, "--timeout"))
check("no such cluster", ends("start", run("start", "nope"), 3, "400 INVALID_PARAMETER_VALUE: Cluster nope does not exist"))

# ---- settings ----
config = write(".databrickscfg", f"[DEFAULT]\nhost = {HOST}/?o=1\ntoken = {stub.TOKEN}\n[bare]\nhost = {HOST}\n"
               f"[other]\nhost = {HOST}\ntoken = wrong\n[m2m]\nhost = {HOST}\nclient_id = {stub.CLIENT_ID}\nclient_secret = {stub.CLIENT_SECRET}\n")
fresh()
doc = document("check", env=clean)
check("the default profile", same("sources", [s["source"] for s in doc["settings"]], ["profile DEFAULT"] * 2))
code, out, err = run("check", "--config-profile", "other")
check("the environment beats a profile, and says so", same("exit", code, 0), same("warning", "DATABRICKS_TOKEN in the environment counts" in err, True))
check("a profile takes nothing from DEFAULT", ends("check", run("check", "--config-profile", "bare", env=clean), 2, "DATABRICKS_TOKEN is not set"))
write("third.cfg", f"[indented]\n  host={HOST}\n  token = {stub.TOKEN}\n  auth_type = pat\n    more = of it\n")
doc = document("check", "--config-profile", "indented", env=clean, DATABRICKS_CONFIG_FILE="~/third.cfg")
check("an indented profile, every setting with its source", same("settings", [(s["name"], s["value"], s["source"]) for s in doc["settings"]], [
    ("host", HOST, "profile indented"), ("profile", "indented", "--config-profile"), ("token", None, "profile indented"), ("auth_type", "pat", "profile indented")]))
check("no such profile", ends("check", run("check", env=clean, DATABRICKS_CONFIG_PROFILE="nope"), 2, "no profile 'nope'"))
write("second.cfg", "[__settings__]\ndefault_profile = m2m\n" + open(config, encoding="utf-8").read())
doc = document("check", env=clean, DATABRICKS_CONFIG_FILE=os.path.join(work, "second.cfg"))
check("default_profile of __settings__", same("auth", doc["auth"], "oauth-m2m"), same("profile", doc["settings"][1]["value"], "m2m"))
both = dict(environment, DATABRICKS_CLIENT_ID=stub.CLIENT_ID, DATABRICKS_CLIENT_SECRET=stub.CLIENT_SECRET)
check("a token and a client", ends("check", run("check", env=both), 2, "DATABRICKS_AUTH_TYPE"),
      same("pat", document("check", env=both, DATABRICKS_AUTH_TYPE="pat")["auth"], "pat"),
      same("m2m", document("check", env=both, DATABRICKS_AUTH_TYPE="oauth-m2m")["auth"], "oauth-m2m"))
check("no plain http to elsewhere", ends("check", run("check", "--host", "http://example.org"), 2, "https only"))
check("this machine is not asked by a proxy", same("user", document("check", env={k: v for k, v in environment.items() if k != "no_proxy"},
                                                                   http_proxy="http://127.0.0.1:9", all_proxy="http://127.0.0.1:9")["user"], "ada@example.org"))
check("a host without a scheme is https", ends("check", run("check", "--host", HOST[7:], "--retry", "0"), 3, "/api/2.0/preview/scim/v2/Me"))

# ---- OAuth ----
machine = dict(clean, DATABRICKS_HOST=HOST, DATABRICKS_CLIENT_ID=stub.CLIENT_ID, DATABRICKS_CLIENT_SECRET=stub.CLIENT_SECRET)
os.remove(config)
fresh()
document("check", env=machine)
check("OAuth: one token for all calls", same("tokens", w.issued, 1), same("calls", len(sent("GET", "/.well-known/databricks-config")), 1))
fresh()
w.expires = 2
doc = document("create-cluster", "--cluster-name", "a", "--wait", env=machine)
check("OAuth: a short token is renewed in time", w.issued < 2 and f"{w.issued} tokens")
fresh({"path": "/api/2.1/clusters/list", "status": 401, "body": {"error_code": 401, "message": "expired"}})
check("OAuth: a refused token is renewed once", same("answer", document("clusters", env=machine), {"clusters": []}), same("tokens", w.issued, 2))
fresh()
check("OAuth: a wrong secret", ends("check", run("check", env=dict(machine, DATABRICKS_CLIENT_SECRET="wrong")), 3, "401 invalid_client: Client authentication failed"))
fresh({"path": "/oidc/v1/token", "status": 429, "headers": [("Retry-After", "1")]})
check("OAuth: 429 for a token", same("user", document("check", env=machine)["user"], "ada@example.org"))

# ---- refusals, faults, retries ----
fresh()
check("401", ends("check", run("check", DATABRICKS_TOKEN="dapiWRONGtoken"), 3, "401", "Credential was not sent", "**************"))
SECRETS.append("dapiWRONGtoken")
for body, text in (({"error_code": "PERMISSION_DENIED", "message": "you\nmay not"}, "403 PERMISSION_DENIED: you may not"),
                   ({"error": "denied by policy"}, "403: denied by policy"), ({"detail": "no", "status": "403"}, "403: no"),
                   (b"plain words\nmore", "403: plain words"), (b"<html><title>Sign in</title></html>", "403: Sign in"), (b"", "check: 403"),
                   (b"\xff\xfe{", "403")):
    fresh({"status": 403, "body": body})
    check(f"403 with {str(body)[:30]}", ends("clusters", run("clusters"), 3, text if text != "check: 403" else "/api/2.1/clusters/list: 403"))
check("a token of asterisks", ends("check", run("check", DATABRICKS_TOKEN="*" * 12), 3, "401"))
fresh({"status": 302, "headers": [("Location", "https://elsewhere.example.org/login?token=abc")]})
check("nobody follows to elsewhere", ends("check", run("check"), 3, "302: moved to https://elsewhere.example.org/login"), same("calls", len(w.calls), 1))
fresh({"status": 429, "headers": [("Retry-After", "4000")]})
start = time.monotonic()
check("429 for an hour", ends("clusters", run("clusters"), 3, "429", "wait for 4000 s"), time.monotonic() - start > 20 and "it waited")
for status in 429, 503:
    fresh({"path": "/api/2.1/clusters/list", "status": status, "count": 2, "headers": [("Retry-After", "1")]})
    start = time.monotonic()
    check(f"{status} twice", same("answer", document("clusters"), {"clusters": []}), same("calls", len(w.calls), 3),
          time.monotonic() - start < 2 and "it did not wait for Retry-After")
    fresh({"status": status, "count": 100})
    check(f"{status} for ever", ends("clusters", run("clusters", "--retry", "3"), 3, f"{status}", "again and again"))
for status in 500, 504:
    fresh({"status": status})
    check(f"{status} is not tried again", ends("clusters", run("clusters"), 3, f"{status}"), same("calls", len(w.calls), 1))
fresh({"drop": True})
result = run("clusters", "--retry", "1")
check("what is tried again is said", same("said", "trying again" in result[2], True), same("exit", result[0], 0))
fresh({"drop": True})
check("a connection that breaks", same("answer", document("clusters"), {"clusters": []}), same("calls", len(w.calls), 2))
fresh({"path": "/api/2.1/clusters/create", "drop": True})
check("but a cluster is not made twice", ends("create", run("create-cluster", "--cluster-name", "a"), 3, "may have been done"),
      same("calls", len(sent("POST", "/api/2.1/clusters/create")), 1))
fresh({"path": "/api/2.1/clusters/list", "truncate": 5, "count": 1})
check("an answer that breaks off is asked for again", same("answer", document("clusters"), {"clusters": []}))
fresh({"status": 200, "body": b"[1,2"})
check("an answer that is no JSON", ends("clusters", run("clusters"), 3, "no JSON, or breaks off"))
fresh({"status": 200, "body": {"clusters": [], "next_page_token": "x"}, "count": 9})
check("pages without end", ends("clusters", run("clusters"), 3, "the same page"))
check("nobody there", ends("clusters", run("clusters", "--host", "http://127.0.0.1:9", "--retry", "1"), 3, "again and again"))

# ---- files ----
blob = os.urandom((2 << 20) + 12345)
local = write("blob", blob)
for target in "dbfs:/tmp/a b/blob", "/Volumes/main/default/v/é/blob":
    fresh()
    document("put", local, target)
    out = os.path.join(work, "back")
    code, _, err = run("get", target, "-o", out)
    folder = target.rpartition("/")[0]
    listed = document("ls", folder)["files"]
    check(f"put, get, ls, rm: {target}", same("exit", code, 0), err, same("bytes", open(out, "rb").read() == blob, True),
          same("listed", [(f["path"], f["size"], f["type"], f["modified_at"]) for f in listed], [(target, len(blob), "file", "2023-11-14T22:13:20.000Z")]),
          same("stdin", document("put", "-", folder + "/in", stdin=b"hello")["size"], 5), same("content", w.files[folder + "/in"], b"hello"),
          same("rm", document("rm", target), {"removed": target}), same("left", list(w.files), [folder + "/in"]),
          same("rm -r", document("rm", "--recursive", folder), {"removed": folder}), same("none", w.files, {}),
          ends("get", run("get", target), 3, "404"))
for fault, name in ({"path": "/api/2.0/dbfs/add-block", "method": "POST", "drop": True}, "a block"), ({"path": "/api/2.0/dbfs/close", "method": "POST", "drop": True}, "the end"):
    fresh(fault)
    document("put", local, "dbfs:/tmp/blob")
    check(f"put: the connection breaks at {name}", same("bytes", w.files["dbfs:/tmp/blob"] == blob, True))
fresh()
document("put", local, "/Volumes/a/b/c/blob")
w.faults = [{"path": "/api/2.0/fs/files", "truncate": n} for n in (100000, 1500000, 0)]
code = run("get", "/Volumes/a/b/c/blob", "-o", out)[0]
check("get: a connection that breaks three times", same("exit", code, 0), same("bytes", open(out, "rb").read() == blob, True))


def change():
    w.changed = "Wed, 15 Nov 2023 00:00:00 GMT"


w.faults = [{"path": "/api/2.0/fs/files", "truncate": 100000, "after": change}]
check("get: a file that changes meanwhile", ends("get", run("get", "/Volumes/a/b/c/blob", "-o", out + ".new"), 3, "changed while it was read"),
      same("no half", os.path.exists(out + ".new"), False))
check("rm of everything", *(ends("rm", run("rm", "--recursive", root), 2, "not all there is") for root in ("dbfs:/", "/", "/Workspace/")),
      ends("nothing", run("rm", ""), 2, "empty"), ends("nowhere", run("put", notebook, ""), 2, "empty"))
fresh()
document("put", notebook, "/Shared/x/note.py")
check("files of the workspace", same("put", w.notebooks["/Shared/x/note.py"], open(notebook, "rb").read()),
      same("get", run("get", "/Shared/x/note.py")[1], open(notebook, encoding="utf-8").read()),
      same("rm", run("rm", "/Workspace/Shared/x/note.py")[0], 0), ends("again", run("rm", "/Shared/x/note.py"), 3, "404"))
check("api", same("numbers stay", run("api", "POST", "/api/2.0/echo", '{"id":9007199254740993,"x":1.5}')[1], '{"id":9007199254740993,"x":1.5}\n'),
      same("PATCH", run("api", "PATCH", "/api/2.0/echo", '{"a":1}')[1], '{"a":1}\n'), same("DELETE", run("api", "DELETE", "/api/2.0/echo", '{"b":2}')[1], '{"b":2}\n'),
      same("an array", run("api", "GET", "/api/2.0/list")[1], '[1,{"a":2.5}]\n'), same("as a table", run("api", "GET", "/api/2.0/list", "-f", "table")[0], 0),
      ends("no such", run("api", "GET", "/api/2.0/nope"), 3, "ENDPOINT_NOT_FOUND"), ends("method", run("api", "FETCH", "/x"), 2), ends("body", run("api", "POST", "/x", "{"), 2))

# ---- runs ----
RUN = ["run", "--poll", "1", "--task", "linear_regression", "-y", "y"]


def arguments(n=0):
    return json.loads(list(w.runs.values())[n]["arguments"])


fresh()
code, out, err = run(*RUN, "-x", "x", "--level=0.9", table, "s3://bucket/more.csv")
words = arguments()
stage = words[words.index("--result") + 1].rpartition("/")[0]
body = json.loads(sent("POST", "/api/2.2/jobs/runs/submit")[0][3])
check("run", same("document", out, '{"task":"stub","big":12345678901234567890}\n'), same("exit", code, 0), err if "run 90071992547409" not in err else None,
      same("arguments", words, ["--task", "linear_regression", "-y", "y", "-x", "x", "--level=0.9", "--result", stage + "/result.json",
                                stage + "/1-table.csv", "s3://bucket/more.csv"]),
      same("the cluster", body["tasks"][0]["new_cluster"]["num_workers"], 2), same("one token", len(body["idempotency_token"]), 36),
      same("cleaned up", w.files, {}), same("notebooks", len(w.notebooks), 1))
check("the notebook is the project's", same("content", list(w.notebooks.values())[0] == open(PROJECT, "rb").read(), True))
code, out, err = run(*RUN, "--cluster-id", "c1", "--stage", "/Volumes/a/b/c/", "-f", "csv", "--notebook", "/Shared/mine", stdin=b"x,y\n1,2\n")
body = json.loads(sent("POST", "/api/2.2/jobs/runs/submit")[1][3])["tasks"][0]
check("run on a cluster, from standard input, as CSV", same("output", out, "task,big\nstub,12345678901234567890\n"), same("cluster", body["existing_cluster_id"], "c1"),
      same("notebook", body["notebook_task"]["notebook_path"], "/Shared/mine"), same("stdin", arguments(1)[-1].rpartition("/")[2], "1-stdin"),
      same("imports", len(sent("POST", "/api/2.0/workspace/import")), 1), same("cleaned up", w.files, {}))
for number in 1, 2, 3:
    w.outcome = lambda words, number=number: {"exit": number, "error": f"column 'q': fault {number}", "document": None}
    check(f"the task's exit code {number}", ends("run", run(*RUN, table), number, f"column 'q': fault {number}"), same("cleaned up", w.files, {}),
          ends("output", run("output", str(list(w.runs)[-1])), number, f"fault {number}"))
w.write_result = False
w.outcome = lambda words: {"exit": 1, "error": "only raised", "document": None}
check("an error that the API alone tells", ends("run", run(*RUN, table), 1, "sdp-databricks: only raised"))
w.outcome = lambda words: {"exit": 0, "error": None, "document": {"task": "x", "long": "y" * 1000}}
check("a document that the API alone tells", same("size", len(document(*RUN, table)["long"]), 1000))
w.output_limit = 100
check("truncated output", ends("run", run(*RUN, table), 3, "too long for the API"))
w.write_result = True
check("truncated output, whole result", same("size", len(document(*RUN, table)["long"]), 1000))


def died(words):
    raise RuntimeError("Cluster 'x' was terminated. Reason: SPOT_INSTANCE_LOST")


w.outcome = died
check("a cluster lost under way", ends("run", run(*RUN, table), 3, "SPOT_INSTANCE_LOST"), same("cleaned up", w.files, {}))
w.outcome = lambda words: {"exit": 1, "error": "only raised", "document": None}
w.write_result = False
check("-v has the notebook's trace, in lines", same("lines", [s for s in run(*RUN, table, "-v")[2].split("\n") if "Trace" in s or "somewhere" in s],
                                                   ["sdp-databricks: Traceback:", "sdp-databricks:   somewhere"]))

# a result that is there but cannot be fetched
fresh({"path": "/api/2.0/fs/files/Volumes/a/b/c/sdp-run", "method": "GET", "status": 500})
check("a result that cannot be fetched: the API has it", same("task", document(*RUN, "--stage", "/Volumes/a/b/c", table)["task"], "stub"), same("cleaned up", w.files, {}))
fresh({"path": "/api/2.0/fs/files/Volumes/a/b/c/sdp-run", "method": "GET", "status": 500})
w.output_limit = 5
result = run(*RUN, "--stage", "/Volumes/a/b/c", table)
run_id = str(list(w.runs)[0])
check("a result that cannot be fetched, too long for the API", ends("run", result, 3, "500", f"'sdp-databricks output {run_id}'"),
      same("it is there", [f.rpartition("/")[2] for f in w.files], ["1-table.csv", "result.json"]), same("output", document("output", run_id)["task"], "stub"))
fresh({"path": "/api/2.0/fs/files/Volumes/a/b/c/sdp-run", "method": "GET", "truncate": 20, "count": 2})
check("a result that breaks off is asked for again", same("task", document(*RUN, "--stage", "/Volumes/a/b/c", table)["task"], "stub"))
fresh({"path": "/api/2.2/jobs/runs/get", "status": 502, "count": 2}, {"path": "/api/2.2/jobs/runs/get", "status": 500})
check("while waiting a gateway's trouble is looked past, too", same("task", document(*RUN, table)["task"], "stub"))
fresh({"path": "/api/2.2/jobs/runs/get", "status": 500, "count": 100})
result = run(*RUN, table, "--retry", "2")
run_id = str(list(w.runs)[0])
check("but not for ever", ends("run", result, 3, f"run {run_id}: GET /api/2.2/jobs/runs/get: 500", "may go on"), same("what it reads stays", len(w.files), 1))
fresh()
document(*RUN, "--stage", "dbfs:/", table)
check("a stage that is DBFS itself", same("folder", arguments()[-1][:14], "dbfs:/sdp-run-"), same("cleaned up", w.files, {}))
fresh()
strange = write("a[1]:{b} é.csv", "x,y\n1,2\n")
document(*RUN, strange)
check("a name that Spark would read otherwise", same("there", arguments()[-1].rpartition("/")[2], "1-a_1___b____.csv"))
fresh()
done = subprocess.run(["bash", "-c", "sdp-databricks " + " ".join(RUN) + " <(printf 'x,y\\n1,2\\n')"], env=environment, capture_output=True, check=False)
check("a file that is a pipe", same("exit", done.returncode, 0), done.returncode and done.stderr)
fresh({"path": "/api/2.2/jobs/runs/submit", "status": 503, "headers": [("Retry-After", "1")]})
document(*RUN, table)
tokens = {json.loads(c[3])["idempotency_token"] for c in sent("POST", "/api/2.2/jobs/runs/submit")}
check("a submission tried again is one run", same("tokens", len(tokens), 1), same("runs", len(w.runs), 1))
fresh({"path": "/api/2.2/jobs/runs/submit", "drop": True})
document(*RUN, table)
check("also after a broken connection", same("runs", len(w.runs), 1), same("calls", len(sent("POST", "/api/2.2/jobs/runs/submit")), 2))
fresh()
w.outcome = lambda words: {"exit": 0, "error": None, "document": {
    "task": "benchmark", "results": [{"name": "kmeans", "workers": n, "median": 8 / n + 1} for n in (1, 2, 4, 8)], "fits": []}}
doc = document("run", "--poll", "1", "--task", "kmeans", "-k", "3", "--worker-counts", "1,2,4,8", "--runs", "2", table)
check("a benchmark", same("size of the cluster", list(w.runs.values())[0]["task"]["new_cluster"]["num_workers"], 8),
      same("arguments", arguments()[4:8], ["--worker-counts", "1,2,4,8", "--runs", "2"]),
      abs(doc["fits"][0]["amdahl"]["serial_fraction"] - 1 / 9) > 1e-12 and f"fits: {doc['fits']}")
fresh()
start = write("start.csv", "x\n1\n2\n")
document("run", "--poll", "1", "--task", "kmeans", "-k", "2", "--init", start, table)
check("--init FILE goes along", same("word", arguments()[5].rpartition("/")[2], "0-start.csv"))
for args, text in ((["--task", "kmeans", "-k", "2", "-y", "y"], "-y is no option of kmeans"), (["--task", "kmeans", table, "-k"], "needs a value"),
                   (["--task", "kmeans", "--standardize=1"], "takes no value"), ([], "run needs --task"), (["--task", "kmeans", "--nope"], "unknown option"),
                   (["--task", "kmeans", "--worker-counts", "1,x"], "--worker-counts"), (["--task", "kmeans", "--stage", "/tmp"], "--stage")):
    check("usage: run " + " ".join(args), ends("run", run("run", *(args if table in args else [*args, table])), 2, text))


def options_of(program):
    """{long name: the option as it is typed, with a value if it takes one}"""
    rows = [row.split("\t") for row in subprocess.run([program, "--options"], capture_output=True, text=True, check=True).stdout.splitlines()]
    long, argument = rows[0].index("long"), rows[0].index("argument")
    return {row[long]: ["--" + row[long], *(["1"] if row[argument] else [])] for row in rows[1:] if row[long]}


programs = {"descriptive_stats": "sdp-stats", "linear_regression": "sdp-linreg", "logistic_regression": "sdp-logreg", "kmeans": "sdp-kmeans",
            "fp_growth": "sdp-fpgrowth", "time_series": "sdp-timeseries"}
theirs = {task: options_of(program) for task, program in programs.items()}
everything = {name: typed for options in theirs.values() for name, typed in options.items() if name not in options_of("sdp-databricks")}
here = {"workers", "max-memory", "max-record", "progress", "algorithm", "assign", "predict", "interval"}  # how a program works, and rows
for task, options in theirs.items():
    taken = {name for name, typed in everything.items() if "--stage: neither" in run("run", "--task", task, "--stage", "/tmp", *typed)[2]}
    check(f"{task} takes the options of {programs[task]}", same("options", sorted(taken), sorted((options.keys() & everything.keys()) - here)))
check("usage: a task's option elsewhere", ends("check", run("check", "-y", "a"), 2, "-y is for run only"))
check("a file that is not there", ends("run", run(*RUN, os.path.join(work, "none.csv")), 3, "none.csv"), same("runs", len(w.runs), 1))

# ---- killed, interrupted, taken up again ----
fresh()
w.run_plan = ["PENDING", *["RUNNING"] * 60, "TERMINATED"]


def begin():
    """A run that waits, and its id."""
    p = subprocess.Popen(["sdp-databricks", *RUN, table], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    line = p.stderr.readline().decode()
    while not line.startswith("sdp-databricks: run "):
        line = p.stderr.readline().decode()
    return p, line.split()[2]


p, run_id = begin()
p.kill()
p.wait()
shown = document("status", run_id)
code = run("wait", run_id, "--poll", "1", "--timeout", "2")[0]
with w.lock:
    w.runs[int(run_id)]["plan"] = ["RUNNING", "TERMINATED"]
waited = document("wait", run_id, "--poll", "1")
check("kill -9 while waiting: status, wait and output go on", same("id", str(shown["run_id"]), run_id), same("state", shown["state"], "RUNNING"),
      same("--timeout", code, 3), same("result", waited["result"], "SUCCESS"), same("output", document("output", run_id)["task"], "stub"),
      same("listed", [str(r["run_id"]) for r in document("runs")["runs"]], [run_id]))
fresh()
w.run_plan = ["PENDING", *["RUNNING"] * 60, "TERMINATED"]
p, run_id = begin()
p.kill()
p.wait()
doc = document("cancel", run_id, "--wait", "--poll", "1")
check("kill -9 while waiting: cancel", same("result", doc["result"], "CANCELED"), same("cleaned up", w.files, {}),
      ends("wait", run("wait", run_id), 1, "CANCELED"))
for sig in signal.SIGINT, signal.SIGTERM:
    fresh()
    w.run_plan = ["PENDING", *["RUNNING"] * 60, "TERMINATED"]
    p, run_id = begin()
    p.send_signal(sig)
    p.wait(30)
    check(f"{sig.name} cancels the run and cleans up", same("signal", p.returncode, -sig), same("runs", list(w.runs.values())[0]["result"], "CANCELED"),
          same("files", w.files, {}))
for place, what in ("/api/2.0/dbfs/add-block", "while files are sent"), ("/api/2.2/jobs/runs/submit", "before the answer to the submission"):
    fresh({"path": place, "slow": 2})
    w.run_plan = ["PENDING", *["RUNNING"] * 60, "TERMINATED"]
    p = subprocess.Popen(["sdp-databricks", *RUN, table], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    while not sent("POST", place):
        time.sleep(0.02)
    p.send_signal(signal.SIGINT)
    p.wait(30)
    time.sleep(2.5)  # until the slow call is done, too
    check("SIGINT " + what, same("signal", p.returncode, -signal.SIGINT), same("files", w.files, {}), same("runs", [r["result"] for r in w.runs.values()], ["CANCELED"] * (what[0] == "b")))
fresh({"path": "/api/2.2/jobs/runs/cancel", "status": 500})
w.run_plan = ["PENDING"]
check("a run that cannot be cancelled", ends("run", run(*RUN, table, "--timeout", "1"), 3, "could not be cancelled and may go on", "500"))
fresh()
w.run_plan = ["PENDING"]
check("--timeout of a run", ends("run", run(*RUN, table, "--timeout", "1"), 3, "--timeout"), same("runs", list(w.runs.values())[0]["result"], "CANCELED"))
fresh()
for n in range(5):
    document(*RUN, table)
check("runs, in pages", same("all", len(document("runs")["runs"]), 5), same("--limit", len(document("runs", "--limit", "3")["runs"]), 3))
before = len(w.calls)
check("runs: no page too many", same("runs", len(document("runs", "--limit", "4")["runs"]), 4), same("calls", len(w.calls) - before, 2))
check("a run that does not exist", ends("status", run("status", "1"), 3, "does not exist"), ends("cancel", run("cancel", "x"), 2, "run_id"))

# ---- a workspace that lies: members that lack or are something else, bodies that are none ----
problems, ended = [], set()
for seed in range(3):
    for number, words in enumerate((["check"], ["upload", "--local-path", table, "--workspace-path", "/a/b"], ["create-cluster", "--cluster-name", "x", "--wait"], ["clusters", "-f", "table"],
                  ["start", "here", "--wait"], ["terminate", "here"], ["run", "--task", "kmeans", "--worker-counts", "1,2", table], RUN + [table], ["runs", "-f", "csv"],
                  ["status", "77"], ["output", "77"], ["wait", "77"], ["cancel", "77", "--wait"], ["put", table, "dbfs:/a/b"], ["get", "dbfs:/a/b"], ["ls", "dbfs:/a"],
                  ["rm", "-q", "dbfs:/a", "--recursive"], ["put", table, "/Volumes/a/b"], ["get", "/Volumes/a/b"], ["ls", "/Volumes/a"], ["rm", "/Volumes/a", "--recursive"],
                  ["api", "GET", "/api/2.0/list", "-f", "table"], ["get", "/Shared/a"], ["ls", "/Shared"])):
        fresh()
        words = [*words, "--retry", "0", "--poll", "1", "--timeout", "2"]
        w.clusters["here"] = {"cluster_id": "here", "plan": ["PENDING", "RUNNING"], "cluster_name": "a"}
        w.files, w.notebooks, w.run_plan = {"dbfs:/a/b": b"x" * 100, "/Volumes/a/b": b"y" * 100}, {"/Shared/a": b"z"}, ["RUNNING", "TERMINATED"]
        options = json.dumps(["--result", "dbfs:/tmp/sdp-run-1/result.json"])
        w.runs[77] = {"run_id": 77, "task": {"notebook_task": {"base_parameters": {"arguments": options}}}, "name": "n", "plan": list(w.run_plan), "started": False,
                      "arguments": options}
        w.garble = stub.liar(random.Random(100 * seed + number))
        code, out, err = run(*words)
        ended.add(code)
        if code not in (0, 1, 3) or (code and out and words[0] != "get"):
            problems.append(f"{words}, seed {seed}: exit {code}: {out[:100]} {err[-500:]}")
check("nonsense as answers: an error or what there is, never a crash", *problems, same("exits", {0, 3} <= ended, True))

# ---- TLS ----
subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-days", "2", "-subj", "/CN=127.0.0.1",
                "-addext", "subjectAltName=IP:127.0.0.1"], cwd=work, check=True, capture_output=True)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(os.path.join(work, "cert.pem"), os.path.join(work, "key.pem"))
secure = stub.serve(context)
place = f"127.0.0.1:{secure.server_port}"
start = time.monotonic()
refused = run("check", "--host", place)
check("TLS: a certificate that nobody vouches for", ends("check", refused, 3, "certificate"), same("calls", len(secure.workspace.calls), 0),
      time.monotonic() - start > 20 and "it was tried again and again")
check("TLS: one that is trusted", same("user", document("check", "--host", place, SSL_CERT_FILE=os.path.join(work, "cert.pem"))["user"], "ada@example.org"))

run("check", "-v")
run("check", "-v", env=machine)
run("check", "-v", env=dict(machine, DATABRICKS_CLIENT_SECRET="dose0123456789CLIENTwrong"))
found = [s for s in SECRETS for text in printed if s in text]
check(f"no secret in {len(printed)} outputs and messages", *found)
subprocess.run(["rm", "-rf", work], check=False)
end()
