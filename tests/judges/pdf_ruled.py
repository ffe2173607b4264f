"""
Tables drawn with lines, which Chromium printed from HTML (tests/data/pdf/ruled.py), against the cells of the HTML:
every cell is right, or there is a warning.  A table that needs no warning has none.  The programs read such a PDF
from a file and from a pipe; tables of pages that are turned are the same.
"""
import csv
import io
import os
import subprocess
import sys
import tempfile
import zlib

from judge import BIN, check, end, path

sys.path.insert(0, path("tests", "data", "pdf"))
import ruled  # noqa: E402  pylint: disable=wrong-import-position

FOLDER = path("tests", "data", "pdf", "ruled")


def cat(file, *arguments, stdin=None):
    done = subprocess.run([os.path.join(BIN, "sdp-cat"), *arguments, file], input=stdin, capture_output=True, timeout=120, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def tables(file, count):
    """The first count tables as lists of rows, and the messages; a table that is not there is None."""
    result, messages = [], ""
    for number in range(1, count + 1):
        # With --no-header the first row is one as the others are, behind the names c1, c2 and so on.
        code, out, said = cat(file, "--no-header", "--table", str(number))
        result.append(list(csv.reader(io.StringIO(out)))[1:] if code == 0 else None)
        messages += said
    return result, messages


def compare(file, body, warns):
    """What is wrong with the tables of a file."""
    want = ruled.expected(body)
    got, messages = tables(file, len(want))
    more = tables(file, len(want) + 1)[0][-1]
    warned = "warning" in messages
    if warned and not warns:
        return [messages]
    if warned or got == want:
        return ["there is one table more"] if more else []
    return [f"table {i + 1}: {g} is not {w}" for i, (g, w) in enumerate(zip(got, want)) if g != w]


def channels(file):
    """A PDF of one table, by all programs' way of reading, from a file and a pipe."""
    with open(file, "rb") as f:
        whole = f.read()
    outputs = {cat(file, "--pdf-table", "auto")[1], cat("-", "--pdf-table", "1", stdin=whole)[1], cat(file, "--tables")[1]}
    return [] if len(outputs) == 1 else [f"{len(outputs)} different outputs"]


def turned(file):
    """The same page with /Rotate, which mupdf applies, reads as the page does."""
    with open(file, "rb") as f:
        whole = f.read()
    problems = []
    for angle in 90, 180, 270:
        other = whole.replace(b"/Type /Page\n", b"/Type /Page /Rotate %d\n" % angle, 1)
        if other == whole:
            return ["no page to turn"]
        with tempfile.NamedTemporaryFile(suffix=".pdf") as f:
            f.write(other)
            f.flush()
            if cat(f.name, "--table", "1", "-q")[1] != cat(file, "--table", "1", "-q")[1]:
                problems.append(f"turned by {angle}")
    return problems


def hostile(content):
    """A page with this content: an end, and soon."""
    packed = zlib.compress(content)
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
               b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
               b"<< /Length %d /Filter /FlateDecode >>\nstream\n" % len(packed) + packed + b"\nendstream",
               b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    out = b"%PDF-1.4\n" + b"".join(b"%d 0 obj\n" % n + body + b"\nendobj\n" for n, body in enumerate(objects, 1))
    out += b"trailer\n<< /Size 6 /Root 1 0 R >>\n%%EOF\n"
    with tempfile.NamedTemporaryFile(suffix=".pdf") as f:
        f.write(out)
        f.flush()
        code, _, messages = cat(f.name, "--tables")
    return [] if code in (0, 1) and "died" not in messages else [f"exit {code}: {messages}"]


def hostile_contents():
    text = b"BT /F1 8 Tf " + b"".join(b"1 0 0 1 %d %d Tm (x) Tj " % (x, y) for x in range(10, 580, 15) for y in range(10, 830, 15)) + b"ET "
    grid = b"".join(b"0 %.2f m 595 %.2f l S %.2f 0 m %.2f 842 l S " % (i, i, i, i) for i in range(0, 590, 2))
    yield "a fine grid", text + grid
    yield "many lines", text + b"".join(b"%d %d 30 1 re f " % (i % 500, i // 500) for i in range(150000))
    yield "many frames", text + b"".join(b"%d %d 8 8 re S " % (10 * (i % 50), 10 * (i // 50)) for i in range(4000))
    yield "many dashes", text + b"".join(b"%.1f %d 2 1 re f " % (4 * (i % 140), 8 * (i // 140)) for i in range(12000))
    yield "no numbers", b"1e38 1e38 1e38 1e38 re f 1e308 0 m -1e308 0 l S 0 0 0 0 re S 1 0 0 0 0 0 cm 0 0 9 9 re S " + text
    yield "long path", text + b"0 0 m " + b"".join(b"%d %d l " % (i % 595, (i * 7) % 842) for i in range(200000)) + b"S"


def main():
    for name, _, body, warns in ruled.CASES:
        check(name, compare(os.path.join(FOLDER, name + ".pdf"), body, warns))
    for name in "wrapped", "headers", "spacing8":
        check(name + ": from a file and from a pipe", channels(os.path.join(FOLDER, name + ".pdf")))
    for name in "attribute", "wrapped0", "dashed", "sideways":
        check(name + ": turned", turned(os.path.join(FOLDER, name + ".pdf")))
    for name, content in hostile_contents():
        check(name, hostile(content))
    end()


if __name__ == "__main__":
    sys.exit(main())
