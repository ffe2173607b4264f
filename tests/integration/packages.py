"""
The Debian packages.  debian: they are made here, lintian has no errors and no warnings, and they are installed in a bare
system of this machine's release.  ubuntu: they are made and installed in a bare Ubuntu 24.04.

Runnable alone: python3 tests/integration/packages.py debian.  Needs root, debootstrap and some minutes.
"""
import os
import subprocess
import sys
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BARE = os.path.join(ROOT, "tests", "scenarios", "bare-debian.sh")
INSIDE = "bash tests/integration/packages/inside.sh"
# make passes the variables of its command line on; the packages have flags of their own.
ENVIRONMENT = {name: value for name, value in os.environ.items()
               if name not in {"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "CFLAGS", "CC", "MODE", "B", "DESTDIR", "PREFIX"}}


def skip(what, why):
    print(f"ok - {what} # SKIP {why}")
    return 0


def has_namespaces():
    """Whether this process may mount, in a namespace of its own."""
    test = "d=$(mktemp -d) && mount -t proc proc $d && umount $d && rmdir $d"
    return subprocess.run(["unshare", "--mount", "--propagation", "private", "--", "sh", "-c", test], capture_output=True,
                          check=False).returncode == 0


def mirror():
    """Where Ubuntu's archive is: beside that of Debian, on the mirror that apt uses, or at SDP_UBUNTU_MIRROR."""
    targets = subprocess.run(["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"], capture_output=True,
                             text=True, check=True).stdout.split()
    beside = [uri.rstrip("/").removesuffix("/debian") + "/ubuntu" for uri in targets if uri.rstrip("/").endswith("/debian")]
    own = [uri.rstrip("/") for uri in targets if uri.rstrip("/").endswith("/ubuntu")]
    for uri in [os.environ.get("SDP_UBUNTU_MIRROR"), *own, *beside]:
        try:
            if uri and b"Suite: noble" in urllib.request.urlopen(uri + "/dists/noble/InRelease", timeout=20).read(2000):
                return uri
        except OSError:
            pass
    return None


def debian():
    done = subprocess.run(["make", "-C", ROOT, "--no-print-directory", "deb"], env=ENVIRONMENT, capture_output=True, text=True, check=False)
    print("not ok" if done.returncode else "ok", "- make deb, and lintian")
    if done.returncode:
        print("".join(f"# {line}\n" for line in (done.stdout + done.stderr).splitlines()[-40:]))
        return 1
    sys.stdout.flush()
    return subprocess.run(["bash", BARE, INSIDE], env=dict(ENVIRONMENT, BARE_COPY="build/deb"), check=False).returncode


def ubuntu():
    uri = mirror()
    if not uri:
        return skip("Ubuntu's archive", "it cannot be reached: neither that of SDP_UBUNTU_MIRROR nor one beside Debian's")
    return subprocess.run(["bash", BARE, INSIDE], env=dict(ENVIRONMENT, BARE_SUITE="noble", BARE_MIRROR=uri), check=False).returncode


PARTS = {"debian": debian, "ubuntu": ubuntu}

if __name__ == "__main__":
    if os.geteuid() == 0 and has_namespaces():
        sys.exit(PARTS[sys.argv[1]]())
    sys.exit(skip("a bare system", "it takes root, who may mount file systems"))
