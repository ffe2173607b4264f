"""sdp-upload interrupted, killed and taken up again."""
import hashlib
import json
import os
import random
import signal
import subprocess
import time

from upload_s3_kit import QUICK, away, check, environment, finish, fresh, large, left_behind, run, sha256, small, store, whole, work

random.seed(1)

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
parts = [entry for entry in store.log if entry[0] == "part"][sent:]
check("killed, and taken up again", before != 1 and f"uploads: {before}", rc and err, "resumed an upload" not in err and err, whole(large, out),
      len(parts) != 2 and f"{len(parts)} parts sent again, not the 2 that were missing")

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

finish()
