"""sdp-databricks get of files that change, vanish or are answered for wrongly: no output is silently wrong."""
import os

import databricks_stub as stub
from databricks_kit import HOST, check, clean, ends, finish, fresh, run, same, sent, w, work

first = b"a,b\n" + b"".join(b"%d,%d\n" % (i, i * i) for i in range(200000))  # four blocks
second = first.replace(b"7", b"8")  # another version of the same length
out = os.path.join(work, "out")
DBFS, VOLUME, FILES = "dbfs:/tmp/table.csv", "/Volumes/a/b/c/table.csv", "/api/2.0/fs/files"
READ, STATUS = "/api/2.0/dbfs/read", "/api/2.0/dbfs/get-status"


def put(body, modified=None):
    w.files[DBFS] = w.files[VOLUME] = body
    w.modified = modified or w.modified


def faults(*some):
    fresh(*some)
    put(first)


def gets(path, **more):
    code, got, err = run("get", path, **more)
    return None if (code, got) == (0, first.decode()) else f"{path}: {code}, {len(got)} characters, {err}"


def fails(path, code, *texts, env=None):
    """
    Problems unless the file of -o is not written and, of a Volume, standard output has at most a part of the first version.
    Blocks of DBFS are known to be of one version after the last one only.
    """
    some = [dict(f) for f in w.faults]
    got = run("get", path, env=env)
    faults(*some)
    to_file = run("get", path, "-o", out, env=env)
    there = os.path.exists(out)
    if there:
        os.remove(out)
    return ends(path, to_file, code, *texts) or same("file", there, False) or \
        (None if got[0] == code and (path == DBFS or first.decode().startswith(got[1])) else f"mixed, or {got[0]}: {got[2]}")


faults()
check("a file in DBFS", gets(DBFS), gets("DBFS:/tmp/table.csv"), gets("dbfs:/Volumes/a/b/c/table.csv"), same("calls", [c[1].split("?")[0] for c in w.calls[:6]],
                                                                                  [STATUS, READ, READ, READ, READ, STATUS]))
check("a folder", ends("get", run("get", "dbfs:/tmp"), 1, "a folder"))
for what, after, text in (("rewritten", lambda: put(second, 1), "changed"), ("shorter", lambda: put(first[:1500000], 1), "changed"),
                          ("shorter, at the same time", lambda: put(first[:1500000]), "changed"), ("longer", lambda: put(first + b"1,1\n", 1), "changed"),
                          ("longer, at the same time", lambda: put(first + b"1,1\n"), "changed"), ("empty", lambda: put(b"", 1), "changed"),
                          ("gone", lambda: w.files.pop(DBFS), "changed")):
    for skip in READ + "?path=%2Ftmp%2Ftable.csv&offset=0", READ + "?path=%2Ftmp%2Ftable.csv&offset=2097152":
        faults({"path": skip, "after": after})
        check(f"DBFS: {what} while it is read, at {skip[-7:]}", fails(DBFS, 3, f"{DBFS} {text} while it was read"))
faults({"path": STATUS, "after": lambda: put(second, 1)})
check("DBFS: rewritten before the first block", fails(DBFS, 3, "changed while it was read"))
faults({"path": READ, "truncate": 1000, "count": 2})
check("DBFS: lost connections", gets(DBFS))
faults({"path": READ, "truncate": 1000, "count": 99})
check("DBFS: lost for good", ends("get", run("get", DBFS, "--retry", "1"), 3, "dbfs/read"))
for body in {}, {"bytes_read": 5}, {"bytes_read": 0, "data": ""}, {"bytes_read": 3, "data": "YWI="}, {"bytes_read": 3, "data": "?"}, {"data": "YWJj"}:
    faults({"path": READ, "status": 200, "body": body})
    check(f"DBFS: a block that is {body}", fails(DBFS, 3, "dbfs:/" if "?" not in str(body) else "base64"))
faults({"path": STATUS, "status": 200, "body": {}})
check("DBFS: a status that is none", fails(DBFS, 3, "file_size"))

# ---- Volumes ----
for what, after in (("rewritten", lambda: put(second)), ("shorter", lambda: put(first[:500000])), ("empty", lambda: put(b"")), ("gone", lambda: w.files.pop(VOLUME)),
                    ("longer", lambda: put(first + b"1,1\n"))):
    faults({"path": FILES, "truncate": 1000000, "after": after})
    check(f"a Volume: {what} while it is read, with the same Last-Modified", fails(VOLUME, 3, "changed while it was read"))
faults({"path": FILES, "truncate": 1000000}, {"path": FILES, "truncate": 500000}, {"path": FILES, "status": 503, "headers": [("Retry-After", "1")]})
check("a Volume: lost connections", gets(VOLUME))
machine = dict(clean, DATABRICKS_HOST=HOST, DATABRICKS_CLIENT_ID=stub.CLIENT_ID, DATABRICKS_CLIENT_SECRET=stub.CLIENT_SECRET)
faults({"path": FILES, "truncate": 1000000}, {"path": FILES, "status": 401, "body": {"error_code": 401, "message": "expired"}})
check("a Volume: a token that expires after a lost connection", gets(VOLUME, env=machine), same("tokens", w.issued, 2), same("calls", len(sent("GET", FILES)), 3))
for status, headers, text in ((206, [("Content-Range", "bytes 0-4/9")], "another part"), (200, [("Content-Encoding", "gzip")], "encoding 'gzip'"), (204, [], "204"), (203, [], "203")):
    faults({"path": FILES, "status": status, "headers": headers, "body": first[:5] if status != 204 else b""})
    check(f"a Volume: an answer with {status} and {headers}", fails(VOLUME, 3, text))

# ---- what is not there, or not to be read ----
faults()
check("nothing there", *(ends("get", run("get", path), 1, f"sdp-databricks: {path}: there is no such file: GET /api", "404") for path in ("dbfs:/none", "/Volumes/a/b/c/none", "/Shared/none")))
for path in DBFS, VOLUME, "/Shared/note":
    for status, body in (403, {"error_code": "PERMISSION_DENIED"}), (404, {"error_code": "ENDPOINT_NOT_FOUND"}), (404, b"<title>Not found</title>"):
        faults({"status": status, "body": body})
        check(f"{path}: {status} {body}", fails(path, 3, str(status)))
faults({"path": "/api/2.0/workspace/export", "status": 200, "body": {"file_type": "py"}})
check("a file of the workspace without content", fails("/Shared/note", 3, "no content"))

finish()
