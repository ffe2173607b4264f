"""What the scenarios of growing inputs share: a program whose output is waited for while it runs."""
import concurrent.futures
import contextlib
import os
import select
import signal
import subprocess
import sys
import time

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "judges"))
from judge import check, end  # noqa: E402,F401

LIMIT = 60  # s; all waiting ends when what is waited for comes
signal.signal(signal.SIGINT, signal.SIG_DFL)  # the programs that are started inherit it


def side_by_side(calls):
    """Makes calls, which mostly wait, at the same time.  Each returns a name and faults; checks them in order."""
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        for done in [pool.submit(call) for call in calls]:
            name, *faults = done.result()
            check(name, *faults)


class Program:
    """A program that runs; its output comes through a pipe, or through what `output` is."""

    def __init__(self, *command, output=None, **settings):
        environment = {**os.environ, **settings.pop("environment", {})}
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, **settings)
        self.pipe = self.process.stdout.fileno() if output is None else output
        self.got, self.faults, self.open = b"", [], True

    def read(self, seconds):
        """Takes what comes within that time; returns whether anything may still come."""
        if self.open and select.select([self.pipe], [], [], max(0, seconds))[0]:
            piece = os.read(self.pipe, 1 << 20)
            self.got += piece
            self.open = bool(piece)
        return self.open

    def expect(self, text, what="rows"):
        """Waits until the output is this text."""
        start = time.monotonic() - LIMIT * bool(self.faults)
        while self.got != text and len(self.got) < len(text) and self.read(0.1) and time.monotonic() < start + LIMIT:
            pass
        if self.got != text:
            at = next((i for i, (a, b) in enumerate(zip(self.got, text)) if a != b), min(len(self.got), len(text)))
            self.faults.append(f"{what}: after {at} bytes {self.got[at:at + 80]!r}, not {text[at:at + 80]!r}")

    def expect_nothing(self, seconds=0.3):
        before = self.got
        self.read(seconds)
        if self.got != before:
            self.faults.append(f"nothing is to come, but {self.got[len(before):][:80]!r} does")

    def end(self, code, message=b""):
        """Waits for the end, with this exit code, or of this signal if it is negative."""
        start = time.monotonic()
        while self.process.poll() is None and time.monotonic() < start + LIMIT:
            self.read(0.05)
        if self.process.poll() is None:
            self.process.kill()
            self.faults.append("it does not end")
        while self.read(1):
            pass
        said = self.process.stderr.read()
        if self.process.wait() != code:
            self.faults.append(f"exit code {self.process.wait()}, not {code}")
        if said != message:
            self.faults.append(f"messages {said!r}, not {message!r}")

    def stop(self, message=b""):
        """Ends it by a signal, as a user does."""
        self.process.send_signal(signal.SIGINT)
        self.end(-signal.SIGINT, message)

    def children(self):
        """Its processes, the one that follows first: numbers of processes begin again at small ones, so they do not tell it."""
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children") as f:
            return [int(pid) for pid in f.read().split()]


def wait_until(condition):
    start = time.monotonic()
    while not condition():
        if time.monotonic() > start + LIMIT:
            return False
        time.sleep(0.02)
    return True


@contextlib.contextmanager
def stopped(pid):
    """Stops a process for a while."""
    os.kill(pid, signal.SIGSTOP)
    yield
    os.kill(pid, signal.SIGCONT)


def is_gone(pid):
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True
