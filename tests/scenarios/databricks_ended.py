"""sdp-databricks: runs killed, interrupted and taken up again; a workspace that lies."""
import json
import random
import signal
import subprocess
import time

import databricks_stub as stub
from databricks_kit import RUN, check, document, ends, environment, finish, fresh, run, same, sent, table, w

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
check("a run that cannot be cancelled", ends("run", run(*RUN, table, "--timeout", "1"), 3, "could not be cancelled and may continue", "500"))
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
                  ["start", "here", "--wait"], ["terminate", "here"], ["run", "--task", "kmeans", "-k", "2", "--worker-counts", "1,2", table], RUN + [table], ["runs", "-f", "csv"],
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
        problems += [f"{words}, seed {seed}: sent {body[:60]}…{body[-60:]}" for body in w.unreadable]
check("nonsense as answers: an error or what there is, never a crash, and only JSON is sent", *problems, same("exits", {0, 3} <= ended, True))

finish()
