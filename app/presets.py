"""Read `policies/` into domain values. A preset that cannot be trusted stops the start.

Layout: one file per region. `[preset]` names it; each key is a list of tables with `value`,
`effective_from`, `basis` and, where needed, `effective_to`, `schemes`, `superior`.
"""

import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from domain.errors import AppError
from domain.policy import PolicyBook, PolicyEntry, PolicyPreset, parse_scheme
from domain.policy_values import KEYS, Scheme, read_value
from domain.regions import DivisionPath, parse_division

POLICIES = Path(__file__).resolve().parent.parent / "policies"
_ENTRY_FIELDS = {"value", "effective_from", "effective_to", "basis", "schemes", "superior"}
_REQUIRED = ("value", "effective_from", "basis")


class PresetError(Exception):
    """A preset file is unreadable, incomplete or contradicts itself; names the file and the key."""


def load_book(folder: Path = POLICIES) -> PolicyBook:
    """Read all presets and resolve each for every scheme and date of change. Raises PresetError."""
    presets = load_presets(folder)
    try:
        book = PolicyBook(presets)
    except ValueError as error:
        raise PresetError(f"{folder}: {error}") from error
    for preset in presets:
        _check_resolves(book, preset, presets)
    return book


def load_presets(folder: Path = POLICIES) -> tuple[PolicyPreset, ...]:
    """Read `national.toml` and `regions/*.toml`. Raises PresetError."""
    files = [folder / "national.toml", *sorted((folder / "regions").glob("*.toml"))]
    presets = tuple(_read_file(path) for path in files)
    missing = set(KEYS) - {entry.key for entry in presets[0].entries}
    if missing:
        raise PresetError(f"{files[0].name}: no default for {', '.join(sorted(missing))}")
    return presets


def _check_resolves(
    book: PolicyBook, preset: PolicyPreset, presets: tuple[PolicyPreset, ...]
) -> None:
    """Find a combination of values that no single file shows to be wrong."""
    region = preset.region
    if region is None:
        return
    above = [p for p in presets if p.region is None or region.startswith(p.region)]
    changes = {entry.effective_from for p in above for entry in p.entries}
    for scheme in Scheme:
        for on in sorted(changes):
            try:
                book.resolve(region, scheme=scheme, on=on)
            except (AppError, ValueError) as error:
                raise PresetError(f"{region}.toml: {scheme} on {on}: {error}") from error


def _read_file(path: Path) -> PolicyPreset:
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        return _preset(tables)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValueError, AppError) as error:
        raise PresetError(f"{path.name}: {error}") from error


def _preset(tables: dict[str, Any]) -> PolicyPreset:
    head = tables.pop("preset", None)
    if not isinstance(head, dict) or not {"region", "name"} <= set(head):
        raise ValueError("[preset] needs region and name")
    entries = tuple(
        _entry(f"{group}.{name}", table)
        for group, keys in tables.items()
        for name, table in _tables(group, keys)
    )
    return PolicyPreset(region=_region(head["region"]), name=str(head["name"]), entries=entries)


def _region(text: object) -> DivisionPath | None:
    if text == "national":
        return None
    region = parse_division(str(text))
    if region != text:
        raise ValueError(f"region {text!r} is written {region!r}")
    return region


def _tables(group: str, keys: object) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Walk the tables of one group: `[[group.name]]`, any number of each."""
    if not isinstance(keys, dict):
        raise ValueError(f"{group}: write [[{group}.name]]")  # noqa: TRY004 - bad input, not a bug
    for name, versions in keys.items():
        if not isinstance(versions, list) or not all(isinstance(v, dict) for v in versions):
            raise ValueError(f"{group}.{name}: write [[{group}.{name}]]")
        yield from ((name, version) for version in versions)


def _entry(key: str, table: Mapping[str, Any]) -> PolicyEntry:
    unknown = set(table) - _ENTRY_FIELDS
    missing = [name for name in _REQUIRED if name not in table]
    if unknown or missing:
        raise ValueError(f"{key}: unknown {sorted(unknown)}, missing {missing}")
    schemes = table.get("schemes")
    if schemes is not None and not schemes:
        raise ValueError(f"{key}: schemes is empty; leave it out to mean all")
    return PolicyEntry(
        key=key,
        value=read_value(key, table["value"]),
        effective_from=_day(key, table["effective_from"]),
        effective_to=_day(key, table["effective_to"]) if "effective_to" in table else None,
        basis=str(table["basis"]),
        schemes=frozenset(parse_scheme(scheme) for scheme in schemes or ()),
        superior=table.get("superior", False) is True,
    )


def _day(key: str, raw: object) -> date:
    """Read a TOML date; a time of day would be lost, so it is refused."""
    if type(raw) is not date:
        raise ValueError(f"{key}: dates are written 2021-11-01")
    return raw
