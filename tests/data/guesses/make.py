"""
Three hundred small files of delimited text, always the same: what tests/judges/guesses.py and
tests/integration/guesses.py have sdp, DuckDB and pandas guess the delimiter, the header and the types of.
"""
import random

COUNT = 300

NAMES = ["id", "name", "city", "price", "when", "n", "flag", "note", "a b", "état", "Total", "x1", "code", "rate"]
PLACES = ["Austin, TX", "Reno, NV", "Salem, OR", "Ely, MN"]

KINDS = {
    "integer": lambda r: str(r.randrange(-500, 5000)),
    "real": lambda r: f"{r.uniform(-100, 100):.3f}",
    "exponent": lambda r: f"{r.randrange(1, 9)}.{r.randrange(10)}e{r.randrange(-5, 6)}",
    "wide": lambda r: str(r.randrange(2 ** 64, 2 ** 70)),
    "zeros": lambda r: f"{r.randrange(1000):05}",
    "plus": lambda r: f"+{r.randrange(1, 1000)}",
    "boolean": lambda r: r.choice(["true", "false"]),
    "yes": lambda r: r.choice(["yes", "no"]),
    "date": lambda r: f"20{r.randrange(10, 30)}-{r.randrange(1, 13):02}-{r.randrange(1, 29):02}",
    "datetime": lambda r: f"2024-{r.randrange(1, 13):02}-03 {r.randrange(24):02}:{r.randrange(60):02}:00",
    "zoned": lambda r: f"2024-{r.randrange(1, 13):02}-03T{r.randrange(24):02}:{r.randrange(60):02}:00Z",
    "clock": lambda r: f"{r.randrange(24):02}:{r.randrange(60):02}:00",
    "day first": lambda r: f"{r.randrange(13, 29)}/{r.randrange(1, 13):02}/2024",
    "word": lambda r: r.choice(["alpha", "beta", "gamma", "delta", "epsilon"]),
    "place": lambda r: r.choice(PLACES),
    "list": lambda r: ";".join(r.choice("abc") for _ in range(2)),
    "sentence": lambda r: r.choice(["a b  c", "two words", "it's", 'say "hi"', "über alles"]),
    "decimal comma": lambda r: f"{r.randrange(1000)},{r.randrange(10, 100)}",
    "thousands": lambda r: f"{r.randrange(1, 100)},{r.randrange(1000):03}",
    "percent": lambda r: f"{r.randrange(100)}%",
    "infinite": lambda r: r.choice(["inf", "-inf", "1.5"]),
}
LIKELY = ["integer", "real", "date", "word", "integer", "real", "word", "place", "datetime", "boolean", "sentence"]
NULLS = ["", "", "", "NA", "null", "n/a", "-", "?", "NaN", "None"]


def quoted(text, delimiter, every):
    if every or delimiter in text or '"' in text or "\n" in text:
        return '"' + text.replace('"', '""') + '"'
    return text


def make(index):
    """A dictionary: the bytes of the file (data), and what it is made of."""
    r = random.Random(f"guesses {index}")
    delimiter = r.choice(",,,\t\t;;|")
    kinds = [r.choice(LIKELY if r.random() < 0.6 else sorted(KINDS)) for _ in range(r.choice([1, 2, 3, 3, 4, 6]))]
    names = r.sample(NAMES, len(kinds))
    if r.random() < 0.15:
        names[r.randrange(len(names))] = r.choice(["City, State", "a;b", "x|y"])
    rows = [[KINDS[kind](r) for kind in kinds] for _ in range(r.choice([3, 5, 10, 30]))]
    null = r.choice(NULLS) if r.random() < 0.4 else None
    if null is not None:
        at = r.randrange(len(kinds))
        for row in rows[1:]:
            if r.random() < 0.3:
                row[at] = null
    header = r.random() < 0.85
    every = r.random() < 0.1
    before = r.choice(["blank", "sep", "title"]) if r.random() < 0.12 else None
    lines = [delimiter.join(quoted(cell, delimiter, every) for cell in row) for row in ([names] if header else []) + rows]
    lines = {"blank": [""], "sep": ["sep=" + delimiter], "title": ["Report of the year"]}.get(before, []) + lines
    end = r.choice(["\n", "\n", "\n", "\r\n"])
    text = end.join(lines) + (end if r.random() < 0.9 else "")
    if r.random() < 0.05:
        text = "\ufeff" + text
    return {"data": text.encode(), "delimiter": delimiter, "names": names, "kinds": kinds, "rows": rows, "header": header, "null": null,
            "before": before, "quoted": every}
