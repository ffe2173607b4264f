"""What the scenarios of terminals share: commands on a terminal that Python plays, and checks."""
import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "judges"))
from judge import check, end  # noqa: E402,F401


def expect(name, right, *details):
    check(name, not right and ([d for d in details if d] or "it is not so"))


def read_all(fd):
    """What is written to a terminal until its last writer has closed it."""
    text = b""
    while True:
        try:
            piece = os.read(fd, 65536)
        except OSError:  # the terminal is closed
            return text
        if not piece:
            return text
        text += piece


def on_terminal(columns, *command, typing=False, **environment):
    """
    The exit code of a command, and what it writes to a terminal of so many columns, standard error
    included.  typing: standard input is the terminal, too, and not empty.
    """
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    inherited = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "COLUMNS")}
    process = subprocess.Popen(command, stdin=follower if typing else subprocess.DEVNULL, stdout=follower, stderr=follower,
                               env={**inherited, "TERM": "xterm", **environment}, start_new_session=True)
    os.close(follower)
    written = read_all(leader)
    os.close(leader)
    return process.wait(), written.decode()
