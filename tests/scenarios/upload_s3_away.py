"""sdp-upload and an S3 that is away, that has records which cannot be read, and whose lists have many pages."""
import json
import os
import signal
import subprocess

from upload_s3_kit import away, check, environment, finish, fresh, large, left_behind, run, server, small, store, whole, work


def names(out):
    return sorted(json.loads(line)["name"] for line in out.splitlines())


# Local files are listed, verified, read and removed while S3 is away.
fresh()
run("--name", "there.csv", small)
doc = json.loads(run("--fallback", "--name", "here.csv", small, **away)[1])
rc, out, err = run("--list", **away)
check("--list without S3", rc != 3 and f"{rc} {err}", names(out) != ["here.csv"] and out, "warning: s3://bucket" not in err and err)
rc, out, err = run("--list", "-q", **away)
check("--list -q without S3 names it", rc != 3 and rc, "incomplete (not read: 1): s3://bucket" not in err and err)
rc, out, err = run("--verify", **away)
check("--verify without S3", rc != 3 and f"{rc} {err}", names(out) != ["here.csv"] and out, json.loads(out)["intact"] is not True and out)
rc, out, err = run("--get", doc["file_id"], **away)
check("--get of a local file without S3", rc and err, out != open(small, "rb").read() and "not the file")
rc, out, err = run("--get", "here.csv", **away)
check("a name may stand for a file in S3", rc != 3 and rc, out and "prints")
rc, out, err = run("--remove", doc["file_id"], S3_BUCKET="")
check("--remove of a local file without a bucket", rc and err, names(out) != ["here.csv"] and out)
rc, out, err = run("--list", S3_BUCKET="")
check("--list without a bucket", rc != 2 and rc, "S3_BUCKET is not set" not in err and err)
for kind in "403", "503", "404":
    store.faults = [{"op": "list", "kind": kind, "times": -1}]
    rc, out, err = run("--list", AWS_MAX_ATTEMPTS="2")
    check(f"--list and a store that answers {kind}", rc != 3 and rc, out and "prints", kind not in err and err)

# A record that cannot be read hides no other.
fresh()
documents = [json.loads(run("--name", name, small)[1]) for name in ("a.csv", "b.csv", "c.csv")]
key = f"sdp/{documents[1]['file_id']}.json"
good = store.objects[key]
store.objects[key] = good[0][:40], good[1]
rc, out, err = run("--list")
check("--list and a damaged record", rc != 1 and rc, names(out) != ["a.csv", "c.csv"] and out, key not in err and err)
rc, out, err = run("--verify")
check("--verify and a damaged record", rc != 1 and rc, names(out) != ["a.csv", "c.csv"] and out)
rc, out, err = run("--stat", documents[0]["file_id"])
check("--stat of another", rc and err, names(out) != ["a.csv"] and out)
store.objects[key] = good
store.faults = [{"op": "get-record", "kind": "403", "skip": 1}]
rc, out, err = run("--list")
check("--list and a record that is refused", rc != 3 and rc, len(names(out)) != 2 and out, "403" not in err and err)
store.faults = [{"op": "get-record", "kind": "404", "skip": 1}]
rc, out, err = run("--list")
check("--list and a record that was removed meanwhile", rc and err, len(names(out)) != 2 and out)
store.faults = [{"op": "get-data", "kind": "403", "skip": 1}]
rc, out, err = run("--verify")
check("--verify and bytes that are refused", rc != 3 and rc, sorted(str(json.loads(line)["intact"]) for line in out.splitlines()) != ["None", "True", "True"] and out)

# Lists of more than a page of 1000.
fresh()
run(small)
store.page = 1000
store.objects.update({f"sdp/!{i:04}": (b"", []) for i in range(1003)})  # they come before the record
rc, out, err = run("--list")
check("--list of more than 1000 objects", rc and err, names(out) != ["small.csv"] and out,
      sum(entry[0] == "list" for entry in store.log) < 3 and "one page")
for kind, says in ("standstill", "does not advance"), ("unending", "is incomplete"):
    store.faults = [{"op": "list", "kind": kind, "times": -1}]
    rc, out, err = run("--list")
    check(f"a list of objects: {kind}", rc != 3 and rc, says not in err and err)
for kind, says in ("standstill", "does not advance"), ("unending", "is incomplete"):
    fresh({"op": "part", "kind": "503", "times": -1, "skip": 1}, {"op": "abort", "kind": "403", "times": -1})
    run(large, AWS_MAX_ATTEMPTS="1")  # leaves an upload that the next one resumes
    store.faults = [{"op": "parts", "kind": kind, "times": -1}]
    rc, out, err = run(large)
    check(f"a list of parts: {kind}", rc != 3 and rc, says not in err and err)


# The bytes of an object that changes after a part of it was read are not mixed.
for ranges in True, False:
    fresh()
    server.ranges = ranges
    identity = json.loads(run(small)[1])["file_id"]
    store.faults = [{"op": "get-data", "kind": "truncated"}, {"op": "get-data", "kind": "changed"}]
    rc, out, err = run("--get", identity, "-o", os.path.join(work, "out"))
    check(f"--get of an object that changes meanwhile, ranges {ranges}", rc != 3 and f"{rc} {err}", "changed while it was read" not in err and err,
          os.path.exists(os.path.join(work, "out")) and "writes it")
server.ranges = True


def interrupted(number, count, op, *args):
    """Runs sdp-upload, which gets signals while the store does op."""
    store.faults = [{"op": op, "kind": "signal", "number": number, "count": count}]
    process = subprocess.Popen(["sdp-upload", *args], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               preexec_fn=lambda: signal.signal(number, signal.SIG_DFL))
    for _ in range(count):
        server.client.put(process)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err.decode()


for path, ops in (small, ("list", "put-data", "put-mark", "put-record")), (large, ("create", "part", "complete", "head-data", "put-mark", "put-record")):
    for op in ops:
        for count in 1, 2:
            fresh()
            rc, out, err = interrupted(signal.SIGTERM, count, op, path)
            check(f"{os.path.basename(path)}: {count} SIGTERM at {op}", rc not in (0, -signal.SIGTERM) and f"{rc} {err}",
                  rc == 0 and whole(path, out), rc != 0 and (left_behind() or out and "prints a document"))
for op in "delete-record", "delete-data", "delete-mark":
    fresh()
    run(small)
    rc, out, err = interrupted(signal.SIGTERM, 2, op, "--remove", "small.csv")
    check(f"--remove: SIGTERM at {op}", rc and f"{rc} {err}", names(out) != ["small.csv"] and out, left_behind())
fresh()
run(small)
run("--name", "other.csv", small)
ids = [json.loads(line)["file_id"] for line in run("--list")[1].splitlines()]
rc, out, err = interrupted(signal.SIGTERM, 1, "delete-record", "--remove", *ids)
check("--remove of two: the second one stays, which a warning says", rc != -signal.SIGTERM and f"{rc} {err}",
      f"other.csv ({ids[1]}) is not removed: interrupted" not in err and err, names(run("--list")[1]) != ["other.csv"] and "not one")

finish()
