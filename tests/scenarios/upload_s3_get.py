"""sdp-upload --get and an S3 whose objects change, vanish or are answered for by somebody else: no output is silently wrong."""
import hashlib
import json
import os

from upload_s3_kit import check, environment, finish, fresh, run, server, small, store, work

first = b"a,b\n" + b"".join(b"%d,%d\n" % (i, i * i) for i in range(30000))
second = first.replace(b"7", b"8")  # another version of the same length
out = os.path.join(work, "out")
environment["S3_BUCKET"] = "other"  # the store of sdp-upload; the objects are in any


def digest(body):
    return [("x-amz-meta-sha256", hashlib.sha256(body).hexdigest())]


def put(body, marks=()):
    store.objects["k/table.csv"] = body, list(marks)


def gets(wanted=first, uri="s3://bucket/k/table.csv"):
    rc, got, err = run("--get", uri)
    return None if (rc, got, err) == (0, wanted, "") else f"{rc}, {len(got)} bytes, {err}"


def fails(code, message, uri="s3://bucket/k/table.csv"):
    faults = [dict(f) for f in store.faults]
    rc, got, err = run("--get", uri)
    store.faults = faults
    put(*before)
    to_file = run("--get", uri, "-o", out)
    there = os.path.exists(out)
    if there:
        os.remove(out)
    if rc != code or to_file[0] != code or message not in err or err.count("\n") != 1:
        return f"{rc} and {to_file[0]}, not {code}: {err}"
    return "mixed" if not first.startswith(got) else "a file is written" if there else None


def faults(*some, body=first, marks=()):
    global before
    fresh(*some)
    put(body, marks)
    before = body, marks


cut = {"op": "get-data", "kind": "truncated"}
faults()
check("an object", gets(), [e[0] for e in store.log] != ["get-data"] and f"{[e[0] for e in store.log]}")
faults(marks=digest(first))
check("an object and its digest", gets())
faults(marks=digest(second))
check("an object that is not what its digest says", fails(1, "not those that were stored"))
faults({"op": "any", "kind": None, "then": lambda: put(second, digest(second))}, marks=digest(first))
check("one that is replaced after the first answer is the first one", gets())
check("and then the second one", gets(second))

# ---- resumed ----
for tag in '"x"', 'W/"x"':
    for ranges in True, False:
        server.tag, server.ranges = tag, ranges
        faults(cut, cut)
        check(f"what is lost is resumed, ETag {tag}, ranges {ranges}", gets())
        faults(dict(cut, then=lambda: put(second)))
        if tag != '"x"' or not ranges:
            check(f"what is replaced meanwhile, ETag {tag}, ranges {ranges}", fails(3, "sdp-upload: s3://bucket/k/table.csv changed while it was read"))
        faults(dict(cut, then=lambda: put(b"short")))
        check(f"what is shorter then, ETag {tag}, ranges {ranges}", fails(3, "changed while it was read"))
        faults(dict(cut, then=lambda: store.objects.pop("k/table.csv")))
        check(f"what is gone then, ETag {tag}, ranges {ranges}", fails(3, "changed while it was read"))
server.tag, server.ranges = '"x"', True
faults(cut, {"op": "get-data", "kind": "412", "times": 9})
check("412", fails(3, "changed while it was read"))
for kind, message in ("elsewhere", "another part"), ("short", "another part"):
    faults(cut, {"op": "get-data", "kind": kind, "times": 9})
    check(f"a part {kind}", fails(3, message))

# ---- answers of others ----
for kind, message in ("204", "204"), ("garbage", "no etag"), ("error200", "no etag"):
    faults({"op": "get-data", "kind": kind, "times": 9})
    check(f"an answer that is none: {kind}", fails(3, message))

# ---- what is not there, or not to be read ----
faults()
check("no object", fails(1, "404 NoSuchKey", "s3://bucket/k/none.csv"))
faults({"op": "get-data", "kind": "404", "times": 9})
check("no bucket", fails(1, "404 NoSuchBucket"))
faults({"op": "get-data", "kind": "403", "times": 9})
check("one that may not be read", fails(3, "403 AccessDenied"))
check("keys in an address", *(None if run("--get", f"s3://{user}bucket/k/table.csv") ==
                              (2, b"", "sdp-upload: s3://bucket/k/table.csv: a user and a password in an address are not sent, because others could see them\n") else user
                              for user in ("AKIA:5ec2e7@", "AKIA:5ec/2e7@", "AKIA@")))
faults()
check("a scheme in upper case", gets(uri="S3://bucket/k/table.csv"))

fresh()
doc = json.loads(run(small)[1])
key = doc["uri"].removeprefix("s3://other/")
del store.objects[key]
rc, got, err = run("--get", doc["file_id"], "-o", out)
check("a stored file whose object is gone", (rc != 1 or err != f"sdp-upload: {doc['uri']}: GET: 404 NoSuchKey: 'as planned'\n") and f"{rc} {err}", os.path.exists(out) and "is written")
rc, got, err = run("--verify")
check("--verify says so", rc != 1 and f"{rc} {err}", json.loads(got)["intact"] is not False and got, "NoSuchKey" not in err and err)

finish()
