"""sdp-cat --follow: each record that is added to a file is printed when it is whole."""
import functools
import os
import time

from follow_kit import Program, check, end, side_by_side

CALLS = []


def write(name, text, how="wb"):
    with open(name, how) as f:
        f.write(text.encode() if isinstance(text, str) else text)


def grow(*arguments, **settings):
    CALLS.append(functools.partial(follow, *arguments, **settings))


def follow(what, options, begin, steps, want=None, **settings):
    """
    Follows a file that begins with some text.  A step is what is added, and what is printed then;
    as text, the output is the same.
    """
    name = what.replace(" ", "-").replace("/", "") + ".in"
    first, printed = begin if isinstance(begin, tuple) else (begin, begin)
    write(name, first)
    program = Program("sdp-cat", "--follow", *options, name, **settings)
    out = printed.encode()
    program.expect(out, "the first rows")
    for step in steps:
        text, printed = step if isinstance(step, tuple) else (step, step)
        write(name, text, "ab")
        out += printed.encode()
        if printed:
            program.expect(out, f"after {text!r}")
        else:
            program.expect_nothing()
    if want:
        program.end(*want)
    else:
        program.stop()
    return what, *program.faults


for workers in "1", "2", "7":
    grow(f"rows, an unfinished one waits, a quoted one has line ends, -j {workers}", ["-j", workers], "n,t\n1,a\n2,b\n",
         ["3,c\n", "4,d\n5,e\n", ("6,", ""), ("f\n7", "6,f\n"), (",g\n", "7,g\n"), ('8,"x\ny', ""), ('z"\n', '8,"x\nyz"\n'), "9,i\n"])
for point in "claim", "make", "block", "done":
    grow(f"a worker killed at {point}", ["-j", "2"], "n,t\n1,a\n", ["2,b\n", "3,c\n"], environment={"SDP_FAULT": f"kill:1:{point}"})
grow("a file that is empty at first", [], ("", ""), [("n", ""), (",t\n", ""), ("1,a\n", "n,t\n1,a\n"), "2,b\n"])
grow("a file without a record at first", [], ("n,t\n", ""), [("1,a\n", "n,t\n1,a\n")])
grow("no header", ["--no-header"], ("1,a\n", "c1,c2\n1,a\n"), ["2,b\n"])
grow("comments and lines before the header", ["--comment", "#", "--skip", "1"], ("x\n#y\nn,t\n#z\n", ""), [("1,a\n", "n,t\n1,a\n"), ("#\n2,b\n", "2,b\n")])
grow("CRLF", [], ("n,t\r\n1,a\r\n", "n,t\n1,a\n"), [("2,b\r\n", "2,b\n")])
grow("CR", [], ("n,t\r1,a\r", "n,t\n1,a\n"), [("2,b\r3,c", "2,b\n"), ("\r4", "3,c\n")])
grow("UTF-16", [], ("n,t\n1,ä\n".encode("utf-16"), "n,t\n1,ä\n"), [("2,ö\n".encode("utf-16-le"), "2,ö\n")])
grow("an encoding", ["--encoding", "latin1"], ("n,t\n1,ä\n".encode("latin1"), "n,t\n1,ä\n"), [("2,ö\n".encode("latin1"), "2,ö\n")])
grow("a delimiter", [], ("n;t\n1;a\n", "n,t\n1,a\n"), [("2;b,c\n", '2,"b,c"\n')])
grow("TSV with quotes", ["-f", "tsv"], 'n\tt\n1\t"a\tb"\n', ['2\t"c\td"\n'])
grow("one long record", [], "n,t\n1,a\n", ["2," + 300000 * "b" + "\n"])
grow("columns and a format", ["-x", "t,n", "-f", "ndjson"], ("n,t\n1,a\n", '{"t":"a","n":1}\n'), [("2,b\n", '{"t":"b","n":2}\n')])
grow("types", ["--types", "n=integer"], "n,t\n1,a\n", ["2,b\n", ("x,c\n", "")],
     want=(1, b"sdp-cat: types.in:4:n: not an integer: 'x'\n"))
grow("a ragged record", ["--ragged", "pad"], "n,t\n1,a\n", [("2\n", "2,\n")])
grow("too many cells", [], "n,t\n1,a\n", ["2,b\n", ("3,c,d\n", "")], want=(1, b"sdp-cat: too-many-cells.in:4: 3 cells where the header has 2\n"))
grow("the first rows", ["-n", "3"], "n,t\n1,a\n", ["2,b\n", ("3,c\n4,d\n", "3,c\n")], want=(0,))
grow("the first rows to a file", ["-n", "2", "-o", "first.csv"], ("n,t\n1,a\n", ""), [("2,b\n", "")], want=(0,))
grow("where", ["--where", "n > 1 and t != 'c'"], ("n,t\n1,a\n2,b\n", "n,t\n2,b\n"), ["10,x\n", ("0,x\n3,c\n4,d\n", "4,d\n")])
grow("where, with the first row", ["--where", "n > 1"], ("n,t\n", ""), [("1,a\n", "n,t\n"), "2,b\n"])
grow("where, first rows", ["--where", "t == 'b'", "-n", "2"], ("n,t\n1,a\n2,b\n", "n,t\n2,b\n"), [("3,c\n4,b\n5,b\n", "4,b\n")], want=(0,))
grow("where, a cell of another type", ["--where", "n > 1"], "n,t\n2,a\n", ["3,b\n", ("x,c\n", "")],
     want=(1, b"sdp-cat: where,-a-cell-of-another-type.in:4:n: not a number: 'x' (--na?)\n"))
grow("a sample", ["--sample", "100%"], "n,t\n1,a\n", ["2,b\n"])
grow("source", ["--source", "file"], ("n\n1\n", "n,file\n1,source.in\n"), [("2\n", "2,source.in\n")])

grow("NDJSON", [], ('{"n":1,"t":"a"}\n', "n,t\n1,a\n"), [('{"n":2}\n', "2,\n"), ('{"t":"c","n"', ""), (':3}\n', "3,c\n")])
grow("NDJSON, a new key", [], ('{"n":1}\n', "n\n1\n"), [('{"n":2}\n', "2\n"), ('\n{"n":3,"x":{"y":1}}\n', "")],
     want=(1, b"sdp-cat: NDJSON,-a-new-key.in:3: a new key: 'x.y': with --follow, the records that the file has at first name the columns; "
           b"-x chooses some, and ignores all other keys\n"))
grow("NDJSON, chosen keys", ["-x", "n,t", "-f", "ndjson"], ('{"n":1,"t":"a","u":[1,2]}\n', '{"n":1,"t":"a"}\n'),
     [('{"x":1,"y":{"z":2},"n":2,"w":[3,{"q":4}]}\n', '{"n":2,"t":null}\n')])
grow("NDJSON, where", ["--where", "n > 1", "-f", "ndjson"], ('{"n":1}\n', ""), ['{"n":2}\n', ('{"n":0}\n{"n":3}\n', '{"n":3}\n')])
grow("NDJSON, records over lines", ["-f", "ndjson"], ('{"n":1}\n', '{"n":1}\n'), [('{\n"n":2\n}\n', '{"n":2}\n')])
grow("NDJSON, the line of a fault", [], ('\n\n{"n":1}\n', "n\n1\n"), [('{"n":2}\n\n', "2\n"), ('  {"n":x}\n', "")],
     want=(1, b"sdp-cat: NDJSON,-the-line-of-a-fault.in:3: line 6, column 8: expected a value, not 'x'\n"))
grow("NDJSON of arrays", ["--input-format", "ndjson"], ('["n","t"]\n[1,"a"]\n', "n,t\n1,a\n"), [('[2,"b"]\n', "2,b\n")])


def many():
    """Many rows at once, in odd pieces, while the program prints; the same bytes come out."""
    rows = b"n,t\n" + b"".join(b'%d,"row\n%d"\n' % (i, i * i) for i in range(200000))
    write("many.csv", rows[:100])
    program = Program("sdp-cat", "--follow", "-j", "3", "many.csv")
    for at in range(100, len(rows), 77777):
        write("many.csv", rows[at:at + 77777], "ab")
        program.read(0)
    program.expect(rows)
    program.stop()
    check("many rows at once", *program.faults)


def without_inotify():
    """Without inotify, the file is looked at."""
    refuse = ["strace", "-f", "-qq", "-o", "trace", "-e", "trace=inotify_init1", "-e", "inject=inotify_init1:error=EMFILE"]
    if os.system("strace -o trace true 2>/dev/null") != 0:
        print("ok - without inotify # SKIP strace is not allowed here")
        return
    write("polled.csv", "n,t\n1,a\n")
    options = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"  # it cannot look for leaks in a traced process
    program = Program(*refuse, "sdp-cat", "--follow", "-n", "3", "polled.csv", environment={"ASAN_OPTIONS": options})
    program.expect(b"n,t\n1,a\n")
    write("polled.csv", "2,b\n", "ab")
    program.expect(b"n,t\n1,a\n2,b\n")
    write("polled.csv", "3,c\n", "ab")
    program.end(0)
    check("without inotify", *program.faults, "INJECTED" not in open("trace").read() and "inotify was there")


def times_of(pids):
    """The CPU time of processes, in clock ticks."""
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/stat") as f:
            fields = f.read().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total


def sleeps():
    write("quiet.csv", "n,t\n1,a\n")
    program = Program("sdp-cat", "--follow", "-j", "2", "quiet.csv")
    program.expect(b"n,t\n1,a\n")
    pids = [program.process.pid, *program.children()]
    before = times_of(pids)
    time.sleep(2)
    ticks = times_of(pids) - before
    program.stop()
    check("while nothing comes, it sleeps", *program.faults, ticks > 40 and f"{ticks} ticks of CPU time in 2 s")


def spool():
    """
    What was printed takes no space but up to one step of 16 MiB, in which it is given back: so much is left in the folder for
    temporary files of 100 MB.
    """
    row = b"1," + 1000 * b"x" + b"\n"
    write("large.csv", b"n,t\n" + row)
    program = Program("sdp-cat", "--follow", "-x", "n", "large.csv")
    for _ in range(100):
        write("large.csv", 1000 * row, "ab")
    program.expect(b"n\n" + 100001 * b"1\n")
    used = []
    for fd in os.listdir(f"/proc/{program.process.pid}/fd"):
        path = f"/proc/{program.process.pid}/fd/{fd}"
        if os.readlink(path).startswith(os.environ["TMPDIR"]):
            used.append(os.stat(path).st_blocks // 2048)
    program.stop()
    check("the spool does not grow", *program.faults, not used and "there is none", max(used, default=0) > 16 and f"{used} MiB")


side_by_side(CALLS)
check("the file is there", open("first.csv").read() != "n,t\n1,a\n2,b\n" and "it is not")
many()
without_inotify()
sleeps()
spool()
end()
