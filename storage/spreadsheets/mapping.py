"""Which header means which of our fields, and which of an office's words means which value.

The default stands in `policies/import/beneficiaries.toml`; a county's own file adds to it.
"""

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

from storage.spreadsheets.sheet import Cell


class RosterField(StrEnum):
    """What a roster says of a person."""

    ID_NUMBER = "id_number"
    NAME = "name"
    SCHEME = "scheme"
    STARTED_ON = "started_on"
    HOUSEHOLD = "household"
    RESIDENCE = "residence"
    PHONE = "phone"
    KEY_GROUPS = "key_groups"


REQUIRED = frozenset(
    {
        RosterField.ID_NUMBER,
        RosterField.NAME,
        RosterField.SCHEME,
        RosterField.STARTED_ON,
        RosterField.HOUSEHOLD,
    }
)
_TABLES = {"headers", "schemes", "key_groups", "defaults"}
_NOISE = re.compile(r"[\s*:。.、_\-]+")
_ASIDE = re.compile(r"\(.*?\)")


class MappingError(ValueError):
    """A mapping file is unreadable or contradicts itself; names what is wrong."""


def plain(text: str) -> str:
    """Fold a header or a word of a value: full-width forms, spaces and stars do not count."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", text)).lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterMapping:
    """`headers` lists each field's headers, the preferred first; the word maps are folded."""

    headers: Mapping[RosterField, tuple[str, ...]]
    schemes: Mapping[str, str]
    key_groups: Mapping[str, str]
    defaults: Mapping[RosterField, str]

    def columns(self, cells: Sequence[Cell]) -> dict[RosterField, int]:
        """Find the fields that a row of cells heads; {} for a row that is no header."""
        written: dict[str, int] = {}
        for position, cell in enumerate(cells):
            if isinstance(cell, str):
                folded = plain(cell)
                written.setdefault(folded, position)
                written.setdefault(_ASIDE.sub("", folded), position)
        found = {}
        for field, headers in self.headers.items():
            present = [written[header] for header in headers if header in written]
            if present:
                found[field] = present[0]
        return found

    def missing(self, found: Mapping[RosterField, int]) -> list[RosterField]:
        """List the required fields that neither a header nor a default gives."""
        return sorted(REQUIRED - set(found) - set(self.defaults))


def load_mapping(*paths: Path) -> RosterMapping:
    """Read mapping files; a later one's headers come before an earlier one's. MappingError."""
    headers: dict[RosterField, tuple[str, ...]] = {}
    schemes: dict[str, str] = {}
    key_groups: dict[str, str] = {}
    defaults: dict[RosterField, str] = {}
    for path in paths:
        tables = _read(path)
        for field, words in _fields(path, tables.get("headers", {})).items():
            own = tuple(plain(word) for word in _words(path, field, words))
            headers[field] = own + headers.get(field, ())
        schemes |= _by_word(path, tables.get("schemes", {}))
        key_groups |= _by_word(path, tables.get("key_groups", {}))
        defaults |= {f: str(v) for f, v in _fields(path, tables.get("defaults", {})).items()}
    _refuse_doubles(headers)
    return RosterMapping(
        headers=MappingProxyType(headers),
        schemes=MappingProxyType(schemes),
        key_groups=MappingProxyType(key_groups),
        defaults=MappingProxyType(defaults),
    )


def _read(path: Path) -> dict[str, object]:
    try:
        tables = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise MappingError(f"{path.name}: {error}") from error
    unknown = set(tables) - _TABLES
    if unknown:
        raise MappingError(f"{path.name}: unknown table {', '.join(sorted(unknown))}")
    return tables


def _fields(path: Path, table: object) -> dict[RosterField, object]:
    if not isinstance(table, dict) or not set(table) <= set(RosterField):
        raise MappingError(f"{path.name}: fields are {', '.join(RosterField)}")
    return {RosterField(name): value for name, value in table.items()}


def _by_word(path: Path, table: object) -> dict[str, str]:
    """Turn `code = [words]` round, so that a word finds its code."""
    if not isinstance(table, dict):
        raise MappingError(f"{path.name}: a table of lists is wanted")
    return {plain(word): code for code in table for word in _words(path, code, table[code])}


def _words(path: Path, name: str, value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(word, str) and word for word in value):
        raise MappingError(f"{path.name}: {name} needs a list of words")
    return value


def _refuse_doubles(headers: Mapping[RosterField, tuple[str, ...]]) -> None:
    owner: dict[str, RosterField] = {}
    for field, words in headers.items():
        for word in words:
            if owner.setdefault(word, field) is not field:
                raise MappingError(f"header {word!r} is claimed by {owner[word]} and {field}")
