"""A preset states the clause it rests on and the day from which it holds."""

import tomllib
from collections.abc import Iterator

from tools.lint.source import Breach, Source

REQUIRED = ("basis", "effective_from")


def policy_basis(source: Source) -> Iterator[Breach]:
    """Every entry of a preset file names its clause and its first day."""
    if source.path.suffix != ".toml" or not source.under("policies"):
        return
    for name, table, line in _entries(source.text):
        for key in REQUIRED:
            if not table.get(key):
                yield source.breach("policy-basis", line, f"entry `{name}` has no `{key}`")


def _entries(text: str) -> Iterator[tuple[str, dict[str, object], int]]:
    headers = _header_lines(text)
    for name, value in tomllib.loads(text).items():
        tables = value if isinstance(value, list) else [value]
        lines = iter(headers.get(name, ()))
        for table in tables:
            if isinstance(table, dict):
                yield name, table, next(lines, 1)


def _header_lines(text: str) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("["):
            found.setdefault(line.partition("#")[0].strip().strip("[]").strip(), []).append(number)
    return found
