"""Each option of a task's program (--options) is one of the notebook or one that the notebook refuses, with the same letter, and takes
a value in both or in neither; the words of a choice are those of the program, but for what only one of them reads.  The notebook has
no other options, and sdp-databricks refuses what the notebook refuses."""
import os
import subprocess
import sys

BIN = os.environ["SDP_BIN"]
PROGRAMS = {"descriptive_stats": "sdp-stats", "linear_regression": "sdp-linreg", "logistic_regression": "sdp-logreg",
            "kmeans": "sdp-kmeans", "fp_growth": "sdp-fpgrowth", "time_series": "sdp-timeseries"}
OWN = {"output", "quiet", "version", "help"}  # of the notebook, whatever the task
WORDS = {("input-format", "txt"), ("input-format", "pdf"), ("input-format", "parquet")} | {
    ("format", word) for word in ("csv", "tsv", "table", "ndjson")}
fault = False


def report(text):
    global fault
    fault = True
    print(text)


def options_of(program):
    shown = subprocess.run([os.path.join(BIN, program), "--options"], capture_output=True, text=True, check=True).stdout
    return {line.split("\t")[1]: line.split("\t") for line in shown.splitlines()[1:]}


def compare(place, row, short, how):
    letter, kind, argument = row[0], row[2], row[3]
    if letter != (short or ""):
        report(f"{place}: -{letter} of the program, -{short} of the notebook")
    if (kind == "flag") != (how.get("action") == "store_true"):
        report(f"{place}: a flag in only one of both")
    if (kind == "list") != (how.get("action") == "append"):
        report(f"{place}: may be repeated in only one of both")
    words = set(argument.split("|")) if kind == "choice" else set()
    for word in words ^ set(how.get("choices", ())):
        if (row[1], word) not in WORDS:
            report(f"{place}: {word} is a choice of only one of both")


def refuses(task, name, row):
    words = [os.path.join(BIN, "sdp-databricks"), "run", "--task", task, f"--{name}"] + ([] if row[2] == "flag" else ["1"])
    return subprocess.run(words, capture_output=True, stdin=subprocess.DEVNULL, check=False).stderr.find(b"run does not take this option") >= 0


with open("notebooks/sdp_spark/10_options.py", encoding="utf-8") as file:
    part = {"quoted": repr, "Fault": Exception}
    exec(compile(file.read(), file.name, "exec"), part)
databricks = options_of("sdp-databricks")
for task, program in PROGRAMS.items():
    own = {name: (short, how) for name, short, how, tasks in part["OPTIONS"] if task in tasks}
    refused = {name: short for name, short, tasks, _ in part["REFUSED"] if task in tasks}
    rows = options_of(program)
    for name, row in rows.items():
        place = f"{program} --{name}"
        if name in own:
            compare(place, row, *own[name])
        elif name in refused:
            if row[0] != (refused[name] or ""):
                report(f"{place}: -{row[0]} of the program, -{refused[name]} of the notebook")
            if name not in databricks and task == next(t for t in PROGRAMS if name in options_of(PROGRAMS[t])) and not refuses(task, name, row):
                report(f"{place}: the notebook refuses it, sdp-databricks does not")
        elif name not in OWN:
            report(f"{place}: the notebook neither has nor refuses it")
    for name in (own.keys() | refused.keys()) - rows.keys():
        report(f"{program} has no --{name}, which the notebook has or refuses")
sys.exit(fault)
