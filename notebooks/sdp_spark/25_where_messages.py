# The messages about an expression of --where: where the fault is, and what was probably meant, as lib/table/where_messages.c has them.
import re
import unicodedata

QUOTES_MEANT = "strings are in single quotes, and odd names of columns in ${...}"
COLUMN_MEANT = "a column is written by its name, or ${name}"
# Signs that begin with a valid one come before it.
SIGNS_MEANT = (
    ("===", "=== is written =="), ("!==", "!== is written !="), ("==~", "==~ is written =~"), ("!=~", "!=~ is written !~"), ("=>", "=> is written >="),
    ("=<", "=< is written <="), ("=!", "=! is written !="), ("<>", "<> is written !="), ("**", "there are no powers"), ("=~", None), ("==", None),
    ("!=", None), ("!~", None), ("=", "= is written =="), ("~", "~ is written =~"), ("&&", "&& is written and"), ("&", "& is written and"),
    ("||", "|| is written or"), ("|", "| is written or"), ("!", "! is written not"), ('"', QUOTES_MEANT), ("`", QUOTES_MEANT),
    ("/", "there is no division"), ("%", "there is no remainder"), ("^", "there are no powers"), ("$", COLUMN_MEANT), ("{", COLUMN_MEANT),
    ("[", "an odd name of a column is written ${name}, a list (a, b)"), (";", "; has no meaning; the elements of a list are separated by commas"))
WORDS_MEANT = {word: meant for words, meant in (
    ("like ilike rlike regexp regexp_like regexp_matches regex match matches similar glob contains startswith starts_with starts endswith ends_with "
     "ends instr substr substring", "a text within strings is found by =~ 'regex'"),
    ("isnull is_null notnull isna notna isnan isempty na nan nil none", "a missing value is found by is null"),
    ("date datetime timestamp to_date", "a time is compared with a string, as '2024-03-01 12:30'"),
    ("mod", "there is no remainder"), ("div", "there is no division")) for word in words.split()}
WORDS_MEANT |= {word: f"{word} is written {meant}" for word, meant in (
    ("eq", "=="), ("ne", "!="), ("lt", "<"), ("le", "<="), ("gt", ">"), ("ge", ">="), ("isin", "in"), ("strlen", "length"), ("char_length", "length"),
    ("lcase", "lower"), ("tolower", "lower"), ("ucase", "upper"), ("toupper", "upper"), ("dayofweek", "weekday"))}
CHARACTERS_MEANT = {
    "≤": "≤ is written <=", "≥": "≥ is written >=", "≠": "≠ is written !=", "×": "× is written *", "−": "the minus sign is written -",
    "\u00a0": "a no-break space is not a blank here", **dict.fromkeys("‘’“”", "strings are in straight single quotes: '...'")}


def ascii_lower(text):
    return re.sub("[A-Z]", lambda found: found[0].lower(), text)


def sign_meant(text, at):
    """What was meant by a text that begins with a sign of another language; None if that is not known, or the sign is valid."""
    return next((meant for typed, meant in SIGNS_MEANT if text.startswith(typed, at)), None)


def word_meant(word):
    """What is written instead of a word of another language; None if that is not known."""
    return WORDS_MEANT.get(ascii_lower(word)) or next((CHARACTERS_MEANT[c] for c in word if c in CHARACTERS_MEANT), None)


def is_shown(c):
    """Is it a character that a message has as it is?"""
    return " " <= c != "\x7f" and not re.match(
        "[\x80-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb"
        "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff\ud800-\udfff]", c)


def where_quoted(text):
    """A text in quotes, cut if it is long, with \\xNN for the bytes of what is not shown."""
    out, size, at = "'", 1, 0
    for c in text:
        data = c.encode(errors="replace")
        for piece, taken in [(c, len(data))] if is_shown(c) else [(f"\\x{b:02x}", 1) for b in data]:
            if at >= 40 or size + 10 >= 64:
                return out + "…'"
            out, size, at = out + piece, size + len(piece.encode()), at + taken
    return out + "'"


def excerpt_cells(text):
    """The characters of a text as an excerpt shows them, each with its width."""
    cells = []
    for c in text:
        width = 1 if c < "\u0300" else 0 if unicodedata.category(c) in ("Mn", "Me") else 1 + (unicodedata.east_asian_width(c) in "WF")
        cells += [(c, width)] if is_shown(c) else [(" ", 1)] * len(c.encode(errors="replace"))
    return cells


def where_excerpt(text, at):
    """The expression near a place, and a caret below it."""
    cells, before, after, out = excerpt_cells(text[:at]), 0, 0, "  "
    first, rest = 0, excerpt_cells(text[at:])
    before = sum(width for _, width in cells)
    while before > 40:
        before -= cells[first][1]
        first += 1
    last = 0
    while last < len(rest) and after < 36:
        after += rest[last][1]
        last += 1
    out += "…" * (first > 0) + "".join(c for c, _ in cells[first:] + rest[:last])
    return f"{out}{'…' * (last < len(rest))}\n{' ' * (before + 2 + (first > 0))}^"


def spelling_cost(byte):
    return 3 if 48 <= byte <= 57 else 1


def spelling_distance(a, b):
    """The Damerau-Levenshtein distance of two names as bytes in lower case (optimal string alignment); a digit counts as three letters."""
    rows = [[0]]
    for y in b:
        rows[0].append(rows[0][-1] + spelling_cost(y))
    for i, x in enumerate(a):
        row = [rows[i][0] + spelling_cost(x)]
        for j, y in enumerate(b):
            best = min(rows[i][j] + (0 if x == y else max(spelling_cost(x), spelling_cost(y))), rows[i][j + 1] + spelling_cost(x), row[j] + spelling_cost(y))
            if i and j and x == b[j - 1] and a[i - 1] == y:
                best = min(best, rows[i - 1][j - 1] + 1)
            row.append(best)
        rows.append(row)
    return rows[-1][-1]


def nearest(typed, names):
    """The name that is nearest to what was typed, as lib/base/suggest.c finds it; None if none is near."""
    a = typed.encode(errors="replace").lower()
    letters = re.sub(rb"[^0-9a-z\x80-\xff]", b"", a)
    size = len(re.sub(rb"[\x80-\xbf]", b"", letters))
    limit, near = 1 if size < 3 else 2 if size < 5 else 3, None
    for name in names:
        b, far = name.encode().lower(), 3
        if len(a) > 40 or len(b) > 40:
            continue
        if letters and letters == re.sub(rb"[^0-9a-z\x80-\xff]", b"", b):
            far = 0
        elif len(a) >= 3 and b.startswith(a):
            far = int(len(b) > len(a))
        elif abs(len(a) - len(b)) < limit:
            far = spelling_distance(a, b)
        if far < limit:
            limit, near = far, name
    return near
