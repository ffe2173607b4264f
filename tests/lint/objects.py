"""
What the objects of lib and cmd define and need, by nm, for the lints cycles.sh and unused.sh.

    python3 tests/lint/objects.py cycles | unused

Static and weak symbols do not count.  Each program of cmd is looked at together with the library, but
not with the other programs.
"""
import glob
import os
import re
import subprocess
import sys

BIN = os.environ["SDP_BIN"]
PROGRAM = "sdp_program"  # what each program defines for the main function in the library
ALLOWED = "tests/lint/cycles.allowed"  # optional lines: FILE that needs, FILE that is needed, TAB, reason


def program_of(source):
    """The program that a file belongs to: x for cmd/x/*.c, None for the library."""
    parts = source.split("/")
    return parts[1] if parts[0] == "cmd" else None


def read_objects():
    """For each source file the symbols that it defines, those that it needs, and the functions among the former."""
    sources = sorted(glob.glob("lib/**/*.c", recursive=True) + glob.glob("cmd/*/*.c"))
    defined, needed, functions = ({source: set() for source in sources} for _ in range(3))
    objects = [source.removesuffix(".c") + ".o" for source in sources]
    missing = [file for file in objects if not os.path.exists(os.path.join(BIN, file))]
    if missing or not objects:
        sys.exit(f"{' '.join(missing) or 'lib and cmd'}: not built in {BIN}")
    listed = subprocess.run(["nm", "-A", "-P", "-g", *objects], cwd=BIN, capture_output=True, text=True, check=True).stdout
    for line in listed.splitlines():
        file, _, symbol = line.partition(": ")
        source = file.removesuffix(".o") + ".c"
        name, kind = symbol.split()[:2]
        if name.startswith("__") or name == "main":  # of the sanitizers and the compiler
            continue
        if kind == "U":
            needed[source].add(name)
        elif kind in "TDRBSGC":
            defined[source].add(name)
            if kind == "T":
                functions[source].add(name)
    return defined, needed, functions


def components(edges):
    """The strongly connected components of several nodes (Tarjan)."""
    number, low, stack, found = {}, {}, [], []

    def visit(node):
        number[node] = low[node] = len(number)
        stack.append(node)
        for other in sorted(edges[node]):
            if other not in number:
                visit(other)
            if other in stack:
                low[node] = min(low[node], low[other])
        if low[node] == number[node]:
            at = stack.index(node)
            if len(stack) - at > 1:
                found.append(sorted(stack[at:]))
            del stack[at:]

    for node in sorted(edges):
        if node not in number:
            visit(node)
    return found


def all_cycles(defined, needed, allowed):
    """For each component its files and {(needs, is needed): symbols}, without the edges that are allowed."""
    seen = {}
    for program in sorted({program_of(s) or "" for s in defined}):
        files = [s for s in defined if program_of(s) in (None, program)]
        owner = {name: s for s in files for name in defined[s]}
        ties = {}
        for s in files:
            for name in needed[s] - ({PROGRAM} if program_of(s) is None else set()):
                if name in owner and (s, owner[name]) not in allowed:
                    ties.setdefault((s, owner[name]), set()).add(name)
        edges = {s: {b for a, b in ties if a == s and b != s} for s in files}
        for nodes in components(edges):
            seen[tuple(nodes)] = {k: v for k, v in ties.items() if k[0] in nodes and k[1] in nodes}
    return seen


def cycles():
    defined, needed, _ = read_objects()
    allowed, fault = {}, False
    if os.path.exists(ALLOWED):
        with open(ALLOWED, encoding="utf-8") as f:
            for line in f.read().splitlines():
                files, _, reason = line.partition("\t")
                if len(files.split()) != 2 or not reason.strip():
                    sys.exit(f"{ALLOWED}: not two files, a tab and a reason: {line}")
                allowed[tuple(files.split())] = reason
    for pair in allowed:
        others = {p for p in allowed if p != pair}
        if not any(pair in ties for ties in all_cycles(defined, needed, others).values()):
            print(f"{ALLOWED}: {' '.join(pair)} closes no cycle; remove the line")
            fault = True
    for nodes, ties in all_cycles(defined, needed, allowed).items():
        fault = True
        print(f"cycle of {len(nodes)} files: {' '.join(nodes)}")
        for (a, b), names in sorted(ties.items()):
            print(f"    {a} needs of {b}: {' '.join(sorted(names))}")
    return fault


def unused():
    _, needed, functions = read_objects()
    public = set()
    for header in glob.glob("lib/sdp/*.h"):
        with open(header, encoding="utf-8") as f:
            public |= set(re.findall(r"\b\w+(?=\()", re.sub(r"/\*.*?\*/", "", f.read(), flags=re.S)))
    tests = set()
    for file in glob.glob("tests/**/*.[ch]", recursive=True):
        with open(file, encoding="utf-8") as f:
            tests |= set(re.findall(r"\w+", f.read()))
    users = {}
    for source, names in needed.items():
        for name in names:
            users.setdefault(name, set()).add(source)
    fault = False
    for source in sorted(functions):
        with open(source, encoding="utf-8") as f:
            words = re.findall(r"\w+", re.sub(r"/\*.*?\*/", "", f.read(), flags=re.S))
        for name in sorted(functions[source] - public):
            # What a program defines serves that program only.
            mine = [u for u in users.get(name, ()) if program_of(source) in (None, program_of(u))]
            if not mine:
                fault = True
                if words.count(name) > 1:
                    print(f"{source}: {name}: only this file{' and tests use' if name in tests else ' uses'} it; make it static")
                else:
                    print(f"{source}: {name}: {'only tests use' if name in tests else 'nobody uses'} it; remove it")
    return fault


if __name__ == "__main__":
    os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
    sys.exit({"cycles": cycles, "unused": unused}[sys.argv[1]]())
