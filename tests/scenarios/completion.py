"""Completion of command lines in bash, zsh and fish, through the shells themselves, with the scripts that are installed."""
import bz2
import concurrent.futures
import gzip
import lzma
import os
import pty
import re
import resource
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
    ("sdp-linreg pen.csv -x year,sex,|", ["year,sex,island"], ["year,sex,sex", "year,sex,year"]),
    ("sdp-linreg --reference s| pen.csv", ["species=", "sex="], []),
    ("sdp-stats --types year=| pen.csv", ["integer", "real", "date", "datetime", "string", "boolean"], []),
    ("sdp-stats --types year=real,y| pen.csv", [], ["year=real,year="]),
    ("sdp-timeseries --agg mean,m| pen.csv", ["mean,min", "mean,max", "mean,median"], ["mean,mean"]),
    ("sdp-bench --tasks kmeans,f|", ["kmeans,fp_growth"], []),
    ("sdp-job submit --tasks time|", ["time_series"], []),
    ("sdp-sample -d pen|", ["penguins"], []),
    ("sdp-kmeans --print s|", ["sizes", "scan"], []),
]
# Programs that read pen.csv: their documents have no other parts than completion offers.
PARTS = ["sdp-stats", "sdp-kmeans -k 2", "sdp-kmeans -k 2..3", "sdp-linreg -y body_mass_g --test-fraction 0.2", "sdp-logreg -y species -x body_mass_g --test-fraction 0.2",
         "sdp-fpgrowth --table --rules", "sdp-timeseries --types year=string -t year --time-format %Y --every 1y --value body_mass_g --acf 1", "sdp-bench -w 1 --runs 1 --warmup 0 --tasks descriptive_stats"]
# Lines in bash at whose end Tab is pressed, and the words that the shell then has.
TYPED = [
    ("sdp-stats odd.csv -x 'un", ["-x", "unit price"]),
    ("sdp-stats odd.csv -x \"un", ["-x", "unit price"]),
    ("sdp-stats odd.csv -x un", ["-x", "unit price"]),
    ("sdp-stats odd.csv -x unit\\ p", ["-x", "unit price"]),
    ("sdp-stats odd.csv -x 'unit price',i", ["-x", "unit price,it's $5"]),
    ("sdp-stats odd.csv -x 'i", ["-x", "it's $5"]),
    ("sdp-stats odd.csv -x \"i", ["-x", "it's $5"]),
    ("sdp-stats odd.csv --columns='un", ["--columns=unit price"]),
    ("sdp-stats odd.csv --columns=un", ["--columns=unit price"]),
    ("sdp-stats odd.csv --types 'un", ["--types", "unit price="]),
    ("sdp-linreg pen.csv --reference spe", ["--reference", "species="]),
    ("sdp-stats pen.csv --types petal=1,yea", ["--types", "petal=1,year="]),
    ("sdp-stats pen.csv --types year=i", ["--types", "year=integer"]),
    ("sdp-stats pen.csv -f=", ["-f="]),
    ("sdp-stats pen.csv --format=t", ["--format=t"]),
    ("sdp-stats pen.csv --format=ta", ["--format=table"]),
]
# Lines in bash at whose end Tab is pressed twice, and what is then shown, in this order.
SHOWN = [
    ("sdp-stats pen.csv -x ", "species island bill_length_mm bill_depth_mm flipper_length_mm body_mass_g sex year"),
    ("sdp-stats pen.csv -x year,", "species island bill_length_mm bill_depth_mm flipper_length_mm body_mass_g sex"),
    ("sdp-stats pen.csv -x year,b", "bill_length_mm bill_depth_mm body_mass_g"),
    ("sdp-stats pen.csv --types=year=", "boolean integer real date datetime string"),
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


def bash_words(line):
    """The words after those of the line but its last, once Tab has completed the last one."""
    setup = f". {SCRIPTS}/bash/{line.split()[0]}\n"
    keys = line + "\t\x01printf 'DO''NE'; printf '<%s>' \x05; echo EN''D\n"
    text = on_terminal(["bash", "--norc", "--noprofile", "-i"], setup.encode(), keys.encode(), b"END", TERM="dumb")
    return re.findall("<([^>]*)>", text.partition("DONE")[2].partition("END")[0])


def bash_list(line):
    setup = f". {SCRIPTS}/bash/{line.split()[0]}\nbind 'set completion-display-width 0'\nbind 'set bell-style none'\n"
    text = on_terminal(["bash", "--norc", "--noprofile", "-i"], setup.encode(), line.encode() + b"\t\t", None, TERM="dumb")
    return " ".join(text.partition("\n")[2].partition("READY>")[0].split())


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
with open("odd.csv", "w") as f:
    f.write("unit price,it's $5\n1,2\n")
for form in "ndjson", "tsv":
    with open(f"pen.{form}", "w") as f:
        f.write(run([os.path.join(BIN, "sdp-cat"), "-f", form, "pen.csv"]))

# Files that have no columns to be found quickly, and large ones: what the program prints, reads and takes.
HEADER = "alpha,beta\n"
SMALL = 1 << 20


def make(name, content, size=0):
    with open(name, "wb") as f:
        f.write(content)
        f.truncate(max(size, len(content)))
    return name


def run_odd(path):
    """The candidates for -x with this file, and what strace says of what was read and started, if it may run."""
    command = [os.path.join(BIN, "sdp-stats"), "--complete-line", "1", "-x", "", path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    candidates = [line.split("\t")[0] for line in done.stdout.split("\n")[1:-1]]
    traced = ["strace", "-f", "-y", "-o", "trace", "-e", "trace=read,pread64,clone,clone3,fork,vfork,execve"]
    trace = []
    if subprocess.run(traced + ["true"], capture_output=True, check=False).returncode == 0:
        subprocess.run(traced + command, capture_output=True, check=True)
        with open("trace", errors="replace") as f:
            trace = f.read().split("\n")
    taken = sum(int(line.rsplit("= ", 1)[1]) for line in trace if f"<{os.path.realpath(path)}>" in line and "read" in line)
    started = [line for line in trace if re.search(r"(clone3?|fork|execve)\(", line)][1:]
    return done, candidates, taken if trace else None, started


def odd_files():
    row = b'{"alpha":1,"beta":"' + b"x" * 3000 + b'"}'
    text = (HEADER + "1,2\n" * 10).encode()
    os.mkfifo("fifo")
    os.mkdir("folder")
    found = [make("gigabyte.csv", text, 1 << 30), make("rows.csv", HEADER.encode() + b"1,2\n" * 200000),
             make("rows.json", b"[" + b",".join([row] * 400) + b"]"), make("rows.ndjson", (row + b"\n") * 400),
             make("escapes.csv", b"alpha,a\x1b[31m,\xc2\x9b1m,beta\n" + b"1,2,3,4\n" * 10), make("mac.csv", b"alpha,beta\r" + b"1,2\r" * 200000), make("utf16.csv", (HEADER + "1,2\n" * 200000).encode("utf-16"))]
    absent = ["fifo", "folder", "none.csv", "/dev/zero", make("empty.csv", b""), make("zeros.csv", b"", 1 << 30), make("blank.csv", b"\n" * SMALL),
              make("gz.csv", gzip.compress(text)), make("bz2.csv", bz2.compress(text)), make("xz.csv", lzma.compress(text)), make("page.pdf", b"%PDF-1.7\n" + text),
              make("long.csv", b"alpha," * SMALL), make("quote.csv", b'"' + b"x\n" * SMALL), make("deep.json", b'{"a":' * SMALL),
              make("one.json", b'{"a":"' + b"x" * SMALL), make("program", b"\x7fELF" + os.urandom(1000) + b"\0" * SMALL)]
    if os.geteuid():
        absent.append(make("unreadable.csv", text))
        os.chmod("unreadable.csv", 0)
    for path in found + absent:
        done, candidates, taken, started = run_odd(path)
        wanted, least = (["alpha", "beta"], 1) if path in found else ([], 0)
        expect(f"columns of {path}", candidates == wanted, candidates[:9])
        expect(f"{path}: no message, exit code 0, no child, at most 1 MiB", not done.stderr and done.returncode == 0 and not started and (taken is None or least <= taken <= SMALL),
               done.stderr, done.returncode, started, taken)


def processor_time():
    """The median time of the processor, in milliseconds; that of the clock depends on what else runs."""
    times = []
    for _ in range(11):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        program("sdp-linreg -x a| gigabyte.csv")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime))
    return sorted(times)[5]


odd_files()
for at in "-1", "9223372036854775807", "99999999999999999999", "x":
    done = subprocess.run([os.path.join(BIN, "sdp-stats"), "--complete-line", at, "-x"], capture_output=True, text=True, check=False)
    expect(f"the word {at}", done.returncode == 0 and not done.stderr, done.returncode, done.stderr)
took = processor_time()
expect("a file of 1 GiB is answered in 20 ms", took < 20 or os.environ["MODE"] != "release", f"{took} ms")


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

for command in PARTS:
    done = subprocess.run([*command.split(), "-f", "csv", "--print", "none-such", "pen.csv"], capture_output=True, text=True, check=False,
                          env={**os.environ, "PATH": BIN + ":" + os.environ["PATH"]})
    parts = re.sub(".*: there (is only|are) ", "", done.stderr.strip()).split(", ")
    offered = program(command.split()[0] + " --print |")
    expect(f"the parts of the document of {command} are offered", done.returncode == 2 and set(parts) <= set(offered), parts, offered)
for line, wanted in TYPED:
    found = bash_words(line)[2:]
    expect(f"bash: {line}, and Tab", found == wanted, found)
for line, wanted in SHOWN:
    found = bash_list(line)
    expect(f"bash: {line}, and Tab twice", found == wanted, found)

end()
