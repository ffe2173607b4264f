"""Joins the parts of the notebook, VERSION PART..., into the one file that Databricks and spark-submit take, on standard output.

The imports of all parts are merged behind the docstring of the first; every part is a cell of the notebook.
"""
import ast
import sys

CELL = "\n\n\n# COMMAND ----------\n\n"


def imports_of(text):
    """The lines, from 0, that the imports at the top level of a part take, and the nodes of these imports."""
    nodes = [node for node in ast.parse(text).body if isinstance(node, (ast.Import, ast.ImportFrom))]
    return {line for node in nodes for line in range(node.lineno - 1, node.end_lineno)}, nodes


def merged(nodes):
    """The imports as one block: first those of Python's own modules, then the others."""
    plain, members = set(), {}
    for node in nodes:
        for name in node.names:
            if isinstance(node, ast.ImportFrom) and not name.asname:
                members.setdefault(node.module, set()).add(name.name)
            else:
                before = f"from {node.module} " if isinstance(node, ast.ImportFrom) else ""
                plain.add(f"{before}import {ast.unparse(name)}")
    lines = sorted(plain | {f"from {module} import {', '.join(sorted(names))}" for module, names in members.items()})
    blocks = [], []
    for line in sorted(lines, key=lambda line: (line.startswith("from "), line)):
        blocks[line.split()[1].split(".")[0] not in sys.stdlib_module_names].append(line)
    return "\n\n".join("\n".join(block) for block in blocks)


def without(text, lines):
    """A part without these lines and the empty ones around them."""
    kept = text.split("\n")
    first = min(lines, default=0)
    before, after = kept[:first], [line for at, line in enumerate(kept) if at >= first and at not in lines]
    return "\n".join(before + ["\n".join(after).strip("\n")])


def join(version, paths):
    texts = [open(path, encoding="utf-8").read() for path in paths]
    found = [imports_of(text) for text in texts]
    cells = [without(text, lines) for text, (lines, _) in zip(texts, found)]
    introduction = ast.parse(cells[0]).body[0].end_lineno
    lines = cells[0].split("\n")
    lines.insert(introduction, merged([node for _, nodes in found for node in nodes]))
    cells[0] = "\n".join(lines)
    return (CELL.join(cells) + "\n").replace("@VERSION@", version)


if __name__ == "__main__":
    sys.stdout.write(join(sys.argv[1], sys.argv[2:]))
