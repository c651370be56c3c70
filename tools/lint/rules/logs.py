"""Log lines are an event name and fields from a closed list: ids and enums, never a person."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tools.lint.names import calls, last_name
from tools.lint.source import Breach, Source

ALLOWED_FIELDS = Path(__file__).parent.parent / "allowed_log_fields.txt"
METHODS = frozenset({"debug", "info", "warning", "error", "exception", "critical", "log", "msg"})
BINDERS = frozenset({"bind", "bind_contextvars", "bound_contextvars"})

_LOGGER = re.compile(r"^_*(log|logger|logging|get_?logger)$", re.IGNORECASE)


@cache
def allowed_fields() -> frozenset[str]:
    lines = ALLOWED_FIELDS.read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if (word := line.partition("#")[0].strip()))


def log_fields(source: Source) -> Iterator[Breach]:
    """No f-string, no positional value, no keyword outside `allowed_log_fields.txt`."""
    if not source.is_product:
        return
    for call in calls(source.tree):
        if not _is_log_call(call):
            continue
        for message in (*_event_faults(call), *_field_faults(call)):
            yield source.breach("log-fields", call.lineno, message)


def _is_log_call(call: ast.Call) -> bool:
    name = last_name(call.func)
    if name in {"bind_contextvars", "bound_contextvars"}:
        return True
    if not isinstance(call.func, ast.Attribute):
        return False
    on_logger = bool(_LOGGER.match(last_name(call.func.value)))
    return on_logger and name in METHODS | BINDERS


def _event_faults(call: ast.Call) -> Iterator[str]:
    if last_name(call.func) in BINDERS:
        return
    events = call.args[1:] if last_name(call.func) == "log" else call.args
    first, rest = events[:1], events[1:]
    if not first or not isinstance(first[0], ast.Constant) or not isinstance(first[0].value, str):
        yield "the event is a plain string, not built from values"
    if rest:
        yield "values go into keywords, not into the message"


def _field_faults(call: ast.Call) -> Iterator[str]:
    for field in call.keywords:
        if field.arg is None:
            yield "`**` hides which fields are logged"
        elif field.arg not in allowed_fields():
            yield f"field `{field.arg}` is not in allowed_log_fields.txt"
        elif isinstance(field.value, ast.JoinedStr):
            yield f"field `{field.arg}` is an f-string"
