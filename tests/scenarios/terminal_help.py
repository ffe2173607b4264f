"""Programs on a terminal: help that fits it, headings in bold, and programs that have nothing to read."""
import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios

BIN = os.environ["SDP_BIN"]
PROGRAMS = sorted(name for name in os.listdir(BIN) if name.startswith("sdp-") and os.access(os.path.join(BIN, name), os.X_OK))
READERS = ["sdp-cat", "sdp-stats", "sdp-kmeans -k 2", "sdp-linreg -y y", "sdp-logreg -y y", "sdp-fpgrowth", "sdp-timeseries --every 1d", "sdp-report", "sdp-job submit"]
# The most lines of -h in 80 columns.
SCREEN = 45
SHARED = ("reading", "output", "running", "about", "more")
failed = False


def check(what, right, *details):
    global failed
    failed |= not right
    print(f"{'ok' if right else 'not ok'} - {what}")
    for detail in details if not right else ():
        print(f"# {detail}")


def on_terminal(command, columns, **environment):
    """What the command prints on a terminal of this width, and its exit code."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    env = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "COLUMNS")}
    process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env={**env, "TERM": "xterm", **environment}, start_new_session=True)
    os.close(slave)
    text = b""
    while True:
        try:
            part = os.read(master, 65536)
        except OSError:
            break
        if not part:
            break
        text += part
    os.close(master)
    return text.decode().replace("\r\n", "\n"), process.wait()


def plain(text):
    return text.replace("\033[1m", "").replace("\033[0m", "")


def widest(text):
    """The longest line that could have been broken; a command to copy stays on one."""
    return max((len(line) for line in plain(text).split("\n") if not line.startswith("  $ ")), default=0)


for program in PROGRAMS:
    path = os.path.join(BIN, program)
    for width in (60, 80, 200):
        for option in ("-h", "--help"):
            text, code = on_terminal([path, option], width)
            check(f"{program} {option} in {width} columns", code == 0 and widest(text) <= width, f"exit {code}, {widest(text)} columns")
    brief = on_terminal([path, "-h"], 80)[0]
    check(f"{program} -h is one screen", brief.count("\n") <= SCREEN, f"{brief.count(chr(10))} lines")
    check(f"{program} -h: headings are bold", "\033[1mexamples:\033[0m" in brief, brief[:200])
    check(f"{program} -h: plain with NO_COLOR", "\033" not in on_terminal([path, "-h"], 80, NO_COLOR="1")[0])
    table = subprocess.run([path, "--options"], capture_output=True, text=True, check=True).stdout.split("\n")[1:-1]
    names = [line.split("\t")[1] for line in table]
    full = plain(on_terminal([path, "--help"], 80)[0])
    shown = [line.split("--")[1].split()[0] for line in full.split("\n") if line.startswith(("  -", "      --"))]
    check(f"{program} --help shows each option once", sorted(shown) == sorted(names), sorted(set(names) ^ set(shown)))

TABLE = os.path.join(os.environ["TMPDIR"], "table.csv")
with open(TABLE, "w") as f:
    f.write("price,name\n1,a\n2,b\n")
for no_color, bold in (("", True), ("1", False)):
    text = on_terminal([os.path.join(BIN, "sdp-stats"), TABLE], 80, NO_COLOR=no_color)[0]
    check(f"the names of a table's columns with NO_COLOR={no_color}", ("\033[1mname\033[0m" in text) == bold and ("\033" in text) == bold, text)

for line in READERS:
    program, *rest = line.split()
    text, code = on_terminal([os.path.join(BIN, program), *rest], 80)
    check(f"{line} on a terminal says how it is used", code == 2 and "nothing to read" in text and f"{program} -h" in text, f"exit {code}: {text}")

sys.exit(failed)
