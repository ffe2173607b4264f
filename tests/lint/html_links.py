"""What man/html.sh writes: each manual is a page with its text, the index lists all of them, and every link leads to an element of a page."""
import html.parser
import os
import subprocess
import sys
import tempfile

ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
VOID = {"meta", "link", "br", "hr", "img", "wbr"}


class Page(html.parser.HTMLParser):
    def __init__(self, path):
        super().__init__()
        self.links, self.ids, self.text, self.open, self.faults = [], set(), [], [], []
        with open(path, encoding="utf-8") as f:
            self.feed(f.read())
        self.faults += [f"<{tag}> is not closed" for tag in self.open]

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.links += [found["href"]] if "href" in found else []
        if found.get("id") in self.ids:
            self.faults.append(f"two elements are called {found['id']}")
        self.ids |= {found["id"]} if "id" in found else set()
        self.open += [] if tag in VOID else [tag]

    def handle_endtag(self, tag):
        if tag not in VOID and (not self.open or self.open.pop() != tag):
            self.faults.append(f"</{tag}> closes another element")

    def handle_data(self, data):
        if "style" not in self.open:
            self.text.append(data)


def main():
    faults = []
    manuals = sorted(name for name in os.listdir(os.path.join(ROOT, "man")) if name[-1].isdigit())
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["sh", os.path.join(ROOT, "man", "html.sh"), folder], check=True)
        pages = {name: Page(os.path.join(folder, name)) for name in sorted(os.listdir(folder))}
    if set(pages) != {"index.html"} | {name + ".html" for name in manuals}:
        faults.append(f"there are {' '.join(pages)}")
    for name, page in pages.items():
        faults += [f"{name}: {fault}" for fault in page.faults]
        for link in page.links:
            file, _, element = link.partition("#")
            target = pages.get(file or name)
            if not target or (element and element not in target.ids):
                faults.append(f"{name}: {link} leads nowhere")
        if name != "index.html":
            text = " ".join("".join(page.text).split())
            faults += [] if "SEE ALSO" in text and len(text) > 2000 else [f"{name}: is not the whole manual"]
            faults += [] if "index.html" in page.links and name in pages["index.html"].links else [f"{name}: the index and it do not lead to each other"]
    print("\n".join(faults), end="\n" if faults else "")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
