"""What the parts of the scenario upload-s3 share: an S3 of our own, calls of sdp-upload to it, checks."""
import hashlib
import json
import os
import subprocess
import sys
import tempfile

import s3_stub

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "judges"))
from judge import check, end  # noqa: E402

QUICK = bool(os.environ.get("SDP_TEST_QUICK"))
work = tempfile.mkdtemp(prefix="sdp-s3.")
server = s3_stub.serve()
store = server.store
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
environment = dict(os.environ, SDP_HOME=os.path.join(work, "home"), STORAGE_BACKEND="s3", S3_BUCKET="bucket", HOME=work,
                   AWS_ACCESS_KEY_ID="AKIAEXAMPLE", AWS_SECRET_ACCESS_KEY=SECRET, AWS_MAX_ATTEMPTS="4", no_proxy="*",
                   AWS_ENDPOINT_URL=f"http://127.0.0.1:{server.server_port}")
for name in "AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_S3", "SDP_FORMAT":
    environment.pop(name, None)

small, large = os.path.join(work, "small.csv"), os.path.join(work, "large.csv")
with open(small, "w", encoding="ascii") as f:
    f.write("a,b\n" + "".join(f"{i},{i * i}\n" for i in range(1000)))
with open(large, "w", encoding="ascii") as f:  # three parts
    f.write("a,b\n" + "".join(f"{i},{'x' * 100}\n" for i in range(190000)))
away = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_MAX_ATTEMPTS": "2"}
MESSAGES = []


def run(*args, **more):
    done = subprocess.run(["sdp-upload", *args], env=dict(environment, **more), capture_output=True, timeout=120, check=False)
    MESSAGES.append(done.stderr.decode(errors="replace"))
    return done.returncode, done.stdout, done.stderr.decode(errors="replace")


def fresh(*faults, files=True):
    with store.lock:
        store.reset()
        store.faults = [dict(f) for f in faults]
    if files:
        subprocess.run(["rm", "-rf", environment["SDP_HOME"]], check=True)


def sha256(path):
    with open(path, "rb") as f:
        return hashlib.sha256(f.read()).hexdigest()


def left_behind():
    states = os.path.join(environment["SDP_HOME"], "uploads")
    found = list(store.objects) + list(store.uploads) + (os.listdir(states) if os.path.isdir(states) else [])
    return f"left behind: {found}" if found else None


def whole(path, out):
    """Problems with an upload that says it went well."""
    doc = json.loads(out)
    key = doc["uri"].removeprefix("s3://bucket/")
    digest = sha256(path)
    if key not in store.objects or hashlib.sha256(store.objects[key][0]).hexdigest() != digest or doc["sha256"] != digest:
        return "the object is not the file"
    wanted = sorted([key, f"sdp/{doc['file_id']}.json", f"sdp/sha256/{digest}/{doc['file_id']}"])
    if sorted(store.objects) != wanted or store.uploads:
        return f"objects: {sorted(store.objects)}, uploads: {store.uploads.keys()}"
    if json.loads(store.objects[wanted[0] if wanted[0].endswith(".json") else wanted[1]][0]) != doc:
        return "the record is not what was printed"
    return None


def upload(name, path, *faults, ends=0, args=(), says=None, **more):
    """One upload with faults: ends whole (0) or leaves nothing (3)."""
    fresh(*faults)
    rc, out, err = run(*args, path, **more)
    check(name, rc != ends and f"ended with {rc}: {err}", rc == 0 and whole(path, out), rc != 0 and left_behind(),
          rc != 0 and out and "prints a document", says and says not in err and f"does not say {says!r}: {err}",
          ends != 0 and len(err.splitlines()) != 1 and f"messages: {err}")
    return err


def finish():
    """At the end of each part."""
    check("no secret in any message", *[m for m in MESSAGES if SECRET in m or "AWS4-HMAC" in m])
    subprocess.run(["rm", "-rf", work], check=False)
    end()
