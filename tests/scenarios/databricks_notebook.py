"""A cluster: runs notebooks, one after the other in one process with one Spark, as Databricks does.

Each line of standard input is {"notebook": FILE, "arguments": TEXT}, the value of its widget `arguments`.  Each is answered by a line
{"value": what dbutils.notebook.exit was given or null, "error": what the notebook raised or null}.
"""
import json
import os
import sys


class Widgets:
    def __init__(self, arguments):
        self.values = {"arguments": arguments}

    def text(self, name, default, label=None):
        self.values.setdefault(name, default)

    def get(self, name):
        return self.values[name]


class Left(BaseException):
    """dbutils.notebook.exit ends a notebook like this."""


class Notebook:
    def exit(self, value):
        raise Left(value)


class Utilities:
    def __init__(self, arguments):
        self.widgets, self.notebook = Widgets(arguments), Notebook()


def run(notebook, arguments):
    with open(notebook, encoding="utf-8") as f:
        code = compile(f.read(), "notebook", "exec")
    try:
        exec(code, {"__name__": "__main__", "dbutils": Utilities(arguments)})  # pylint: disable=exec-used; that is what a notebook is
    except Left as left:
        return {"value": str(left), "error": None}
    except Exception as error:  # pylint: disable=broad-except; whatever it raises
        return {"value": None, "error": f"{type(error).__name__}: {error}"}
    return {"value": None, "error": None}


answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(2, 1)
for line in sys.stdin:
    answers.write(json.dumps(run(**json.loads(line))) + "\n")
    answers.flush()
