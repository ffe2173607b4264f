#!/usr/bin/env python3
"""Prints the share of lines that ran, by folder: report.py BUILD [FILE], where BUILD holds the objects of MODE=coverage.

The table has the folders of lib and cmd, their lines of code, how many of them ran, and the percentage.
The lines that did not run are written to FILE, as NAME:LINE.
"""
import collections
import glob
import gzip
import json
import os
import subprocess
import sys
import tempfile


def lines_of(build):
    """{file: {line: times}} of all objects; a header's lines are joined over the objects that include it."""
    ran = collections.defaultdict(dict)
    notes = sorted(glob.glob(os.path.join(build, "lib", "**", "*.gcno"), recursive=True)
                   + glob.glob(os.path.join(build, "cmd", "**", "*.gcno"), recursive=True))
    if not notes:
        sys.exit(f"{build}: no object was built with MODE=coverage")
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
                            known = ran[source]
                            known[line["line_number"]] = known.get(line["line_number"], 0) + line["count"]
    return ran


def main():
    ran = lines_of(sys.argv[1])
    sums = collections.defaultdict(lambda: [0, 0])
    for file, lines in ran.items():
        for folder in os.path.dirname(file), file.split("/")[0]:
            sums[folder][0] += len(lines)
            sums[folder][1] += sum(1 for times in lines.values() if times)
    print(f"{'folder':<24}{'lines':>8}{'ran':>8}{'percent':>9}")
    for folder, (lines, hit) in sorted(sums.items()):
        print(f"{folder:<24}{lines:>8}{hit:>8}{100 * hit / lines:>8.1f}%")
    if len(sys.argv) > 2:
        with open(sys.argv[2], "w", encoding="ascii") as out:
            for file, lines in sorted(ran.items()):
                out.writelines(f"{file}:{number}\n" for number, times in sorted(lines.items()) if not times)


if __name__ == "__main__":
    main()
