"""
Writes the PDFs of the tests: python3 tests/data/pdf/make.py FOLDER.  Nothing here but what the standard says.
encrypted.pdf beside it is letters.pdf by qpdf --encrypt secret owner 256.
"""
import os
import sys


def text(x, y, words, size=10, turn=None):
    words = words.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    at = f"{x} {y} Td" if not turn else f"{turn} {x} {y} Tm"
    return f"BT /F1 {size} Tf {at} ({words}) Tj ET\n".encode("latin-1")


def pdf(pages, rotate=0):
    """pages: the content of each, as bytes."""
    kids = [f"{4 + 2 * i} 0 R" for i in range(len(pages))]
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for i, content in enumerate(pages):
        objects.append(f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Rotate {rotate} "
                       f"/Resources << /Font << /F1 3 0 R >> >> /Contents {5 + 2 * i} 0 R >>".encode())
        objects.append(b"<< /Length %d >>\nstream\n" % len(content) + content + b"\nendstream")
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return out


def table(x, y, widths, rows, right=()):
    out = b""
    for k, row in enumerate(rows):
        at = x
        for i, cell in enumerate(row):
            shift = widths[i] - 30 - 5 * len(cell) if i in right else 0
            out += text(at + shift, y - 14 * k, cell) if cell else b""
            at += widths[i]
    return out


def letters():
    return pdf([
        text(50, 800, "A title", 16) + text(50, 770, "The first line of text, with a comma") +
        text(50, 756, "and (brackets), \"quotes\"") + text(400, 756, "far away") +
        text(50, 742, "caf\xe9 \x80 5"),
        text(50, 800, "Second page"),
    ])


PEOPLE = [["Name", "City", "Amount"], ["Ann Smith", "Rome", "1,250.00"], ["Bob", "New York", "7.50"],
          ["Cy", "", "12.00"], ["Dora", "Oslo, Norway", "3.25"]]
MORE = [PEOPLE[0], ["Eve", "Paris", "88.00"], ["Fay", "Bonn", "9.10"]]


def people(rotate=0):
    heading = text(50, 800, "People and what they owe, a list that goes on", 14)
    return pdf([heading + table(50, 760, [150, 120, 100], PEOPLE, {2}),
                table(50, 800, [150, 120, 100], MORE, {2}) + text(280, 30, "2")], rotate)


def two():
    ages = [["Animal", "Legs", "Wings", "Eyes"], ["cat", "4", "0", "2"], ["bee", "6", "4", "5"]]
    return pdf([table(50, 760, [150, 120, 100], PEOPLE, {2}) + text(50, 500, "Another table") +
                table(60, 460, [80, 60, 60, 60], ages)])


def prose():
    lines = ["In two columns there is text that nobody should", "take for a table, since its cells are sentences",
             "that go on from line to line as they do in a", "newspaper, where this is called justified text."]
    return pdf([b"".join(text(50, 760 - 12 * i, line) + text(310, 760 - 12 * i, line) for i, line in enumerate(lines))])


def sideways():
    up = "0 1 -1 0"
    return pdf([b"".join(text(100 + 14 * i, 100, line, 10, up) for i, line in enumerate(["upwards one", "upwards two"])) +
                text(300, 700, "level")])


def main():
    for name, content in [("letters", letters()), ("people", people()), ("rotated", people(90)), ("two", two()),
                          ("prose", prose()), ("sideways", sideways())]:
        with open(os.path.join(sys.argv[1], name + ".pdf"), "wb") as f:
            f.write(content)


if __name__ == "__main__":
    main()
