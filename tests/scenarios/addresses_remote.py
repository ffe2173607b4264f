"""FILEs in an S3 and in a Databricks workspace of our own: what programs print for them, and for the same bytes in a file."""
import gzip
import json
import os
import subprocess
import sys
import tempfile

import databricks_stub
import s3_stub

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "judges"))
from judge import check, end  # noqa: E402

SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
work = tempfile.mkdtemp(prefix="sdp-addresses.")
s3, spark = s3_stub.serve(), databricks_stub.serve()
environment = dict(os.environ, SDP_HOME=os.path.join(work, "home"), HOME=work, TMPDIR=work, no_proxy="*", STORAGE_BACKEND="local",
                   AWS_ACCESS_KEY_ID="AKIAEXAMPLE", AWS_SECRET_ACCESS_KEY=SECRET, AWS_REGION="us-east-1", AWS_MAX_ATTEMPTS="4",
                   AWS_ENDPOINT_URL=f"http://127.0.0.1:{s3.server_port}", DATABRICKS_HOST=f"http://127.0.0.1:{spark.server_port}",
                   DATABRICKS_TOKEN=databricks_stub.TOKEN)
for name in "AWS_PROFILE", "AWS_DEFAULT_REGION", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_S3", "SDP_FORMAT", "SDP_FAULT":
    environment.pop(name, None)
messages = []


def run(*words):
    done = subprocess.run(words, env=environment, cwd=work, stdin=subprocess.DEVNULL, capture_output=True, timeout=120, check=False)
    messages.append(done.stderr.decode(errors="replace"))
    return done.returncode, done.stdout, done.stderr.decode(errors="replace")


def same(words, address, file, faults=()):
    """Problems if a program does not print for an address what it prints for a file."""
    wanted = run(*words, file)
    s3.store.faults = [dict(f) for f in faults]
    got = run(*words, address)
    return None if wanted[0] == 0 and got[:2] == wanted[:2] else f"{words} {address}: {got}, not {wanted}"


def fails(code, words, message="", faults=()):
    """Problems if a call does not fail with the code and a message, and without output."""
    s3.store.faults = [dict(f) for f in faults]
    got = run(*words)
    return None if got[0] == code and not got[1] and message in got[2] and got[2].count("\n") == 1 else f"{words}: {got}"


run("sdp-sample", "-d", "synthetic", "-r", "20000", "-o", "table.csv")
with open(os.path.join(work, "table.csv"), "rb") as f:
    table = f.read()
packed = gzip.compress(table, 1)
with open(os.path.join(work, "table.csv.gz"), "wb") as f:
    f.write(packed)
with open(os.path.join(os.environ["SDP_ROOT"], "tests", "data", "pdf", "ruled", "wrapped.pdf"), "rb") as f:
    pdf = f.read()
with open(os.path.join(work, "wrapped.pdf"), "wb") as f:
    f.write(pdf)
s3.store.objects = {"k/table.csv": (table, []), "k/table.csv.gz": (packed, []), "k/wrapped.pdf": (pdf, [])}
for place in "dbfs:/k/", "/Volumes/a/b/c/":
    spark.workspace.files[place + "table.csv"], spark.workspace.files[place + "table.csv.gz"] = table, packed
file_id = json.loads(run("sdp-upload", "table.csv.gz")[1])["file_id"]

STATS = "sdp-stats", "-j", "2"
check("S3", same(STATS, "s3://bucket/k/table.csv", "table.csv"), same(STATS, "s3://bucket/k/table.csv.gz", "table.csv"),
      same(("sdp-pdf",), "s3://bucket/k/wrapped.pdf", "wrapped.pdf"), same(("sdp-cat", "-n", "3"), "s3://bucket/k/table.csv", "table.csv"))
check("DBFS and Volumes", same(STATS, "dbfs:/k/table.csv.gz", "table.csv"), same(STATS, "dbfs:/Volumes/a/b/c/table.csv", "table.csv"))
check("a stored file", same(STATS, file_id, "table.csv"))
check("several of them", None if run(*STATS, *["table.csv"] * 4)[1] == run(*STATS, "s3://bucket/k/table.csv", "dbfs:/k/table.csv", file_id, "table.csv")[1]
      else "not what four files give")
copy = json.loads(run("sdp-upload", file_id)[1] or "{}")
check("a copy of a stored file keeps its name", None if copy.get("name") == "table.csv.gz" and copy["duplicate_of"] == file_id else str(copy))
check("S3: what does not last", *(same(STATS, f"s3://bucket/k/{name}", "table.csv", [{"op": "get-data", "kind": kind}])
                                  for name in ("table.csv", "table.csv.gz") for kind in ("reset", "500", "503")))
check("S3: what is lost midway for good is no shorter table",
      *(fails(3, (*STATS, f"s3://bucket/k/{name}"), "", [{"op": "get-data", "kind": "truncated", "times": 99}]) for name in ("table.csv", "table.csv.gz")))
check("an id that nobody has", fails(1, (*STATS, "01933a2e-5b6c-7def-8123-456789abcdef"), "01933a2e-5b6c-7def-8123-456789abcdef"))
check("what is not there", fails(1, (*STATS, "s3://bucket/k/none.csv"), "sdp-stats: s3://bucket/k/none.csv: GET: 404 NoSuchKey"),
      fails(1, (*STATS, "dbfs:/k/none.csv"), "sdp-stats: dbfs:/k/none.csv: there is no such file: GET "), fails(1, (*STATS, "dbfs:/Volumes/a/none.csv"), "sdp-stats: dbfs:/Volumes/a/none.csv: /Volumes/a/none.csv: there is no such file: GET "))
check("what may not be read", fails(3, (*STATS, "s3://bucket/k/table.csv"), "403 AccessDenied", [{"op": "get-data", "kind": "403", "times": 9}]))
for place, path in ("dbfs:/k/table.csv", "/api/2.0/dbfs/read"), ("dbfs:/Volumes/a/b/c/table.csv", "/api/2.0/fs/files"):
    file = place.replace("dbfs:/Volumes", "/Volumes")
    spark.workspace.faults = [{"path": path, "truncate": 300000 if "fs" in path else None, "after": lambda: spark.workspace.files.update({file: table.replace(b"7", b"8")[:-1] + b"x"})}]
    spark.workspace.files[file] = table * (3 if "dbfs/" in path else 1)
    check(f"a table that changes while it is read is none: {place}", fails(3, (*STATS, "-q", place), f"sdp-stats: {place}"), None if spark.workspace.faults == [] else "it was not read")
    spark.workspace.files[file] = table
s3.store.objects["k/v.csv"] = (table, [])
check("S3: a table that changes while it is read is none", fails(3, (*STATS, "s3://bucket/k/v.csv"), "sdp-stats: s3://bucket/k/v.csv changed while it was read",
                                                               [{"op": "get-data", "kind": "truncated"}, {"op": "get-data", "kind": "412", "times": 9}]))
s3.store.faults = []
stored = run("sdp-databricks", "put", "s3://bucket/k/table.csv", "dbfs:/copies/"), run("sdp-databricks", "put", file_id, "/Volumes/a/b/c/stored.csv.gz")
check("sdp-databricks put", None if [s[0] for s in stored] == [0, 0] and spark.workspace.files.get("dbfs:/copies/table.csv") == table and
      spark.workspace.files.get("/Volumes/a/b/c/stored.csv.gz") == packed else f"{stored}, {list(spark.workspace.files)}",
      fails(3, ("sdp-databricks", "put", "s3://bucket/k/table.csv", "dbfs:/other.csv"), "sdp-databricks: s3://bucket/k/table.csv: ",
            [{"op": "get-data", "kind": "truncated", "times": 99}]), None if "dbfs:/other.csv" not in spark.workspace.files else "a part was put")
done = run("sdp-databricks", "run", "--poll", "1", "--task", "descriptive_stats", file_id, "s3://bucket/k/table.csv", "dbfs:/k/table.csv")
words = json.loads(list(spark.workspace.runs.values())[0]["arguments"]) if done[0] == 0 else done
check("sdp-databricks run copies what Spark cannot read, and nothing else",
      None if done[0] == 0 and words[-3].endswith(f"/1-{file_id}") and words[-2:] == ["s3://bucket/k/table.csv", "dbfs:/k/table.csv"] else f"{words}")
check("no secret in a message", None if not any(s in m for m in messages for s in (SECRET, databricks_stub.TOKEN)) else "there is one")
end()
