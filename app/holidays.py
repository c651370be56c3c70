"""Read `policies/holidays/` into the table of working days. A file in doubt stops the start.

Layout: one file per notice of the State Council. `[notice]` names its year and its `basis`; each
`[[festival]]` has a `name`, its days off from `first` to `last` inclusive, and with `work` the
weekend days on which people work instead.
"""

import tomllib
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from app.presets import POLICIES, PresetError
from domain.holidays import HolidayNotice, HolidayTable

_REQUIRED = {"name", "first", "last"}


def load_holidays(folder: Path = POLICIES / "holidays") -> HolidayTable:
    """Read all notices. Raises PresetError, also when there is none."""
    files = sorted(folder.glob("*.toml"))
    if not files:
        raise PresetError(f"{folder}: no notice on public holidays")
    try:
        return HolidayTable.of([_read_file(path) for path in files])
    except ValueError as error:
        raise PresetError(f"{folder}: {error}") from error


def _read_file(path: Path) -> HolidayNotice:
    try:
        notice = _notice(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValueError) as error:
        raise PresetError(f"{path.name}: {error}") from error
    if path.stem != str(notice.year):
        raise PresetError(f"{path.name}: speaks of {notice.year}")
    return notice


def _notice(tables: dict[str, Any]) -> HolidayNotice:
    head, festivals = tables.get("notice"), tables.get("festival")
    if set(tables) != {"notice", "festival"} or not isinstance(festivals, list):
        raise ValueError("write [notice] and [[festival]], and nothing else")
    if not isinstance(head, dict) or set(head) != {"year", "basis"}:
        raise ValueError("[notice] needs year and basis")
    if type(head["year"]) is not int or not isinstance(head["basis"], str):
        raise ValueError("[notice] needs a number and a text")
    closed = [day for festival in festivals for day in _off(festival)]
    makeup = [_day(day) for festival in festivals for day in festival.get("work", ())]
    if len(closed) != len(set(closed)) or len(makeup) != len(set(makeup)):
        raise ValueError("a day is named twice")
    return HolidayNotice(
        year=head["year"],
        basis=head["basis"],
        closed=frozenset(closed),
        makeup=frozenset(makeup),
    )


def _off(festival: dict[str, Any]) -> Iterator[date]:
    """Return the days from `first` to `last`."""
    if not set(festival) >= _REQUIRED or set(festival) - _REQUIRED - {"work"}:
        raise ValueError("[[festival]] needs name, first and last, and may have work")
    first, last = _day(festival["first"]), _day(festival["last"])
    if last < first:
        raise ValueError(f"{festival['name']}: ends before it begins")
    return (first + timedelta(days=step) for step in range((last - first).days + 1))


def _day(raw: object) -> date:
    """Read a TOML date; a time of day would be lost, so it is refused."""
    if type(raw) is not date:
        raise ValueError("dates are written 2026-02-15")
    return raw
