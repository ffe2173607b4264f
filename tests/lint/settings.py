"""
The environment variables in the code are those of the tables in README.md and sdp-environment(7), each with the
programs that read it.

A file of lib or cmd that reads settings includes base/env.h; its literals that look like names of
variables are the variables that it reads.  A program reads them if the file is linked into it.  libcurl reads others.
"""
import os
import re
import subprocess
import sys

os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
import objects  # noqa: E402

SYSTEM = {"PATH", "HOME", "XDG_DATA_HOME"}  # named above the tables
# what libcurl reads by itself, in the programs whose deps name it
CURL = {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY", "SSLKEYLOGFILE"}
WORDS = {"DEFAULT", "SECRET"}  # literals that are no variables
DOCUMENTS = {"SDP_FORMAT"}  # linked into every program, read by those that print documents


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def linked(defined, needed):
    """For each file of the library the programs that it is linked into."""
    owner = {symbol: source for source in defined if objects.program_of(source) is None for symbol in defined[source]}
    users = {}
    for program in {objects.program_of(source) for source in defined} - {None}:
        waiting = [source for source in defined if objects.program_of(source) == program] + ["lib/cli/main.c"]
        seen = set(waiting)
        while waiting:
            found = {owner[symbol] for symbol in needed[waiting.pop()] if symbol in owner} - seen
            seen |= found
            waiting += found
        for source in seen:
            users.setdefault(source, set()).add("sdp-" + program)
    return users


def prints_documents(program):
    shown = subprocess.run([os.path.join(objects.BIN, program), "--options"], capture_output=True, text=True, check=True).stdout
    return re.search(r"^\tprint\ttext\t", shown, re.M) is not None


def uses_curl(program):
    deps = os.path.join("cmd", program.removeprefix("sdp-"), "deps")
    return os.path.exists(deps) and "libcurl" in read(deps).split()


def in_code():
    """{variable: programs}, and what is wrong."""
    defined, needed, _ = objects.read_objects()
    users, variables, faults = linked(defined, needed), {}, []
    programs = set().union(*users.values())
    documents = {program for program in programs if prints_documents(program)}
    for source in sorted(defined):
        text = read(source)
        direct = set(re.findall(r'getenv\("(\w+)"\)', text))
        if "getenv(" in text and source != "lib/base/env.c" and not direct <= SYSTEM:
            faults.append(f"{source}: getenv, where sdp_env of base/env.h would do")
        names = set(re.findall(r'"([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[A-Z][A-Z0-9]{3,})"', text)) if '"base/env.h"' in text else set()
        for name in (names | direct) - WORDS:
            variables.setdefault(name, set()).update(users.get(source, set()) & (documents if name in DOCUMENTS else programs))
    curl = {program for program in programs if uses_curl(program)}
    variables.update((name, curl) for name in CURL)
    return variables, programs, faults


def readers(cell, programs):
    named = set(re.findall(r"sdp-\w+", cell))
    if cell.startswith("every program"):
        return programs
    return programs - named if cell.startswith("all ") else named


def in_readme(programs):
    table = {}
    for line in read("README.md").partition("## Configuration")[2].partition("\n## ")[0].splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 4 and cells[0].startswith("`"):
            table.update((name, (readers(cells[3], programs), cells[2])) for name in re.findall(r"\w+", cells[0]))
    return table


def in_manual(programs):
    table = {}
    section = read("man/sdp-environment.7").partition(".Sh ENVIRONMENT")[2].partition(".Sh ")[0]
    for group in section.split("Read by")[1:]:
        reading, _, items = " ".join(group.partition(".El")[0].split()).partition(" .Bl")
        for item in items.split(".It Ev ")[1:]:
            names, default = re.match(r"(?:\w+(?: , )?)+", item)[0], re.sub(r"\.\w\w ", "", item).partition("Default: ")[2]
            table.update((name, (readers(reading, programs), default)) for name in re.findall(r"\w+", names))
    return table


def plain(default):
    """A default without its markup."""
    return re.sub(r"[\s`.,;:]+", " ", default.replace("\\(aq", "'")).strip()


def main():
    variables, programs, faults = in_code()
    readme, manual = in_readme(programs), in_manual(programs)
    for place, table in ("README.md", readme), ("man/sdp-environment.7", manual):
        faults += [f"{place}: {name} is not in the table" for name in sorted(set(variables) - SYSTEM - set(table))]
        faults += [f"{place}: no program reads {name}" for name in sorted(set(table) - set(variables))]
        faults += [f"{place}: {name} is read by {' '.join(sorted(variables[name]))}, not by {' '.join(sorted(table[name][0]))}"
                   for name in sorted(set(table) & set(variables)) if table[name][0] != variables[name]]
    faults += [f"{name}: default {plain(readme[name][1])} in README.md, {plain(manual[name][1])} in man/sdp-environment.7"
               for name in sorted(set(readme) & set(manual)) if plain(readme[name][1]) != plain(manual[name][1])]
    if len(readme) < 20:
        faults.append("README.md: the table was not found")
    print("\n".join(faults), end="\n" if faults else "")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
