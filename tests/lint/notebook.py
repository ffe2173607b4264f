"""The parts of the notebook: each begins with a comment that says what it is, imports what it uses of other modules and nothing
else, uses no name that no part defines, and defines no name that another part defines."""
import ast
import builtins
import sys

fault = False


def report(path, node, text):
    global fault
    fault = True
    print(f"{path}:{node.lineno}: {text}")


def bound(node):
    """The names that an import, a definition or an assignment at the top level of a part binds."""
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return [(name.asname or name.name).split(".")[0] for name in node.names]
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return [node.name]
    return [n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)] if isinstance(node, ast.Assign) else []


def local(tree):
    """The names that anything within functions and comprehensions binds."""
    names = {n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)} | {n.name for n in ast.walk(tree) if isinstance(n, ast.ExceptHandler)}
    names |= {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom, ast.FunctionDef)):
            names.update(bound(node))
    return names


trees, owner = {}, {}
for path in sys.argv[1:]:
    text = open(path, encoding="utf-8").read()
    trees[path] = ast.parse(text)
    if not text.startswith("# "):
        report(path, ast.Module(body=[], type_ignores=[], lineno=1), "does not begin with a comment that says what it is")
    for node in trees[path].body:
        for name in bound(node) if not isinstance(node, (ast.Import, ast.ImportFrom)) else []:
            if name in owner:
                report(path, node, f"{name} is defined in {owner[name]}, too")
            owner[name] = path

for path, tree in trees.items():
    imports = {name: node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom)) for name in bound(node)}
    inner = [node for node in tree.body if node not in imports.values()]
    within = set().union(*map(local, inner))
    used = {n.id: n for node in inner for n in ast.walk(node) if isinstance(n, ast.Name)}
    for name, node in imports.items():
        if name not in used:
            report(path, node, f"{name} is imported and not used")
    for name, node in used.items():
        if name not in imports and name not in owner and name not in within and not hasattr(builtins, name):
            report(path, node, f"{name} is neither imported nor defined by any part")
sys.exit(fault)
