"""
Tables drawn with ruling lines, as HTML, and how Chromium prints them.

    python3 tests/data/pdf/ruled.py FOLDER     prints each case as FOLDER/NAME.pdf

The files of tests/data/pdf/ruled were made by this.  The HTML is the truth: expected() has the cells.  A
merged cell has its value in its first cell.  A case is (name, style, body, warns); warns are cases whose
cells may be wrong if there is a warning.
"""
import html.parser
import os
import subprocess
import sys
import tempfile

GRID = "table{border-collapse:collapse} td,th{border:1px solid black;padding:4px}"
SEPARATE = "td,th{border:1px solid black;padding:4px}"
PEOPLE = [["Name", "City", "Amount"], ["Ann Smith", "Rome", "1250.00"], ["Bob", "New York", "7.50"],
          ["Cy", "Bonn", "12.00"], ["Dora", "Oslo", "3.25"]]
ANIMALS = [["Animal", "Legs", "Wings", "Eyes"], ["cat", "4", "0", "2"], ["bee", "6", "4", "5"], ["eel", "0", "0", "2"]]
HOLES = [["Name", "Note", "Amount"], ["Ann", "", "1"], ["", "late", "2"], ["Cy", "", ""], ["Dora", "", "4"]]
LONG = "The parcel was sent back twice, since nobody could sign for it"


def table(rows, attributes="", head=False):
    def line(row, tag):
        return "<tr>" + "".join(f"<{tag}>{cell}</{tag}>" for cell in row) + "</tr>"
    first = line(rows[0], "th")
    first = f"<thead>{first}</thead>" if head else first
    return f"<table {attributes}>{first}" + "".join(line(row, "td") for row in rows[1:]) + "</table>"


def wrapped(width):
    rows = [["Name", "What happened", "Days"], ["Ann Smith", LONG, "12"], ["Bob", "Nothing", "3"],
            ["Someone with a long name", LONG + ", " + LONG, "140"]]
    return table(rows, f"style='width:{width}px'")


def pages(head):
    rows = [["Number", "Name", "Square"]] + [[str(i), f"name {i}", str(i * i)] for i in range(1, 101)]
    return table(rows, head=head)


CASES = [
    ("padding0", GRID + "td,th{padding:0}", table(PEOPLE), False),
    ("padding8", GRID + "td,th{padding:8px}", table(PEOPLE), False),
    ("attribute", "", table(PEOPLE, "border=1"), False),
    ("spacing8", "", table(PEOPLE, "border=1 cellspacing=8"), False),
    ("spacing0", SEPARATE + "table{border-spacing:0}", table(PEOPLE), False),
    ("cells-only", SEPARATE + "table{border-spacing:4px}", table(PEOPLE), False),
    ("thick", GRID + "td,th{border-width:5px}", table(ANIMALS), False),
    ("double", GRID + "td,th{border:3px double black}", table(ANIMALS), False),
    ("dashed", GRID + "td,th{border:1px dashed black}", table(PEOPLE), False),
    ("dotted", GRID + "td,th{border:2px dotted gray}", table(PEOPLE), False),
    ("mixed", GRID + "th{border:3px solid red} td{border:1px solid #ccc}", table(PEOPLE), False),
    ("colspan", GRID, "<table><tr><th>Name</th><th colspan=2>Place</th><th>Amount</th></tr><tr><td>Ann</td><td>Rome</td>"
     "<td>Italy</td><td>1</td></tr><tr><td colspan=3>nobody</td><td>2</td></tr><tr><td>Bob</td><td>Oslo</td><td>Norway</td><td>3</td></tr></table>", True),
    ("rowspan", GRID, "<table><tr><th>Group</th><th>Name</th><th>Amount</th></tr><tr><td rowspan=2>one</td><td>Ann</td><td>1</td></tr>"
     "<tr><td>Bob</td><td>2</td></tr><tr><td>two</td><td rowspan=2>Cy</td><td>3</td></tr><tr><td>three</td><td>4</td></tr></table>", True),
    ("wrapped", GRID, wrapped(320), False),
    ("wrapped0", GRID + "td,th{padding:0;line-height:1}", wrapped(260), False),
    ("two", GRID, table(PEOPLE) + "<p>Another table follows.</p>" + table(ANIMALS), False),
    ("beside", GRID + "table{display:inline-table;margin-right:12px}", table(PEOPLE) + table(ANIMALS), False),
    ("headers", GRID, pages(True), False),
    ("no-headers", GRID, pages(False), False),
    ("holes", GRID, table(HOLES), False),
    ("rows-only", "table{border-collapse:collapse;width:400px} td,th{border-top:1px solid black;border-bottom:1px solid black;"
     "padding:4px;text-align:left}", table(PEOPLE), False),
    ("rows-wrapped", "table{border-collapse:collapse} td,th{border-bottom:1px solid gray;padding:6px;text-align:left}", wrapped(360), False),
    ("numbers", GRID + "td:last-child{text-align:right}", table(PEOPLE, "style='width:420px'"), False),
    ("background", "table{background:black;border-spacing:1px} td,th{background:white;padding:3px}", table(PEOPLE), False),
    ("shaded", "table{border-collapse:collapse} td,th{border:2px solid white;padding:4px} th{background:#048;color:white} td{background:#def}",
     table(PEOPLE), False),
    ("inner", "table{border-collapse:collapse} td+td,th+th{border-left:1px solid black} tr+tr>*{border-top:1px solid black} td,th{padding:4px}",
     table(PEOPLE), False),
    ("one-column-empty", GRID + "td{height:20px;min-width:40px}", table([["Name", "", "Amount"], ["Ann", "", "1"], ["Bob", "", "2"]]), False),
    ("center", GRID + "td,th{text-align:center;vertical-align:middle}", wrapped(300), False),
    ("separate-double", "td,th{border:3px double black;padding:2px}", table(PEOPLE), False),
    ("rounded", "td,th{border:1px solid black;border-radius:6px;padding:6px}", table(PEOPLE), False),
    ("card", GRID + "div{border:1px solid black;padding:20px}", "<div>" + table(PEOPLE) + "<p>And more:</p>" + table(ANIMALS) + "</div>", False),
    ("near", GRID + "table{display:inline-table;margin-right:6px}", table(PEOPLE) + table(ANIMALS), False),
    ("separate-beside", "table{display:inline-table;margin-right:8px}", table(PEOPLE, "border=1") + table(ANIMALS, "border=1"), False),
    ("span-separate", "", "<table border=1><tr><th colspan=2>Who</th><th>Amount</th></tr><tr><td>Ann</td><td>Smith</td><td>1</td></tr>"
     "<tr><td>Bob</td><td>Brown</td><td>2</td></tr></table>", True),
    ("overflow", GRID + "table{table-layout:fixed;width:150px} td,th{white-space:nowrap}",
     table([["Name", "Amount"], ["A very long name indeed", "1"], ["Bob", "2"]]), True),
    ("groups", "", table(PEOPLE, "rules=groups frame=box", head=True), True),
    ("columns", "", table(PEOPLE, "rules=cols frame=vsides"), False),
    ("rows-spaced", "td,th{border-bottom:1px solid black;text-align:left;padding:3px}", table(PEOPLE, "style='width:400px'"), False),
    ("rows-padding0", "table{border-collapse:collapse} td,th{border-bottom:1px solid black;padding:0}", table(PEOPLE), True),
    ("plain", "td,th{padding:6px;text-align:left}", table(PEOPLE), False),
    ("sideways", GRID + "table{writing-mode:vertical-rl}", table(PEOPLE), False),
    ("span-pages", GRID, pages(False).replace("<td>name 45</td>", "<td rowspan=2>name 45</td>").replace("<td>name 46</td>", ""), True),
    ("years", GRID, table([["Name", "2019", "2020"]] + [[f"n{i}", str(i), str(2 * i)] for i in range(90)], head=True), False),
    ("nested", GRID, "<table><tr><th>Name</th><th>Inner</th></tr><tr><td>Ann</td><td>" + table(ANIMALS) + "</td></tr><tr><td>Bob</td><td>x</td></tr></table>", True),
    ("bold", GRID + "td:first-child{font-weight:bold;font-style:italic;font-size:18px}", table(PEOPLE), False),
    ("unicode", GRID, table([["Größe", "Ort", "Prix €"], ["naïve", "Zürich", "1 234,50"], ["Ωmega", "Łódź", "2"]]), False),
    ("long", GRID, wrapped(500).replace("<tr><td>Bob", "".join(f"<tr><td>Nr {i}</td><td>{LONG}; {LONG}; {LONG}</td><td>{i}</td></tr>"
                                                                for i in range(30)) + "<tr><td>Bob"), False),
]


class Tables(html.parser.HTMLParser):
    """The cells of the tables of a page."""

    def __init__(self):
        super().__init__()
        self.tables, self.cell = [], None

    def handle_starttag(self, tag, attributes):
        spans = {name: int(value) for name, value in attributes if name in ("colspan", "rowspan")}
        if tag == "table":
            self.tables.append({})
            self.row = -1
        elif tag == "tr":
            self.row += 1
            self.column = 0
        elif tag in ("td", "th"):
            cells = self.tables[-1]
            while (self.row, self.column) in cells:
                self.column += 1
            for r in range(spans.get("rowspan", 1)):
                for c in range(spans.get("colspan", 1)):
                    cells[self.row + r, self.column + c] = ""
            self.cell = (self.row, self.column)

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self.cell = None

    def handle_data(self, data):
        if self.cell:
            self.tables[-1][self.cell] += data


def expected(body):
    """The tables of a body as lists of rows."""
    parser = Tables()
    parser.feed(body)
    result = []
    for cells in parser.tables:
        rows, columns = (1 + max(at[k] for at in cells) for k in (0, 1))
        result.append([[cells.get((r, c), "") for c in range(columns)] for r in range(rows)])
    return result


def page(style, body):
    return f"<!DOCTYPE html><meta charset=utf-8><title>t</title><style>body{{font:12px sans-serif}} {style}</style>{body}"


def print_pdf(source, target):
    """Prints HTML by Chromium."""
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "page.html")
        with open(file, "w", encoding="utf-8") as f:
            f.write(source)
        subprocess.run(["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}/profile",
                        "--no-pdf-header-footer", "--disable-pdf-tagging", f"--print-to-pdf={target}", "file://" + file],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120)


def main():
    wanted = sys.argv[2:]
    for name, style, body, _ in CASES:
        if not wanted or name in wanted:
            print_pdf(page(style, body), os.path.join(os.path.abspath(sys.argv[1]), name + ".pdf"))


if __name__ == "__main__":
    main()
