"""What the judges share: running a program, exact rounding, TAP."""
import glob
import gzip
import json
import math
import os
import subprocess
import sys
from fractions import Fraction

ROOT = os.environ.get("SDP_ROOT") or os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BIN = os.environ.get("SDP_BIN") or os.path.join(ROOT, "build", "release")

# Tables that the project does not ship; a judge skips what needs one that is absent.
OUTSIDE = {"california_housing", "winequality_red"}

failures = 0


def path(*names):
    return os.path.join(ROOT, *names)


def reference(*names):
    """
    The path of reference data that the project does not ship, or None if they are absent.  SDP_REFERENCE_DATA names
    their folder, and then each must be there.  By default they are looked for beside the project.
    """
    folder = os.environ.get("SDP_REFERENCE_DATA")
    where = os.path.join(folder or path("..", "shared", "data"), *names)
    return where if folder or os.path.exists(where) else None


def table(name):
    """The bytes of the table name.csv; None if it is one of OUTSIDE and absent."""
    if name == "flights_2013_01":  # the first 27004 flights of 2013 are those of January
        with gzip.open(path("examples", "data", "flights.csv.gz")) as f:
            return b"".join(f.readline() for _ in range(27005))
    file = reference("examples", "csv", name + ".csv") if name in OUTSIDE else path("examples", "data", name + ".csv")
    if file is None:
        return None
    with open(file, "rb") as f:
        return f.read()


def files(pattern):
    """The files that match; one at least, since a judge must not pass because its data are gone."""
    found = sorted(glob.glob(pattern))
    if not found:
        raise FileNotFoundError(f"no file matches {pattern}")
    return found


def run(program, *args, stdin=b""):
    """The program's standard output, as bytes; it must end with 0."""
    done = subprocess.run([os.path.join(BIN, program), *args], input=stdin, capture_output=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{program} {' '.join(args)}: exit {done.returncode}: {done.stderr.decode(errors='replace')}")
    return done.stdout


def document(program, *args, stdin=b""):
    return json.loads(run(program, *args, stdin=stdin))


def check(name, *problems):
    """One line of TAP; problems are texts and lists of such, or nothing if all is well."""
    global failures
    problems = [str(p) for given in problems for p in (given if isinstance(given, list) else [given]) if p]
    failures += bool(problems)
    print(("not ok - " if problems else "ok - ") + name)
    for problem in problems[:20]:
        print("#", problem.replace("\n", "\n# "))
    if len(problems) > 20:
        print(f"# and {len(problems) - 20} more")
    sys.stdout.flush()


def skip(name, why="the project does not ship its data; SDP_REFERENCE_DATA names their folder"):
    print(f"ok - {name} # SKIP {why}")


def end():
    sys.exit(1 if failures else 0)


def nearest(x):
    """The double nearest to a fraction; None past the largest."""
    try:
        return x.numerator / x.denominator
    except OverflowError:
        return None


def root(x):
    """The double nearest to the square root of a fraction."""
    if x == 0:
        return 0.0
    shift = max(0, 140 - x.numerator.bit_length() + x.denominator.bit_length())
    shift += shift % 2
    whole, rest = divmod(x.numerator << shift, x.denominator)
    r = math.isqrt(whole)
    if rest or r * r != whole:
        return nearest(Fraction(2 * r + 1, 2 << shift // 2))  # between two candidates: as good as the root
    return nearest(Fraction(r, 1 << shift // 2))
