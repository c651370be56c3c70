"""Small functions, small files, thin routes and tasks."""

import ast
from collections.abc import Iterator

from tools.lint.names import functions, last_name
from tools.lint.rules.http import is_route
from tools.lint.source import MIGRATIONS, Breach, Source

FUNCTION_LINES = 40
FILE_LINES = 400
SHELL_LINES = 15  # routes and tasks: they call one service and say what came out

Function = ast.FunctionDef | ast.AsyncFunctionDef


def function_size(source: Source) -> Iterator[Breach]:
    """A function over 40 lines, a file over 400 (tests excepted), a route or task over 15."""
    if source.under(MIGRATIONS):
        return  # a migration is a list of statements, written once and never changed
    yield from _long_file(source)
    for function in functions(source.tree):
        lines = (function.end_lineno or function.lineno) - function.lineno + 1
        if lines > FUNCTION_LINES:
            message = f"`{function.name}` has {lines} lines, over {FUNCTION_LINES}"
            yield source.breach("function-size", function.lineno, message)
        elif _is_shell(source, function) and _body_lines(function) > SHELL_LINES:
            message = f"`{function.name}` has {_body_lines(function)} lines, over {SHELL_LINES}"
            yield source.breach("function-size", function.lineno, message)


def _long_file(source: Source) -> Iterator[Breach]:
    lines = len(source.text.splitlines())
    if lines > FILE_LINES and source.package != "tests" and source.path.suffix == ".py":
        message = f"the file has {lines} lines, over {FILE_LINES}"
        yield source.breach("function-size", 1, message)


def _is_shell(source: Source, function: Function) -> bool:
    decorators = function.decorator_list
    if source.under("api", "web"):
        return any(is_route(decorator) for decorator in decorators)
    return source.under("worker") and any(last_name(d) in {"task", "periodic"} for d in decorators)


def _body_lines(function: Function) -> int:
    # the signature and the docstring of a route are its published description, not its work
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
