"""sdp-cat --follow: how a file that is followed goes on in another one, and everything that ends it."""
import os
import signal
import subprocess

from follow_kit import Program, check, end, is_gone, wait_until


def write(name, text, how="w"):
    with open(name, how) as f:
        f.write(text)


def follow(name, text="n,t\n1,a\n", *options, printed=None, **settings):
    write(name, text)
    program = Program("sdp-cat", "--follow", *options, name, **settings)
    program.expect((text if printed is None else printed).encode(), "the first rows")
    return program


# ---- a new file of the same name ----

def rotated(what, name, *options, workers="2"):
    """Files in a row, as a rotation of logs leaves them: renamed, and still written for a while."""
    program = follow(name, "n,t\n1,a\n", "-j", workers, *options)
    out = b"n,t\n1,a\n"
    for number in range(2, 5):
        write(name, f"{number},b\n", "a")
        os.rename(name, f"{name}.{number}")
        write(f"{name}.{number}", f"{number},late\n", "a")
        out += b"%d,b\n%d,late\n" % (number, number)
        program.expect(out, "the renamed file")
        write(name, "n,t\n")
        write(f"{name}.{number}", f"{number},later", "a")  # the last line of a file may have no end
        write(name, f'{number}.5,"x\ny"\n', "a")
        out += b'%d,later\n%d.5,"x\ny"\n' % (number, number)
        program.expect(out, "the new file")
    write(name, "5\n", "a")
    program.end(1, f"sdp-cat: {name}:3: 1 cell where the header has 2\n".encode())
    check(what, *program.faults)


rotated("a file that is replaced, again and again", "log.csv")
rotated("the same by one worker", "one.csv", workers="1")

program = follow("old.csv")
write("new.csv", "n,t\n2,b\n")
os.rename("new.csv", "old.csv")
program.expect(b"n,t\n1,a\n2,b\n")
program.stop()
check("a file that is renamed over the old one", *program.faults)

program = follow("rows.ndjson", '{"n":1}\n', printed="n\n1\n")
os.rename("rows.ndjson", "rows.1")
write("rows.ndjson", '\n{"n":2}\n')
program.expect(b"n\n1\n2\n")
write("rows.ndjson", '{"n":3}\n{"n":x}\n', "a")
program.end(1, b"sdp-cat: rows.ndjson:3: line 4, column 6: expected a value, not 'x'\n")
check("NDJSON that is replaced", *program.faults)

write("day1.csv", "n,t\n1,a\n")
write("day2.csv", "n,t\n2,b\n")
os.symlink("day1.csv", "today.csv")
program = Program("sdp-cat", "--follow", "--where", "n > 0", "--source", "s", "-v", "today.csv")
program.expect(b"n,t,s\n1,a,today.csv\n")
os.symlink("day2.csv", "link")
os.rename("link", "today.csv")
program.expect(b"n,t,s\n1,a,today.csv\n2,b,today.csv\n")
program.stop(b"sdp-cat: today.csv was replaced: the new file is read from now on\n")
check("a symbolic link that is changed", *program.faults)

program = follow("empty.csv")
os.rename("empty.csv", "empty.1")
write("empty.csv", "n,t\n")
write("next.csv", "n,t\n3,c\n")
subprocess.run(["sleep", "2.5"], check=True)  # a file without a record is begun and waited for
os.rename("next.csv", "empty.csv")
program.expect(b"n,t\n1,a\n3,c\n")
program.stop()
check("a file without a record between two others", *program.faults)


# ---- what ends it ----

def ends(what, name, do, code, message, begin="n,t\n1,a\n", out=b"", **options):
    program = follow(name, begin, **options)
    do(name)
    program.end(code, f"sdp-cat: {message}\n".encode() if message else b"")
    program.expect(begin.encode() + out)
    check(what, *program.faults)


def replaced_by(text):
    def do(name):
        os.rename(name, name + ".1")
        write(name, text)
    return do


def twice(name):
    write(name + ".a", "n,t\n2,b\n")
    write(name + ".b", "n,t\n3,c\n")
    os.rename(name + ".a", name)
    subprocess.run(["sleep", "0.5"], check=True)  # less than a second, in which the old file may grow
    os.rename(name + ".b", name)


def removed(name):
    write(name, "2,b\n3", "a")
    os.remove(name)


def folder(name):
    os.remove(name)
    os.mkdir(name)


ends("a file that is truncated", "short.csv", lambda name: os.truncate(name, 0), 3, "short.csv: the file was truncated while it was followed")
ends("a file that is removed", "removed.csv", removed, 3,
     "removed.csv: the file was removed while it was followed; its last line has no line end", out=b"2,b\n")
ends("a folder of the same name", "folder.csv", folder, 3, "folder.csv: the file was replaced by a directory or a device while it was followed")
ends("another header", "header.csv", replaced_by("n,u\n2,b\n"), 3,
     "the file was replaced, and its rows do not go on: header.csv:1: column 2 is 'u' where the file before has 't'")
ends("another number of columns", "wide.csv", replaced_by("n,t,u\n2,b,c\n"), 3,
     "the file was replaced, and its rows do not go on: wide.csv:1: 3 columns where the file before has 2")
ends("no table", "json.csv", replaced_by('{"n":1}\n'), 3, "the file was replaced, and its rows do not go on: json.csv: this is JSON, but json.csv is not")
ends("a file that is replaced twice", "twice.csv", twice, 3, "twice.csv: the file was replaced twice within a second while it was followed")


def overwritten(name):
    """The same length, other bytes at the end: an editor that writes in place."""
    with open(name, "r+") as f:
        f.write("n,t\n2,b\n")


ends("a file that is rewritten", "rewritten.csv", overwritten, 3, "rewritten.csv: the file was rewritten while it was followed")

program = follow("late.csv")
os.rename("late.csv", "late.1")
write("late.csv", "n,t\n2,b\n")
program.expect(b"n,t\n1,a\n2,b\n")
write("late.1", "3,c\n", "a")
program.end(3, b"sdp-cat: late.csv: the file that was replaced has grown after that: its last bytes were not read\n")
check("an old file that grows when the new one is read", *program.faults)

# ---- processes ----

for name in "INT", "TERM", "HUP":
    number = getattr(signal, "SIG" + name)
    program = follow("signal.csv")
    children = program.children()
    program.process.send_signal(number)
    program.end(-number)
    check(f"SIG{name}", *program.faults, not wait_until(lambda: all(map(is_gone, children))) and "a process is left")

program = follow("waiting.csv", "n,t\n", printed="")
wait_until(lambda: program.children())
children = program.children()
program.process.send_signal(signal.SIGINT)
program.end(-signal.SIGINT)
check("SIGINT before there is a record", *program.faults, not wait_until(lambda: all(map(is_gone, children))) and "a process is left")

program = follow("killed.csv")
children = program.children()
program.process.kill()
program.end(-signal.SIGKILL)
check("the program is killed", *program.faults, not wait_until(lambda: all(map(is_gone, children))) and "a process is left")

program = follow("follower.csv")
os.kill(min(program.children()), signal.SIGKILL)
program.end(3, b"sdp-cat: follower.csv: the process that follows it died\n")
check("the process that follows is killed", *program.faults)

program = follow("storm.csv", "n,t\n1,a\n", "-j", "2")
for i in range(20):
    for worker in sorted(program.children())[1:]:
        os.kill(worker, signal.SIGKILL)
    write("storm.csv", f"{i},b\n", "a")
    program.expect(b"n,t\n1,a\n" + b"".join(b"%d,b\n" % k for k in range(i + 1)))
program.stop()
check("workers that are killed", *program.faults)

program = follow("closed.csv")
os.close(os.dup(program.pipe))
program.process.stdout.close()
program.open = False
program.end(-signal.SIGPIPE)
check("nobody reads the output any more, and nothing comes", *program.faults)

# A row stream behind a pipe notices that, too, so that the whole pipeline ends.
write("pipeline.csv", "n,t\n1,a\n")
first = subprocess.Popen(["sdp-cat", "--follow", "pipeline.csv"], stdout=subprocess.PIPE)
second = Program("sdp-cat", "-x", "n", stdin=first.stdout)
first.stdout.close()
second.expect(b"n\n1\n")
second.process.stdout.close()
second.open = False
second.end(-signal.SIGPIPE)
check("a pipeline ends from its end", *second.faults, first.wait() != -signal.SIGPIPE and f"exit code {first.wait()}")

write("full.csv", "n,t\n1,a\n")
with open("/dev/full", "wb") as full:
    program = subprocess.run(["sdp-cat", "--follow", "full.csv"], stdout=full, stderr=subprocess.PIPE, check=False)
check("a full device", program.returncode != 3 and f"exit code {program.returncode}",
      program.stderr != b"sdp-cat: cannot write to standard output: No space left on device\n" and program.stderr)
end()
