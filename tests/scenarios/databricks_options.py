"""sdp-databricks run: the options of the tasks are those of the programs."""
import os
import shutil
import subprocess

from databricks_kit import check, ends, finish, run, same, table, work

for args, text in ((["--task", "kmeans", "-k", "2", "-y", "y"], "-y is not an option of kmeans"), (["--task", "kmeans", table, "-k"], "needs a value"),
                   (["--task", "kmeans", "--standardize=1"], "takes no value"), ([], "run needs --task"), (["--task", "kmeans", "--nope"], "unknown option"),
                   (["--task", "descriptive_stats", "--where", "x = 1"], "is written =="),
                   (["--task", "descriptive_stats", "--where", "x == 1 or s =~ 'a\\h'"], "'\\h' in 'a\\h' is not the same in Spark"),
                   (["--task", "kmeans", "-k", "2", "--where=s !~ '[[:alpha:]]'"], "'[:' in"),
                   (["--task", "kmeans", "--worker-counts", "1,x"], "--worker-counts"), (["--task", "kmeans", "--stage", "/tmp"], "--stage")):
    check("usage: run " + " ".join(args), ends("run", run("run", *(args if table in args else [*args, table])), 2, text))


def options_of(program):
    """{long name: the option as it is typed, with a value if it takes one}"""
    rows = [row.split("\t") for row in subprocess.run([program, "--options"], capture_output=True, text=True, check=True).stdout.splitlines()]
    long, argument = rows[0].index("long"), rows[0].index("argument")
    return {row[long]: ["--" + row[long], *(["1"] if row[argument] else [])] for row in rows[1:] if row[long]}


programs = {"descriptive_stats": "sdp-stats", "linear_regression": "sdp-linreg", "logistic_regression": "sdp-logreg", "kmeans": "sdp-kmeans",
            "fp_growth": "sdp-fpgrowth", "time_series": "sdp-timeseries"}
theirs = {task: options_of(program) for task, program in programs.items()}
everything = {name: typed for options in theirs.values() for name, typed in options.items() if name not in options_of("sdp-databricks")}
here = {"workers", "max-memory", "pdf-table", "max-record", "progress", "algorithm", "assign", "predict", "interval", "escape", "source",
        "correlation", "against", "drop-nulls", "wide"}  # how a program works, rows, escapes, names of files, statistics
not_there = {"descriptive_stats": {"agg"}}  # what one task does not take
for task, options in theirs.items():
    taken = {name for name, typed in everything.items() if "--stage: neither" in run("run", "--task", task, "--stage", "/tmp", *typed)[2]}
    check(f"{task} takes the options of {programs[task]}", same("options", sorted(taken), sorted((options.keys() & everything.keys()) - here - not_there.get(task, set()))))
check("those that a run does not take are named", *(ends(name, run("run", "--task", "kmeans", *everything[name], table), 2, "run does not take")
                                                     for name in sorted(here)))
alone = shutil.copy(shutil.which("sdp-databricks"), os.path.join(work, "alone"))
done = subprocess.run([alone, "run", "--task", "kmeans", "--stage", "dbfs:/x", "--retry", "0", table], capture_output=True, text=True, check=False,
                      env={"PATH": "/usr/bin:/bin", "HOME": work, "DATABRICKS_HOST": "127.0.0.1:9", "DATABRICKS_TOKEN": "x"})
check("where the program of the task is not, nothing is sent", same("exit", done.returncode, 3),
      "there is no program 'sdp-kmeans'" not in done.stderr and done.stderr)
check("usage: a task's option elsewhere", ends("check", run("check", "-y", "a"), 2, "-y is for run only"))

finish()
