"""The form that proposes a change of policy: read, and shown again as it was typed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

from domain.errors import AppError, Kind
from domain.policy_override import BY_SCHEME
from domain.policy_values import KEYS, Scheme
from services.policies import legal_day
from services.policy_changes import Wish
from web.console.forms import Posted
from web.console.session import Desk

LONGEST_BASIS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What stands in the form."""

    key: str
    division: str
    value: str
    schemes: Sequence[str]
    effective_from: str
    effective_to: str
    basis: str
    report_digest: str
    earliest: date

    @property
    def is_by_scheme(self) -> bool:
        """Whether the value may differ between schemes."""
        return self.key.startswith(BY_SCHEME)

    @classmethod
    def fresh(cls, desk: Desk, key: str) -> Self:
        """Begin a form. Raises `policy.key_unknown`."""
        if key not in KEYS:
            raise AppError(Kind.INVALID, "policy.key_unknown")
        earliest = _earliest(desk)
        return cls(
            key=key,
            division=desk.member.division_path,
            value="",
            schemes=(),
            effective_from=earliest.isoformat(),
            effective_to="",
            basis="",
            report_digest="",
            earliest=earliest,
        )

    @classmethod
    def of(cls, desk: Desk, form: Posted) -> Self:
        """Take over what was typed. Raises `policy.key_unknown`."""
        key = form.raw("key")
        if key not in KEYS:
            raise AppError(Kind.INVALID, "policy.key_unknown")
        return cls(
            key=key,
            division=form.raw("division"),
            value=form.raw("value"),
            schemes=form.fields.get("scheme", ()),
            effective_from=form.raw("effective_from"),
            effective_to=form.raw("effective_to"),
            basis=form.raw("basis"),
            report_digest=form.raw("report_digest"),
            earliest=_earliest(desk),
        )


def wish_of(form: Posted) -> Wish:
    """Read the form. Raises `request.invalid` and names the field."""
    return Wish(
        division=form.text("division", most=12),
        key=form.text("key", most=60),
        value=form.text("value", most=40, needed=False),
        schemes=frozenset(_schemes(form)),
        effective_from=form.day("effective_from"),
        effective_to=form.day("effective_to") if form.raw("effective_to") else None,
        basis=form.lines("basis", most=LONGEST_BASIS),
        report_digest=form.text("report_digest", most=100, needed=False),
    )


def _schemes(form: Posted) -> list[Scheme]:
    try:
        return [Scheme(scheme) for scheme in form.many("scheme")]
    except ValueError:
        raise AppError(Kind.INVALID, "request.invalid", fields=["scheme"]) from None


def day_or_none(name: str, text: str) -> date | None:
    """Read a day of an address. Raises `request.invalid`."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise AppError(Kind.INVALID, "request.invalid", fields=[name]) from None


def _earliest(desk: Desk) -> date:
    return legal_day(desk.now) + timedelta(days=1)
