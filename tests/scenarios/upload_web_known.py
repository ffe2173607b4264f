"""sdp-upload --get https://…: a server of our own that loses connections, redirects and changes its mind."""
import gzip
import http.server
import json
import os
import ssl
import subprocess
import sys
import tempfile
import threading

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "judges"))
from judge import check, end  # noqa: E402

work = tempfile.mkdtemp(prefix="sdp-web.")
BODY = b"a,b\n" + b"".join(b"%d,%d\n" % (i, i * i) for i in range(60000))
LATER = BODY.replace(b"7", b"8")  # another version of the same length
PACKED = gzip.compress(BODY, 1)
# What each of these servers puts into its second answer: a version, and what tells which one it is.
DATED, WEAK = {"Last-Modified": "Mon, 01 Jan 2024 00:00:00 GMT"}, {"ETag": 'W/"one"'}
SECONDS = {"dated": (DATED, BODY), "datedlater": (DATED, LATER), "weak": (WEAK, BODY), "weaklater": (WEAK, LATER), "notag": ({}, BODY), "notaglater": ({}, LATER),
           "samelater": ({"ETag": '"one"'}, LATER), "weakchunks": (WEAK, BODY), "chunksshort": ({"ETag": '"one"'}, BODY[:50000]), "notagshort": ({}, BODY[:50000]),
           "chunksnothing": ({"ETag": '"one"'}, b""), "weakchunkslater": (WEAK, LATER)}
asked = []


class Handler(http.server.BaseHTTPRequestHandler):
    """The path says what is done: /KIND/anything; /ok is the file."""
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, headers, body=b"", cut=None):
        self.send_response(status)
        for name, value in headers.items():
            if value is not None:
                self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(body if cut is None else body[:cut])
        self.wfile.flush()
        if cut is not None:
            self.close_connection = True
            self.connection.close()

    @staticmethod
    def chunks(body):
        return (b"%x\r\n%s\r\n" % (len(body), body) if body else b"") + b"0\r\n\r\n"

    def do_GET(self):
        asked.append((self.server.name, self.path, dict(self.headers)))
        kind, count = self.path.split("/")[1].split("?")[0], sum(1 for a in asked if a[1] == self.path)
        first = int(self.headers["Range"][6:-1]) if "Range" in self.headers else 0
        whole = {"Content-Length": len(BODY), "ETag": '"one"'}
        part = dict(whole, **{"Content-Length": len(BODY) - first, "Content-Range": f"bytes {first}-{len(BODY) - 1}/{len(BODY)}"})
        same = self.headers.get("If-Range", '"one"') == '"one"'
        if kind == "ok":
            self.answer(200, whole, BODY)
        elif kind == "empty":
            self.answer(200, {"Content-Length": 0})
        elif kind == "cut":  # every attempt but the fourth is cut; the rest is asked for
            cut = None if count == 4 else 50000
            self.answer(206 if first and same else 200, part if first and same else whole, BODY[first if same else 0:], cut)
        elif kind == "noranges":
            self.answer(200, whole, BODY, None if count > 1 else 70001)
        elif kind == "changed":
            self.answer(200, dict(whole, ETag=f'"{count}"'), BODY, None if count > 1 else 70001)
        elif kind in SECONDS:  # it has no ranges
            headers, body = SECONDS[kind][0], BODY if count == 1 else SECONDS[kind][1]
            if "chunks" in kind or len(body) < len(BODY):
                self.answer(200, dict(headers, **{"Transfer-Encoding": "chunked"}), self.chunks(body), 70001 if count == 1 else None)
            else:
                self.answer(200, dict(headers, **{"Content-Length": len(body)}), body, 70001 if count == 1 else None)
        elif kind == "shorter":
            self.answer(200, dict(whole, **{"Content-Length": len(BODY) - (count > 1)}), BODY[:-1] if count > 1 else BODY, None if count > 1 else 70001)
        elif kind == "wrongpart":
            self.answer(206 if first else 200, dict(part, **{"Content-Range": f"bytes {first + 1}-{len(BODY) - 1}/{len(BODY)}"}) if first else whole,
                        BODY[first:], None if first else 70001)
        elif kind == "always":
            self.answer(200, whole, BODY, 70001 if not first else 0)
        elif kind == "endless":
            self.answer(200, {"Connection": "close"}, BODY)
            self.close_connection = True
        elif kind == "chunked":
            self.answer(200, {"Transfer-Encoding": "chunked", "ETag": '"one"'}, self.chunks(BODY), None if count > 1 else 70001)
        elif kind == "chunkedcut":  # the rest has a length
            self.answer(206, part, BODY[first:]) if first else self.answer(200, {"Transfer-Encoding": "chunked", "ETag": '"one"'},
                                                                          b"%x\r\n%s\r\n" % (70001, BODY[:70001]), 80000)
        elif kind == "star":
            self.answer(206 if first else 200, dict(part, **{"Content-Range": f"bytes {first}-{len(BODY) - 1}/*"}) if first else whole,
                        BODY[first:], None if first else 70001)
        elif kind == "piece":
            self.answer(206 if first else 200, dict(part, **{"Content-Length": 9, "Content-Range": f"bytes {first}-{first + 8}/{len(BODY)}"}) if first else whole,
                        BODY[first:first + 9] if first else BODY, None if first else 70001)
        elif kind == "weakranges":  # gives the rest of another version, whatever the condition
            self.answer(206, dict(part, **WEAK), LATER[first:]) if first else self.answer(200, dict(whole, **WEAK), BODY, 70001 if count == 1 else None)
        elif kind in ("untagged", "othertag"):  # the rest without an ETag, or with another
            tag = {"untagged": None, "othertag": '"two"'}[kind]
            self.answer(206, dict(part, ETag=tag), LATER[first:]) if first else self.answer(200, whole, BODY, 70001 if count == 1 else None)
        elif kind == "othertotal":
            more = dict(part, **{"Content-Length": len(BODY) - first + 9, "Content-Range": f"bytes {first}-{len(BODY) + 8}/{len(BODY) + 9}"})
            self.answer(206, more, BODY[first:] + b"too much,") if first else self.answer(200, whole, BODY, 70001)
        elif kind == "lesslength":  # its length is not that of its range
            self.answer(206, dict(part, **{"Content-Length": 9}), BODY[first:first + 9]) if first else self.answer(200, whole, BODY, 70001)
        elif kind == "multipart":
            body = b"--x\r\nContent-Range: bytes 0-8/9\r\n\r\n" + BODY[first:] + b"\r\n--x--\r\n"
            self.answer(206, {"Content-Type": "multipart/byteranges; boundary=x", "Content-Length": len(body), "ETag": '"one"'}, body) if first else \
                self.answer(200, whole, BODY, 70001)
        elif kind == "unasked":
            self.answer(206, {"Content-Length": 9, "Content-Range": f"bytes 0-8/{len(BODY)}", "ETag": '"one"'}, BODY[:9])
        elif kind == "cachedpart":  # a part with the status of the whole
            self.answer(200, {"Content-Length": 9, "Content-Range": f"bytes 0-8/{len(BODY)}", "ETag": '"one"'}, BODY[:9])
        elif kind == "wholerange":
            self.answer(200, dict(whole, **{"Content-Range": f"bytes 0-{len(BODY) - 1}/{len(BODY)}"}), BODY)
        elif kind == "noend":  # all bytes, but not the end of the chunks; then there is no rest
            self.answer(416, {"Content-Length": 0, "Content-Range": f"bytes */{len(BODY)}"}) if first else \
                self.answer(200, {"Transfer-Encoding": "chunked", "ETag": '"one"'}, self.chunks(BODY), None if count > 1 else len(self.chunks(BODY)) - 5)
        elif kind == "always416":
            self.answer(416, {"Content-Length": 0}) if count > 1 else self.answer(200, whole, BODY, 70001)
        elif kind == "cutchunks":  # always
            self.answer(200, {"Transfer-Encoding": "chunked"}, self.chunks(BODY), 70001)
        elif kind in ("gzip", "x-gzip", "br"):
            self.answer(200, {"Content-Length": len(PACKED), "Content-Encoding": kind}, PACKED)
        elif kind == "plain":
            self.answer(200, dict(whole, **{"Content-Encoding": "identity"}), BODY)
        elif kind == "transformed":  # by a proxy that says so
            self.answer(203, whole, BODY)
        elif kind == "twolengths":
            self.answer(200, {"Content-Length": len(BODY), "content-length": 9}, BODY)
        elif kind == "bare":  # HTTP/0.9
            self.wfile.write(BODY)
            self.close_connection = True
        elif kind == "gone":  # after a part was read
            self.answer(410, {"Content-Length": 0}) if count > 1 else self.answer(200, whole, BODY, 70001)
        elif kind == "precondition":
            self.answer(412, {"Content-Length": 0}) if first else self.answer(200, whole, BODY, 70001)
        elif kind == "presigns":  # each time another address, which is good for one request
            self.answer(302, {"Location": f"/presigned?signature=5ec2e7{count}", "Content-Length": 0})
        elif kind == "presigned" and count > 1:
            self.answer(403, {"Content-Length": 0})
        elif kind == "presigned":
            self.answer(206 if first and same else 200, part if first and same else whole, BODY[first if same else 0:], None if self.path.endswith("3") else 50000)
        elif kind in ("99999999999999999999999", "identity"):  # no length that can be checked
            self.answer(200, {"Connection": "close", "Content-Length": kind} if kind != "identity" else {"Connection": "close", "Transfer-Encoding": kind}, BODY, 50000)
        elif kind == "503":
            self.answer(*(503, {"Content-Length": 0, "Retry-After": 0}) if count < 3 else (200, whole, BODY))
        elif kind.isdigit():
            self.answer(int(kind), {"Content-Length": 0})
        elif kind == "to":
            self.answer(302, {"Location": self.path.split("?to=")[1], "Content-Length": 0})
        elif kind == "relative":
            self.answer(307, {"Location": "../ok", "Content-Length": 0})
        elif kind == "loop":
            self.answer(301, {"Location": self.path, "Content-Length": 0})


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, *_):
        """A client that goes away is no event."""


def serve(name, context=None):
    server = Server(("127.0.0.1", 0), Handler)
    server.name, server.daemon_threads = name, True
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
                "-keyout", f"{work}/key.pem", "-out", f"{work}/cert.pem"], check=True, capture_output=True)
tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
tls.load_cert_chain(f"{work}/cert.pem", f"{work}/key.pem")
plain, other, secure = serve("plain"), serve("other"), serve("secure", tls)
HTTP, OTHER, HTTPS = f"http://127.0.0.1:{plain.server_port}", f"http://localhost:{other.server_port}", f"https://127.0.0.1:{secure.server_port}"
environment = dict(os.environ, SDP_HOME=os.path.join(work, "home"), HOME=work, TMPDIR=work, no_proxy="*", SSL_CERT_FILE=f"{work}/cert.pem",
                   AWS_ACCESS_KEY_ID="AKIAEXAMPLE", AWS_SECRET_ACCESS_KEY="wJalrXUtnFEMIK7MDENG", DATABRICKS_TOKEN="dapi0123456789")
with open(os.path.join(work, ".netrc"), "w", encoding="utf-8") as f:
    f.write("machine 127.0.0.1 login me password sesame\n")
with open(os.path.join(work, "table.csv"), "wb") as f:
    f.write(BODY)


def run(*words, text=None):
    done = subprocess.run(words, env=environment, cwd=work, input=text, capture_output=True, timeout=120, check=False)
    messages.append(done.stderr.decode(errors="replace"))
    return done.returncode, done.stdout, messages[-1]


messages = []


def gets(url):
    got = run("sdp-upload", "--get", url)
    return None if got == (0, BODY, "") else f"{url}: {got[0]}, {len(got[1])} bytes, {got[2]}"


def fails(url, code, message):
    got = run("sdp-upload", "--get", "-o", "out", url)
    there = os.path.exists(os.path.join(work, "out"))
    return None if got[0] == code and message in got[2] and got[2].count("\n") == 1 and not there else f"{url}: {got} {there}"


check("http and https", gets(HTTP + "/ok"), gets(HTTPS + "/ok"), gets(HTTP + "/ok#part"), gets(HTTP + "/ok?a=b"))
check("an empty file", None if run("sdp-upload", "--get", HTTP + "/empty") == (0, b"", "") else "is not empty")
check("lost connections are resumed", gets(HTTP + "/cut"), None if [a[2].get("Range") for a in asked if a[1] == "/cut"] ==
      [None, "bytes=50000-", "bytes=100000-", "bytes=150000-"] else str([a[2].get("Range") for a in asked if a[1] == "/cut"]))
check("servers without ranges", gets(HTTP + "/noranges"), gets(HTTP + "/dated"), gets(HTTP + "/chunked"))
check("rests of what came in chunks, and of an unknown total", gets(HTTP + "/chunkedcut"), gets(HTTP + "/star"), fails(HTTP + "/piece", 3, "another part"))
check("servers that are busy", gets(HTTP + "/503"))
check("redirects", gets(HTTP + "/to?to=/ok"), gets(HTTP + "/relative/x"), gets(f"{HTTP}/to?to={OTHER}/ok"), gets(f"{HTTP}/to?to={HTTPS}/ok"),
      gets(f"{HTTP}/to?to={OTHER}/noranges/2"))
check("what is not followed", fails(HTTP + "/loop", 3, "more than 10 redirects"), fails(f"{HTTPS}/to?to={HTTP}/ok", 3, "from https to http"),
      fails(f"{HTTP}/to?to=file:///etc/passwd", 3, "not to an URL"), fails(f"{HTTP}/to?to=http://me:sesame@127.0.0.1/ok", 3, "with a password"))


def no_mixture(kind, message="changed while it was read"):
    """Problems with an URL of which another version follows: the output must be a part of the first version, and the exit code 3."""
    out = run("sdp-upload", "--get", f"{HTTP}/{kind}/stdout")
    return fails(f"{HTTP}/{kind}", 3, message) or (None if out[0] == 3 and BODY.startswith(out[1]) else f"{kind}: {out[0]}, {len(out[1])} bytes, {out[2]}")


def ranges(path):
    return [a[2].get("Range") for a in asked if a[1] == path]


check("a file that changes is no mixture", *(no_mixture(kind) for kind in ("changed", "shorter", "othertag", "othertotal", "gone", "precondition")),
      no_mixture("wrongpart", "another part"), no_mixture("multipart", "another part"), no_mixture("lesslength", "bytes arrived"))
check("nor is one whose version is not known for sure, or whose server is wrong about it",
      *(no_mixture(kind) for kind in ("datedlater", "weaklater", "notaglater", "samelater", "weakchunkslater")))
check("what is not known for sure is read again", *(gets(f"{HTTP}/{kind}/again") for kind in ("weak", "notag", "dated", "weakchunks", "weakranges", "untagged")),
      None if ranges("/weak/again") == ranges("/notag/again") == ranges("/weakranges/again") == [None, None] else "by ranges")
check("a second answer that is shorter", *(no_mixture(kind) for kind in ("chunksshort", "notagshort", "chunksnothing")))
check("chunks that are always cut", no_mixture("cutchunks", "/cutchunks"))
check("there is no rest", gets(HTTP + "/noend"), None if ranges("/noend") == [None, f"bytes={len(BODY)}-", None] else str(ranges("/noend")), no_mixture("always416", "416"))
check("a redirect that expires", gets(HTTP + "/presigns"), None if ranges("/presigns") == [None, "bytes=50000-", "bytes=100000-"] else str(ranges("/presigns")))
check("parts that nobody asked for", fails(HTTP + "/unasked", 3, "another part"), fails(HTTP + "/cachedpart", 3, "another part"), gets(HTTP + "/wholerange"))
check("what a proxy has changed", fails(HTTP + "/gzip", 3, "in the encoding 'gzip'"), fails(HTTP + "/br/table.csv.gz", 3, "in the encoding 'br'"),
      fails(HTTP + "/transformed", 3, "203"), gets(HTTP + "/plain"),
      None if all(run("sdp-upload", "--get", f"{HTTP}/{kind}/table.csv.gz?a") == (0, PACKED, "") for kind in ("gzip", "x-gzip")) else "not the compressed file")
check("answers that are none", fails(HTTP + "/twolengths", 3, "bytes"), fails(HTTP + "/bare", 3, "/bare: "))
check("what cannot be known to be whole", fails(HTTP + "/endless", 3, "how many bytes"), fails(HTTP + "/99999999999999999999999", 3, "how many bytes"),
      fails(HTTP + "/identity", 3, "how many bytes"))
check("a connection that is lost for good", fails(HTTP + "/always", 3, "/always: "))
check("no such file", fails(HTTP + "/404", 1, "/404: the server answers with 404"), fails(HTTP + "/410", 1, "410"), fails(HTTP + "/403", 3, "403"), fails(HTTP + "/401", 3, "401"),
      fails(HTTP + "/400", 3, "400"), fails(HTTP + "/204", 3, "204"), fails("http://127.0.0.1:1/x", 3, "127.0.0.1"))
check("passwords", fails("http://me:sesame@127.0.0.1:1/x", 2, "a user and a password"),
      None if "sesame" not in fails("http://me:sesame@127.0.0.1:1/x", 9, "") .split("(2, ")[1] else "shown")
check("passwords that an URL cannot hold", *(None if run("sdp-upload", "--get", f"http://me:{word}@127.0.0.1/x?5ec2e7") ==
                                              (2, b"", f"sdp-upload: {shown}: not a valid URL\n") else f"{word}: {run('sdp-upload', '--get', f'http://me:{word}@127.0.0.1/x')}"
                                              for word, shown in (("ses/ame", "http://127.0.0.1/x"), ("ses?ame", "http://..."), ("ses#a/me", "http://..."))))
upper = HTTP.replace("http", "HTTP")
check("a scheme in upper case", gets(upper + "/ok?b"), gets(HTTPS.replace("https", "Https") + "/ok"), fails(f"{HTTPS}/to?to={upper}/ok", 3, "from https to http"),
      fails(upper + "/404?X-Signature=5ec2e7", 1, f"sdp-upload: {upper}/404: the server answers with 404"))
check("an URL's query is not shown", None if "signature" not in run("sdp-upload", "--get", HTTP + "/404?X-Signature=signature")[2] else "shown")
wanted = run("sdp-stats", "table.csv")[1]
for path in "/ok", "/cut/1", "/noranges/1":
    for workers in "1", "3":
        got = run("sdp-stats", "-j", workers, f"{HTTP}{path}/{workers}")
        check(f"sdp-stats {path} -j {workers}", None if got[:2] == (0, wanted) else str(got))
got = run("sdp-stats", HTTP + "/always/2")
check("a table that ends too early is none", None if got[0] == 3 and not got[1] else str(got))
check("a table that is not there", None if run("sdp-stats", HTTP + "/404/2")[:2] == (1, b"") else "is read")
stored = run("sdp-upload", HTTP + "/ok/table.csv?key=x")
check("a copy is stored", None if stored[0] == 0 and json.loads(stored[1])["name"] == "table.csv" and b"key=x" not in stored[1] else str(stored))
check("no secret was shown", *(m for m in messages if any(word in m for word in ("5ec2e7", "sesame", "ame@", "ses/", "ses?"))))
secrets = [a for a in asked if any(s in str(a[2]) for s in ("sesame", "Authorization", "AKIA", "dapi", "Cookie"))]
check("no secret was sent", None if not secrets else str(secrets[0]))
end()
