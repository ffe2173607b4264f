"""sdp-report's figures computed once more from the documents, its p by trying all choices; its HTML and SVG read by others' parsers."""
import base64
import itertools
import json
import os
import re
import statistics
import tempfile
import xml.dom.minidom
from html.parser import HTMLParser

import judge

BEFORE, AFTER = (judge.path("tests", "data", "report", name + ".json") for name in ("before", "after"))


def load(path):
    with open(path, encoding="utf-8") as f:
        return json.load(f)


def rows(markdown, heading):
    """The cells of the first table below a heading."""
    lines = markdown[markdown.index(heading):].splitlines()
    table = list(itertools.takewhile(lambda line: line.startswith("|"), itertools.dropwhile(lambda line: not line.startswith("|"), lines)))
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in table[2:]]


def agrees(text, value, digits):
    """Is this the number, rounded to so many significant digits?"""
    return text == "–" if value is None else abs(float(text) - value) <= 0.51 * 10 ** (1 - digits) * abs(value) + 1e-12


def interval(text):
    return re.fullmatch(r"(\S+) \((\S+)–(\S+)\)", text).groups()


def results(doc, markdown):
    problems = []
    cells = rows(markdown, "## Results")
    if len(cells) != len(doc["results"]):
        return [f"{len(cells)} rows, not {len(doc['results'])}"]
    for row, r in zip(cells, doc["results"]):
        got = [*interval(row[2]), *interval(row[3]), row[4], row[5], row[6], row[7]]
        want = [r["median"], r["ci_low"], r["ci_high"], r["speedup"], r["speedup_ci_low"], r["speedup_ci_high"], r["efficiency"],
                r["karp_flatt"], r["user"] + r["sys"], r["peak_rss"] / 1e6]
        digits = [3, 3, 3, 3, 3, 3, 2, 2, 3, 3]
        if row[0] != r["name"] or int(row[1]) != r["workers"] or not all(map(agrees, got, want, digits)):
            problems.append(f"{row}: {r}")
    return problems


def p_value(a, b):
    """Of all ways to choose a's places among the values, how many have a rank sum as far from its mean?"""
    values = sorted(a + b)
    rank = {v: values.index(v) + (values.count(v) + 1) / 2 for v in values}
    mean = len(a) * (len(values) + 1) / 2
    far = abs(sum(rank[v] for v in a) - mean)
    sums = [abs(sum(rank[v] for v in chosen) - mean) for chosen in itertools.combinations(values, len(a))]
    return sum(s >= far - 1e-9 for s in sums) / len(sums)


def changes(a, b, markdown):
    def times(doc, name, workers):
        return [t["seconds"] for t in doc["times"] if (t["name"], t["workers"]) == (name, workers)]

    problems = []
    cells = rows(markdown, "## Change")
    common = {(r["name"], r["workers"]) for r in a["results"]} & {(r["name"], r["workers"]) for r in b["results"]}
    if {(row[0], int(row[1])) for row in cells} != common:
        problems.append(f"rows: {cells}")
    for row in cells:
        x, y = (times(doc, row[0], int(row[1])) for doc in (a, b))
        change = 100 * (statistics.median(y) / statistics.median(x) - 1)
        low, high = map(float, re.fullmatch(r"(\S+) to (\S+) %", row[5]).groups())
        p = p_value(x, y)
        word = "not significant" if p >= 0.05 else "faster" if change < 0 else "slower"
        if abs(float(row[4].rstrip("% ")) - change) > 0.051 or not low <= change + 0.1 or not change - 0.1 <= high \
                or not agrees(row[6], p, 2) or row[7] != word:
            problems.append(f"{row}: change {change}, p {p}")
    return problems


class Page(HTMLParser):
    """Tags that are opened and closed in order, and addresses."""

    def __init__(self):
        super().__init__()
        self.open, self.problems, self.addresses, self.tags = [], [], [], set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.addresses += [value for name, value in attrs if name in ("src", "href")]
        self.problems += [f"{tag} {name}" for name, _ in attrs if name.startswith("on")]
        if tag not in ("meta", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.problems.append(f"</{tag}> closes something else")


def page(html, charts):
    parser = Page()
    parser.feed(html)
    problems = parser.problems + [f"not closed: {tag}" for tag in parser.open]
    problems += [f"<{tag}>" for tag in parser.tags & {"script", "link", "iframe", "object", "svg", "a"}]
    problems += [a[:60] for a in parser.addresses if not a.startswith("data:image/svg+xml;base64,")]
    if len(parser.addresses) != charts:
        problems.append(f"{len(parser.addresses)} charts, not {charts}")
    for address in parser.addresses:
        try:
            root = xml.dom.minidom.parseString(base64.b64decode(address.split(",", 1)[1], validate=True)).documentElement
            if root.tagName != "svg" or root.getElementsByTagName("script"):
                problems.append("a chart is no plain SVG")
        except Exception as e:  # pylint: disable=broad-except
            problems.append(f"a chart: {e}")
    return problems


before, after = load(BEFORE), load(AFTER)
judge.check("results", results(before, judge.run("sdp-report", BEFORE).decode()))
judge.check("changes", changes(before, after, judge.run("sdp-report", "--compare", BEFORE, AFTER).decode()))
judge.check("HTML", page(judge.run("sdp-report", "-f", "html", BEFORE).decode(), 4))
judge.check("HTML of two", page(judge.run("sdp-report", "-f", "html", BEFORE, AFTER).decode(), 10))
judge.check("HTML compared", page(judge.run("sdp-report", "-f", "html", "--compare", BEFORE, AFTER).decode(), 2))

# Every ASCII character and some others in every text of a document.
hostile = [chr(c) for c in range(32, 127)] + ["\n", "\t", "\r", "\x01", "\x7f", "\ufffe", "\u202e", "é", "𝄞", "''", "EOD\n", "`touch x`", "$(x)", "''.system('touch x').''",
                                           "<script>", "</code>", "]]>", "-->", "\\", "@x", "{/:Bold x}", "%s%n", "&lt;"]
doc = json.loads(json.dumps(before))
names = ["".join(hostile[i:i + 9]) for i in range(0, len(hostile), 9)]
doc["results"] = [dict(before["results"][i], name=name) for name in names for i in (0, 1)]
doc["commands"] = [{"name": name, "command": name} for name in names]
doc["times"], doc["fits"], doc["skipped"] = [], [dict(before["fits"][0], name=name) for name in names], [{"name": n, "reason": n} for n in names]
doc["environment"] = dict.fromkeys(before["environment"], "".join(hostile)) | {"memory": 1}
doc["input"]["path"] = "".join(hostile)
with tempfile.TemporaryDirectory() as folder:
    here = os.getcwd()
    os.chdir(folder)
    text = json.dumps(doc).encode()
    judge.check("any character: HTML", page(judge.run("sdp-report", "-f", "html", stdin=text).decode(), 4))
    judge.run("sdp-report", "-o", "r.md", stdin=text)
    problems = []
    for name in os.listdir("."):
        if name.endswith(".svg"):
            found = [t.firstChild.data for t in xml.dom.minidom.parse(name).getElementsByTagName("text") if t.firstChild]
            problems += [f"{name}: {n!r} is not in the legend" for n in names
                         if re.sub("[\x00-\x1f\x7f\ufffe\u202e]", "\ufffd", n).replace("'", "’").strip()[:9] not in "\n".join(found)]
    judge.check("any character: SVG", problems)
    judge.check("any character: no command ran", [n for n in os.listdir(".") if not re.fullmatch(r"r(-[a-z]+\.svg|\.md)", n)])
    os.chdir(here)
judge.end()
