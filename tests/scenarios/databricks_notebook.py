"""databricks_notebook.py NOTEBOOK: runs it as Databricks does, with the widget `arguments` from SDP_ARGUMENTS; prints its value."""
import os
import sys


class Widgets:
    def text(self, name, default, label=None):
        self.default = default

    def get(self, name):
        return os.environ.get("SDP_ARGUMENTS", self.default) if name == "arguments" else self.default


class Left(BaseException):
    """dbutils.notebook.exit ends a notebook like this."""


class Notebook:
    def exit(self, value):
        print(value)
        raise Left


class Utilities:
    widgets, notebook = Widgets(), Notebook()


with open(sys.argv[1], encoding="utf-8") as f:
    code = compile(f.read(), "notebook", "exec")
main = sys.modules["__main__"].__dict__
main.update(dbutils=Utilities(), __name__="__main__")
try:
    exec(code, main)  # pylint: disable=exec-used; that is what a notebook is
except Left:
    pass
