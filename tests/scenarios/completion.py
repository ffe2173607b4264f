"""Completion of command lines in bash, zsh and fish, through the shells themselves, with the scripts that are installed."""
import concurrent.futures
import os
import pty
import re
import select
import subprocess

from terminal_kit import end, expect

BIN = os.environ["SDP_BIN"]
SCRIPTS = os.path.join(BIN, "completion")
# A line with | for the cursor, and what must be among the candidates, and what must not.
CASES = [
    ("sdp-linreg --inter|", ["--interval"], ["--input-format"]),
    ("sdp-linreg -y b| pen.csv", ["bill_length_mm", "bill_depth_mm", "body_mass_g"], ["species"]),
    ("sdp-linreg pen.csv -x sex,bill_l|", ["sex,bill_length_mm"], []),
    ("sdp-linreg --target=fl| pen.csv", ["flipper_length_mm"], []),
    ("sdp-timeseries --by isl| pen.ndjson", ["island"], []),
    ("sdp-timeseries -t sp| pen.tsv", ["species"], []),
    ("sdp-timeseries --value bo| pen.csv", ["body_mass_g"], []),
    ("sdp-stats -f | pen.csv", ["json", "csv", "tsv", "table"], ["ndjson"]),
    ("sdp-kmeans --init k|", ["k-means++"], ["random"]),
    ("sdp-job sta|", ["status"], ["submit"]),
    ("sdp-sample pen|", ["penguins"], ["iris"]),
    ("sdp-stats pen.nd|", ["pen.ndjson"], []),
]


def run(command, **how):
    return subprocess.run(command, capture_output=True, text=True, check=True, **how).stdout


def program(line):
    before, _, after = line.partition("|")
    words = before.split(" ") + after.split()
    at = len(before.split(" ")) - 2
    return [w.split("\t")[0] for w in run([os.path.join(BIN, words[0]), "--complete-line", str(at), *words[1:]]).split("\n")[1:]]


def on_terminal(shell, setup, keys, done, **environment):
    """What a shell shows for these keys, after its setup, until done is seen or nothing more comes."""
    master, slave = pty.openpty()
    process = subprocess.Popen(shell, stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
                               env={**os.environ, "PATH": BIN + ":" + os.environ["PATH"], "INPUTRC": "/dev/null", **environment})
    os.close(slave)
    os.write(master, setup + b"PS1='REA''DY> '\n")
    read_until(master, b"READY> ", 60)
    os.write(master, keys)
    text = read_until(master, done, 60) if done else read_until(master, b"\0", 2)
    process.kill()
    process.wait()
    os.close(master)
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|\x1b[=>]|\r|\x07", " ", text.decode(errors="replace"))


def read_until(fd, what, silence):
    """Reads until this was read, or nothing has come for so many seconds."""
    text = b""
    while what not in text and select.select([fd], [], [], silence)[0]:
        text += os.read(fd, 65536)
    return text


def bash(line):
    """Alt-* inserts all completions; then echo shows the line."""
    before, _, after = line.partition("|")
    setup = f". {SCRIPTS}/bash/{line.split()[0]}\n"
    keys = (before + after).encode() + b"\x02" * len(after) + b"\x1b*\x01echo DO''NE \x05 EN''D\n"
    text = on_terminal(["bash", "--norc", "--noprofile", "-i"], setup.encode(), keys, b"END", TERM="dumb")
    return text.partition("DONE ")[2].partition(" END")[0].split()


def zsh(line):
    """Two tabs list all completions."""
    before, _, after = line.partition("|")
    setup = f"fpath=({SCRIPTS}/zsh $fpath)\nautoload -U compinit && compinit -D -u\nsetopt NO_BEEP\nLISTMAX=0\n"
    keys = (before + after).encode() + b"\x02" * len(after) + b"\t\t"
    return on_terminal(["zsh", "-f", "-i"], setup.encode(), keys, None, TERM="xterm").split()


def fish(line):
    before, _, _ = line.partition("|")
    script = f"set -p PATH {BIN}; source {SCRIPTS}/fish/{line.split()[0]}.fish; complete -C '{before}'"
    return [w.split("\t")[0] for w in run(["fish", "--no-config", "-c", script]).split("\n")]


with open("pen.csv", "w") as f:
    f.write(run([os.path.join(BIN, "sdp-sample"), "penguins"]))
for form in "ndjson", "tsv":
    with open(f"pen.{form}", "w") as f:
        f.write(run([os.path.join(BIN, "sdp-cat"), "-f", form, "pen.csv"]))


def case(shell, line, wanted, unwanted):
    before, _, after = line.partition("|")
    if shell is fish and after:  # complete -C knows nothing after the cursor
        first, _, rest = before.partition(" ")
        line = f"{first} {after.strip()} {rest}|"
    found = shell(line)
    missing = [w for w in wanted if not any(w in f for f in found)]
    extra = [w for w in unwanted if w in found]
    return f"{shell.__name__}: {line}", not missing and not extra, f"missing {missing}, too many {extra}: {found[:60]}"


cases = [(shell, *c) for shell in (program, bash, zsh, fish) for c in CASES if shell is not program or "pen.nd" not in c[0]]
with concurrent.futures.ThreadPoolExecutor(12) as pool:
    for result in pool.map(lambda c: case(*c), cases):
        expect(*result)

end()
