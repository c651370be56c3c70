"""The query of an address, read like a form: filters survive a reload, and no fault is silent."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from fastapi import Request

from domain.errors import AppError, Kind
from web.console.forms import Posted

YEARS = range(1900, 2200)
"""A day of another year is a slip of the hand, and at the ends of time no day can be reckoned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(Posted):
    """What an address asks for; an empty value asks for nothing."""

    def kept(self, names: Iterable[str]) -> dict[str, str]:
        """Give the filters that another address has to carry on."""
        return {name: self.raw(name)[:200] for name in names if self.raw(name)}

    def day_or_none(self, name: str) -> date | None:
        """Read a day of this or a nearby century as browsers write it, or nothing."""
        day = self.day(name) if self.raw(name) else None
        if day is not None and day.year not in YEARS:
            raise AppError(Kind.INVALID, "request.invalid", fields=[name])
        return day

    def uuid_or_none(self, name: str) -> UUID | None:
        """Read an id, or nothing."""
        return self.uuid(name) if self.raw(name) else None

    def number_or_none(self, name: str) -> int | None:
        """Read a number of a record, or nothing."""
        text = self.raw(name)
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and len(text) < 18):
            raise AppError(Kind.INVALID, "request.invalid", fields=[name])
        return int(text)


def asked_of(request: Request) -> Asked:
    """Read the query of a request."""
    query = request.query_params
    return Asked(fields={name: query.getlist(name) for name in query})
