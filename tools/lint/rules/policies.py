"""A preset states, for each value, the clause it rests on and the day from which it holds."""

import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from tools.lint.source import Breach, Source

REQUIRED = {"basis": str, "effective_from": date}
PRESETS = ("policies/national.toml", "policies/regions")
TITLE = "preset"  # the table that names the file's region; it rules nothing


def policy_basis(source: Source) -> Iterator[Breach]:
    """Every entry of a preset file names its clause and its first day."""
    if source.path.suffix != ".toml" or not source.under("policies"):
        return
    document = tomllib.loads(source.text)
    if TITLE not in document and not source.under(*PRESETS):
        return  # word lists and mappings lie beside the presets and rule nothing
    headers = _header_lines(source.text)
    for name, entry, number in _entries(document, ""):
        lines = headers.get(name, [])
        line = lines[number] if number < len(lines) else 1
        for key, kind in REQUIRED.items():
            if not entry.get(key) or not isinstance(entry[key], kind):
                yield source.breach("policy-basis", line, f"entry `{name}` has no `{key}`")


def _entries(table: Mapping[str, Any], name: str) -> Iterator[tuple[str, Mapping[str, Any], int]]:
    """Tables that hold a value of their own, with their number among tables of the same name."""
    for key, value in table.items():
        path = f"{name}.{key}".lstrip(".")
        if path == TITLE:
            continue
        items = value if isinstance(value, list) else [value]
        if not all(isinstance(item, Mapping) for item in items):
            yield path, {}, 0  # a value outside any entry: nothing can be its basis
            continue
        for number, item in enumerate(items):
            if _is_entry(item):
                yield path, item, number
            else:
                yield from _entries(item, path)


def _is_entry(table: Mapping[str, Any]) -> bool:
    return any(not isinstance(value, Mapping | list) for value in table.values())


def _header_lines(text: str) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("["):
            found.setdefault(line.partition("#")[0].strip().strip("[]").strip(), []).append(number)
    return found
