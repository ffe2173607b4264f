"""
Tables drawn with lines, printed by the Chromium of this machine and compared with the HTML, and with the cells that
pdfplumber finds: every cell is right, or there is a warning.
"""
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "judges"))
import pdf_ruled  # noqa: E402  pylint: disable=wrong-import-position
from judge import check, end  # noqa: E402  pylint: disable=wrong-import-position

ruled = pdf_ruled.ruled

PLUMBER = """
import json, pdfplumber, sys
with pdfplumber.open(sys.argv[1]) as pdf:
    found = [table for page in pdf.pages for table in page.extract_tables()]
print(json.dumps([[[" ".join((cell or "").split()) for cell in row] for row in table] for table in found]))
"""


def plumber(file):
    python = os.environ.get("SDP_PYTHON", sys.executable)
    done = subprocess.run([python, "-c", PLUMBER, file], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def differences(ours, theirs, want):
    """Cells in which pdfplumber is right and sdp-cat is not."""
    return [f"{a} is not {b}" for o, t, w in zip(ours, theirs, want) if o and t == w for a, b in zip(o, t) if a != b]


def main():
    same = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, style, body, warns in ruled.CASES:
            file = os.path.join(folder, name + ".pdf")
            ruled.print_pdf(ruled.page(style, body), file)
            want, theirs = ruled.expected(body), plumber(file)
            ours, messages = pdf_ruled.tables(file, len(want))
            check(name, pdf_ruled.compare(file, body, warns), [] if "warning" in messages else differences(ours, theirs, want))
            same += ours == theirs == want
    check("pdfplumber agrees where it finds the table", [] if same >= 20 else [f"in {same} cases only"])
    end()


if __name__ == "__main__":
    sys.exit(main())
