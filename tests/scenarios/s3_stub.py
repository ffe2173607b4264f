"""A tiny S3 in memory that fails as it is told to, or a proxy that does so before a real one.

s3_stub.serve(forward=None) starts it in threads of this process; faults are a list of dictionaries
{"op", "kind", "times", "skip", "then"}; "then" is called after the answer.  Signatures are not checked here (a real server does that), digests of bodies are.
"""
import hashlib
import http.client
import os
import queue
import re
import socket
import struct
import threading
import time
import urllib.parse
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

NS = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'


class Store:
    def __init__(self):
        self.lock = threading.Lock()
        self.reset()

    def reset(self):
        self.objects, self.uploads, self.faults, self.log = {}, {}, [], []
        self.number, self.shift = 0, 0
        self.page = 2  # objects and uploads on a page of a list, so that pages are turned

    def fault(self, op):
        with self.lock:
            for fault in self.faults:
                if fault["op"] in (op, "any") and fault.get("times", 1) != 0:
                    if fault.get("skip", 0) > 0:
                        fault["skip"] -= 1
                        continue
                    fault["times"] = fault.get("times", 1) - 1
                    return fault
        return None


def operation(method, key, query):
    """The name by which a fault is planned."""
    if not key:
        return "uploads" if "uploads" in query else "list"
    if "uploads" in query:
        return "create"
    if "uploadId" in query:
        return {"PUT": "part", "POST": "complete", "DELETE": "abort", "GET": "parts"}[method]
    kind = "record" if key.endswith(".json") and key.count("/") == 1 else "mark" if "/sha256/" in key else "data"
    return f"{method.lower()}-{kind}"


def error(code, message="as planned", more=""):
    return f'<?xml version="1.0"?><Error><Code>{code}</Code><Message>{message}</Message>{more}</Error>'.encode()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def reply(self, status, body=b"", headers=(), cut=None):
        self.send_response_only(status)
        self.send_header("Date", formatdate(time.time() + self.server.store.shift, usegmt=True))
        for name, value in headers:
            self.send_header(name, value)
        if not any(name == "Content-Length" for name, _ in headers):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body if cut is None else body[:cut])
        if cut is not None:
            self.wfile.flush()
            self.close_connection = True

    def break_off(self):
        """With RST, so that the client sees a reset."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True
        self.wfile = self.rfile = open("/dev/null", "r+b", buffering=0)

    def handle_any(self):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
        _, bucket, *rest = urllib.parse.unquote(url.path).split("/", 2)
        key = rest[0] if rest else ""
        op = operation(self.command, key, query)
        fault = self.server.store.fault(op) or {"kind": None}
        self.server.store.log.append((op, self.headers.get("x-amz-date"), self.headers.get("authorization"), time.time(),
                                      fault["kind"]))
        length = int(self.headers.get("Content-Length") or 0)
        if fault["kind"] == "reset":
            self.rfile.read(length // 2)
            return self.break_off()
        body = self.rfile.read(length)
        self.answer(bucket, key, query, body, op, fault)
        if "then" in fault:
            fault["then"]()

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_any

    def answer(self, bucket, key, query, body, op, fault):
        kind = fault["kind"]
        if kind == "stall":
            time.sleep(fault.get("seconds", 3))
            return self.break_off()
        if kind == "204":
            return self.reply(204)
        if kind in ("500", "503", "403", "404", "412"):
            code = {"500": "InternalError", "503": "SlowDown", "403": "AccessDenied", "404": "NoSuchBucket", "412": "PreconditionFailed"}[kind]
            after = [("Retry-After", str(fault["after"]))] if "after" in fault else []
            return self.reply(int(kind), error(code), after)
        if kind == "error200":
            return self.reply(200, error(fault.get("code", "InternalError")))
        if kind == "skew":
            return self.reply(403, error("RequestTimeTooSkewed"))
        if kind == "region":
            return self.reply(400, error("AuthorizationHeaderMalformed", more="<Region>eu-central-1</Region>"))
        if kind in ("standstill", "unending"):  # a page of a list that is always the same, or that leads nowhere
            root = {"list": "ListBucketResult", "parts": "ListPartsResult", "uploads": "ListMultipartUploadsResult"}[op]
            markers = "".join(f"<Next{name}>1</Next{name}>" for name in ("KeyMarker", "UploadIdMarker", "PartNumberMarker", "ContinuationToken"))
            return self.reply(200, f"<{root} {NS}>{markers if kind == 'standstill' else ''}<IsTruncated>true</IsTruncated></{root}>".encode())
        if kind == "garbage":
            return self.reply(200, b"<html>a captive portal</html>")
        if self.server.forward:
            status, headers, out = self.pass_on(body)
        else:
            status, headers, out = self.serve_from_memory(key, query, body, op)
        if kind == "signal":  # the client gets signals while it waits for the answer
            for _ in range(fault.get("count", 1)):
                os.kill(self.server.client.get(timeout=20).pid, fault["number"])
            time.sleep(0.3)
        if kind == "changed":  # the object is another one by now
            headers = [(name, '"y"' if name == "ETag" else value) for name, value in headers]
        if kind in ("elsewhere", "short") and status == 206:  # not the part that was asked for
            first, total = map(int, re.search(r"(\d+)-\d+/(\d+)", dict(headers)["Content-Range"]).groups())
            first, out = (first + 1, out[1:] + out[:1]) if kind == "elsewhere" else (first, out[:10])
            last = total - 1 if kind == "elsewhere" else first + 9
            headers = [h for h in headers if h[0] != "Content-Range"] + [("Content-Range", f"bytes {first}-{last}/{total}")]
        if kind == "lost":  # it is done, but nobody hears of it
            return self.break_off()
        if kind == "truncated":
            headers = [h for h in headers if h[0].lower() != "content-length"] + [("Content-Length", str(len(out) or 100))]
            return self.reply(status, out, headers, cut=len(out) // 2)
        return self.reply(status, out, headers)

    def pass_on(self, body):
        to = http.client.HTTPConnection(*self.server.forward, timeout=60)
        headers = {k: v for k, v in self.headers.items() if k.lower() not in ("connection", "expect")}
        to.request(self.command, self.path, body=body or None, headers=headers)
        got = to.getresponse()
        out = got.read()
        keep = [(k, v) for k, v in got.getheaders() if k.lower() not in ("connection", "date", "transfer-encoding")
                and (k.lower() != "content-length" or self.command == "HEAD")]
        to.close()
        return got.status, [("Content-Length", v) if k.lower() == "content-length" else (k, v) for k, v in keep], out

    def serve_from_memory(self, key, query, body, op):
        store = self.server.store
        declared = self.headers.get("x-amz-content-sha256")
        if not self.headers.get("authorization", "").startswith("AWS4-HMAC-SHA256 "):
            return 403, [], error("AccessDenied")
        if declared != hashlib.sha256(body).hexdigest():
            return 400, [], error("XAmzContentSHA256Mismatch")
        with store.lock:
            return getattr(self, "do_" + op.replace("-", "_").split("_")[0])(store, key, query, body)

    def marks(self):
        return [(k, v) for k, v in self.headers.items() if k.lower().startswith("x-amz-meta-")]

    def do_list(self, store, _key, query, _body):
        prefix, flat = query.get("prefix", ""), "delimiter" not in query
        keys = sorted(k for k in store.objects if k.startswith(prefix) and (flat or "/" not in k[len(prefix):])
                      and k > query.get("continuation-token", ""))
        page = keys[:store.page]
        more = f"<NextContinuationToken>{page[-1]}</NextContinuationToken>" if len(keys) > store.page else ""
        items = "".join(f"<Contents><Key>{urllib.parse.quote_plus(k)}</Key><Size>{len(store.objects[k][0])}</Size></Contents>"
                        for k in page)
        return 200, [], f"<ListBucketResult {NS}>{items}{more}</ListBucketResult>".encode()

    def do_uploads(self, store, _key, query, _body):
        after = query.get("key-marker", ""), query.get("upload-id-marker", "\U0010ffff")
        found = sorted((k, i) for i, (k, _, _) in store.uploads.items() if k.startswith(query.get("prefix", "")))
        found = [f for f in found if f > after]
        items = "".join(f"<Upload><Key>{k}</Key><UploadId>{i}</UploadId></Upload>" for k, i in found[:store.page])
        more = "true" if len(found) > store.page else "false"
        last = found[:store.page][-1] if found else ("", "")
        return 200, [], (f"<ListMultipartUploadsResult {NS}><KeyMarker>{after[0]}</KeyMarker><NextKeyMarker>{last[0]}</NextKeyMarker>"
                         f"<NextUploadIdMarker>{last[1]}</NextUploadIdMarker><IsTruncated>{more}</IsTruncated>{items}</ListMultipartUploadsResult>").encode()

    def do_put(self, store, key, _query, body):
        store.objects[key] = body, self.marks()
        return 200, [("ETag", '"x"')], b""

    def do_get(self, store, key, _query, _body):
        if key not in store.objects:
            return 404, [], error("NoSuchKey")
        data, marks = store.objects[key]
        tag = [("ETag", self.server.tag)] if self.server.tag else []
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("range") or "")
        if not wanted or self.server.ranges is False:
            return 200, [*tag, *marks], data
        first, last = int(wanted[1]), int(wanted[2]) if wanted[2] else len(data) - 1
        return 206, [*tag, *marks, ("Content-Range", f"bytes {first}-{last}/{len(data)}")], data[first:last + 1]

    def do_head(self, store, key, _query, _body):
        if key not in store.objects:
            return 404, [], b""
        data, marks = store.objects[key]
        return 200, [("Content-Length", str(len(data))), *marks], b""

    def do_delete(self, store, key, _query, _body):
        store.objects.pop(key, None)
        return 204, [], b""

    def do_create(self, store, key, _query, _body):
        store.number += 1
        upload = f"id+/{store.number}="
        store.uploads[upload] = key, {}, self.marks()
        return 200, [], f"<InitiateMultipartUploadResult {NS}><UploadId>{upload}</UploadId></InitiateMultipartUploadResult>".encode()

    def do_part(self, store, _key, query, body):
        if query["uploadId"] not in store.uploads:
            return 404, [], error("NoSuchUpload")
        store.uploads[query["uploadId"]][1][int(query["partNumber"])] = body
        return 200, [("ETag", f'"part{query["partNumber"]}"')], b""

    def do_parts(self, store, _key, query, _body):
        if query["uploadId"] not in store.uploads:
            return 404, [], error("NoSuchUpload")
        parts = sorted(store.uploads[query["uploadId"]][1].items())
        parts = [p for p in parts if p[0] > int(query.get("part-number-marker", 0))]
        more = f"<IsTruncated>true</IsTruncated><NextPartNumberMarker>{parts[0][0]}</NextPartNumberMarker>" if len(parts) > 1 else ""
        items = "".join(f"<Part><PartNumber>{n}</PartNumber><ETag>&quot;part{n}&quot;</ETag><Size>{len(b)}</Size></Part>"
                        for n, b in parts[:1])
        return 200, [], f"<ListPartsResult {NS}>{items}{more}</ListPartsResult>".encode()

    def do_complete(self, store, key, query, body):
        if query["uploadId"] not in store.uploads:
            return 404, [], error("NoSuchUpload")
        _, parts, marks = store.uploads[query["uploadId"]]
        listed = re.findall(rb"<PartNumber>(\d+)</PartNumber><ETag>(.*?)</ETag>", body)
        if [(int(n), e) for n, e in listed] != [(n, f'"part{n}"'.encode()) for n in sorted(parts)]:
            return 400, [], error("InvalidPart")
        store.objects[key] = b"".join(parts[n] for n in sorted(parts)), marks
        del store.uploads[query["uploadId"]]
        return 200, [], f"<CompleteMultipartUploadResult {NS}><Key>{key}</Key></CompleteMultipartUploadResult>".encode()

    def do_abort(self, store, _key, query, _body):
        if store.uploads.pop(query["uploadId"], None) is None:
            return 404, [], error("NoSuchUpload")
        return 204, [], b""


def serve(forward=None):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.store, server.forward, server.ranges = Store(), forward, True
    server.tag = '"x"'  # the ETag of objects; None: they have none
    server.client = queue.Queue()  # the process that the kind "signal" means
    server.handle_error = lambda *_: None
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
