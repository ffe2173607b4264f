"""Many jobs at once while runners, submitters and other commands are killed at random and the store is copied.

job_storm.py N [COPIES]: prints TAP.  Whatever happens, no job is lost, none runs twice, every
status parses at every moment, --on-finish runs for every end, and copies of the store, as after a
power cut, go on to the end.
"""
import collections
import concurrent.futures
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time

N, COPIES = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1
RUNS, WORKERS, MOST = 3, [1, 2], 2
WORK = os.getcwd()
HOME = os.path.join(WORK, "home")
random.seed(N)
problems, stop = [], threading.Event()
still = threading.Lock()  # while it is held, nobody kills or looks


def environment(home):
    return {**os.environ, "SDP_HOME": home, "STORM_OF": home}  # the latter marks the processes, but not this one


def job(*words, home=HOME, stdin=None, good=(0,)):
    done = subprocess.run(["sdp-job", *words], input=stdin, capture_output=True, text=True, env=environment(home), timeout=120,
                          check=False)
    if done.returncode not in good:
        problems.append(f"sdp-job {' '.join(words)}: {done.returncode}: {done.stderr.strip()}")
    return done.stdout


BODY = json.dumps({"path": os.path.join(WORK, "t.csv"), "tasks": ["descriptive_stats"], "worker_counts": WORKERS,
                   "runs": RUNS, "warmup": 0})
HOOK = 'echo "$SDP_JOB_ID $SDP_JOB_STATUS" >>"$SDP_HOME/hooks"'


def submit(_):
    return json.loads(job("submit", "--max-jobs", str(MOST), "--on-finish", HOOK, stdin=BODY))["job_id"]


def submit_and_die(i):
    """A submitter that is killed: its job is there, whole, or it is not."""
    with subprocess.Popen(["sdp-job", "submit", "--max-jobs", str(MOST), "--on-finish", HOOK], stdin=subprocess.PIPE,
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment(HOME)) as p:
        p.stdin.write(BODY.encode())
        p.stdin.close()
        time.sleep(random.random() * 0.08)
        p.kill()


def lines(home, name, file):
    """The whole lines of a file of a job."""
    try:
        with open(os.path.join(home, "jobs", name, file), encoding="utf-8", errors="replace") as f:
            text = f.read()
    except FileNotFoundError:
        return
    for line in text.split("\n")[:-1]:
        try:
            yield json.loads(line)
        except ValueError:
            pass


def kill_one():
    try:
        active = os.listdir(os.path.join(HOME, "jobs", ".active"))
    except FileNotFoundError:
        return
    random.shuffle(active)
    for name in active:
        events = list(lines(HOME, name, "events.ndjson"))
        kinds = [e["event"] for e in events]
        if "runner" not in kinds or kinds[-1] not in ("runner", "phase", "input"):
            continue
        pid = [e["pid"] for e in events if e["event"] == "runner"][-1]
        try:
            with open(f"/proc/{pid}/cmdline", encoding="utf-8") as f:
                if name in f.read():
                    os.kill(pid, signal.SIGKILL)
                    killed.append(name)
        except OSError:
            pass
        return


def killer():
    while not stop.is_set():
        time.sleep(random.uniform(0.01, 0.12))
        with still:
            kill_one()


def lister():
    """Commands that are killed while they look at the queue, start jobs or record what became of them."""
    while not stop.is_set():
        time.sleep(random.uniform(0.02, 0.1))
        with still, subprocess.Popen(["sdp-job", "list"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment(HOME)) as p:
            time.sleep(random.random() * 0.03)
            p.kill()
            looks_killed.append(p.pid)


def check_document(doc, seen):
    name, progress = doc["job_id"], doc["progress"]
    if doc["status"] not in ("pending", "running", "succeeded", "failed", "cancelled") or not 0 <= progress <= 1:
        problems.append(f"{name}: {doc['status']} {progress}")
    if progress < seen.get(name, 0):
        problems.append(f"{name}: progress fell from {seen[name]} to {progress}")
    if (doc["status"] == "succeeded") != (progress == 1 and doc["finished_at"] is not None and doc["exit_code"] == 0):
        problems.append(f"{name}: {doc['status']} at {progress}, {doc['finished_at']}, {doc['exit_code']}")
    seen[name] = progress


def watcher():
    seen = {}
    while not stop.is_set():
        with still:
            docs = [json.loads(line) for line in job("list").splitlines()]
            for doc in docs:
                check_document(doc, seen)
            for doc in random.sample(docs, min(5, len(docs))):
                check_document(json.loads(job("status", doc["job_id"])), seen)
            looks.append(len(docs))
        time.sleep(0.05)


def state_of(pid):
    """As ps says it: T is stopped; X when there is no such process."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as f:
            return f.read().rpartition(")")[2].split()[0]
    except OSError:
        return "X"


def of_store():
    """The processes that may write to the store."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/environ", "rb") as f:
                if f"STORM_OF={HOME}".encode() in f.read().split(b"\0"):
                    yield int(pid)
        except OSError:
            pass


def signal_all(pids, number):
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


def freeze():
    """Stops what writes to the store, so that a copy has all files as of one moment; which processes these are."""
    stopped, quiet = set(), 0
    while quiet < 3:  # a process that is about to become another program has no environment for a moment
        new = set(of_store()) - stopped
        quiet = 0 if new else quiet + 1
        signal_all(new, signal.SIGSTOP)
        while any(state_of(pid) not in "TXZ" for pid in new):
            time.sleep(0.001)
        time.sleep(0.005)
        stopped |= new
    return stopped


def copy_store(i):
    """As the disk may be found after a power cut: any file may lack its end, but for what was made durable."""
    home = os.path.join(WORK, f"copy{i}")
    with still:
        stopped = freeze()
        try:
            subprocess.run(["cp", "-r", HOME, home], check=True)
        finally:
            signal_all(stopped, signal.SIGCONT)
    for folder, _, files in os.walk(os.path.join(home, "jobs")):
        if any(e["event"] == "succeeded" for e in lines(home, os.path.basename(folder), "events.ndjson")):
            continue
        for file in files:
            path = os.path.join(folder, file)
            if file in ("runs.ndjson", "log") and random.random() < 0.3:
                os.truncate(path, random.randint(0, os.path.getsize(path)))
            elif file == "events.ndjson" and random.random() < 0.3:
                with open(path, "a", encoding="utf-8") as f:  # an event that was being written
                    f.write('{"event":"succeeded","at":"20')
    try:
        os.remove(os.path.join(home, "hooks"))
    except FileNotFoundError:
        pass
    return home


def drain(home):
    """Has what failed tried again until all is done."""
    until = time.time() + 60 + 2 * N
    while time.time() < until:
        docs = [json.loads(line) for line in job("list", home=home).splitlines()]
        for doc in docs:
            if doc["status"] == "failed":
                job("retry", doc["job_id"], home=home)
        if all(doc["status"] == "succeeded" for doc in docs):
            return docs
        time.sleep(0.1)
    problems.append(f"{home}: not done: " + ", ".join(f"{d['status']} {d['error']}" for d in docs if d["status"] != "succeeded")[:500])
    return docs


def most_at_once(home, names):
    """From the events; a job runs from "started" to its end, or till it is found out to be dead."""
    changes = []
    for name in names:
        for event in lines(home, name, "events.ndjson"):
            if event["event"] == "started":
                changes.append((event["at"], 1))
            elif event["event"] in ("succeeded", "failed", "lost", "cancelled"):
                changes.append((event["at"], -1))
    running = most = 0
    for _, change in sorted(changes):
        running += change
        most = max(most, running)
    return most


def verify(home, names):
    for name in names:
        events = [e["event"] for e in lines(home, name, "events.ndjson")]
        if events.count("succeeded") != 1 or events.count("submitted") != 1:
            problems.append(f"{name}: {events}")
        ends = [(r["workers"], r["round"]) for r in lines(home, name, "runs.ndjson") if r.get("run") == "end"]
        if sorted(ends) != sorted((w, r) for w in WORKERS for r in range(RUNS)):
            problems.append(f"{name}: runs {ends}")
        metrics = json.loads(job("metrics", name, "-f", "json", home=home) or '{"results": []}')  # job() tells why
        if [(r["workers"], r["runs"], r["identical"]) for r in metrics["results"]] != [(w, RUNS, True) for w in WORKERS]:
            problems.append(f"{name}: metrics {metrics['results']}")
    for left in ".active", ".tmp":
        if os.listdir(os.path.join(home, "jobs", left)):
            problems.append(f"{home}: left in {left}")


def report(name):
    print(("not ok" if problems else "ok") + f" - {name}")
    for problem in problems[:10]:
        print("#", problem)
    bad = bool(problems)
    problems.clear()
    return bad


def submit_all():
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        ids = pool.map(submit, range(N))
        list(pool.map(submit_and_die, range(max(N // 10, 5))))
        return list(ids)


killed, looks, looks_killed, faults = [], [], [], 0
with open("t.csv", "w", encoding="utf-8") as table:
    table.write("a,b\n" + "".join(f"{i},{i % 7}\n" for i in range(200)))
threads = [threading.Thread(target=target) for target in (killer, watcher, lister)]
for thread in threads:
    thread.start()
submitted = submit_all()
copies = []
for k in range(COPIES):
    time.sleep(0.5)
    copies.append((copy_store(k), set(os.listdir(os.path.join(WORK, f"copy{k}", "jobs")))))
time.sleep(min(N * 0.05, 20))
stop.set()
for thread in threads:
    thread.join()
faults += report(f"every status parses while {N} jobs go through: {len(looks)} looks")
everything = [d["job_id"] for d in drain(HOME)]
verify(HOME, everything)
if not set(submitted) <= set(everything) or len(submitted) != N or len(set(everything)) != len(everything):
    problems.append(f"{N} submitted, {len(submitted)} answered, {len(everything)} there")
if not killed:
    problems.append("no runner was killed")
faults += report(f"none of {len(everything)} jobs is lost or run twice, {len(killed)} runners killed")
if most_at_once(HOME, everything) > MOST:
    problems.append(f"{most_at_once(HOME, everything)} at once")
faults += report(f"never more than {MOST} at once")


def check_hooks(names):
    """Compares what --on-finish wrote with the ends; how often too much, and what is missing."""
    with open(os.path.join(HOME, "hooks"), encoding="utf-8") as f:
        hooks = [line.split() for line in f if line.endswith("\n")]
    more, missing = 0, []
    for name in names:
        mine = collections.Counter(status for i, status in hooks if i == name)
        wanted = collections.Counter({"lost": "failed"}.get(e["event"], e["event"]) for e in lines(HOME, name, "events.ndjson")
                                     if e["event"] in ("lost", "failed", "succeeded"))
        if wanted - mine:
            missing.append(f"{name}: hooks {mine}, wanted {wanted}")
        more += sum((mine - wanted).values())
    return more, missing


until = time.time() + 20
while check_hooks(everything)[1] and time.time() < until:
    time.sleep(0.1)
more, missing = check_hooks(everything)
problems += missing
# A process that was killed after it had started a command, but before it recorded that, has it started again.
if more > len(killed) + len(looks_killed):
    problems.append(f"{more} hooks too many")
faults += report(f"--on-finish ran for every end, {len(looks_killed)} looks killed")
for home, names in copies:
    names = {n for n in names if n[0] != "."}
    found = [d["job_id"] for d in drain(home)]
    verify(home, found)
    if set(found) != names:
        problems.append(f"{len(names)} copied, {len(found)} found")
    faults += report(f"a copy of the store goes on: {len(found)} jobs")
sys.exit(faults > 0)
