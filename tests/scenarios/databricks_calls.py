"""sdp-databricks: commands, clusters, settings, OAuth."""
import json
import os
import subprocess

import databricks_stub as stub
from databricks_kit import (HOST, PROJECT, ROOT, check, clean, document, ends, environment, finish, fresh, notebook, run, same, sent, w,
                            work, write)

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
                                   "cluster 0101-000008-stub was created", "CLOUD_PROVIDER_LAUNCH_FAILURE", "out of machines", "region: nowhere"))
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
check("the environment beats a profile, and says so", same("exit", code, 0), same("warning", "DATABRICKS_TOKEN in the environment overrides" in err, True))
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
check("no plain http to elsewhere", ends("check", run("check", "--host", "http://example.org"), 2, "only sent over https"))
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
run("check", "-v")
run("check", "-v", env=machine)
run("check", "-v", env=dict(machine, DATABRICKS_CLIENT_SECRET="dose0123456789CLIENTwrong"))

finish()
