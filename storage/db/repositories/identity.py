"""Links, tickets, and the one look-up by which a number and a proof are compared."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storage.crypto.keyring import WrappedKey
from storage.crypto.suites import SuiteId
from storage.db.models.identity import Link, Ticket
from storage.db.models.registry import Beneficiary, DataKeyRow


@dataclass(frozen=True, slots=True, kw_only=True)
class OnRecord:
    """What a proof is compared with, still sealed; `wrapped` is None for somebody erased."""

    person_id: UUID
    household_path: str
    phone_sealed: bytes | None = field(repr=False)
    wrapped: WrappedKey | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Whom a live ticket or link names."""

    id: UUID
    person_id: UUID
    household_path: str
    expires_at: datetime


def on_record(session: Session, id_number_index: bytes) -> OnRecord | None:
    """Find by the number's index: one statement, whether or not there is anybody."""
    row = session.execute(
        sa.select(Beneficiary, DataKeyRow)
        .join(DataKeyRow, DataKeyRow.beneficiary_id == Beneficiary.id, isouter=True)
        .where(Beneficiary.id_number_index == id_number_index)
    ).first()
    person, key = (None, None) if row is None else row
    wrapped = _wrapped(key)
    if person is None:
        return None
    return OnRecord(
        person_id=person.id,
        household_path=person.household_path,
        phone_sealed=person.phone_sealed,
        wrapped=wrapped,
    )


def _wrapped(row: DataKeyRow | None) -> WrappedKey | None:
    if row is None or row.wrapped is None:
        return None
    return WrappedKey(kek_version=row.kek_version, suite=SuiteId(row.suite), blob=row.wrapped)


def add_link(session: Session, row: Link) -> None:
    session.add(row)
    session.flush()


def link(session: Session, link_id: UUID) -> Link | None:
    return session.get(Link, link_id)


def links_of(session: Session, person_id: UUID) -> list[Link]:
    """Return a person's links, newest first."""
    rows = session.scalars(
        sa.select(Link)
        .where(Link.beneficiary_id == person_id)
        .order_by(Link.made_at.desc(), Link.id.desc())
        .limit(100)
    )
    return list(rows)


def revoke_link(session: Session, link_id: UUID, *, at: datetime, by: str) -> bool:
    """Revoke; False when it was revoked before."""
    done = session.execute(
        sa.update(Link)
        .where(Link.id == link_id, Link.revoked_at.is_(None))
        .values(revoked_at=at, revoked_by=by)
        .returning(Link.id)
    )
    return done.first() is not None


def live_link(session: Session, token_digest: bytes, now: datetime) -> Holder | None:
    """Return whom a link names; None once it has ended, or its person was erased."""
    there = sa.exists().where(
        DataKeyRow.beneficiary_id == Link.beneficiary_id, DataKeyRow.wrapped.is_not(None)
    )
    return _holder(session, Link, Link.token_digest == token_digest, there, *_alive(now))


def live_letter(
    session: Session, person_id: UUID, letter_index: bytes, now: datetime
) -> Holder | None:
    """Return the newest live link of a person whose letter carries that code."""
    ours = (Link.beneficiary_id == person_id, Link.letter_index == letter_index)
    return _holder(session, Link, *ours, *_alive(now))


def _alive(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return (Link.revoked_at.is_(None), Link.expires_at > now)


def add_ticket(session: Session, row: Ticket) -> None:
    session.add(row)
    session.flush()


def live_ticket(
    session: Session, token_digest: bytes, device_index: bytes, now: datetime
) -> Holder | None:
    """Return whom a ticket of that phone names; None once it or its link has ended."""
    revoked = sa.exists().where(Link.id == Ticket.link_id, Link.revoked_at.is_not(None))
    return _holder(
        session,
        Ticket,
        Ticket.token_digest == token_digest,
        Ticket.device_index == device_index,
        Ticket.ended_at.is_(None),
        Ticket.expires_at > now,
        ~revoked,
    )


def end_ticket(session: Session, ticket_id: UUID, at: datetime) -> None:
    session.execute(
        sa.update(Ticket)
        .where(Ticket.id == ticket_id, Ticket.ended_at.is_(None))
        .values(ended_at=at)
    )


def _holder(
    session: Session, table: type[Link | Ticket], *wanted: sa.ColumnElement[bool]
) -> Holder | None:
    row = session.execute(
        sa.select(table.id, table.beneficiary_id, table.expires_at, Beneficiary.household_path)
        .join(Beneficiary, Beneficiary.id == table.beneficiary_id)
        .where(*wanted)
        .order_by(table.id.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    return Holder(
        id=row.id,
        person_id=row.beneficiary_id,
        household_path=row.household_path,
        expires_at=row.expires_at,
    )
