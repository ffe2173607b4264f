"""sdp-upload against a real S3 server, versitygw, with boto3 at the other end; SigV4 against AWS's suite.

Runnable alone: python3 tests/integration/s3.py.  What it needs beyond Python (boto3, the server, built once,
AWS's suite of signatures) comes into ${XDG_CACHE_HOME:-~/.cache}/sdp by pip and go.
"""
import glob
import hashlib
import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)), os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "judges")]
from judge import BIN, ROOT, check, end  # noqa: E402
from tools import CACHE, s3_server, venv  # noqa: E402

BOTO3 = "1.44.5"
QUICK = bool(os.environ.get("SDP_TEST_QUICK"))


# ---- what it needs ----

def suite():
    """The folder of AWS's cases, from botocore's source package."""
    folder = os.path.join(CACHE, "botocore-" + BOTO3)
    inside = "*/tests/unit/auth/aws4_testsuite"
    if not glob.glob(os.path.join(folder, inside)):
        os.makedirs(folder, exist_ok=True)
        subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
                        "--no-binary", ":all:", "-d", folder, "botocore==" + BOTO3], check=True)
        shutil.unpack_archive(glob.glob(os.path.join(folder, "*.tar.gz"))[0], folder)
    return glob.glob(os.path.join(folder, inside))[0]


try:
    import boto3
except ImportError:
    here = venv("boto3-" + BOTO3, "boto3==" + BOTO3)
    os.execv(here, [here, "-B", os.path.abspath(__file__)])
from boto3.s3.transfer import TransferConfig  # noqa: E402

sys.path.insert(0, os.path.join(ROOT, "tests", "scenarios"))
import s3_stub  # noqa: E402

# ---- SigV4 ----

signing = os.path.join(BIN, "tests", "test_sigv4")
if os.path.exists(signing):
    done = subprocess.run([signing], env=dict(os.environ, SDP_SIGV4_SUITE=suite(), CMOCKA_MESSAGE_OUTPUT="STDOUT"),
                          capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    number = re.search(r"# (\d+) cases", said)
    check(f"SigV4: AWS's suite, {number and number[1]} cases; the 6 that normalise paths are not S3's", done.returncode and said)
else:
    check("SigV4: AWS's suite", f"{signing} is not built")

# ---- the server, and how it is called ----

KEY, SECRET, BUCKET = "tester", "s3cr3t/with+signs=", "bucket"
work = tempfile.mkdtemp(prefix="sdp-integration.")
servers = []


def start(*more):
    server, port = s3_server(tempfile.mkdtemp(dir=work), KEY, SECRET, *more)
    servers.append(server)
    return port


def clean_up():
    for server in servers:
        server.kill()
    shutil.rmtree(work, ignore_errors=True)


def client(port):
    return boto3.client("s3", endpoint_url=f"http://127.0.0.1:{port}", aws_access_key_id=KEY, aws_secret_access_key=SECRET,
                        region_name="us-east-1")


def settings(port, **more):
    env = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
    env.update(SDP_HOME=os.path.join(work, "home"), STORAGE_BACKEND="s3", S3_BUCKET=BUCKET, AWS_ACCESS_KEY_ID=KEY,
               AWS_SECRET_ACCESS_KEY=SECRET, AWS_ENDPOINT_URL=f"http://127.0.0.1:{port}", MAX_UPLOAD_SIZE_MB="4096", HOME=work,
               AWS_MAX_ATTEMPTS="4", no_proxy="*")
    return dict(env, **more)


def sdp(env, *args, **more):
    done = subprocess.run([os.path.join(BIN, "sdp-upload"), *args], env=env, capture_output=True, check=False, **more)
    return done.returncode, done.stdout, done.stderr.decode(errors="replace")


def make(name, size):
    path = os.path.join(work, name)
    block = random.Random(size).randbytes(min(size, 1 << 24))
    with open(path, "wb") as f:
        for at in range(0, size, 1 << 24):
            f.write(block[:min(1 << 24, size - at)])
            f.flush()
    return path


def digest(path):
    with open(path, "rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest() if hasattr(hashlib, "file_digest") else hashlib.sha256(f.read()).hexdigest()


def digest_there(key):
    h = hashlib.sha256()
    for piece in s3.get_object(Bucket=BUCKET, Key=key)["Body"].iter_chunks(1 << 20):
        h.update(piece)
    return h.hexdigest()


def left_behind():
    objects = [o["Key"] for o in s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])]
    uploads = [u["Key"] for u in s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads", [])]
    return f"left behind: {objects + uploads}" if objects + uploads else None


def wipe():
    for o in s3.list_objects_v2(Bucket=BUCKET).get("Contents", []):
        s3.delete_object(Bucket=BUCKET, Key=o["Key"])
    for u in s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads", []):
        s3.abort_multipart_upload(Bucket=BUCKET, Key=u["Key"], UploadId=u["UploadId"])


# ---- the tests ----

ODD = ["plain.csv", "a b", "a+b", "ä ö 日本.csv", "a/b/c d", "100%41", "q?x=1&y=2#z", "(a)'!*~$@,;:=[]{}|^`", "-dash", "tab\\slash", "é̂"]


def sizes():
    env = settings(port)
    mib = 1 << 20
    for size in [0, 1, 5 * mib, 16 * mib, 16 * mib + 1, 24 * mib, 200 * mib] + ([] if QUICK else [2048 * mib]):
        path = make("sized", size)
        rc, out, err = sdp(env, "--no-validate", path)
        doc = json.loads(out or b"{}")
        wanted = digest(path)
        key = doc.get("uri", "").removeprefix(f"s3://{BUCKET}/")
        head = s3.head_object(Bucket=BUCKET, Key=key) if rc == 0 else {}
        check(f"{size} bytes: boto3 reads what sdp wrote", rc and err, doc.get("sha256") != wanted and "another digest",
              rc == 0 and digest_there(key) != wanted and "another content", head.get("ContentLength") != size and head,
              head.get("Metadata", {}).get("sha256", wanted) != wanted and head)
        back = os.path.join(work, "back")
        rc, _, err = sdp(env, "--get", doc.get("file_id", ""), "-o", back)
        check(f"{size} bytes: --get", rc and err, rc == 0 and digest(back) != wanted and "another content")
        rc, out, err = sdp(env, "--remove", doc.get("file_id", ""))
        check(f"{size} bytes: --remove leaves nothing", rc and err, left_behind())


def keys():
    env = settings(port)
    path = os.path.join(work, "small.csv")
    for name in ODD:
        rc, out, err = sdp(env, "--name", name, path)
        doc = json.loads(out or b"{}")
        key = doc.get("uri", "").removeprefix(f"s3://{BUCKET}/")
        there = rc == 0 and s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
        rc2, got, err2 = sdp(env, "--get", doc.get("file_id", ""))
        rc3, got3, err3 = sdp(env, "--get", doc.get("uri", ""))
        check(f"key {name!r}", rc and err, not key.endswith("/" + name) and key, there != b"a,b\n1,2\n" and "another content",
              (rc2 or got != there) and err2, (rc3 or got3 != there) and err3)
    rc, out, err = sdp(env, "--list")
    listed = [json.loads(line)["name"] for line in out.splitlines()]
    check("--list has them in their order", rc and err, listed != ODD and listed)
    rc, out, err = sdp(env, "--verify")
    check("--verify", rc and err, not all(json.loads(line)["intact"] for line in out.splitlines()))
    rc, out, err = sdp(env, "--remove", *[json.loads(line)["file_id"] for line in sdp(env, "--list")[1].splitlines()])
    check("--remove of all", rc and err, left_behind())
    for name in ODD:
        s3.put_object(Bucket=BUCKET, Key="boto/" + name, Body=name.encode())
        rc, out, err = sdp(env, "--get", f"s3://{BUCKET}/boto/{name}")
        check(f"sdp reads what boto3 wrote: {name!r}", rc and err, out != name.encode() and out)
    path = make("parts", 40 << 20)
    s3.upload_file(path, BUCKET, "boto/in parts", Config=TransferConfig(multipart_threshold=8 << 20))
    rc, _, err = sdp(env, "--get", f"s3://{BUCKET}/boto/in parts", "-o", path + ".back")
    check("sdp reads what boto3 wrote in parts", rc and err, digest(path) != digest(path + ".back") and "another content")
    wipe()


def refusals():
    path = os.path.join(work, "small.csv")
    wrong = "anothersecret/4711"
    rc, out, err = sdp(settings(port, AWS_SECRET_ACCESS_KEY=wrong, STORAGE_FALLBACK="local"), path)
    check("a wrong secret is refused", rc != 3 and rc, out, "403" not in err and err, wrong in err and "shows the secret", left_behind())
    rc, out, err = sdp(settings(port, AWS_ACCESS_KEY_ID="nobody"), path)
    check("an unknown key is refused", rc != 3 and rc, out, left_behind())
    rc, out, err = sdp(settings(port, S3_BUCKET="elsewhere"), path)
    check("a bucket that is not there", rc != 3 and rc, "NoSuchBucket" not in err and err)
    rc, out, err = sdp(settings(port, AWS_REGION="eu-west-1"), path)
    check("another region is followed", rc and err)
    wipe()
    names = subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext",
                            "subjectAltName=IP:127.0.0.1", "-keyout", "tls.key", "-out", "tls.pem"], cwd=work, capture_output=True, check=False)
    if names.returncode:
        print("ok - TLS # SKIP no openssl")
        return
    tls = start("--cert", os.path.join(work, "tls.pem"), "--key", os.path.join(work, "tls.key"))
    env = settings(tls, AWS_ENDPOINT_URL=f"https://127.0.0.1:{tls}", STORAGE_FALLBACK="local")
    rc, out, err = sdp(env, path)
    check("TLS: a certificate that nobody vouches for", rc != 3 and rc, out, "certificate" not in err and err)
    env["AWS_CA_BUNDLE"] = os.path.join(work, "tls.pem")
    trusted = boto3.client("s3", endpoint_url=env["AWS_ENDPOINT_URL"], aws_access_key_id=KEY, aws_secret_access_key=SECRET,
                           region_name="us-east-1", verify=env["AWS_CA_BUNDLE"])
    trusted.create_bucket(Bucket=BUCKET)
    rc, out, err = sdp(env, path)
    check("TLS: AWS_CA_BUNDLE", rc and err, not out)


def proxy():
    """A proxy that fails, before the real server."""
    between = s3_stub.serve(forward=("127.0.0.1", port))
    env = settings(between.server_port)
    large, small = make("large", (16 << 20) + 12345), os.path.join(work, "small.csv")
    for path, ops in (small, ("list", "put-data", "put-mark", "put-record")), (large, ("create", "part", "complete", "put-record")):
        wanted = digest(path)
        for op in ops:
            for kind in "reset", "500", "503", "truncated", "lost", "stall", "error200":
                if kind == "error200" and op not in ("create", "complete"):
                    continue
                for times in 1, -1:
                    if times < 0 and (QUICK or kind not in ("reset", "503", "error200")):
                        continue
                    between.store.faults = [{"op": op, "kind": kind, "times": times}]
                    rc, out, err = sdp(env, "--no-validate", "--stall", "1", path)
                    between.store.faults = []
                    doc = json.loads(out or b"{}")
                    key = doc.get("uri", "").removeprefix(f"s3://{BUCKET}/")
                    check(f"{os.path.basename(path)}: {kind} at {op}, {'once' if times == 1 else 'always'}",
                          rc not in ((0,) if times == 1 else (3,)) and f"ended with {rc}: {err}",
                          rc == 0 and digest_there(key) != wanted and "another content", rc and left_behind(),
                          s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads") and "uploads are left")
                    wipe()
    between.shutdown()


def killed():
    env = settings(port)
    path = make("killed", 60 << 20)
    wanted = digest(path)
    begun = time.time()
    sdp(env, "--no-validate", path)
    whole = time.time() - begun
    wipe()
    rounds, resumed, trouble = 10 if QUICK else 100, 0, []
    for i in range(rounds):
        process = subprocess.Popen([os.path.join(BIN, "sdp-upload"), "--no-validate", path], env=env, stdout=subprocess.DEVNULL)
        time.sleep(random.Random(i).random() * whole)
        process.send_signal(signal.SIGKILL)
        process.wait()
        rc, out, err = sdp(env, "-v", "--no-validate", path)
        resumed += "resumed an upload" in err
        if rc or digest_there(json.loads(out)["uri"].removeprefix(f"s3://{BUCKET}/")) != wanted:
            trouble.append(f"round {i}: {rc} {err}")
        if s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads"):
            trouble.append(f"round {i}: uploads are left")
        wipe()
    check(f"killed at {rounds} random moments of {whole:.1f} s and done again, {resumed} of them resumed: intact", *trouble)


def high_water(pid):
    """kB; what wait4 says would be this process's, which was there before the program."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii") as f:
            return int(re.search(r"VmHWM:\s+(\d+)", f.read())[1])
    except (OSError, TypeError):
        return 0


def throughput():
    env, path = settings(port), make("speed", (64 if QUICK else 512) << 20)
    ours, theirs, peak = [], [], 0
    s3.upload_file(path, BUCKET, "warm")
    for _ in range(3):
        begun = time.time()
        s3.upload_file(path, BUCKET, "boto")
        theirs.append(time.time() - begun)
        begun = time.time()
        process = subprocess.Popen([os.path.join(BIN, "sdp-upload"), "--no-validate", path], env=env, stdout=subprocess.DEVNULL)
        while process.poll() is None:
            peak = max(peak, high_water(process.pid))
            time.sleep(0.005)
        ours.append(time.time() - begun)
        status = process.returncode
        wipe()
    ratio = min(theirs) / min(ours)
    mb = os.path.getsize(path) / 1e6
    print(f"# {mb / min(ours):.0f} MB/s, boto3 {mb / min(theirs):.0f} MB/s: {ratio:.2f} times as fast; memory {peak / 1024:.0f} MB")
    check("512 MiB beside boto3 (the speed is only told), within 64 MB", status, peak > 65536 and f"{peak} kB")


resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
try:
    port = start()
    s3 = client(port)
    s3.create_bucket(Bucket=BUCKET)
    with open(os.path.join(work, "small.csv"), "w", encoding="ascii") as small_file:
        small_file.write("a,b\n1,2\n")
    for test in sys.argv[1:] or ("keys", "sizes", "refusals", "proxy", "killed", "throughput"):
        globals()[test]()
finally:
    clean_up()
end()
