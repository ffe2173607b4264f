"""sdp-databricks: tasks run, their files, options and results."""
import json
import os
import subprocess

from databricks_kit import (PROJECT, RUN, arguments, check, document, ends, environment, finish, fresh, run, same, sent, table, w, work,
                            write)

# ---- runs ----
fresh()
w.run_plan = ["PENDING", "RUNNING", "TERMINATED"]
code, out, err = run(*RUN, "-x", "x", "--level=0.9", table, "s3://bucket/more.csv")
words = arguments()
stage = words[words.index("--result") + 1].rpartition("/")[0]
body = json.loads(sent("POST", "/api/2.2/jobs/runs/submit")[0][3])
check("run", same("document", out, '{"task":"stub","big":12345678901234567890}\n'), same("exit", code, 0), err if "run 90071992547409" not in err else None,
      same("arguments", words, ["--task", "linear_regression", "-y", "y", "-x", "x", "--level=0.9", "--result", stage + "/result.json",
                                stage + "/1-table.csv", "s3://bucket/more.csv"]),
      same("the cluster", body["tasks"][0]["new_cluster"]["num_workers"], 2), same("one token", len(body["idempotency_token"]), 36),
      same("cleaned up", w.files, {}), same("notebooks", len(w.notebooks), 1))
w.run_plan = ["PENDING", "TERMINATED"]
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
check("but not for ever", ends("run", result, 3, f"run {run_id}: GET /api/2.2/jobs/runs/get: 500", "may continue"), same("what it reads stays", len(w.files), 1))
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
fresh()
document("run", "--task", "fp_growth", "-rs", "1%", "--input-format", "parquet", table)
check("options joined go as they were typed", same("words", arguments()[2:6], ["-rs", "1%", "--input-format", "parquet"]))
check("a file that is not there", ends("run", run(*RUN, os.path.join(work, "none.csv")), 3, "none.csv"), same("runs", len(w.runs), 1))

finish()
