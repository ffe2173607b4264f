"""sdp-job status --follow and sdp-bench on a terminal of any width: one line, with the time left, that is gone at the end."""
import json
import os
import re
import subprocess

from terminal_kit import check, end, on_terminal


def lines_of(written):
    """The progress lines, and what is on the terminal in the end."""
    progress, _, end = written.rpartition("\r\033[K")
    return [line.removesuffix("\033[K") for line in progress.split("\r") if line], end.replace("\r\n", "\n")


def bad_lines(lines, columns, program):
    return [f"{len(line)} columns of {columns}: {line!r}" for line in lines if len(line) >= columns or "\033" in line or "\n" in line
            or not line.startswith(program + ": ")]


def submit():
    request = {"path": os.path.abspath("t.csv"), "tasks": ["descriptive_stats"], "worker_counts": [1], "runs": 40, "warmup": 0}
    done = subprocess.run(["sdp-job", "submit"], input=json.dumps(request), capture_output=True, text=True, check=True)
    return json.loads(done.stdout)["job_id"]


with open("t.csv", "wb") as f:
    subprocess.run(["sdp-sample", "synthetic", "-r", "60000"], stdout=f, check=True)
for columns in 200, 80, 60, 40, 24:
    code, written = on_terminal(columns, "sdp-job", "status", submit(), "--follow", NO_COLOR="1")
    lines, table = lines_of(written)
    check(f"sdp-job status --follow, {columns} columns: each line fits, the last one is cleared, the table follows", *bad_lines(lines, columns, "sdp-job"),
          code and f"exit {code}", len(lines) < 2 and f"{len(lines)} lines", not re.search(r"^status +succeeded$", table, re.M) and f"no table: {table[:200]!r}")
    if columns >= 40:
        check(f"{columns} columns: the lines tell the time left", not any(re.search(r"\d %.*, \d[\w .]* (s|ms|min) left", line) for line in lines) and f"{lines[-3:]}")

code, written = on_terminal(80, "sdp-job", "wait", submit(), "-f", "json", NO_COLOR="1", LC_ALL="de_DE.UTF-8")
lines, text = lines_of(written)
check("sdp-job wait prints JSON after the line", *bad_lines(lines, 80, "sdp-job"), json.loads(text)["status"] != "succeeded" and text)

code, written = on_terminal(70, "sdp-bench", "-w", "1", "--runs", "4", "--", "sleep", "0.3", NO_COLOR="1")
lines, table = lines_of(written)
check("sdp-bench: the line fits, tells the time left and is cleared; the table has units", *bad_lines(lines, 70, "sdp-bench"),
      not any(line.endswith(" left") for line in lines) and f"{lines[-2:]}", not re.search(r"^median +3\d\d ms$|^\S+ .* 3\d\d ms ", table, re.M) and table)

# Without a terminal there is no line at all.
done = subprocess.run(["sdp-job", "status", submit(), "--follow", "-f", "csv"], capture_output=True, text=True, check=False)
check("without a terminal there is no line", done.returncode and f"exit {done.returncode}", done.stderr, "\r" in done.stdout and "a carriage return")
end()
