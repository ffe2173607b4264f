"""Row streams print the rows of a pipe as they come: each program, with one or several workers, to a pipe, a FIFO or a file."""
import functools
import os
import subprocess
import tempfile

from follow_kit import Program, end, side_by_side

BASKETS = "basket,item\n" + "".join(f"{i},{item}\n" for i in range(1, 40) for item in ("tea", "milk", "cake")[:1 + i % 3])
ROWS = [f"{i},{(i * 7919 % 1000) / 10},{'yes' if i % 3 else 'no'},{'abc'[i % 3] * 3}\n" for i in range(400)]
HEADER = "n,x,label,word\n"
with open("table.csv", "w") as f:
    f.write(HEADER + "".join(ROWS))
with open("baskets.csv", "w") as f:
    f.write(BASKETS)


def model(name, *command):
    with open(name, "wb") as f:
        subprocess.run(command, stdout=f, stderr=subprocess.DEVNULL, check=True)
    return name


linreg = model("linreg.json", "sdp-linreg", "-y", "x", "-x", "n,word", "table.csv")
logreg = model("logreg.json", "sdp-logreg", "-y", "label", "-x", "x", "--l2", "1", "table.csv")
kmeans = model("kmeans.json", "sdp-kmeans", "-k", "2", "-x", "n,x", "table.csv")
rules = model("rules.json", "sdp-fpgrowth", "--basket", "basket", "--item", "item", "-s", "0.1", "--rules", "baskets.csv")


STREAMS = {
    "sdp-cat": ["sdp-cat"],
    "sdp-cat -x -f ndjson": ["sdp-cat", "-x", "word,n", "-f", "ndjson"],
    "sdp-cat -f tsv --types": ["sdp-cat", "-f", "tsv", "--types", "n=integer"],
    "sdp-cat -f json": ["sdp-cat", "-f", "json"],
    "sdp-cat --where, typed": ["sdp-cat", "--where", "n >= 0 and word != 'x'", "--types", "n=integer,word=string"],
    "sdp-cat --sample --part --source": ["sdp-cat", "--sample", "100%", "--test-fraction", "0", "--part", "train", "--source", "file"],
    "sdp-linreg --predict": ["sdp-linreg", "--predict", linreg],
    "sdp-logreg --predict": ["sdp-logreg", "--predict", logreg],
    "sdp-logreg --predict --where": ["sdp-logreg", "--predict", logreg, "--where", "x is not null"],
    "sdp-fpgrowth --predict, lines": ["sdp-fpgrowth", "--predict", rules, "--separator", ","],
    "sdp-fpgrowth --predict, a column": ["sdp-fpgrowth", "--predict", rules, "--items-column", "word"],
    "sdp-kmeans --predict": ["sdp-kmeans", "--predict", kmeans],
}


def stream(what, command, workers, to):
    """Sends a row at a time, waiting for each; then many; then the end."""
    command = [*command, "-j", workers]
    want = subprocess.run([*command], input=(HEADER + "".join(ROWS)).encode(), stdout=subprocess.PIPE, check=True).stdout
    lines = want.splitlines(keepends=True)
    head = len(lines) - len(ROWS)  # with json, the bracket that closes the array is the last line
    settings = {"stdin": subprocess.PIPE}
    file = f"{what}.{to}".replace("/", "")
    if to == "fifo":
        path = tempfile.mkdtemp() + "/fifo"
        os.mkfifo(path)
        settings["output"] = os.open(path, os.O_RDWR)
        command += ["-o", path]
    elif to == "file":
        command += ["-o", file]
    program = Program(*command, **settings)
    array = "json" in command

    def send(rows):
        program.process.stdin.write("".join(rows).encode())
        program.process.stdin.flush()

    send([HEADER])
    for i in range(6):
        send(ROWS[i:i + 1])
        if to != "file":
            text = b"".join(lines[:i + 1 + head - array])
            program.expect(text[:-2] if array else text, f"row {i + 1}")
    send(ROWS[6:300])
    for row in range(300, len(ROWS)):
        send(ROWS[row:row + 1])
    program.process.stdin.close()
    if to == "fifo":
        program.expect(want, "all rows")
        os.close(settings["output"])
        program.pipe, program.got = program.process.stdout.fileno(), b""
    program.end(0)
    got = open(file, "rb").read() if to == "file" else program.got
    return f"{what}, -j {workers}, to a {to}", *program.faults, got != (b"" if to == "fifo" else want) and f"{len(got)} bytes"


def pipeline(what, *commands):
    """sdp-cat --follow at the start of a pipeline: each row comes out at its end."""
    want = open("table.csv", "rb").read()
    for command in commands:
        want = subprocess.run(command, input=want, stdout=subprocess.PIPE, check=True).stdout
    lines = want.splitlines(keepends=True)
    head = len(lines) - len(ROWS)
    growing = what + ".csv"
    with open(growing, "w") as f:
        f.write(HEADER + ROWS[0])
    first = subprocess.Popen(["sdp-cat", "--follow", growing], stdout=subprocess.PIPE)
    processes, source = [first], first.stdout
    for command in commands[:-1]:
        processes.append(subprocess.Popen(command, stdin=source, stdout=subprocess.PIPE))
        source.close()
        source = processes[-1].stdout
    last = Program(*commands[-1], stdin=source)
    source.close()
    for row in range(1, 8):
        last.expect(b"".join(lines[:row + head]), f"row {row}")
        with open(growing, "a") as f:
            f.write(ROWS[row])
    with open(growing, "a") as f:
        f.write("".join(ROWS[8:]))
    last.expect(want, "all rows")
    first.terminate()
    last.end(0)
    return what, *last.faults, *(f"exit code {p.returncode} of {p.args}" for p in processes if p.wait() not in (0, -15))


def untyped():
    """Without --types, the first 1,000 rows decide the types that --where compares; then each row comes at once."""
    program = Program("sdp-cat", "--where", "n >= 0", stdin=subprocess.PIPE)
    rows = "n,t\n" + "".join(f"{i},a\n" for i in range(999))
    program.process.stdin.write(rows.encode())
    program.process.stdin.flush()
    program.expect_nothing()
    for i in range(999, 1005):
        rows += f"{i},b\n"
        program.process.stdin.write(f"{i},b\n".encode())
        program.process.stdin.flush()
        program.expect(rows.encode(), f"row {i}")
    program.process.stdin.close()
    program.end(0)
    return "types of --where from the first 1,000 rows", *program.faults


def several():
    """The rows that come with the header of a later pipe are not held back."""
    for name in "first", "second":
        os.mkfifo(name)
    program = Program("sdp-cat", "first", "second")
    with open("first", "wb", buffering=0) as first:
        first.write(b"n,t\n1,a\n")
        program.expect(b"n,t\n1,a\n")
    with open("second", "wb", buffering=0) as second:
        second.write(b"n,t\n2,b\n")
        program.expect(b"n,t\n1,a\n2,b\n")
        second.write(b"3,c\n")
        program.expect(b"n,t\n1,a\n2,b\n3,c\n")
    program.end(0)
    return "two pipes", *program.faults


def one_column():
    """The first rows of a single column are looked at together; then each row comes at once."""
    program = Program("sdp-cat", stdin=subprocess.PIPE)
    text = b"n\n1\n2\n3\n4\n5\n"
    program.process.stdin.write(text)
    program.process.stdin.flush()
    program.expect(text)
    for i in range(6, 9):
        text += b"%d\n" % i
        program.process.stdin.write(b"%d\n" % i)
        program.process.stdin.flush()
        program.expect(text, f"row {i}")
    program.process.stdin.close()
    program.end(0)
    return "a single column", *program.faults


def tsv():
    """TSV with --quote does not wait for its first MiB."""
    program = Program("sdp-cat", "-f", "tsv", "--quote", '"', stdin=subprocess.PIPE)
    text = b"n\tt\n"
    program.process.stdin.write(text)
    for i in range(3):
        row = b'%d\t"a\tb"\n' % i
        text += row
        program.process.stdin.write(row)
        program.process.stdin.flush()
        program.expect(text, f"row {i}")
    program.process.stdin.close()
    program.end(0)
    return "TSV", *program.faults


side_by_side([*(functools.partial(stream, what, command, workers, to) for what, command in STREAMS.items()
                for workers, to in (("1", "pipe"), ("3", "pipe"), ("2", "fifo"), ("2", "file"))),
              functools.partial(pipeline, "follow, predict", ["sdp-logreg", "--predict", logreg]),
              functools.partial(pipeline, "follow, select, cluster, choose columns", ["sdp-cat", "--where", "n >= 0", "--types", "n=integer"],
                                ["sdp-kmeans", "--predict", kmeans], ["sdp-cat", "-x", "n,cluster"]),
              functools.partial(pipeline, "follow, predict, as NDJSON", ["sdp-linreg", "--predict", linreg, "-f", "ndjson"]),
              untyped, several, one_column, tsv])
end()
