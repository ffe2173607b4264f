"""sdp-upload against an S3 that fails in every way: each upload ends whole, or with 3 and no trace."""
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time

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

random.seed(1)
small, large = os.path.join(work, "small.csv"), os.path.join(work, "large.csv")
with open(small, "w", encoding="ascii") as f:
    f.write("a,b\n" + "".join(f"{i},{i * i}\n" for i in range(1000)))
with open(large, "w", encoding="ascii") as f:  # three parts
    f.write("a,b\n" + "".join(f"{i},{'x' * 100}\n" for i in range(190000)))
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


def upload(name, path, *faults, ends=0, args=(), says=None):
    """One upload with faults: ends whole (0) or leaves nothing (3)."""
    fresh(*faults)
    rc, out, err = run(*args, path)
    check(name, rc != ends and f"ended with {rc}: {err}", rc == 0 and whole(path, out), rc != 0 and left_behind(),
          rc != 0 and out and "prints a document", says and says not in err and f"does not say {says!r}: {err}",
          ends != 0 and len(err.splitlines()) != 1 and f"messages: {err}")
    return err


SMALL = "list", "put-data", "put-mark", "put-record"
LARGE = "list", "create", "part", "complete", "head-data", "put-mark", "put-record"

upload("small", small)
upload("large", large)
for path, ops in (small, SMALL), (large, LARGE):
    size = os.path.basename(path).split(".")[0]
    for op in ops:
        for kind in "reset", "500", "503", "lost", "truncated":
            if kind == "truncated" and op == "head-data":
                continue
            if QUICK and kind in ("500", "truncated"):
                continue
            upload(f"{size}: {kind} at {op}, once", path, {"op": op, "kind": kind})
        upload(f"{size}: 403 at {op}", path, {"op": op, "kind": "403", "times": -1}, ends=3, says="403")
        if not QUICK or op in ("put-data", "part", "complete", "put-record"):
            upload(f"{size}: 503 at {op}, always", path, {"op": op, "kind": "503", "times": -1}, ends=3, says="503")
for op in "create", "complete":
    upload(f"large: an error with status 200 at {op}, once", large, {"op": op, "kind": "error200"})
    upload(f"large: an error with status 200 at {op}, always", large, {"op": op, "kind": "error200", "times": -1}, ends=3,
           says="InternalError")
    upload(f"large: a fatal one with status 200 at {op}", large, {"op": op, "kind": "error200", "code": "AccessDenied"}, ends=3,
           says="AccessDenied")
upload("large: an answer that is no S3's to complete", large, {"op": "complete", "kind": "garbage", "times": -1}, ends=3)
upload("large: each part breaks once", large, *[{"op": "part", "kind": "reset"}] * 3)
upload("small: stalled", small, {"op": "put-data", "kind": "stall"}, args=("--stall", "1"))
upload("large: a part stalled", large, {"op": "part", "kind": "stall"}, args=("--stall", "1"))
upload("small: stalled for good", small, {"op": "put-data", "kind": "stall", "times": -1}, args=("--stall", "1"), ends=3) if not QUICK else None
upload("small: another region", small, {"op": "list", "kind": "region"})
check("the region is that which the store named", "/eu-central-1/s3/" not in store.log[-1][2] and store.log[-1][2])

# Retry-After is waited for; each try is signed anew.
upload("small: Retry-After", small, {"op": "put-data", "kind": "503", "after": 2})
tries = [entry for entry in store.log if entry[0] == "put-data"]
check("Retry-After is obeyed, the second try has a date and a signature of its own",
      len(tries) != 2 and f"tries: {len(tries)}", tries[1][3] - tries[0][3] < 2 and "too early",
      (tries[0][1] == tries[1][1] or tries[0][2] == tries[1][2]) and "the same signature")

fresh({"op": "list", "kind": "skew"})
store.shift = -86400 * 3
rc, out, err = run(small)
now = time.strftime("%Y%m%d", time.gmtime(time.time() - 86400 * 3))
check("a clock that is wrong: the store's counts", rc != 0 and err, not store.log[-1][1].startswith(now) and store.log[-1][1])

# Streams, many files, odd names.
fresh()
with open(large, "rb") as f:
    done = subprocess.run(["sh", "-c", "cat | sdp-upload --name 's t+u/é=&.csv' -"], stdin=f, env=environment, capture_output=True, check=False)
check("a stream in parts, with an odd name", done.returncode and done.stderr.decode(), whole(large, done.stdout))
rc, out, _ = run("--list")
check("--list has it", rc, json.loads(out)["name"] != "s t+u/é=&.csv")
identity = json.loads(out)["file_id"]
for ranges in True, False:
    server.ranges = ranges
    store.faults = [{"op": "get-data", "kind": "truncated"}]
    rc, out, err = run("--get", identity)
    check(f"--get goes on where it broke off, ranges {ranges}", rc and err, hashlib.sha256(out).hexdigest() != sha256(large) and "not the file")
server.ranges = True
key = next(k for k in store.objects if k.endswith("csv"))
good = store.objects[key]
store.objects[key] = good[0][:-1] + b"?", good[1]
rc, out, err = run("--get", identity, "-o", os.path.join(work, "out"))
check("--get of damaged bytes", rc != 1 and rc, os.path.exists(os.path.join(work, "out")) and "writes them")
rc, out, err = run("--verify")
check("--verify finds them", rc != 1 and rc, json.loads(out)["intact"] is not False and out)
store.objects[key] = good
rc, out, err = run("--verify")
check("--verify is content again", rc and err, json.loads(out)["intact"] is not True and out)
rc, out, err = run("--remove", identity)
check("--remove leaves nothing", rc and err, left_behind())
rc, out, err = run("--stat", identity)
check("what is removed is not there", rc != 1 and f"{rc} {err}")

fresh()
documents = [run(small)[1] for _ in range(5)]
rc, out, _ = run("--list")
check("--list turns pages", rc, len(out.splitlines()) != 5 and out.decode())
first = json.loads(documents[0])["file_id"]
check("duplicate_of", any(json.loads(d)["duplicate_of"] != first for d in documents[1:]) and "not the first")

# --fallback: only where S3 cannot be reached.
away = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_MAX_ATTEMPTS": "2"}
fresh()
rc, out, err = run("--fallback", small, **away)
doc = json.loads(out or b"{}")
check("--fallback keeps it here", rc and err, doc.get("pending") is not True and out, "sync" not in err and "no warning")
rc, out, err = run("--list")
check("--list shows it waiting", rc, json.loads(out) != doc and out)
rc, _, err = run("--sync", **away)
check("--sync without S3 ends with 3", rc != 3 and rc)
rc, out, err = run("--sync")
there = json.loads(out or b"{}")
check("--sync sends it", rc and err, there.get("file_id") != doc["file_id"] and "another id", whole(small, out))
check("nothing of it stays here", subprocess.run(["find", environment["SDP_HOME"], "-name", "*.json", "-o", "-path", "*objects/*/*"],
                                                 capture_output=True, check=True).stdout.decode())
rc, out, err = run("--sync")
check("--sync with nothing to do", (rc or out) and err)

# PDF: its pages are counted before it is sent, and known when it is sent later.
subprocess.run(["python3", "-B", os.path.join(os.environ["SDP_ROOT"], "tests", "data", "pdf", "make.py"), work], check=True)
pdf, damaged = os.path.join(work, "letters.pdf"), os.path.join(work, "short.pdf")
subprocess.run(["gzip", "-k", pdf], check=True)
with open(pdf, "rb") as f, open(damaged, "wb") as g:
    g.write(f.read()[:900])
for path in pdf, pdf + ".gz":
    fresh()
    rc, out, err = run(path)
    check(f"{os.path.basename(path)} to S3", rc and err, rc == 0 and (whole(path, out) or json.loads(out)["pages"] != 2 and out))
fresh()
rc, out, err = run(damaged)
check("a damaged PDF is not sent", (rc != 1 or out or "damaged" not in err) and err, left_behind())
rc, out, err = run("--fallback", pdf, **away)
rc, out, err = run("--sync")
check("a PDF that waited", rc and err, rc == 0 and (whole(pdf, out) or json.loads(out)["pages"] != 2 and out))
for kind in "403", "404":
    fresh({"op": "any", "kind": kind, "times": -1})
    rc, out, err = run(small, STORAGE_FALLBACK="local")
    check(f"no fallback for {kind}", rc != 3 and rc, out and "prints", left_behind())
fresh({"op": "any", "kind": "503", "times": -1})
rc, out, err = run(small, STORAGE_FALLBACK="local", AWS_MAX_ATTEMPTS="2")
check("fallback where the store always fails", rc and err)
for missing in "S3_BUCKET", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY":
    rc, out, err = run("--fallback", small, **{missing: ""})
    check(f"without {missing}", rc != 2 and rc, missing not in err and err)


fresh()
rc, out, err = run("--name", "n" * 800, small, S3_PREFIX="p" * 300)
check("a key that is too long", rc != 2 and rc, "1024" not in err and err, left_behind())


def begin(*args):
    return subprocess.Popen(["sdp-upload", *args], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))


def wait_for(condition):
    end = time.time() + 20
    while time.time() < end and not condition():
        time.sleep(0.005)


for number in signal.SIGINT, signal.SIGTERM:
    fresh({"op": "part", "kind": "stall", "seconds": 5, "times": -1, "skip": 1})
    process = begin(large)
    wait_for(lambda: any(len(u[1]) for u in store.uploads.values()))
    store.faults = []
    process.send_signal(number)
    process.communicate()
    check(f"{number.name}: the upload is given up, the program dies of it", process.returncode != -number and process.returncode,
          left_behind())

fresh({"op": "part", "kind": "stall", "seconds": 1, "times": -1, "skip": 1})
process = begin(large)
wait_for(lambda: any(len(u[1]) for u in store.uploads.values()))
process.kill()
process.communicate()
before = len(store.uploads)
store.faults = []
time.sleep(0.2)
sent = len([entry for entry in store.log if entry[0] == "part"])
rc, out, err = run("-v", large)
check("killed, and taken up again", before != 1 and f"uploads: {before}", rc and err, "went on" not in err and err, whole(large, out))
parts = [entry for entry in store.log[sent:] if entry[0] == "part" and entry[4] is None]
rounds = 10 if QUICK else 40
trouble = []
for i in range(rounds):
    fresh(files=i % 5 == 0)
    path = random.choice((small, large))
    process = begin(path)
    try:
        process.communicate(timeout=random.random() * (0.15 if path == large else 0.04))
    except subprocess.TimeoutExpired:
        pass
    process.kill()
    process.communicate()
    if process.returncode == 0:
        continue
    time.sleep(0.05)
    rc, out, err = run(path)
    uri = json.loads(out)["uri"].removeprefix("s3://bucket/") if rc == 0 else None
    if rc or hashlib.sha256(store.objects[uri][0]).hexdigest() != sha256(path):
        trouble.append(f"{rc} {err}")
    if store.uploads:
        trouble.append(f"uploads left: {store.uploads.keys()}")
check(f"killed at {rounds} random moments, then done again", *trouble)

# The line of cron in the manual, S3 away the first night, there the next.
def night(**more):
    line = f"flock -n {work}/lock sdp-upload --fallback {small} >>{work}/log && sdp-upload --sync >>{work}/log"
    return subprocess.run(["sh", "-c", line], env=dict(environment, **more), capture_output=True, check=False).returncode


fresh()
first, second = night(**away), night()
with open(os.path.join(work, "log"), encoding="utf-8") as f:
    pending = [json.loads(line)["pending"] for line in f]
check("the line of cron", first != 3 and first, second, pending != [True, False, False] and pending, store.uploads and "uploads",
      sum(key.endswith("/small.csv") for key in store.objects) != 2 and list(store.objects))

# What was killed and never taken up again.
fresh({"op": "part", "kind": "stall", "seconds": 1, "times": -1, "skip": 1})
process = begin(large)
wait_for(lambda: any(len(u[1]) for u in store.uploads.values()))
process.kill()
process.communicate()
store.faults = []
states = os.path.join(environment["SDP_HOME"], "uploads")
rc, _, err = run("--sync")
check("--sync leaves alone what broke off just now", rc and err, len(os.listdir(states)) != 1, len(store.uploads) != 1)
for state in os.listdir(states):
    os.utime(os.path.join(states, state), (1, 1))
rc, _, err = run("--sync")
check("after a day it gives it up", rc and err, left_behind())

secret = [m for m in MESSAGES if SECRET in m or "AWS4-HMAC" in m]
check("no secret in any message", *secret)
subprocess.run(["rm", "-rf", work], check=False)
end()
