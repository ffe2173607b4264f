"""sdp-cat --follow: how a file that is followed goes on in another one, and everything that ends it."""
import functools
import os
import signal
import subprocess

from follow_kit import Program, end, is_gone, side_by_side, stopped, wait_until


def write(name, text, how="w"):
    with open(name, how) as f:
        f.write(text)


def follow(name, text="n,t\n1,a\n", *options, printed=None, **settings):
    write(name, text)
    program = Program("sdp-cat", "--follow", *options, name, **settings)
    program.expect((text if printed is None else printed).encode(), "the first rows")
    return program


# ---- a new file of the same name ----

def rotated(workers):
    """Files in a row, as a rotation of logs leaves them: renamed, and still written for a while."""
    name = f"log{workers}.csv"
    program = follow(name, "n,t\n1,a\n", "-j", workers)
    out = b"n,t\n1,a\n"
    for number in range(2, 5):
        write(name, f"{number},b\n", "a")
        os.rename(name, f"{name}.{number}")
        write(f"{name}.{number}", f"{number},late\n", "a")
        out += b"%d,b\n%d,late\n" % (number, number)
        program.expect(out, "the renamed file")
        with stopped(program.children()[0]):  # it sees both at the same time, however long they take
            write(name, "n,t\n")
            write(f"{name}.{number}", f"{number},later", "a")  # the last line of a file may have no end
        write(name, f'{number}.5,"x\ny"\n', "a")
        out += b'%d,later\n%d.5,"x\ny"\n' % (number, number)
        program.expect(out, "the new file")
    write(name, "5\n", "a")
    program.end(1, f"sdp-cat: {name}:3: 1 cell where the header has 2\n".encode())
    return f"a file that is replaced, again and again, -j {workers}", *program.faults


def renamed_over():
    program = follow("old.csv")
    write("new.csv", "n,t\n2,b\n")
    os.rename("new.csv", "old.csv")
    program.expect(b"n,t\n1,a\n2,b\n")
    program.stop()
    return "a file that is renamed over the old one", *program.faults


def ndjson():
    program = follow("rows.ndjson", '{"n":1}\n', printed="n\n1\n")
    os.rename("rows.ndjson", "rows.1")
    write("rows.ndjson", '\n{"n":2}\n')
    program.expect(b"n\n1\n2\n")
    write("rows.ndjson", '{"n":3}\n{"n":x}\n', "a")
    program.end(1, b"sdp-cat: rows.ndjson:3: line 4, column 6: expected a value, not 'x'\n")
    return "NDJSON that is replaced", *program.faults


def link():
    write("day1.csv", "n,t\n1,a\n")
    write("day2.csv", "n,t\n2,b\n")
    os.symlink("day1.csv", "today.csv")
    program = Program("sdp-cat", "--follow", "--where", "n > 0", "--source", "s", "-v", "today.csv")
    program.expect(b"n,t,s\n1,a,today.csv\n")
    os.symlink("day2.csv", "link")
    os.rename("link", "today.csv")
    program.expect(b"n,t,s\n1,a,today.csv\n2,b,today.csv\n")
    program.stop(b"sdp-cat: today.csv was replaced: the new file is read from now on\n")
    return "a symbolic link that is changed", *program.faults


def without_record():
    program = follow("empty.csv", "n,t\n1,a\n", "-v")
    os.rename("empty.csv", "empty.1")
    write("empty.csv", "n,t\n")
    write("next.csv", "n,t\n3,c\n")
    said = program.process.stderr.readline()  # the file without a record is begun
    os.rename("next.csv", "empty.csv")
    program.expect(b"n,t\n1,a\n3,c\n")
    program.stop(said)
    return "a file without a record between two others", *program.faults


# ---- what ends it ----

def ends(what, name, do, code, message, out=b""):
    begin = "n,t\n1,a\n"
    program = follow(name, begin)
    do(name)
    program.end(code, f"sdp-cat: {message}\n".encode())
    program.expect(begin.encode() + out)
    return what, *program.faults


def replaced_by(text):
    def do(name):
        os.rename(name, name + ".1")
        write(name, text)
    return do


def removed(name):
    write(name, "2,b\n3", "a")
    os.remove(name)


def folder(name):
    os.remove(name)
    os.mkdir(name)


def overwritten(name):
    """The same length, other bytes at the end: an editor that writes in place."""
    with open(name, "r+") as f:
        f.write("n,t\n2,b\n")


ENDS = [
    ("a file that is truncated", "short.csv", lambda name: os.truncate(name, 0), 3, "short.csv: the file was truncated while it was followed"),
    ("a file that is rewritten", "rewritten.csv", overwritten, 3, "rewritten.csv: the file was rewritten while it was followed"),
    ("a file that is removed", "removed.csv", removed, 3, "removed.csv: the file was removed while it was followed; its last line has no line end", b"2,b\n"),
    ("a folder of the same name", "folder.csv", folder, 3, "folder.csv: the file was replaced by a directory or a device while it was followed"),
    ("another header", "header.csv", replaced_by("n,u\n2,b\n"), 3,
     "the file was replaced, and its rows do not go on: header.csv:1: column 2 is 'u' where the file before has 't'"),
    ("another number of columns", "wide.csv", replaced_by("n,t,u\n2,b,c\n"), 3,
     "the file was replaced, and its rows do not go on: wide.csv:1: 3 columns where the file before has 2"),
    ("no table", "json.csv", replaced_by('{"n":1}\n'), 3, "the file was replaced, and its rows do not go on: json.csv: this is JSON, but json.csv is not"),
]


def twice():
    """The second file is replaced before it is opened."""
    program = follow("twice.csv")
    follower = program.children()[0]
    with stopped(program.process.pid):
        for i in range(2):
            write("twice.new", f"n,t\n{i},b\n")
            os.rename("twice.new", "twice.csv")
            if not wait_until(lambda: is_gone(follower)):
                program.faults.append("the process that follows does not end with its file")
    program.end(3, b"sdp-cat: twice.csv: the file was replaced twice within a second while it was followed\n")
    return "a file that is replaced twice", *program.faults


def late():
    program = follow("late.csv")
    os.rename("late.csv", "late.1")
    write("late.csv", "n,t\n2,b\n")
    program.expect(b"n,t\n1,a\n2,b\n")
    write("late.1", "3,c\n", "a")
    program.end(3, b"sdp-cat: late.csv: the file that was replaced has grown after that: its last bytes were not read\n")
    return "an old file that grows when the new one is read", *program.faults


# ---- processes ----

def left(children):
    return not wait_until(lambda: all(map(is_gone, children))) and "a process is left"


def signalled(name):
    number = getattr(signal, "SIG" + name)
    program = follow(f"{name}.csv")
    children = program.children()
    program.process.send_signal(number)
    program.end(-number)
    return f"SIG{name}", *program.faults, left(children)


def waiting():
    program = follow("waiting.csv", "n,t\n", printed="")
    wait_until(program.children)
    children = program.children()
    program.process.send_signal(signal.SIGINT)
    program.end(-signal.SIGINT)
    return "SIGINT before there is a record", *program.faults, left(children)


def follower():
    program = follow("follower.csv")
    os.kill(program.children()[0], signal.SIGKILL)
    program.end(3, b"sdp-cat: follower.csv: the process that follows it died\n")
    return "the process that follows is killed", *program.faults


def storm():
    program = follow("storm.csv", "n,t\n1,a\n", "-j", "2")
    for i in range(20):
        for worker in program.children()[1:]:
            os.kill(worker, signal.SIGKILL)
        write("storm.csv", f"{i},b\n", "a")
        program.expect(b"n,t\n1,a\n" + b"".join(b"%d,b\n" % k for k in range(i + 1)))
    program.stop()
    return "workers that are killed", *program.faults


def closed():
    program = follow("closed.csv")
    program.process.stdout.close()
    program.open = False
    program.end(-signal.SIGPIPE)
    return "nobody reads the output any more, and nothing comes", *program.faults


def pipeline():
    """A row stream behind a pipe notices that, too, so that the whole pipeline ends."""
    write("pipeline.csv", "n,t\n1,a\n")
    first = subprocess.Popen(["sdp-cat", "--follow", "pipeline.csv"], stdout=subprocess.PIPE)
    second = Program("sdp-cat", "-x", "n,t", stdin=first.stdout)
    first.stdout.close()
    second.expect(b"n,t\n1,a\n")
    second.process.stdout.close()
    second.open = False
    second.end(-signal.SIGPIPE)
    return "a pipeline ends from its end", *second.faults, first.wait() != -signal.SIGPIPE and f"exit code {first.wait()}"


def full():
    write("full.csv", "n,t\n1,a\n")
    with open("/dev/full", "wb") as device:
        program = subprocess.run(["sdp-cat", "--follow", "full.csv"], stdout=device, stderr=subprocess.PIPE, check=False)
    return ("a full device", program.returncode != 3 and f"exit code {program.returncode}",
            program.stderr != b"sdp-cat: cannot write to standard output: No space left on device\n" and program.stderr)


side_by_side([*(functools.partial(rotated, workers) for workers in ("1", "2")), renamed_over, ndjson, link, without_record,
              *(functools.partial(ends, *row) for row in ENDS), twice, late,
              *(functools.partial(signalled, name) for name in ("INT", "TERM", "HUP")), waiting, follower, storm, closed, pipeline, full])
end()
