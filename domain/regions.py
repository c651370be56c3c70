"""Administrative divisions (省/市/县/乡镇/村) as prefix paths, and the scope a reader acts in.

A division code has 12 digits; cut to its significant width it is a `DivisionPath`, e.g. `36`,
`3604`, `360426`, `360426101`, `360426101203`. Widths are fixed, so a subtree is a string prefix.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType, assert_never

from domain.errors import AppError, Kind
from domain.ids import BeneficiaryId

DivisionPath = NewType("DivisionPath", str)
"""A significant code of 2, 4, 6, 9 or 12 digits, made by `parse_division` or `cut` only."""


class Level(StrEnum):
    """How deep a division lies. Declared from the top down."""

    PROVINCE = "province"
    PREFECTURE = "prefecture"
    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE = "village"

    @property
    def digits(self) -> int:
        """Width of the path in digits."""
        return WIDTHS[self]


WIDTHS = {
    Level.PROVINCE: 2,
    Level.PREFECTURE: 4,
    Level.COUNTY: 6,
    Level.TOWNSHIP: 9,
    Level.VILLAGE: 12,
}
_LEVELS = {width: level for level, width in WIDTHS.items()}
_CODE = re.compile(r"[1-9][0-9]+", re.ASCII)


def parse_division(code: str) -> DivisionPath:
    """Read a path, or a code padded with zeros to 6, 9 or 12 digits (GB/T 2260, GB/T 10114).

    Zero groups inside the code stay: a prefecture without counties (4419 00) has townships.
    Raises `division.malformed`.
    """
    digits = code.strip()
    if _CODE.fullmatch(digits) is None or len(digits) not in _LEVELS:
        raise AppError(Kind.INVALID, "division.malformed")
    return DivisionPath(digits[: _significant_width(digits)])


def _significant_width(digits: str) -> int:
    """Width without the zero groups at the end; the province group is never empty."""
    for width in WIDTHS.values():
        if not digits[width:].strip("0"):
            return width
    raise AssertionError  # pragma: no cover - the widest group leaves nothing behind it


def level_of(path: DivisionPath) -> Level:
    """Level of a path. Raises `division.malformed` for a width that no level has."""
    level = _LEVELS.get(len(path))
    if level is None or _CODE.fullmatch(path) is None:
        raise AppError(Kind.INVALID, "division.malformed")
    return level


def cut(path: DivisionPath, to: Level) -> DivisionPath:
    """Return the ancestor (or itself) at a level. Raises `division.too_shallow` below the path."""
    if len(path) < to.digits:
        raise AppError(Kind.INVALID, "division.too_shallow", needed=to.value)
    return DivisionPath(path[: to.digits])


def county_of(path: DivisionPath) -> DivisionPath:
    """Return the county that a division lies in: the unit of audit chains and of most law."""
    return cut(path, Level.COUNTY)


def contains(outer: DivisionPath, inner: DivisionPath) -> bool:
    """Whether `inner` is `outer` or lies in its subtree. Raises `division.malformed`."""
    level_of(outer)
    level_of(inner)
    return inner.startswith(outer)


def ancestors(path: DivisionPath) -> tuple[DivisionPath, ...]:
    """Return the path's divisions from the province down to itself."""
    deepest = len(cut(path, level_of(path)))
    return tuple(DivisionPath(path[:width]) for width in WIDTHS.values() if width <= deepest)


class SystemName(StrEnum):
    """The parts of the system that may act over every division; each is named in the audit."""

    DECISION_WORKER = "decision_worker"
    SELF_SERVICE = "self_service"
    SIGN_IN = "sign_in"
    SCHEDULER = "scheduler"
    POLICY_BOOK = "policy_book"
    MIGRATION = "migration"
    COMMAND_LINE = "command_line"
    DEMO = "demo"


@dataclass(frozen=True, slots=True, kw_only=True)
class DivisionScope:
    """A member of staff: sees the own division and its subtree."""

    path: DivisionPath

    def __post_init__(self) -> None:
        _refuse_empty(self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectScope:
    """A pensioner: sees the own case only. `path` is the division that keeps the case."""

    beneficiary_id: BeneficiaryId
    path: DivisionPath

    def __post_init__(self) -> None:
        _refuse_empty(self.path)
        if self.beneficiary_id is None:  # an untyped caller could
            raise AppError(Kind.FORBIDDEN, "scope.empty")


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemScope:
    """A named part of the system: sees every division."""

    name: SystemName

    def __post_init__(self) -> None:
        if not isinstance(self.name, SystemName):
            raise AppError(Kind.FORBIDDEN, "scope.empty")


Scope = DivisionScope | SubjectScope | SystemScope


def _refuse_empty(path: DivisionPath) -> None:
    """Refuse a scope without a path: an empty prefix would match every row."""
    if not path or not path.strip():
        raise AppError(Kind.FORBIDDEN, "scope.empty")
    level_of(path)


def covers(scope: Scope, path: DivisionPath, *, subject: BeneficiaryId | None = None) -> bool:
    """Whether a scope may see a row kept at `path` about `subject` (None: about nobody).

    The oracle of the row-level security policies in `storage`.
    """
    match scope:
        case SystemScope():
            return True
        case DivisionScope():
            return contains(scope.path, path)
        case SubjectScope():
            return subject is not None and subject == scope.beneficiary_id
        case _:  # pragma: no cover - mypy proves the match exhaustive
            assert_never(scope)
