"""
sdp-upload --get from a server that behaves at random: it loses connections, replaces the file, redirects, refuses, and
sends parts and lengths that are not what was asked for.  Whatever it does, exit code 0 means the bytes of one version,
and otherwise standard output has the beginning of one.
"""
import collections
import concurrent.futures
import http.server
import os
import random
import subprocess
import sys
import tempfile
import threading

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "judges"))
from judge import check, end  # noqa: E402

SEEDS = int(os.environ.get("SDP_TEST_SEEDS", 40 if os.environ.get("SDP_TEST_QUICK") else 200))
work = tempfile.mkdtemp(prefix="sdp-web.")


class File:
    """A file of a random server: its two versions, and how the server describes and sends them."""

    def __init__(self, seed):
        dice = self.dice = random.Random(seed)
        size = dice.choice([0, 1, 5, 3000, 70000, 200000])
        one, more = bytes(dice.choices(b"abcdefgh\n", k=size)), bytes(dice.choices(b"xyz\n", k=size))
        half, at = size // 2, dice.randrange(size or 1)
        two = dice.choice([one, one[:at] + b"?" + one[at + 1:], one + b"more\n", one[:half], one[:half] + more[half:], more[:half] + one[half:]])
        self.versions, self.answers = (one, two), 0
        self.replaced = dice.choice([2, 2, 3, 99])  # at this answer
        self.tags = dice.choice([('"1"', '"2"'), ('W/"1"', 'W/"2"'), ('W/"1"', 'W/"1"'), (None, None)])
        self.dated, self.redirects = dice.random() < 0.3, dice.random() < 0.3
        self.ranges, self.chunks = dice.random() < 0.7, dice.random()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def head(self, status, headers):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, str(value))
        self.end_headers()

    def do_GET(self):
        file = files[int(self.path.split("/")[1])]
        dice = file.dice
        if file.redirects and not self.path.endswith("/there"):
            return self.head(302, [("Location", self.path + "/there"), ("Content-Length", 0)])
        file.answers += 1
        if dice.random() < 0.08:
            return self.head(dice.choice([429, 500, 503]), [("Content-Length", 0)])
        now = int(file.answers >= file.replaced)
        return self.give(file, dice, file.versions[now], file.tags[now])

    def give(self, file, dice, body, tag):
        """The whole file or the part that is asked for; some servers have no conditions, and some get parts wrong."""
        first, status, headers = 0, 200, []
        asked, condition, total = self.headers.get("Range"), self.headers.get("If-Range"), len(body)
        if asked and file.ranges and (condition == tag or dice.random() < 0.1):
            first, status = int(asked[6:-1]), 206
            if first >= total:
                return self.head(416, [("Content-Length", 0)])
        elif dice.random() < 0.03:
            status, total = dice.choice([200, 206]), 2 * total
        body = body[first:]
        if status == 206 or total > len(body) + first:
            body = body[:len(body) // 2] if dice.random() < 0.06 else body
            headers = [("Content-Range", f"bytes {first + (dice.random() < 0.06)}-{first + len(body) - 1}/{total}")]
        if tag and dice.random() < 0.97:
            headers.append(("ETag", tag))
        if file.dated:
            headers.append(("Last-Modified", "Mon, 01 Jan 2024 00:00:00 GMT"))
        if dice.random() < file.chunks:
            headers.append(("Transfer-Encoding", "chunked"))
            body = b"".join(b"%x\r\n%s\r\n" % (len(body[i:i + 9999]), body[i:i + 9999]) for i in range(0, len(body), 9999)) + b"0\r\n\r\n"
        else:
            headers.append(("Content-Length", len(body)))
        self.head(status, headers)
        if dice.random() < (0.8 if file.answers < 4 else 0.2):
            self.wfile.write(body[:dice.randrange(len(body) + 1)])
            self.close_connection = True
        else:
            self.wfile.write(body)
        return None


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """A client that goes away is no event."""


files = [File(seed) for seed in range(SEEDS)]
server = Server(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
environment = dict(os.environ, SDP_HOME=os.path.join(work, "home"), HOME=work, TMPDIR=work, no_proxy="*")
outcomes = collections.Counter()


def problem(seed):
    """What is wrong with the output for a file, or None."""
    done = subprocess.run(["sdp-upload", "--get", f"http://127.0.0.1:{server.server_port}/{seed}"], env=environment, capture_output=True, timeout=120, check=False)
    versions, out = files[seed].versions, done.stdout
    outcomes[done.returncode] += 1
    if done.returncode == 0:
        return None if out in versions and not done.stderr else f"seed {seed}: exit code 0 and {len(out)} bytes, of neither version"
    return None if done.returncode == 3 and any(v.startswith(out) for v in versions) else f"seed {seed}: {done.returncode}, a mixture: {done.stderr.decode()}"


with concurrent.futures.ThreadPoolExecutor(4) as threads:
    problems = [p for p in threads.map(problem, range(SEEDS)) if p]
check(f"{SEEDS} files of servers that behave at random", *problems[:5])
check(f"most of them are read, and some are not: {dict(outcomes)}", None if outcomes[0] > outcomes[3] > SEEDS / 20 else "it is no test")
subprocess.run(["rm", "-rf", work], check=False)
end()
