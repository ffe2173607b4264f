"""sdp-upload and an S3 that stalls or has another clock; streams, --get, --verify, --fallback, --sync, PDF."""
import hashlib
import json
import os
import subprocess
import time

from upload_s3_kit import QUICK, away, check, environment, finish, fresh, large, left_behind, run, server, sha256, small, store, upload, whole, work

start = time.monotonic()
upload("small: stalled", small, {"op": "put-data", "kind": "stall", "seconds": 30}, args=("--stall", "1"))
check("--stall ends it before the store does", time.monotonic() - start > 20 and "too late")
upload("large: a part stalled", large, {"op": "part", "kind": "stall"}, args=("--stall", "1"))
upload("small: stalled for good", small, {"op": "put-data", "kind": "stall", "times": -1, "seconds": 30}, args=("--stall", "1"), ends=3, AWS_MAX_ATTEMPTS="2") if not QUICK else None
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
rc, out, err = run("--stat", first)
check("the first has none", rc and err, json.loads(out)["duplicate_of"] is not None and out)
run("--remove", first)
second, third = (json.loads(d)["file_id"] for d in documents[1:3])
found = {line["file_id"]: line["duplicate_of"] for line in map(json.loads, run("--list")[1].splitlines())}
check("then that of the second, which has none", found[second] is not None and found, found[third] != second and found)
rc, out, err = run("--stat", second, third)
check("as --stat says", rc and err, [json.loads(line)["duplicate_of"] for line in out.splitlines()] != [None, second] and out)

# Names and beginnings of ids, also of a file that waits here.
run("--fallback", "--name", "waits.csv", small, **away)
named = json.loads(run("--name", "other.csv", small)[1])
for word, name in ("other.csv", "other.csv"), (named["file_id"][:-1], "other.csv"), ("waits.csv", "waits.csv"):
    rc, out, err = run("--stat", word)
    check(f"--stat {word}", rc and err, rc == 0 and json.loads(out)["name"] != name and out)
rc, out, err = run("--get", "other.csv")
check("--get by name", rc and err, hashlib.sha256(out).hexdigest() != sha256(small) and "not the file")
rc, out, err = run("--remove", "small.csv")
check("several have the name: none is removed", (rc != 1 or out or "'small.csv' stands for 4 files: " not in err) and f"{rc} {err}",
      len(run("--list")[1].splitlines()) != 6 and "removed")
rc, out, err = run("--get", "othr.csv")
check("a name that is not there", (rc != 1 or "did you mean 'other.csv'?" not in err) and f"{rc} {err}")
rc, out, err = run("--remove", "other.csv")
check("--remove by name", rc and err, json.loads(out)["file_id"] != named["file_id"] and out)

# --fallback: only where S3 cannot be reached.
fresh()
rc, out, err = run("--fallback", small, **away)
doc = json.loads(out or b"{}")
check("--fallback keeps it here", rc and err, doc.get("pending") is not True and out, "sync" not in err and "no warning")
rc, out, err = run("--list")
check("--list shows it waiting", rc, json.loads(out) != doc and out)
rc, _, err = run("--sync", **away)
check("--sync without S3 ends with 3", rc != 3 and rc)
kept = os.path.join(work, "kept")
subprocess.run(["cp", "-a", environment["SDP_HOME"], kept], check=True)
rc, out, err = run("--sync")
there = json.loads(out or b"{}")
check("--sync sends it", rc and err, there.get("file_id") != doc["file_id"] and "another id", whole(small, out))
check("nothing of it stays here", subprocess.run(["find", environment["SDP_HOME"], "-name", "*.json", "-o", "-path", "*objects/*/*"],
                                                 capture_output=True, check=True).stdout.decode())
rc, out, err = run("--sync")
check("--sync with nothing to do", (rc or out) and err)
subprocess.run(["rm", "-rf", environment["SDP_HOME"]], check=True)
os.rename(kept, environment["SDP_HOME"])  # as if --sync had been killed before it recorded that
rc, out, err = run("--stat", "small.csv")
check("its name is not ambiguous while it is in both stores", rc and err, rc == 0 and json.loads(out)["file_id"] != doc["file_id"] and out)
rc, out, err = run("--sync")
check("--sync then removes it here", (rc or out) and err)

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

# Documents that cannot be printed: what was stored is taken back, what waited is sent, nothing is removed.
for name, path in ("small", small), ("large", large):
    fresh()
    rc, out, err = run(path, "-o", "/dev/full")
    check(f"{name}: its document cannot be printed", rc != 3 and rc, "No space left" not in err and err, left_behind())
fresh({"op": "delete-record", "kind": "403", "times": -1})
rc, out, err = run(small, small, "-o", "/dev/full")
ids = sorted(json.loads(line)["file_id"] for line in run("--list")[1].splitlines())
check("nor can it be taken back", rc != 3 and rc, len(ids) != 2 and ids,
      f"small.csv ({(ids or [None])[0]}) and those after it are not removed" not in err and err)
fresh()
run("--fallback", small, "-o", "/dev/full", **away)
check("nor does it wait", run("--list")[1])
doc = run("--fallback", small, **away)[1]
rc, out, err = run("--sync", "-o", "/dev/full")
there = json.loads(run("--list")[1] or b"{}")
check("one that waited is sent", rc != 3 and rc, [there.get("file_id"), there.get("pending")] != [json.loads(doc)["file_id"], False] and there)
rc, out, err = run("--remove", there["file_id"], "-o", "/dev/full")
check("--remove that cannot be told", rc != 3 and rc, json.loads(run("--list")[1] or b"{}") != there and "is gone")

finish()
