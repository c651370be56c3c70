"""Links to the phone page: one person each, made and revoked by staff, live until the deadline.

The same act makes a code for a letter: for people whose phone is not on record, or who have none.
"""

import secrets
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID

from domain.audit import AuditAction
from domain.beneficiary import EntitlementStatus
from domain.errors import AppError, Kind
from services.backend import Backend
from services.evidence import Caller, open_key
from services.identity import letter_index
from services.policies import LEGAL_ZONE
from services.unit_of_work import Unit
from storage.crypto.tokens import new_token
from storage.db.models.identity import Link
from storage.db.repositories import certifications, identity
from storage.ids import uuid7

LEAST_LIFE = timedelta(days=30)
"""A link never ends sooner: a letter takes its time, and who is overdue needs it most (F12)."""
LETTER_DIGITS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkMade:
    """`token` and `letter_code` are shown once; only digests are kept."""

    id: UUID
    token: str = field(repr=False)
    letter_code: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSeen:
    """A link as staff see it afterwards: never what opens it."""

    id: UUID
    made_at: datetime
    made_by: str
    expires_at: datetime
    revoked_at: datetime | None


def make_link(backend: Backend, caller: Caller, person_id: UUID) -> LinkMade:
    """Make a link and a letter code. Raises `person.not_found`, `evidence.erased`."""
    token, digest = new_token()
    code = f"{secrets.randbelow(10**LETTER_DIGITS):0{LETTER_DIGITS}d}"
    with backend.unit(caller.actor, caller.scope) as unit:
        open_key(backend.people(unit), person_id)
        row = Link(
            id=uuid7(),
            beneficiary_id=person_id,
            token_digest=digest,
            letter_index=letter_index(backend, person_id, code),
            made_at=unit.now,
            made_by=str(unit.actor),
            expires_at=_live_until(backend, unit, person_id),
        )
        identity.add_link(unit.session, row)
        unit.audit(AuditAction.LINK_MADE, link=str(row.id), beneficiary=str(person_id))
    return LinkMade(id=row.id, token=token, letter_code=code, expires_at=row.expires_at)


def _live_until(backend: Backend, unit: Unit, person_id: UUID) -> datetime:
    """Return the end of the first deadline's day, or of thirty days."""
    deadline = earliest_end(backend, unit, person_id)
    least = unit.now + LEAST_LIFE
    if deadline is None:
        return least
    return max(least, datetime.combine(deadline + timedelta(days=1), time.min, LEGAL_ZONE))


def earliest_end(backend: Backend, unit: Unit, person_id: UUID) -> date | None:
    """Return the first last day of what the person still draws; None before any was projected."""
    drawn = {
        row.id
        for row in backend.people(unit).entitlements_of(person_id)
        if row.status != EntitlementStatus.TERMINATED.value
    }
    ends = certifications.ends_of(unit.session, person_id)
    return min((end.day for end in ends if end.day and end.entitlement_id in drawn), default=None)


def links_of(backend: Backend, caller: Caller, person_id: UUID) -> tuple[LinkSeen, ...]:
    """List a person's links, newest first. Raises `person.not_found`."""
    with backend.unit(caller.actor, caller.scope) as unit:
        if not backend.people(unit).is_visible(person_id):
            raise AppError(Kind.NOT_FOUND, "person.not_found")
        return tuple(
            LinkSeen(
                id=row.id,
                made_at=row.made_at,
                made_by=row.made_by,
                expires_at=row.expires_at,
                revoked_at=row.revoked_at,
            )
            for row in identity.links_of(unit.session, person_id)
        )


def revoke_link(backend: Backend, caller: Caller, link_id: UUID) -> None:
    """End a link, its letter code and every ticket that they opened; again it changes nothing.

    Raises `link.not_found`.
    """
    with backend.unit(caller.actor, caller.scope) as unit:
        row = identity.link(unit.session, link_id)
        if row is None:
            raise AppError(Kind.NOT_FOUND, "link.not_found")
        if identity.revoke_link(unit.session, link_id, at=unit.now, by=str(unit.actor)):
            unit.audit(
                AuditAction.LINK_REVOKED, link=str(link_id), beneficiary=str(row.beneficiary_id)
            )
