"""
Makes the calls of every program fail, one by one, and checks what the program then does.

Usage: drive.py [--all] [--most N] [--few N] [--seed N] [--jobs N] [NAME...]

Each command of commands.py is run once to count its calls of each kind (preload.c).  It is then run again for each fault of
FAULTS with the nth call failing: with --all for n = 1 ... 64, then by steps of a quarter up to the last call, and for 200
random n; without it only for a few n, which the seed chooses, and without servers.  --most limits the cases of a command: each
fault keeps as many as all others, which the seed chooses, and how many are left out is printed.  A case is right if the program

  - ends with 0 and the expected output, or with 3, messages and no part of a result (of rows, a first part may be out);
  - ends with 0 if the call was only interrupted or did less than it was asked for;
  - leaves no file in TMPDIR, in the folder that it runs in or in its store, and no process;
  - ends by itself, within a minute, and not by a signal;
  - leaves the file of -o as it was, or complete, and its store consistent.

Prints TAP, a line for each command, and then a table of the programs; "struck" are the cases in which a call failed.
A NAME chooses a command or a program, such as sdp-cat.
"""
import argparse
import collections
import ctypes
import errno
import fcntl
import itertools
import json
import mmap
import os
import pickle
import random
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "scenarios")]
from commands import COMMANDS, OLD, ROOT, SERVED, make_inputs, shape  # noqa: E402

BIN = os.environ.get("SDP_BIN") or os.path.join(ROOT, "build", "release")
PRELOAD = os.path.join(BIN, "tests", "faults.so")
LIMIT = 60  # seconds that a program may take
SHOWN = 15  # problems of a command that are printed
CONTENT = b"a,b\n" + b"".join(b"%d,%d\n" % (i, i * i) for i in range(100000))  # of files that a service has
PR_SET_CHILD_SUBREAPER = 36

# As in preload.c.
KINDS = ("alloc map fork exec wait pipe read pread write pwrite open close dup stat seek truncate sync rename link unlink mkdir "
         "lock poll socket").split()
SHORT = 0
# The kind of call, its errors, and whether they are also tried on all later calls.
ERRORS = [("alloc", "ENOMEM", True), ("map", "ENOMEM", True), ("fork", "EAGAIN", True), ("fork", "ENOMEM", False), ("exec", "ENOMEM", True),
          ("exec", "EACCES", False), ("wait", "EINTR", False), ("pipe", "EMFILE", True), ("read", "EIO", True), ("read", "EINTR", False),
          ("read", "SHORT", True), ("pread", "EIO", True), ("pread", "EINTR", False), ("pread", "SHORT", True), ("write", "EIO", False),
          ("write", "ENOSPC", True), ("write", "EINTR", False), ("write", "SHORT", True), ("pwrite", "EIO", False), ("pwrite", "ENOSPC", True),
          ("pwrite", "EINTR", False), ("pwrite", "SHORT", True), ("open", "EMFILE", True), ("open", "EIO", False), ("open", "EINTR", False),
          ("open", "ENOMEM", False), ("close", "EIO", False), ("close", "EINTR", False), ("dup", "EMFILE", True),
          ("stat", "EIO", True), ("stat", "ENOMEM", False), ("seek", "EIO", True), ("truncate", "ENOSPC", True), ("truncate", "EINTR", False),
          ("sync", "EIO", True), ("sync", "ENOSPC", False), ("rename", "EIO", True), ("rename", "ENOSPC", False), ("link", "EIO", True),
          ("link", "ENOSPC", False), ("unlink", "EIO", True), ("mkdir", "ENOSPC", True), ("lock", "ENOLCK", True), ("lock", "EINTR", False),
          ("poll", "EINTR", False), ("poll", "ENOMEM", True), ("socket", "ECONNRESET", True), ("socket", "ENOMEM", False)]
FAULTS = [(kind, error, sticky) for kind, error, both in ERRORS for sticky in ((False, True) if both else (False,))]
FAULTS = [fault for fault in FAULTS if fault[1] != "SHORT" or fault[2]]
SORTS = {"wrong": "wrong answers", "hang": "hangs", "left": "leftovers", "crash": "crashes", "code": "wrong exit codes"}


def environment(folder):
    return {"PATH": BIN + ":/usr/bin:/bin", "TMPDIR": os.path.join(folder, "tmp"), "HOME": folder, "LC_ALL": "C", "TZ": "UTC", "COLUMNS": "80",
            "SDP_HOME": os.path.join(folder, "home"), "SDP_TEST_CHUNK": "20000", "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") +
            ":verify_asan_link_order=0:detect_leaks=0", "UBSAN_OPTIONS": os.environ.get("UBSAN_OPTIONS", "")}


class Case:
    """One run of a command in the folder of a slot; kind, error, n and sticky are the fault, or kind is None."""
    def __init__(self, slot, command, kind=None, error="SHORT", sticky=False, n=1):
        self.slot, self.command, self.kind, self.error, self.sticky, self.n = slot, command, kind, error, sticky, n
        self.home, self.service = slot.home, slot.service(command.service, command.there)
        self.rc = self.out = self.err = None
        self.hangs, self.left = False, []

    def __str__(self):
        return f"{self.kind} {self.error}{' from' if self.sticky else ''} n={self.n}"

    def prepare(self):
        slot, command = self.slot, self.command
        if command.store is not None:
            shutil.rmtree(slot.home, ignore_errors=True)
            shutil.copytree(os.path.join(slot.inputs, command.store), slot.home)
        if command.saves:
            with open(slot.out, "wb") as f:
                f.write(OLD)
        with open(slot.counts, "r+b") as f:
            f.write(bytes(8 * (len(KINDS) + 1)))

    def read_out(self):
        try:
            with open(self.slot.out, "rb") as f:
                return f.read()
        except FileNotFoundError:
            return None

    def run(self):
        slot, command = self.slot, self.command
        self.prepare()
        number = SHORT if self.error == "SHORT" else getattr(errno, self.error)
        settings = dict(slot.settings(command.service), LD_PRELOAD=PRELOAD,
                        FAULTS=f"{slot.counts}:{self.kind or 'none'}:{number}:{self.n}:{int(self.sticky)}")
        words = [word.format(**slot.names, out=slot.out) for word in command.words]
        with open(slot.stdout, "wb") as out, open(slot.stderr, "wb") as err:
            stdin = slot.pipe(command.pipe) if command.pipe else subprocess.DEVNULL
            process = subprocess.Popen(words, env=settings, cwd=slot.here, stdin=stdin, stdout=out, stderr=err, start_new_session=True)
        if command.pipe:
            os.close(stdin)
        self.hangs = not ended(process.pid, LIMIT)
        if self.hangs:
            kill_all()
        self.rc = process.wait()
        if not collect(LIMIT if command.check.__name__ == "job_ends" else 10):
            self.left = kill_all()
        with open(slot.stdout, "rb") as out, open(slot.stderr, "rb") as err:
            self.out, self.err = out.read(), err.read()
        with open(slot.counts, "rb") as f:
            *self.calls, self.faults = struct.unpack(f"{len(KINDS) + 1}q", f.read(8 * (len(KINDS) + 1)))
        return self

    def ask(self, *words, codes=(0,)):
        """Runs a command without faults; returns what it prints, and what is wrong with it or None."""
        try:
            done = subprocess.run(words, env=self.slot.settings(self.command.service), cwd=self.slot.here, stdin=subprocess.DEVNULL,
                                  capture_output=True, timeout=LIMIT, check=False)
        except subprocess.TimeoutExpired:
            return "", "it hangs"
        collect(10)
        return done.stdout.decode(), None if done.returncode in codes else f"exit {done.returncode}: {done.stderr.decode()[:200]}"

    def is_part(self):
        """Whether this part of the output may have been printed before the fault."""
        command, lines = self.command, self.out.replace(b'"intact":null', b'"intact":true').splitlines()
        if command.early:
            return shape(self.out) == shape(command.want)
        return (command.rows and command.want.startswith(self.out)) or (command.others and set(lines) <= set(command.want.splitlines()))

    def problems(self):
        """The problems of the case, as pairs (SORT, TEXT)."""
        slot = self.slot
        if self.hangs:
            yield "hang", "it did not end"
        elif self.rc < 0 or self.rc in (99, 134, 139):
            yield "crash", f"exit {self.rc}"
        elif self.rc not in (0, 3):
            yield "code", f"exit {self.rc}"
        elif self.rc == 3 and (self.error in ("EINTR", "SHORT") or not self.faults):
            yield "code", "exit 3, but nothing failed"
        # Libraries may say more, mupdf before it can be told not to.
        if self.rc == 3 and not any(line.startswith(b"sdp-") for line in self.err.splitlines()):
            yield "code", "no message of the program"
        if self.rc != 0 and self.out and not self.is_part():
            yield "wrong", f"{len(self.out)} bytes of output, and exit {self.rc}"
        yield from self.command.check(self)
        for command in self.left:
            yield "left", f"a process: {command}"
        for folder in slot.tmp, slot.here:
            for name in os.listdir(folder):
                if os.path.join(folder, name) != slot.out:
                    yield "left", f"a file: {os.path.join(folder, name)}"
                    os.unlink(os.path.join(folder, name))


# ---- processes ----

def ended(pid, seconds):
    fd = os.pidfd_open(pid)
    try:
        poll = select.poll()
        poll.register(fd, select.POLLIN)
        return bool(poll.poll(seconds * 1000))
    finally:
        os.close(fd)


def collect(seconds):
    """Waits until this process has no children, also those inherited from processes that ended; returns whether it has none."""
    end, pause = time.monotonic() + seconds, 0.001
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return True
        if pid == 0:
            if time.monotonic() > end:
                return False
            time.sleep(pause)
            pause = min(2 * pause, 0.05)


def kill_all():
    """Kills the processes that a case has left; returns their command lines."""
    left = []
    for _ in range(50):
        with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as f:
            children = f.read().split()
        for pid in children:
            try:
                with open(f"/proc/{pid}/cmdline", "rb") as f:
                    left.append(f.read().replace(b"\0", b" ").decode()[:100])
                os.kill(int(pid), signal.SIGKILL)
            except OSError:
                pass
        if collect(0.1):
            break
    return left


class Slot:
    """A process that runs cases one after another, and the folders of these."""
    def __init__(self, folder, inputs, names):
        self.folder, self.inputs, self.names = folder, inputs, names
        self.here, self.tmp, self.home = (os.path.join(folder, name) for name in ("here", "tmp", "home"))
        for name in self.here, self.tmp:
            os.makedirs(name)
        self.out = os.path.join(self.here, "out")
        self.stdout, self.stderr, self.counts = (os.path.join(folder, name) for name in ("stdout", "stderr", "counts"))
        with open(self.counts, "wb") as f:
            f.write(bytes(mmap.PAGESIZE))
        self.services = {}
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)

    def service(self, name, there=None):
        if name and name not in self.services:
            module = __import__(name + "_stub")
            self.services[name] = module.serve()
            self.services[name].handle_error = lambda *_: None  # the client has ended
        server = self.services.get(name)
        if name == "s3":
            server.store.reset()
            server.store.objects.update({there: (CONTENT, [])} if there else {})
        elif name:
            server.workspace.reset()
            server.workspace.files.update({there: CONTENT} if there else {})
        return server

    def settings(self, service):
        settings = environment(self.folder)
        if service == "s3":
            settings.update(STORAGE_BACKEND="s3", S3_BUCKET="bucket", AWS_ACCESS_KEY_ID="AKIAEXAMPLE", AWS_SECRET_ACCESS_KEY="secret",
                            AWS_MAX_ATTEMPTS="2", no_proxy="*", AWS_ENDPOINT_URL=f"http://127.0.0.1:{self.services[service].server_port}")
        elif service:
            settings.update(DATABRICKS_HOST=f"http://127.0.0.1:{self.services[service].server_port}", no_proxy="*",
                            DATABRICKS_TOKEN=__import__("databricks_stub").TOKEN)
        return settings

    def pipe(self, name):
        """The reading end of a pipe that holds an input."""
        reads, writes = os.pipe()
        fcntl.fcntl(writes, fcntl.F_SETPIPE_SZ, 1 << 20)
        with open(self.names[name], "rb") as f:
            os.write(writes, f.read())
        os.close(writes)
        return reads

    def learn(self, command):
        """What the command prints and saves without a fault, the numbers of its calls, and what is wrong or None."""
        case = Case(self, command).run()
        command.want, command.want_out = case.out, case.read_out()
        problems = [text for _, text in case.problems()]
        fault = f"exit {case.rc}: {problems} {case.err.decode()}" if case.rc or problems else None
        return command.want, command.want_out, dict(zip(KINDS, case.calls)), fault


# ---- the choice of cases ----

def every(calls, dice):
    """1 ... 64, then by steps of a quarter up to the last call, and 200 random ones."""
    chosen = set(range(1, min(calls, 64) + 1)) | {calls} | {dice.randint(1, calls) for _ in range(200)}
    n = 64
    while n < calls:
        chosen.add(n)
        n += n // 4
    return sorted(chosen)


def few(calls, dice, count):
    """Some numbers, as many below 10 as between 10 and 100; one call more or less changes only the last numbers."""
    return sorted({int(calls ** dice.random()) for _ in range(count)})


def cases_of(command, args):
    """The faults of a command: (kind, error, sticky, n).  Counts in command.left_out what is above args.most."""
    chosen = []
    for fault in FAULTS:
        dice = random.Random(" ".join(map(str, (args.seed, command.name) + fault)))
        calls = command.calls[fault[0]]
        if calls:
            numbers = every(calls, dice) if args.all else few(calls, dice, args.few)
            dice.shuffle(numbers)
            chosen.append([fault + (n,) for n in numbers])
    cases = [case for rank in itertools.zip_longest(*chosen) for case in rank if case]  # the first of each, then the second …
    command.left_out = max(0, len(cases) - args.most) if args.most else 0
    return cases[:len(cases) - command.left_out]


# ---- running them all ----

def forked(work, *arguments):
    """A process that does this; returns its number."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            work(*arguments)
            code = 0
        finally:
            if code:
                sys.excepthook(*sys.exc_info())
            sys.stdout.flush()
            os._exit(code)
    return pid


def wait_for(pids):
    """Whether they all ended well."""
    return all([os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0 for pid in pids])


def learn(folder, inputs, names, commands, results):
    """Runs the commands without faults, and writes what they print and how often they call."""
    slot = Slot(os.path.join(folder, "learning"), inputs, names)
    with open(results, "wb") as f:
        pickle.dump([slot.learn(command) for command in commands], f)


def run_cases(slot, cases, results):
    with open(results, "w", encoding="utf-8") as f:
        for command, fault in cases:
            start = time.monotonic()
            case = Case(slot, command, *fault).run()
            problems = list(case.problems())
            said = case.err.decode(errors="replace").strip().replace("\n", " // ")[:200]
            f.write(json.dumps([command.name, command.program, case.kind, f"{case}: {said}" if problems else "", problems,
                                time.monotonic() - start, case.faults > 0]) + "\n")
            f.flush()


def work(folder, number, inputs, names, cases):
    run_cases(Slot(os.path.join(folder, f"slot{number}"), inputs, names), cases, os.path.join(folder, f"results{number}"))


def run_all(commands, args, folder):
    """The results of all cases, and whether the driver itself failed."""
    inputs, learnt = os.path.join(folder, "inputs"), os.path.join(folder, "learnt")
    os.makedirs(os.path.join(inputs, "tmp"))
    names = make_inputs(inputs, environment(inputs))
    if not wait_for([forked(learn, folder, inputs, names, commands, learnt)]):
        return [], True
    with open(learnt, "rb") as f:
        for command, (command.want, command.want_out, command.calls, fault) in zip(commands, pickle.load(f)):
            if fault:
                return [[command.name, command.program, "none", "without a fault", [["wrong", fault]], 0, False]], True
    cases = [(command, fault) for command in commands for fault in cases_of(command, args)]
    good = wait_for([forked(work, folder, i, inputs, names, cases[i::args.jobs]) for i in range(args.jobs)])
    results = []
    for i in range(args.jobs):
        with open(os.path.join(folder, f"results{i}"), encoding="utf-8") as f:
            results += [json.loads(line) for line in f]
    return results, not good


def print_table(results):
    kinds = [kind for kind in KINDS if any(r[2] == kind for r in results)]
    rows = collections.defaultdict(collections.Counter)
    for _, program, kind, _, problems, seconds, struck in results:
        for name in program, "all":
            rows[name][kind] += 1
            rows[name]["cases"] += 1
            rows[name]["struck"] += struck
            rows[name]["seconds"] += seconds
            rows[name].update({sort for sort, _ in problems})
    heads = kinds + ["cases", "struck", "seconds"] + list(SORTS.values())
    width = max(map(len, rows)) if rows else 0
    print("# " + " " * width, *heads)
    for name in sorted(rows, key=lambda name: (name == "all", name)):
        cells = [round(rows[name][column]) for column in kinds + ["cases", "struck", "seconds"] + list(SORTS)]
        print("# " + name.ljust(width), *(str(cell).rjust(len(head)) for cell, head in zip(cells, heads)))


def report(commands, results, stopped):
    failed = stopped
    for command in commands:
        mine = [r for r in results if r[0] == command.name]
        bad = [r for r in mine if r[4]]
        failed |= bool(bad) or not mine
        left_out = f", {command.left_out} left out" if command.left_out else ""
        print(f"{'not ' if bad or not mine else ''}ok - {command.name}: {len(mine)} cases{left_out}")
        for _, _, _, case, problems, *_ in bad[:SHOWN]:
            print(f"#   {case}: {'; '.join(f'{sort}: {text}' for sort, text in problems)}".replace("\n", " "))
        if len(bad) > SHOWN:
            print(f"#   and {len(bad) - SHOWN} more")
    if stopped:
        print("not ok - a part of the driver ended")
    print_table(results)
    return failed


def main(words):
    """Runs what the words of a command line ask for; returns whether something failed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--most", type=int)
    parser.add_argument("--few", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("names", nargs="*")
    args = parser.parse_args(words)
    commands = [c for c in COMMANDS + SERVED if c.name in args.names or (c.program in args.names or not args.names) and (args.all or not c.service)]
    folder = tempfile.mkdtemp(prefix="sdp-faults.")
    try:
        return report(commands, *run_all(commands, args, folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
