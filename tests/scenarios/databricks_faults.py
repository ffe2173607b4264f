"""sdp-databricks: refusals, faults of the network, files, TLS."""
import os
import ssl
import subprocess
import time

import databricks_stub as stub
from databricks_kit import RUN, SECRETS, check, document, ends, finish, fresh, notebook, run, same, sent, table, w, work, write

# ---- refusals, faults, retries ----
fresh()
check("401", ends("check", run("check", DATABRICKS_TOKEN="dapiWRONGtoken"), 3, "401", "Credential was not sent", "**************"))
SECRETS.append("dapiWRONGtoken")
for body, text in (({"error_code": "PERMISSION_DENIED", "message": "you\nmay not"}, "403 PERMISSION_DENIED: you may not"),
                   ({"error": "denied by policy"}, "403: denied by policy"), ({"detail": "no", "status": "403"}, "403: no"),
                   (b"plain words\nmore", "403: plain words"), (b"<html><title>Sign in</title></html>", "403: Sign in"), (b"", "check: 403"),
                   (b"\xff\xfe{", "403")):
    fresh({"status": 403, "body": body})
    check(f"403 with {str(body)[:30]}", ends("clusters", run("clusters"), 3, text if text != "check: 403" else "/api/2.1/clusters/list: 403"))
check("a token of asterisks", ends("check", run("check", DATABRICKS_TOKEN="*" * 12), 3, "401"))
fresh({"status": 302, "headers": [("Location", "https://elsewhere.example.org/login?token=abc")]})
check("nobody follows to elsewhere", ends("check", run("check"), 3, "302: moved to https://elsewhere.example.org/login"), same("calls", len(w.calls), 1))
fresh({"status": 429, "headers": [("Retry-After", "4000")]})
start = time.monotonic()
check("429 for an hour", ends("clusters", run("clusters"), 3, "429", "asks to wait 4000 s"), time.monotonic() - start > 20 and "it waited")
for status in 429, 503:
    fresh({"path": "/api/2.1/clusters/list", "status": status, "count": 2, "headers": [("Retry-After", "1")]})
    start = time.monotonic()
    check(f"{status} twice", same("answer", document("clusters"), {"clusters": []}), same("calls", len(w.calls), 3),
          time.monotonic() - start < 2 and "it did not wait for Retry-After")
    fresh({"status": status, "count": 100})
    check(f"{status} for ever", ends("clusters", run("clusters", "--retry", "3"), 3, f"{status}", "repeatedly"))
for status in 500, 504:
    fresh({"status": status})
    check(f"{status} is not tried again", ends("clusters", run("clusters"), 3, f"{status}"), same("calls", len(w.calls), 1))
fresh({"drop": True})
result = run("clusters", "--retry", "1")
check("what is tried again is said", same("said", "trying again" in result[2], True), same("exit", result[0], 0))
fresh({"drop": True})
check("a connection that breaks", same("answer", document("clusters"), {"clusters": []}), same("calls", len(w.calls), 2))
fresh({"path": "/api/2.1/clusters/create", "drop": True})
check("but a cluster is not made twice", ends("create", run("create-cluster", "--cluster-name", "a"), 3, "may have been executed"),
      same("calls", len(sent("POST", "/api/2.1/clusters/create")), 1))
fresh({"path": "/api/2.1/clusters/list", "truncate": 5, "count": 1})
check("an answer that breaks off is asked for again", same("answer", document("clusters"), {"clusters": []}))
fresh({"status": 200, "body": b"[1,2"})
check("an answer that is no JSON", ends("clusters", run("clusters"), 3, "not complete JSON"))
fresh({"status": 200, "body": {"clusters": [], "next_page_token": "x"}, "count": 9})
check("pages without end", ends("clusters", run("clusters"), 3, "the same page"))
check("nobody there", ends("clusters", run("clusters", "--host", "http://127.0.0.1:9", "--retry", "1"), 3, "repeatedly"))
check("no such host", ends("check", run("check", "--host", "example.invalid", "--retry", "2"), 3, "trying again", "repeatedly"))


for retry in "0", "2":
    result = run("run", "--task", "kmeans", "-k", "2", "--host", "http://127.0.0.1:9", "--retry", retry, table)
    check(f"a run to nobody, --retry {retry}", ends("run", result, 3, "dbfs/create"), same("a folder", "was not removed" in result[2], False),
          same("messages", len(result[2].splitlines()), 1 if retry == "0" else 2), same("again", "repeatedly" in result[2], retry != "0"))
fresh({"path": "/api/2.0/dbfs/create", "status": 403})
check("a run that may put nothing aside", ends("run", run(*RUN, table), 3, "403"), same("removed", len(sent("POST", "/api/2.0/dbfs/delete")), 0))
fresh({"path": "/api/2.0/dbfs/create", "drop": True, "count": 9})
check("one that may have put something aside", ends("run", run(*RUN, table, "--retry", "0"), 3, "dbfs/create"),
      same("removed", len(sent("POST", "/api/2.0/dbfs/delete")), 1))


# ---- files ----
blob = os.urandom((2 << 20) + 12345)
local = write("blob", blob)
for target in "dbfs:/tmp/a b/blob", "/Volumes/main/default/v/é/blob":
    fresh()
    document("put", local, target)
    out = os.path.join(work, "back")
    code, _, err = run("get", target, "-o", out)
    folder = target.rpartition("/")[0]
    listed = document("ls", folder)["files"]
    check(f"put, get, ls, rm: {target}", same("exit", code, 0), err, same("bytes", open(out, "rb").read() == blob, True),
          same("listed", [(f["path"], f["size"], f["type"], f["modified_at"]) for f in listed], [(target, len(blob), "file", "2023-11-14T22:13:20.000Z")]),
          same("a table has a unit", run("ls", folder, "-f", "table")[1].count("  2.11 MB  "), 1),
          same("stdin", document("put", "-", folder + "/in", stdin=b"hello")["size"], 5), same("content", w.files[folder + "/in"], b"hello"),
          same("rm", document("rm", target), {"removed": target}), same("left", list(w.files), [folder + "/in"]),
          same("rm -r", document("rm", "--recursive", folder), {"removed": folder}), same("none", w.files, {}),
          ends("get", run("get", target), 1, "404"))
for fault, name in ({"path": "/api/2.0/dbfs/add-block", "method": "POST", "drop": True}, "a block"), ({"path": "/api/2.0/dbfs/close", "method": "POST", "drop": True}, "the end"):
    fresh(fault)
    document("put", local, "dbfs:/tmp/blob")
    check(f"put: the connection breaks at {name}", same("bytes", w.files["dbfs:/tmp/blob"] == blob, True))
fresh()
document("put", local, "/Volumes/a/b/c/blob")
w.faults = [{"path": "/api/2.0/fs/files", "truncate": n} for n in (100000, 1500000, 0)]
code = run("get", "/Volumes/a/b/c/blob", "-o", out)[0]
check("get: a connection that breaks three times", same("exit", code, 0), same("bytes", open(out, "rb").read() == blob, True))


def change():
    w.changed = "Wed, 15 Nov 2023 00:00:00 GMT"


w.faults = [{"path": "/api/2.0/fs/files", "truncate": 100000, "after": change}]
check("get: a file that changes meanwhile", ends("get", run("get", "/Volumes/a/b/c/blob", "-o", out + ".new"), 3, "changed while it was read"),
      same("no half", os.path.exists(out + ".new"), False))
check("rm of everything", *(ends("rm", run("rm", "--recursive", root), 2, "cannot be removed") for root in ("dbfs:/", "/", "/Workspace/")),
      ends("nothing", run("rm", ""), 2, "empty"), ends("nowhere", run("put", notebook, ""), 2, "empty"))
fresh()
document("put", notebook, "/Shared/x/note.py")
check("files of the workspace", same("put", w.notebooks["/Shared/x/note.py"], open(notebook, "rb").read()),
      same("get", run("get", "/Shared/x/note.py")[1], open(notebook, encoding="utf-8").read()),
      same("rm", run("rm", "/Workspace/Shared/x/note.py")[0], 0), ends("again", run("rm", "/Shared/x/note.py"), 3, "404"))
check("api", same("numbers stay", run("api", "POST", "/api/2.0/echo", '{"id":9007199254740993,"x":1.5}')[1], '{"id":9007199254740993,"x":1.5}\n'),
      same("PATCH", run("api", "PATCH", "/api/2.0/echo", '{"a":1}')[1], '{"a":1}\n'), same("DELETE", run("api", "DELETE", "/api/2.0/echo", '{"b":2}')[1], '{"b":2}\n'),
      same("an array", run("api", "GET", "/api/2.0/list")[1], '[1,{"a":2.5}]\n'), same("as a table", run("api", "GET", "/api/2.0/list", "-f", "table")[0], 0),
      same("a size may be of anything", run("api", "POST", "/api/2.0/echo", '{"size":5}', "-f", "table")[1], "size  5\n"),
      ends("no such", run("api", "GET", "/api/2.0/nope"), 3, "ENDPOINT_NOT_FOUND"), ends("method", run("api", "FETCH", "/x"), 2), ends("body", run("api", "POST", "/x", "{"), 2))

# ---- memory ----
# A library before libcjson whose FAIL_AT-th allocation for sdp-databricks fails.
SHIM = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>
#include <stdlib.h>

static int fails(void)
{
	static int calls;
	const char *at = getenv("FAIL_AT");
	return at && ++calls == atoi(at);
}

void *cJSON_CreateObject(void)
{
	void *(*next)(void);
	*(void **)&next = dlsym(RTLD_NEXT, "cJSON_CreateObject");
	return fails() ? NULL : next();
}

void *cJSON_malloc(size_t size)
{
	void *(*next)(size_t);
	*(void **)&next = dlsym(RTLD_NEXT, "cJSON_malloc");
	return fails() ? NULL : next(size);
}
"""
shim = os.path.join(work, "shim.so")
subprocess.run([*os.environ.get("CC", "cc").split(), "-shared", "-fPIC", "-o", shim, write("shim.c", SHIM), "-ldl"], check=True)
preloaded = {"LD_PRELOAD": shim, "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"}
problems, failures = [], 0
for at in range(1, 60):
    fresh()
    code, _, err = run("put", table, "dbfs:/tmp/table", FAIL_AT=str(at), **preloaded)
    failures += code != 0
    if code not in (0, 3):
        problems.append(f"allocation {at}: exit {code}: {err}")
    if code == 0 and w.files.get("dbfs:/tmp/table") != open(table, "rb").read():
        problems.append(f"allocation {at}: exit 0, but the file is not there")
check("put: no upload is reported as done when memory runs out", *problems, failures < 5 and f"only {failures} failed",
      code != 0 and "even the last one failed")

# ---- TLS ----
subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-days", "2", "-subj", "/CN=127.0.0.1",
                "-addext", "subjectAltName=IP:127.0.0.1"], cwd=work, check=True, capture_output=True)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(os.path.join(work, "cert.pem"), os.path.join(work, "key.pem"))
secure = stub.serve(context)
place = f"127.0.0.1:{secure.server_port}"
start = time.monotonic()
refused = run("check", "--host", place)
check("TLS: a certificate that nobody vouches for", ends("check", refused, 3, "certificate"), same("calls", len(secure.workspace.calls), 0),
      time.monotonic() - start > 20 and "it was tried again and again")
check("TLS: one that is trusted", same("user", document("check", "--host", place, SSL_CERT_FILE=os.path.join(work, "cert.pem"))["user"], "ada@example.org"))

finish()
