"""Rules about the HTTP edge: who knows statuses, who may call a route, when a unit commits."""

import ast
import re
from collections.abc import Iterator

from tools.lint.names import (
    calls,
    functions,
    imported_from,
    is_text,
    keyword,
    last_name,
    module_aliases,
)
from tools.lint.source import Breach, Source

# these answer in HTTP; storage/objects is a client of S3 and has to read what the store answers
HTTP_HOMES = ("api", "web", "edge", "storage/objects")
PERMISSIONS = frozenset({"requires", "public", "own_session", "own_ticket"})
ROUTE_METHODS = frozenset(
    {"get", "post", "put", "delete", "patch", "head", "options", "api_route", "websocket"}
)

_UNIT = re.compile(r"(^|_)unit(_|$)")
_ROUTER = re.compile(r"(^|_)(router|app|api)$")
_STATUS = frozenset({"status", "status_code"})


def unit_scope(source: Source) -> Iterator[Breach]:
    """A unit commits before the answer leaves: FastAPI does the opposite unless told."""
    for call in calls(source.tree):
        if last_name(call.func) != "Depends" or not call.args:
            continue
        is_unit = bool(_UNIT.search(last_name(call.args[0])))
        if is_unit and not is_text(keyword(call, "scope"), "function"):
            message = 'a unit without scope="function" commits after the response'
            yield source.breach("unit-scope", call.lineno, message)


def http_home(source: Source) -> Iterator[Breach]:
    """Services refuse with AppError; only the edge turns a kind into a status."""
    if not source.is_product or source.under(*HTTP_HOMES):
        return
    for line, what in _http_words(source.tree):
        yield source.breach("http-home", line, f"{what} outside api/, web/ and edge/")


def _http_words(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for statement, alias in imported_from(tree, "fastapi", "starlette", "http"):
        if alias.name in {"HTTPException", "HTTPStatus", "status"}:
            yield statement.lineno, alias.name
    modules = module_aliases(tree, "fastapi", "starlette", "http")
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and _is_http_attribute(node, modules):
            yield node.lineno, node.attr
        elif isinstance(node, ast.keyword) and node.arg == "status_code" and _is_number(node.value):
            yield node.value.lineno, "a status number"
        elif isinstance(node, ast.Compare) and _compares_status(node):
            yield node.lineno, "a status number"


def _is_http_attribute(node: ast.Attribute, modules: set[str]) -> bool:
    return last_name(node.value) in modules and node.attr in {"HTTPException", "HTTPStatus"}


def _compares_status(node: ast.Compare) -> bool:
    sides = [node.left, *node.comparators]
    # `ast.walk` so that `status in {409, 412}` counts as well
    numbers = any(_is_number(part) for side in sides for part in ast.walk(side))
    return numbers and any(last_name(side) in _STATUS for side in sides)


def _is_number(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) is int and 100 <= node.value < 600


def route_permission(source: Source) -> Iterator[Breach]:
    """A route says on its own decorator who may call it; silence is a breach, not a default."""
    if not source.under("api", "web"):
        return
    for function in functions(source.tree):
        for decorator in function.decorator_list:
            if is_route(decorator) and not _declares_permission(decorator):
                message = f"route `{function.name}` declares no permission"
                yield source.breach("route-permission", decorator.lineno, message)
    for call in calls(source.tree):
        if last_name(call.func) == "add_api_route" and not _declares_permission(call):
            yield source.breach("route-permission", call.lineno, "route declares no permission")


def is_route(decorator: ast.expr) -> bool:
    match decorator:
        case ast.Call(func=ast.Attribute(value=owner, attr=method)):
            return method in ROUTE_METHODS and bool(_ROUTER.search(last_name(owner)))
        case _:
            return False


def _declares_permission(decorator: ast.expr) -> bool:
    if not isinstance(decorator, ast.Call):
        return False
    declared = keyword(decorator, "dependencies")
    if not isinstance(declared, ast.List | ast.Tuple):
        return False
    return any(
        isinstance(item, ast.Call) and last_name(item.func) in PERMISSIONS for item in declared.elts
    )
