"""The parts of the notebook: each begins with a comment that says what it is, imports what it uses of other modules and nothing
else, uses no name that no part defines, defines no name that another part defines, and has no function over 60 lines."""
import ast
import builtins
import symtable
import sys

MOST = 60
IMPORTS = ast.Import, ast.ImportFrom
fault = False


def report(path, line, text):
    global fault
    fault = True
    print(f"{path}:{line}: {text}")


def bound(node):
    """The names that an import, a definition or an assignment at the top level of a part binds."""
    if isinstance(node, IMPORTS):
        return [(name.asname or name.name).split(".")[0] for name in node.names]
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return [node.name]
    return [n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)] if isinstance(node, ast.Assign) else []


def used(table):
    """The names at the top level of the joined file that a part uses."""
    for symbol in table.get_symbols():
        if symbol.is_referenced() and (symbol.is_global() or table.get_type() == "module"):
            yield symbol.get_name()
    for inner in table.get_children():
        yield from used(inner)


texts = {}
for path in sys.argv[1:]:
    with open(path, encoding="utf-8") as file:
        texts[path] = file.read()
trees = {path: ast.parse(text) for path, text in texts.items()}
owner = {}
for path, tree in trees.items():
    if not texts[path].startswith("# "):
        report(path, 1, "does not begin with a comment that says what it is")
    for node in tree.body:
        for name in [] if isinstance(node, IMPORTS) else bound(node):
            if name in owner:
                report(path, node.lineno, f"{name} is defined in {owner[name]}, too")
            owner[name] = path

for path, tree in trees.items():
    imports = {name: node.lineno for node in tree.body if isinstance(node, IMPORTS) for name in bound(node)}
    names = set(used(symtable.symtable(texts[path], path, "exec")))
    for name in imports.keys() - names:
        report(path, imports[name], f"{name} is imported and not used")
    for name in names - imports.keys() - owner.keys() - {"__name__"}:
        if not hasattr(builtins, name):
            line = next(n.lineno for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id == name)
            report(path, line, f"{name} is neither imported nor defined by any part")
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.end_lineno - node.lineno >= MOST:
            report(path, node.lineno, f"{node.name} has {node.end_lineno - node.lineno + 1} lines, {MOST} at most")
sys.exit(fault)
