"""Programs on a terminal: help that fits it, headings in bold, and programs that have nothing to read."""
import os
import subprocess

from terminal_kit import end, expect, on_terminal

BIN = os.environ["SDP_BIN"]
PROGRAMS = sorted(name for name in os.listdir(BIN) if name.startswith("sdp-") and os.access(os.path.join(BIN, name), os.X_OK))
READERS = ["sdp-cat", "sdp-stats", "sdp-kmeans -k 2", "sdp-linreg -y y", "sdp-logreg -y y", "sdp-fpgrowth", "sdp-timeseries --every 1d", "sdp-report", "sdp-job submit", "sdp-upload", "sdp-bench --tasks all", "sdp-databricks run --task descriptive_stats"]
# The most lines of -h in 80 columns.
SCREEN = 45


def plain(text):
    return text.replace("\033[1m", "").replace("\033[0m", "").replace("\r\n", "\n")


def widest(text):
    """The longest line that could have been broken; a command to copy stays on one."""
    return max((len(line) for line in plain(text).split("\n") if not line.startswith("  $ ")), default=0)


for program in PROGRAMS:
    path = os.path.join(BIN, program)
    for width in (60, 80, 200):
        for option in ("-h", "--help"):
            code, text = on_terminal(width, path, option)
            expect(f"{program} {option} in {width} columns", code == 0 and widest(text) <= width, f"exit {code}, {widest(text)} columns")
    brief = on_terminal(80, path, "-h")[1]
    expect(f"{program} -h is one screen", brief.count("\n") <= SCREEN, f"{brief.count(chr(10))} lines")
    expect(f"{program} -h: headings are bold", "\033[1mexamples:\033[0m" in brief, brief[:200])
    expect(f"{program} -h: plain with NO_COLOR", "\033" not in on_terminal(80, path, "-h", NO_COLOR="1")[1])
    table = subprocess.run([path, "--options"], capture_output=True, text=True, check=True).stdout.split("\n")[1:-1]
    names = [line.split("\t")[1] for line in table]
    full = plain(on_terminal(80, path, "--help")[1])
    shown = [line.split("--")[1].split()[0] for line in full.split("\n") if line.startswith(("  -", "      --"))]
    expect(f"{program} --help shows each option once", sorted(shown) == sorted(names), sorted(set(names) ^ set(shown)))

TABLE = os.path.join(os.environ["TMPDIR"], "table.csv")
with open(TABLE, "w") as f:
    f.write("price,name\n1,a\n2,b\n")
for no_color, bold in (("", True), ("1", False)):
    text = on_terminal(80, os.path.join(BIN, "sdp-stats"), TABLE, NO_COLOR=no_color)[1]
    expect(f"the names of a table's columns with NO_COLOR={no_color}", ("\033[1mname\033[0m" in text) == bold and ("\033" in text) == bold, text)

    text = on_terminal(80, os.path.join(BIN, "sdp-cat"), "-f", "table", TABLE, NO_COLOR=no_color)[1]
    expect(f"the names of columns of rows with NO_COLOR={no_color}", ("\033[1mname\033[0m" in text) == bold and plain(text) == "price  name\n    1  a\n    2  b\n", text)
expect("rows on a terminal are CSV unless -f says otherwise", plain(on_terminal(80, os.path.join(BIN, "sdp-cat"), TABLE)[1]) == "price,name\n1,a\n2,b\n")
with open(TABLE, "w") as f:
    f.write("\n".join(",".join(f"a_long_name_{i}" if r == 0 else f"word{r}x{i}" for i in range(12)) for r in range(30)) + "\n")
for width in (40, 60, 200):
    text = on_terminal(width, os.path.join(BIN, "sdp-cat"), "-f", "table", TABLE)[1]
    expect(f"rows in {width} columns", widest(text) <= width and all(f"word{r}x{i}" in text for r in range(1, 30) for i in range(12)), f"{widest(text)} columns")

for line in READERS:
    program, *rest = line.split()
    code, text = on_terminal(80, os.path.join(BIN, program), *rest, typing=True, DATABRICKS_HOST="http://127.0.0.1:9", DATABRICKS_TOKEN="token")
    expect(f"{line} on a terminal says how it is used", code == 2 and "nothing to read" in text and f"{program} -h" in text, f"exit {code}: {text}")

end()
