"""What the parts of the scenario databricks share: a workspace of our own, calls of sdp-databricks to it, checks."""
import json
import os
import subprocess
import sys
import tempfile

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
RUN = ["run", "--poll", "1", "--task", "linear_regression", "-y", "y"]


def arguments(n=0):
    return json.loads(list(w.runs.values())[n]["arguments"])


def finish():
    """At the end of each part."""
    check(f"no secret in {len(printed)} outputs and messages", *[s for s in SECRETS for text in printed if s in text])
    subprocess.run(["rm", "-rf", work], check=False)
    end()
