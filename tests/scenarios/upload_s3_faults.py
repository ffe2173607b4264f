"""sdp-upload against an S3 that fails in every way: each upload ends whole, or with 3 and no trace."""
import os

from upload_s3_kit import QUICK, check, finish, fresh, large, run, small, upload

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
for path, op in (small, "put-data"), (small, "put-mark"), (small, "put-record"), (large, "part"):
    upload(f"{os.path.basename(path)}: an answer that is no S3's at {op}, once", path, {"op": op, "kind": "garbage"})
    upload(f"{os.path.basename(path)}: an answer that is no S3's at {op}, always", path, {"op": op, "kind": "garbage", "times": -1}, ends=3,
           says="not from S3")
upload("large: each part breaks once", large, *[{"op": "part", "kind": "reset"}] * 3)
upload("large: the uploads whose ids are lost fill more than a page", large, {"op": "create", "kind": "lost", "times": 5}, AWS_MAX_ATTEMPTS="6")
fresh({"op": "create", "kind": "lost"}, {"op": "uploads", "kind": "standstill", "times": -1})
rc, _, err = run(large)
check("large: a list of uploads that stands still ends the program", rc != 3 and f"ended with {rc}: {err}", "does not advance" not in err and err)

finish()
