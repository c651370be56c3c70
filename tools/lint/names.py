"""Small questions about syntax that several rules ask."""

import ast
from collections.abc import Iterator


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def last_name(node: ast.expr) -> str:
    """`c` of `c`, `b.c` and `a.b.c`, and of a call of them; empty for anything else."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Call(func=func):
            return last_name(func)
        case _:
            return ""


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    return next((k.value for k in call.keywords if k.arg == name), None)


def is_text(node: ast.expr | None, *allowed: str) -> bool:
    return isinstance(node, ast.Constant) and node.value in allowed


def imported_from(tree: ast.AST, *modules: str) -> Iterator[tuple[ast.ImportFrom, ast.alias]]:
    """Each `from module import name` where module is one of `modules` or lies inside it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and _inside(node.module, modules):
            yield from ((node, alias) for alias in node.names)


def module_aliases(tree: ast.AST, *modules: str) -> set[str]:
    """Local names that `import module [as name]` binds for `modules` and what lies inside them."""
    aliases: set[str] = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Import):
            continue
        for alias in node.names:
            if _inside(alias.name, modules):
                aliases.add(alias.asname or alias.name.split(".")[0])
    return aliases


def _inside(module: str | None, modules: tuple[str, ...]) -> bool:
    return any(module == m or (module or "").startswith(f"{m}.") for m in modules)
