#!/usr/bin/env python3
"""The share of lines that ran, by folder: report.py BUILD... [--not-run FILE], where BUILD holds the objects of MODE=coverage.

Prints a table of the folders of lib and cmd, their lines with code, how many of them ran, and the percentage, and
below it the sums of cmd and lib.  Builds of the same source are joined: what ran in one of them ran.  FILE is given
the lines that did not run, by function, most lines first: how many, FILE:FUNCTION, and which.
"""
import argparse
import collections
import glob
import gzip
import json
import os
import subprocess
import tempfile


def lines_of(builds):
    """{file: {line: [times, function]}} of all objects; a header's lines are joined over the objects that include it."""
    ran = collections.defaultdict(dict)
    notes = sorted(note for build in builds for part in ("lib", "cmd")
                   for note in glob.glob(os.path.join(build, part, "**", "*.gcno"), recursive=True))
    if not notes:
        raise SystemExit(f"{' '.join(builds)}: no object was built with MODE=coverage")
    with tempfile.TemporaryDirectory() as folder:
        for note in notes:
            subprocess.run(["gcov", "--json-format", "--preserve-paths", os.path.abspath(note)], cwd=folder, check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            for name in glob.glob(os.path.join(folder, "*.gcov.json.gz")):
                with gzip.open(name) as f:
                    document = json.load(f)
                os.unlink(name)
                for file in document["files"]:
                    source = os.path.normpath(file["file"])
                    if source.startswith(("lib/", "cmd/")):
                        for line in file["lines"]:
                            known = ran[source].setdefault(line["line_number"], [0, line.get("function_name", "")])
                            known[0] += line["count"]
    return ran


def ranges(numbers):
    """'3-5 9' of [3, 4, 5, 9]; lines without code between two numbers are not known here, and part a range."""
    found = []
    for number in numbers:
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return " ".join(str(a) if a == b else f"{a}-{b}" for a, b in found)


def not_run(ran):
    """The lines that did not run: (how many, FILE:FUNCTION, which)."""
    functions = collections.defaultdict(list)
    for file, lines in ran.items():
        for number, (times, function) in sorted(lines.items()):
            if not times:
                functions[f"{file}:{function}"].append(number)
    return sorted(((len(numbers), name, ranges(numbers)) for name, numbers in functions.items()),
                  key=lambda row: (-row[0], row[1]))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("builds", nargs="+", metavar="BUILD")
    parser.add_argument("--not-run", metavar="FILE")
    options = parser.parse_args()
    ran = lines_of(options.builds)
    sums = collections.defaultdict(lambda: [0, 0])
    for file, lines in ran.items():
        for folder in os.path.dirname(file), file.split("/")[0] + " in all":
            sums[folder][0] += len(lines)
            sums[folder][1] += sum(1 for times, _ in lines.values() if times)
    print(f"{'folder':<24}{'lines':>8}{'ran':>8}{'percent':>9}")
    for folder, (lines, hit) in sorted(sums.items(), key=lambda row: (" " in row[0], row[0])):
        print(f"{folder:<24}{lines:>8}{hit:>8}{100 * hit / lines:>8.1f}%")
    if options.not_run:
        with open(options.not_run, "w", encoding="ascii") as out:
            out.writelines(f"{count}\t{name}\t{which}\n" for count, name, which in not_run(ran))


if __name__ == "__main__":
    main()
