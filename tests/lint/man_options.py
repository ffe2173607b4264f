"""
The manual of a program has its sections in the order below, and describes the options that are the
program's own: those in the groups of --help that only this program has.  Options that programs
share, which --help has under "reading", "output", "running" and "about", are described once, the
first in sdp-csv(5) and the others in sdp(7); a program's manual names those that it has in the
section SHARED OPTIONS, and may say there what is different.
"""
import os
import re
import subprocess
import sys

os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))

PAGES = {"reading": "man/sdp-csv.5", "output": "man/sdp.7", "running": "man/sdp.7", "about": "man/sdp.7"}
ORDER = ["NAME", "SYNOPSIS", "EXAMPLES", "DESCRIPTION", "OPTIONS", "SHARED OPTIONS", "EXIT STATUS", "SEE ALSO"]
faults = []


def sections(page):
    """The sections of a page, {title: text}, in their order."""
    with open(page, encoding="utf-8") as f:
        parts = re.split(r"^\.Sh (.*)\n", f.read(), flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


def flags(text):
    """The options that mdoc markup names: -q, --quiet.  A list of names may follow one Fl."""
    found = []
    for line in text.splitlines():
        if not line.startswith("."):
            continue
        named = False
        for word in line.lstrip(".").split():
            if word == "Fl":
                named = True
            elif named and re.fullmatch(r"[A-Za-z][a-z0-9-]*", word) and not re.fullmatch(r"[A-Z][a-z]", word):
                found.append(("--" if len(word) > 1 else "-") + word)
            elif word != ",":
                named = False
    return found


def described(text):
    return flags("\n".join(line for line in text.splitlines() if line.startswith(".It Fl")))


def options(program):
    """[(group of --help, {names})] of the options of a program."""
    found, group = [], ""
    shown = subprocess.run([os.path.join(os.environ["SDP_BIN"], program), "--help"], capture_output=True, text=True, check=True).stdout
    for line in shown.splitlines():
        group = line[:-1] if re.fullmatch(r"\S.*:", line) else group
        option = re.match(r"  (?:-(\w), |    )--([a-z0-9-]+)", line)
        if option:
            found.append((group, {"--" + option[2]} | ({"-" + option[1]} if option[1] else set())))
    return found


def check_program(program, page):
    text = sections(page)
    kept = [title for title in text if title in ORDER]
    if kept != [title for title in ORDER if title in kept] or set(ORDER) - {"OPTIONS"} - set(kept):
        faults.append(f"{page}: has the sections {', '.join(kept)}, not {', '.join(ORDER)}")
    shared = text.pop("SHARED OPTIONS", "")
    there, named = set(described("\n".join(text.values()))), set(flags(shared))
    known, wrong = set(), {}
    for group, names in options(program):
        known |= names
        name = max(names, key=len)
        if group in PAGES and names & there:
            wrong.setdefault(f"describes options that are shared, and that {PAGES[group]} describes:", []).append(name)
        elif group in PAGES and not names & named:
            wrong.setdefault("SHARED OPTIONS does not name", []).append(name)
        elif group not in PAGES and not names <= there:
            wrong.setdefault("does not describe", []).extend(sorted(names - there))
    faults.extend(f"{page}: {what} {' '.join(names)}" for what, names in wrong.items())
    faults.extend(f"{page}: {name} is not in --options" for name in sorted((there | set(described(shared))) - known))


def check_shared(programs):
    wanted, known = {page: {} for page in PAGES.values()}, set()
    for program in programs:
        for group, names in options(program):
            known |= names
            if group in PAGES:
                wanted[PAGES[group]].update({name: program for name in names})
    for page, names in wanted.items():
        there = described("\n".join(sections(page).values()))
        faults.extend(f"{page}: does not describe {name} of {names[name]}" for name in sorted(set(names) - set(there)))
        faults.extend(f"{page}: {name} is no option" for name in sorted(set(there) - known))
        for other, others in wanted.items():
            if other != page:
                faults.extend(f"{page}: describes {name}, which {other} does" for name in sorted(set(there) & set(others)))


def main():
    programs = sorted("sdp-" + name for name in os.listdir("cmd") if os.path.exists(os.path.join("cmd", name, "main.c")))
    for program in programs:
        page = f"man/{program}.1"
        if os.path.exists(page):
            check_program(program, page)
        else:
            faults.append(f"{program}: has no manual")
    check_shared(programs)
    print("\n".join(faults), end="\n" if faults else "")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
