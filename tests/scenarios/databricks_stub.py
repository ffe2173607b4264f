"""A Databricks workspace for tests: what sdp-databricks calls of it, on 127.0.0.1, with faults to order.

A fault is a dictionary: method and path (a prefix) of the call that gets it, count (1), and status, headers and body of
the answer; or drop: the connection closes after the request, truncate: so many bytes of the true answer, slow: seconds, after: is called then.
"""
import base64
import http.server
import json
import os
import re
import subprocess
import tempfile
import threading
import time
import urllib.parse

TOKEN, CLIENT_ID, CLIENT_SECRET = "dapi0123456789abcdefSECRET", "11111111-2222-3333-4444-555555555555", "dose0123456789CLIENT"
VERSIONS = [("15.4.x-scala2.12", "15.4 LTS (includes Apache Spark 3.5.0, Scala 2.12)"),
            ("16.4.x-scala2.13", "16.4 LTS (includes Apache Spark 3.5.2, Scala 2.13)"),
            ("16.4.x-scala2.12", "16.4 LTS (includes Apache Spark 3.5.2, Scala 2.12)"),
            ("16.4.x-gpu-ml-scala2.12", "16.4 LTS ML (GPU)"), ("17.1.x-scala2.13", "17.1 (includes Apache Spark 4.0.0)"),
            ("16.4.x-photon-scala2.12", "16.4 LTS Photon"), ("9.1.x-scala2.12", "9.1 LTS")]
# name, cores, megabytes, category, GPUs, disks, Graviton
NODES = [("g4dn.xlarge", 4.0, 16384, "GPU Accelerated", 1, 1, False), ("i3.large", 2.0, 4096, "Storage Optimized", 0, 1, False),
         ("m5.large", 2.0, 4096, "General Purpose", 0, 0, False), ("m5d.xlarge", 4.0, 16384, "General Purpose (HDD)", 0, 1, False),
         ("m5d.large", 2.0, 8192, "General Purpose", 0, 1, False), ("m6gd.large", 2.0, 4096, "General Purpose", 0, 1, True)]


class Workspace:
    def __init__(self):
        self.lock = threading.RLock()
        self.reset()

    def reset(self):
        self.calls, self.faults, self.unreadable = [], [], []  # (method, path with query, headers, body)
        self.notebooks, self.clusters, self.runs = {}, {}, {}
        self.files = {}                           # dbfs:/… and /Volumes/…
        self.handles, self.tokens, self.issued = {}, {}, 0
        self.accepted = {TOKEN}
        self.cluster_plan = ["PENDING", "PENDING", "RUNNING"]
        self.run_plan = ["PENDING", "TERMINATED"]    # ended at the first look
        self.outcome = lambda arguments: {"exit": 0, "error": None, "document": {"task": "stub", "big": 12345678901234567890}}
        self.write_result, self.output_limit, self.expires = True, 5 << 20, 3600
        self.next_id = 9007199254740993           # past 2^53: a double loses it
        self.machines = NODES
        self.garble = None                        # status, body of every answer to what it is instead
        self.changed = "Tue, 14 Nov 2023 22:13:20 GMT"  # in a Volume
        self.modified = 1700000000000                   # in DBFS


def start_result(w, run):
    """Runs the notebook in its own way, once the run is on: its result file and what get-output says."""
    words = json.loads(run["arguments"])
    try:
        envelope = w.outcome(words)
    except RuntimeError as error:                # the cluster or the notebook died
        run.update(result="FAILED", error=str(error))
        return
    text = json.dumps(envelope)
    if w.write_result:
        w.files[words[words.index("--result") + 1]] = text.encode()
    if envelope["exit"]:
        run.update(result="FAILED", error=f"RuntimeError: sdp exit {envelope['exit']}: {envelope['error']}")
    else:
        run.update(result="SUCCESS", output=text)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, status, body=None, headers=()):
        try:
            self.write_answer(status, body, headers)
        except OSError:  # who asked was killed
            self.close_connection = True

    def write_answer(self, status, body, headers):
        if self.server.workspace.garble:
            status, body = self.server.workspace.garble(status, body)
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        limit = getattr(self, "truncate", None)
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("x-databricks-org-id", "1234567890123456")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data[:limit])
        if limit is not None:
            self.close_connection = True
        if getattr(self, "after", None):
            self.after()

    def fail(self, status, code, message):
        self.answer(status, {"error_code": code, "message": message})

    def fault(self, w):
        for f in w.faults:
            if f.get("method", self.command) == self.command and self.path.startswith(f.get("path", "/")):
                f["count"] = f.get("count", 1) - 1
                if f["count"] == 0:
                    w.faults.remove(f)
                return f
        return None

    def handle_one_request(self):
        try:
            super().handle_one_request()
        except OSError:  # who asked was killed
            self.close_connection = True

    def handle_one(self):
        w = self.server.workspace
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        with w.lock:
            w.calls.append((self.command, self.path, dict(self.headers), body))
            fault = self.fault(w)
        self.truncate = self.after = None
        if fault:
            time.sleep(fault.get("slow", 0))
            if fault.get("drop"):
                self.close_connection = True
                self.connection.close()
                return
            self.truncate = fault.get("truncate")
            self.after = fault.get("after")
            if "status" in fault:
                self.answer(fault["status"], fault.get("body"), fault.get("headers", ()))
                return
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
        if url.path.startswith(("/.well-known/", "/oidc/")):
            with w.lock:
                self.oidc(w, url.path, body)
            return
        scheme, _, token = (self.headers.get("Authorization") or "").partition(" ")
        if scheme != "Bearer" or token not in w.accepted:
            self.answer(401, {"error_code": 401, "message": f"Credential was not sent or was of an unsupported type: {token}"})
            return
        with w.lock:
            self.route(w, url.path, query, body)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = handle_one

    def oidc(self, w, path, body):
        base = f"{self.server.scheme}://127.0.0.1:{self.server.server_port}/oidc"
        if path == "/.well-known/databricks-config":
            self.answer(200, {"oidc_endpoint": base})
        elif path == "/oidc/.well-known/oauth-authorization-server":
            self.answer(200, {"token_endpoint": base + "/v1/token"})
        elif self.headers.get("Authorization") != "Basic " + base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode():
            self.answer(401, {"error": "invalid_client", "error_description": "Client authentication failed"})
        elif dict(urllib.parse.parse_qsl(body.decode())) != {"grant_type": "client_credentials", "scope": "all-apis"}:
            self.answer(400, {"error": "invalid_request"})
        else:
            w.issued += 1
            token = f"eyJoauth{w.issued}"
            w.accepted.add(token)
            self.answer(200, {"access_token": token, "token_type": "Bearer", "expires_in": w.expires})

    def route(self, w, path, query, body):
        if path.startswith("/api/2.0/fs/"):
            self.volumes(w, path, query, body)
            return
        try:
            data = json.loads(body) if body else {}
        except ValueError:
            w.unreadable.append(body)
            self.fail(400, "MALFORMED_REQUEST", "not JSON")
            return
        name = self.command + " " + re.sub(r"^/api/[0-9.]+/", "", path)
        call = {"GET preview/scim/v2/Me": self.me, "GET clusters/spark-versions": self.versions, "GET clusters/list-node-types": self.nodes,
                "GET workspace/get-status": self.get_status, "POST workspace/mkdirs": self.empty, "POST workspace/import": self.import_,
                "GET workspace/list": self.list_workspace, "GET workspace/export": self.export, "POST workspace/delete": self.delete_notebook,
                "POST clusters/create": self.create, "GET clusters/get": self.get_cluster, "GET clusters/list": self.list_clusters,
                "POST clusters/start": self.start, "POST clusters/delete": self.terminate, "POST jobs/runs/submit": self.submit,
                "GET jobs/runs/get": self.get_run, "GET jobs/runs/get-output": self.get_output, "GET jobs/runs/list": self.list_runs,
                "POST jobs/runs/cancel": self.cancel, "POST dbfs/create": self.dbfs_create, "POST dbfs/add-block": self.dbfs_add,
                "POST dbfs/close": self.dbfs_close, "GET dbfs/read": self.dbfs_read, "GET dbfs/get-status": self.dbfs_status,
                "GET dbfs/list": self.dbfs_list,
                "POST dbfs/delete": self.dbfs_delete, "POST echo": self.echo, "PATCH echo": self.echo, "DELETE echo": self.echo, "GET list": lambda w, q, d: self.answer(200, [1, {"a": 2.5}])}.get(name)
        if call is None:
            self.fail(404, "ENDPOINT_NOT_FOUND", f"No API found for '{self.command} {path}'")
        else:
            call(w, query, data)

    # ---- workspace ----

    def empty(self, w, query, data):
        self.answer(200, {})

    def echo(self, w, query, data):
        self.answer(200, data)

    def me(self, w, query, data):
        self.answer(200, {"userName": "ada@example.org", "displayName": "Ada", "id": "42"})

    def versions(self, w, query, data):
        self.answer(200, {"versions": [{"key": k, "name": n} for k, n in VERSIONS]})

    def nodes(self, w, query, data):
        self.answer(200, {"node_types": [{"node_type_id": n, "num_cores": c, "memory_mb": m, "category": g, "num_gpus": p, "is_deprecated": False,
                                          "instance_type_id": n, "description": n, "node_info": {"status": []}, "is_graviton": a,
                                          "node_instance_type": {"instance_type_id": n, "local_disks": d, "local_nvme_disks": 0}}
                                         for n, c, m, g, p, d, a in w.machines]})

    def get_status(self, w, query, data):
        if query["path"] == "/":
            self.answer(200, {"object_type": "DIRECTORY", "path": "/", "object_id": 1})
        elif query["path"] in w.notebooks:
            self.answer(200, {"object_type": "NOTEBOOK", "language": "PYTHON", "path": query["path"], "object_id": 9007199254740995})
        else:
            self.fail(404, "RESOURCE_DOES_NOT_EXIST", f"Path ({query['path']}) doesn't exist.")

    def import_(self, w, query, data):
        content = base64.b64decode(data["content"])
        if len(content) > 10 << 20:
            self.fail(400, "MAX_NOTEBOOK_SIZE_EXCEEDED", "File size imported is too large")
        elif data["path"] in w.notebooks and not data.get("overwrite"):
            self.fail(400, "RESOURCE_ALREADY_EXISTS", "exists")
        else:
            w.notebooks[data["path"]] = content
            self.answer(200, {})

    def list_workspace(self, w, query, data):
        self.answer(200, {"objects": [{"path": p, "object_type": "NOTEBOOK"} for p in w.notebooks if p.startswith(query["path"])]})

    def export(self, w, query, data):
        if query["path"] not in w.notebooks:
            self.fail(404, "RESOURCE_DOES_NOT_EXIST", f"Path ({query['path']}) doesn't exist.")
            return
        self.answer(200, {"content": base64.b64encode(w.notebooks[query["path"]]).decode()})

    def delete_notebook(self, w, query, data):
        if w.notebooks.pop(data["path"], None) is None:
            self.fail(404, "RESOURCE_DOES_NOT_EXIST", "no such path")
        else:
            self.answer(200, {})

    # ---- clusters ----

    def create(self, w, query, data):
        name = f"0101-{len(w.clusters):06}-stub"
        w.clusters[name] = {**data, "cluster_id": name, "plan": list(w.cluster_plan)}
        self.answer(200, {"cluster_id": name})

    def shown(self, cluster, step=False):
        plan = cluster["plan"]
        state = plan.pop(0) if step and len(plan) > 1 else plan[0]
        out = {k: v for k, v in cluster.items() if k != "plan"}
        out["state"] = state
        if state in ("TERMINATED", "ERROR") and cluster.get("broken", True):
            out["state_message"] = "out of machines"
            out["termination_reason"] = {"code": "CLOUD_PROVIDER_LAUNCH_FAILURE", "type": "CLOUD_FAILURE", "parameters": {"region": "nowhere"}}
        return out

    def find(self, w, name):
        if name not in w.clusters:
            self.fail(400, "INVALID_PARAMETER_VALUE", f"Cluster {name} does not exist")
        return w.clusters.get(name)

    def get_cluster(self, w, query, data):
        cluster = self.find(w, query["cluster_id"])
        if cluster:
            self.answer(200, self.shown(cluster, True))

    def list_clusters(self, w, query, data):
        self.page(query, "clusters", [self.shown(c) for c in w.clusters.values()], 2)

    def page(self, query, member, rows, size):
        at = int(query.get("page_token") or 0)
        more = {"next_page_token": str(at + size)} if at + size < len(rows) else {}
        self.answer(200, {member: rows[at:at + size], **more} if rows[at:at + size] else more)

    def start(self, w, query, data):
        cluster = self.find(w, data["cluster_id"])
        if cluster and cluster["plan"][0] in ("RUNNING", "TERMINATING"):
            self.fail(400, "INVALID_STATE", f"Cluster is in unexpected state {cluster['plan'][0].title()}.")
        elif cluster:
            cluster["plan"] = list(w.cluster_plan)
            self.answer(200, {})

    def terminate(self, w, query, data):
        cluster = self.find(w, data["cluster_id"])
        if cluster:
            cluster.update(plan=["TERMINATING", "TERMINATED"], broken=False)
            self.answer(200, {})

    # ---- runs ----

    def submit(self, w, query, data):
        token = data.get("idempotency_token")
        if token not in w.tokens:
            w.next_id += 2
            task = data["tasks"][0]
            w.tokens[token] = w.next_id
            w.runs[w.next_id] = {"run_id": w.next_id, "task": task, "name": data["run_name"], "plan": list(w.run_plan), "started": False,
                                 "arguments": task["notebook_task"]["base_parameters"]["arguments"]}
        self.answer(200, {"run_id": w.tokens[token]})

    def run_shown(self, run):
        state = {"life_cycle_state": run["plan"][0], "state_message": run.get("message", "")}
        if run["plan"][0] in ("TERMINATED", "INTERNAL_ERROR", "SKIPPED"):
            state["result_state"] = run.get("result", "FAILED")
        return {"run_id": run["run_id"], "run_name": run["name"], "state": state, "run_page_url": "https://example.org/#job/run",
                "start_time": 1700000000123, "end_time": 1700000001000, "tasks": [{**run["task"], "run_id": run["run_id"] + 1, "state": state}]}

    def get_run(self, w, query, data):
        run = w.runs.get(int(query["run_id"]))
        if not run:
            self.fail(400, "INVALID_PARAMETER_VALUE", f"Run {query['run_id']} does not exist.")
            return
        if len(run["plan"]) > 1:
            run["plan"].pop(0)
        if run["plan"][0] == "TERMINATED" and not run["started"]:
            run["started"] = True
            start_result(w, run)
        self.answer(200, self.run_shown(run))

    def get_output(self, w, query, data):
        run = w.runs.get(int(query["run_id"]) - 1)
        if not run:
            self.fail(400, "INVALID_PARAMETER_VALUE", "Retrieving the output of runs with multiple tasks is not supported.")
        elif run.get("error"):
            self.answer(200, {"error": run["error"], "error_trace": "Traceback:\n  somewhere"})
        else:
            text = run.get("output", "")
            self.answer(200, {"notebook_output": {"result": text[:w.output_limit], "truncated": len(text) > w.output_limit}})

    def list_runs(self, w, query, data):
        self.page(query, "runs", [self.run_shown(r) for r in w.runs.values()], min(int(query["limit"]), 2))

    def cancel(self, w, query, data):
        run = w.runs.get(data["run_id"])
        if not run:
            self.fail(400, "INVALID_PARAMETER_VALUE", "no such run")
            return
        run.update(plan=["TERMINATING", "TERMINATED"], result="CANCELED", started=True)
        self.answer(200, {})

    # ---- files ----

    def dbfs_create(self, w, query, data):
        handle = 9007199254740997 + 2 * len(w.handles)
        w.handles[handle] = ["dbfs:" + data["path"], b""]
        self.answer(200, {"handle": handle})

    def dbfs_add(self, w, query, data):
        if len(data["data"]) > 1 << 20:
            self.fail(400, "MAX_BLOCK_SIZE_EXCEEDED", "too large")
            return
        w.handles[data["handle"]][1] += base64.b64decode(data["data"])
        self.answer(200, {})

    def dbfs_close(self, w, query, data):
        path, content = w.handles[data["handle"]]
        w.files[path] = content
        self.answer(200, {})

    def dbfs_read(self, w, query, data):
        content = w.files.get("dbfs:" + query["path"])
        if content is None:
            self.fail(404, "RESOURCE_DOES_NOT_EXIST", f"No file or directory exists on path dbfs:{query['path']}.")
            return
        part = content[int(query["offset"]):][:int(query["length"])]
        self.answer(200, {"bytes_read": len(part), "data": base64.b64encode(part).decode()})

    def dbfs_status(self, w, query, data):
        path = "dbfs:" + query["path"]
        if path in w.files:
            self.answer(200, {"path": query["path"], "is_dir": False, "file_size": len(w.files[path]), "modification_time": w.modified})
        elif any(f.startswith(path.rstrip("/") + "/") for f in w.files):
            self.answer(200, {"path": query["path"], "is_dir": True, "file_size": 0, "modification_time": w.modified})
        else:
            self.fail(404, "RESOURCE_DOES_NOT_EXIST", f"No file or directory exists on path {path}.")

    def dbfs_list(self, w, query, data):
        files = [f for f in w.files if f.startswith("dbfs:" + query["path"])]
        self.answer(200, {"files": [{"path": f[5:], "is_dir": False, "file_size": len(w.files[f]), "modification_time": w.modified} for f in files]})

    def dbfs_delete(self, w, query, data):
        path = "dbfs:" + data["path"]
        for f in [f for f in w.files if f == path or data.get("recursive") and f.startswith(path + "/")]:
            del w.files[f]
        self.answer(200, {})

    def volumes(self, w, path, query, body):
        path = urllib.parse.unquote(path)
        kind, place = ("files", path[len("/api/2.0/fs/files"):]) if path.startswith("/api/2.0/fs/files") else \
            ("directories", path[len("/api/2.0/fs/directories"):])
        inside = sorted(f for f in w.files if f.startswith(place + "/"))
        if kind == "directories" and self.command == "PUT":
            self.answer(204)
        elif kind == "directories" and self.command == "GET":
            self.page(query, "contents", [{"path": f, "is_directory": False, "file_size": len(w.files[f]), "last_modified": 1700000000000}
                                          for f in inside], 100)
        elif kind == "directories" and self.command == "DELETE":
            if inside:
                self.fail(400, "DIRECTORY_NOT_EMPTY", "The directory is not empty")
            else:
                self.answer(204)
        elif self.command == "PUT":
            w.files[place] = body
            self.answer(204)
        elif place not in w.files:
            self.fail(404, "NOT_FOUND", "The file does not exist")
        elif self.command == "DELETE":
            del w.files[place]
            self.answer(204)
        else:
            self.answer(200, w.files[place], [("Content-Type", "application/octet-stream"), ("Last-Modified", w.changed)])


NONSENSE = [None, True, 0, -1, 1e308, 12345678901234567890, "", "x", "\0a", " " * 3000, [], {}, [[]], [{}], [None], {"a": {}}, "é" * 500]


def garbled(value, chance, dice):
    if dice.random() < chance:
        return dice.choice(NONSENSE)
    if isinstance(value, dict):
        return {k: garbled(v, chance, dice) for k, v in value.items() if dice.random() > chance / 2}
    return [garbled(v, chance, dice) for v in value] if isinstance(value, list) else value


def liar(dice):
    """For Workspace.garble: members that lack or are something else, bodies that are none."""
    def garble(status, body):
        body = json.dumps(garbled(body, 0.15, dice)).encode() if isinstance(body, (dict, list)) else body or b""
        kind = dice.random()
        if kind > 0.97:
            body = dice.randbytes(dice.randrange(300))
        elif kind > 0.94:
            body = body[:dice.randrange(len(body) + 1)]
        return dice.choice([200, 204, 400, 404, 403, 500, 418]) if kind < 0.1 else status, body
    return garble


def serve(context=None):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.workspace = Workspace()
    server.scheme = "https" if context else "http"
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


class Cluster:
    """An outcome for workspaces: the notebook that was put there, run by a Python with PySpark; its files lie in a folder meanwhile."""

    def __init__(self, w, python, run_as):
        self.w = w
        environment = dict(os.environ, PYSPARK_PYTHON=python, PYSPARK_DRIVER_PYTHON=python)
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen([python, run_as], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log)

    def __call__(self, words):
        with tempfile.TemporaryDirectory() as folder:
            def here(word):
                return re.sub(r"^(--init=)?(dbfs:(?=/)|(?=/Volumes/))", lambda m: (m[1] or "") + folder, word)
            for name, content in self.w.files.items():
                place = here(name)
                os.makedirs(os.path.dirname(place), exist_ok=True)
                with open(place, "wb") as f:
                    f.write(content)
            source = os.path.join(folder, "notebook.py")
            with open(source, "wb") as f:
                f.write(next(iter(self.w.notebooks.values())))
            local = [here(word) for word in words]
            self.process.stdin.write(json.dumps({"notebook": source, "arguments": json.dumps(local)}).encode() + b"\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
            if not line:
                self.log.seek(0)
                raise RuntimeError("the cluster died: " + self.log.read().decode(errors="replace")[-2000:])
            ended = json.loads(line)
            result = local[local.index("--result") + 1]
            if not os.path.exists(result):
                raise RuntimeError(f"the notebook wrote no result: {ended}")
            with open(result, encoding="utf-8") as f:
                envelope = json.load(f)
            if envelope["exit"] == 0 and (ended["error"] or json.loads(ended["value"]) != envelope):
                raise RuntimeError(f"the notebook's value is not what it wrote: {ended}")
            if envelope["exit"] != 0 and f"sdp exit {envelope['exit']}" not in (ended["error"] or ""):
                raise RuntimeError(f"the notebook did not raise: {ended}")
            return envelope

    def stop(self):
        self.process.stdin.close()
        self.process.wait(60)
