"""Rules about the database: who commits, who writes SQL, how rows are loaded."""

import ast
from collections.abc import Iterator

from tools.lint.names import calls, imported_from, is_text, keyword, last_name, module_aliases
from tools.lint.source import Breach, Source

UNIT_OF_WORK = "services/unit_of_work.py"
SCHEMA_CHANGES = "storage/db/migrations"  # a migration is no business act and ends its own
STATEMENTS = frozenset({"select", "text", "update", "delete", "insert"})


def one_commit(source: Source) -> Iterator[Breach]:
    """Only the unit of work ends a transaction: an act cut in two is half done after a crash."""
    if not source.is_product or source.under(UNIT_OF_WORK, SCHEMA_CHANGES):
        return
    for call in calls(source.tree):
        if not isinstance(call.func, ast.Attribute):
            continue
        if call.func.attr in {"commit", "rollback"} or _opens_transaction(source, call):
            what = f".{call.func.attr}("
            yield source.breach("one-commit", call.lineno, f"`{what}` outside {UNIT_OF_WORK}")


def _opens_transaction(source: Source, call: ast.Call) -> bool:
    # `with sessions.begin()` is a commit in other words; storage and app need it for migrations
    bare = not call.args and not call.keywords
    return (
        last_name(call.func) == "begin"
        and bare
        and source.under("services", "edge", "api", "web", "worker")
    )


def sql_home(source: Source) -> Iterator[Breach]:
    """SQL stands in `storage/`, where row security and paging are looked after."""
    if not source.is_product or source.under("storage"):
        return
    for node, alias in imported_from(source.tree, "sqlalchemy"):
        if alias.name in STATEMENTS:
            yield source.breach(
                "sql-home", node.lineno, f"sqlalchemy `{alias.name}` outside storage/"
            )
    modules = module_aliases(source.tree, "sqlalchemy")
    for call in calls(source.tree):
        if _is_statement(call, modules) or _executes_text(call):
            yield source.breach("sql-home", call.lineno, "SQL outside storage/")


def _is_statement(call: ast.Call, modules: set[str]) -> bool:
    match call.func:
        case ast.Attribute(value=value, attr=name):
            return name in STATEMENTS and isinstance(value, ast.Name) and value.id in modules
        case _:
            return False


def _executes_text(call: ast.Call) -> bool:
    if not isinstance(call.func, ast.Attribute) or not call.args:
        return False
    first = call.args[0]
    literal = isinstance(first, ast.JoinedStr) or (
        isinstance(first, ast.Constant) and isinstance(first.value, str)
    )
    return call.func.attr in {"execute", "exec_driver_sql"} and literal


def lazy_raise(source: Source) -> Iterator[Breach]:
    """A relationship that loads by itself hides a query, and fails once the session is closed."""
    if not source.is_product:
        return
    for call in calls(source.tree):
        if last_name(call.func) != "relationship":
            continue
        if not is_text(keyword(call, "lazy"), "raise", "raise_on_sql"):
            yield source.breach("lazy-raise", call.lineno, 'relationship without lazy="raise"')
