"""What a form sent: its CSRF token checked, its fields read with a clear word for each fault."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import Depends, Request

from domain.errors import AppError, Kind
from edge.text import written, written_lines
from web.console.session import HeldDesk

FIELDS = 200
CSRF = "csrf"
CSRF_HEADER = "Jianzai-Csrf"
_Choice = TypeVar("_Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """The fields of a form. Every reader raises `request.invalid` and names the field."""

    fields: Mapping[str, Sequence[str]] = field(repr=False)

    def raw(self, name: str) -> str:
        """Give what was typed, to show it again; empty when it was not sent."""
        found = self.fields.get(name, ())
        return found[0] if found else ""

    def text(self, name: str, *, most: int = 200, needed: bool = True) -> str:
        """Read one line."""
        return self._read(name, written, most=most, needed=needed)

    def lines(self, name: str, *, most: int = 2000, needed: bool = False) -> str:
        """Read one line or several."""
        return self._read(name, written_lines, most=most, needed=needed)

    def secret(self, name: str) -> str:
        """Read a password as it is."""
        return self.raw(name)[:256]

    def choice(self, name: str, kind: type[_Choice]) -> _Choice:
        """Read a member of a closed set."""
        try:
            return kind(self.raw(name))
        except ValueError:
            raise _invalid(name) from None

    def choice_or_none(self, name: str, kind: type[_Choice]) -> _Choice | None:
        """Read a member of a closed set, or nothing."""
        return self.choice(name, kind) if self.raw(name) else None

    def uuid(self, name: str) -> UUID:
        """Read an id."""
        try:
            return UUID(self.raw(name))
        except ValueError:
            raise _invalid(name) from None

    def day(self, name: str) -> date:
        """Read a day as browsers write it."""
        try:
            return date.fromisoformat(self.raw(name))
        except ValueError:
            raise _invalid(name) from None

    def many(self, name: str) -> Sequence[str]:
        """Give every value of a field that may be sent several times."""
        try:
            return [written(value) for value in self.fields.get(name, ())]
        except ValueError:
            raise _invalid(name) from None

    def has(self, name: str) -> bool:
        """Whether a box was ticked or a button pressed."""
        return name in self.fields

    def _read(self, name: str, clean: Callable[[str], str], *, most: int, needed: bool) -> str:
        try:
            found = clean(self.raw(name)).strip()
        except ValueError:
            raise _invalid(name) from None
        if len(found) > most or (needed and not found):
            raise _invalid(name)
        return found


def _invalid(name: str) -> AppError:
    return AppError(Kind.INVALID, "request.invalid", fields=[name])


async def sent_fields(request: Request) -> dict[str, list[str]]:
    """Read a form that a browser posts; files are not taken. Raises `request.invalid`."""
    async with request.form(max_files=0, max_fields=FIELDS) as form:
        found: dict[str, list[str]] = {}
        for name, value in form.multi_items():
            if isinstance(value, str):
                found.setdefault(name, []).append(value)
    return found


async def posted(request: Request, desk: HeldDesk) -> Posted:
    """Read the form of one who is signed in. Raises `request.cross_site` without its token."""
    fields = await sent_fields(request)
    given = request.headers.get(CSRF_HEADER) or next(iter(fields.get(CSRF, ())), "")
    if given != desk.csrf:
        raise AppError(Kind.FORBIDDEN, "request.cross_site")
    return Posted(fields=fields)


async def posted_by_stranger(request: Request) -> Posted:
    """Read the form of one who is about to sign in."""
    return Posted(fields=await sent_fields(request))


PostedForm = Annotated[Posted, Depends(posted)]
StrangersForm = Annotated[Posted, Depends(posted_by_stranger)]
