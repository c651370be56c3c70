"""Tries to reach people, what the staff made of them, and whom to try next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from storage.db.models.accounts import Staff
from storage.db.models.cases import Appeal, Contact, ContactState
from storage.db.models.certification import Certification, Validity
from storage.db.models.registry import Beneficiary, DataKeyRow, EntitlementState

_UNSUCCESSFUL = ("no_answer", "wrong_number", "message_left")
_NOBODY_MET = ("data_match",)
"""Certifications in which nobody saw or heard the person."""
_OPEN_CAUSES = ("uncertified",)


def add(session: Session, row: Contact) -> None:
    session.add(row)
    session.flush()


def same(session: Session, row: Contact) -> Contact | None:
    """Return what says the same already: a form that was sent twice."""
    return session.scalar(
        sa.select(Contact)
        .where(
            Contact.beneficiary_id == row.beneficiary_id,
            Contact.channel == row.channel,
            Contact.outcome == row.outcome,
            Contact.contacted_at == row.contacted_at,
            Contact.note == row.note,
            Contact.recorded_by == row.recorded_by,
        )
        .limit(1)
    )


def get(session: Session, contact_id: UUID) -> Contact | None:
    return session.get(Contact, contact_id)


def of_person(
    session: Session, person_id: UUID, *, after: Contact | None, limit: int
) -> Sequence[Any]:
    """Return `Contact` and the `recorder`'s name, the newest contact first."""
    query = (
        sa.select(Contact, Staff.display_name.label("recorder"))
        .join(Staff, Staff.id == Contact.recorded_by, isouter=True)
        .where(Contact.beneficiary_id == person_id)
        .order_by(Contact.contacted_at.desc(), Contact.id.desc())
        .limit(limit)
    )
    if after is not None:
        place = sa.tuple_(Contact.contacted_at, Contact.id)
        query = query.where(place < (after.contacted_at, after.id))
    return session.execute(query).all()


def since(session: Session, person_id: UUID, moment: datetime | None) -> Sequence[Contact]:
    """Return the contacts of a person after a moment, or all."""
    query = sa.select(Contact).where(Contact.beneficiary_id == person_id)
    if moment is not None:
        query = query.where(Contact.contacted_at > moment)
    return session.scalars(query.order_by(Contact.contacted_at, Contact.id)).all()


def state_of(session: Session, person_id: UUID) -> ContactState | None:
    """Return what the staff last wrote down."""
    return session.scalar(
        sa.select(ContactState)
        .where(ContactState.beneficiary_id == person_id)
        .order_by(ContactState.set_at.desc(), ContactState.id.desc())
        .limit(1)
    )


def add_state(session: Session, row: ContactState) -> None:
    session.add(row)
    session.flush()


def showed_life_at(session: Session, person_id: UUID) -> datetime | None:
    """Return when the person was last certified, asked again, or marked as reached."""
    certified = sa.select(sa.func.max(Certification.received_at)).where(
        Certification.beneficiary_id == person_id, *_certified_in_person(Certification)
    )
    asked = sa.select(sa.func.max(Appeal.raised_at)).where(
        Appeal.beneficiary_id == person_id, Appeal.raised_by.startswith("person:")
    )
    marked = sa.select(sa.func.max(ContactState.set_at)).where(
        ContactState.beneficiary_id == person_id, ContactState.state == "reached"
    )
    moments = [part.scalar_subquery() for part in (certified, asked, marked)]
    return session.scalar(sa.select(sa.func.greatest(*moments)))


def _certified_in_person(row: Any) -> tuple[sa.ColumnElement[bool], ...]:
    revocation = aliased(Certification)
    return (
        row.kind == "certified",
        row.channel.not_in(_NOBODY_MET),
        ~sa.exists().where(revocation.revokes_id == row.id),
    )


# -- whom to try next


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """Whose first clock ends by `until`, in a place: those whom somebody tried, or nobody."""

    place: str
    until: date
    window_months: int
    is_tried: bool


def due(session: Session, wanted: Due, *, after: Validity | None, limit: int) -> Sequence[Any]:
    """Return people whose clock ends and who were not reached since it warned, by that day.

    Each row: `Validity`, `Beneficiary`, `DataKeyRow`, number of `tries` in vain and `last_try`.
    """
    tries = _tries(wanted.window_months)
    query = (
        sa.select(Validity, Beneficiary, DataKeyRow, tries.c.tries, tries.c.last_try)
        .join(Beneficiary, Beneficiary.id == Validity.beneficiary_id)
        .join(DataKeyRow, DataKeyRow.beneficiary_id == Validity.beneficiary_id, isouter=True)
        .join(tries, sa.true())
        .where(
            Validity.valid_until <= wanted.until,
            Beneficiary.residence_path.startswith(wanted.place),
            _first_clock(),
            _still_drawn(),
            ~_is_unreachable(Validity.beneficiary_id),
            tries.c.reached == 0,
            tries.c.tries > 0 if wanted.is_tried else tries.c.tries == 0,
        )
        .order_by(Validity.valid_until, Validity.entitlement_id)
        .limit(limit)
    )
    if after is not None:
        reached = sa.tuple_(Validity.valid_until, Validity.entitlement_id)
        query = query.where(reached > (after.valid_until, after.entitlement_id))
    return session.execute(query).all()


def _tries(window_months: int) -> Any:
    """Count the contacts of a person since the reminder window of the clock opened."""
    opened = Validity.valid_until - sa.func.make_interval(0, window_months)
    in_vain = Contact.outcome.in_(_UNSUCCESSFUL)
    return (
        sa.select(
            sa.func.count().filter(in_vain).label("tries"),
            sa.func.count().filter(~in_vain).label("reached"),
            sa.func.max(Contact.contacted_at).label("last_try"),
        )
        .where(
            Contact.beneficiary_id == Validity.beneficiary_id,
            Contact.contacted_at >= sa.func.timezone("Asia/Shanghai", opened),
        )
        .lateral()
    )


def _first_clock() -> sa.ColumnElement[bool]:
    """One line a person: the clock that ends first."""
    other = aliased(Validity)
    return ~sa.exists().where(
        other.beneficiary_id == Validity.beneficiary_id,
        sa.tuple_(other.valid_until, other.entitlement_id)
        < sa.tuple_(Validity.valid_until, Validity.entitlement_id),
    )


def _still_drawn() -> sa.ColumnElement[bool]:
    """Whether certifying would help: paid, or held only for want of it."""
    newest = (
        sa.select(EntitlementState.status, EntitlementState.cause)
        .where(EntitlementState.entitlement_id == Validity.entitlement_id)
        .order_by(EntitlementState.recorded_at.desc(), EntitlementState.id.desc())
        .limit(1)
        .subquery()
    )
    stopped = sa.or_(
        newest.c.status == "terminated",
        sa.and_(newest.c.status == "suspended", newest.c.cause.not_in(_OPEN_CAUSES)),
    )
    return ~sa.exists(sa.select(newest.c.status).where(stopped))


def _is_unreachable(person_id: Any) -> sa.ColumnElement[bool]:
    state = aliased(ContactState)
    return sa.exists().where(state.beneficiary_id == person_id, stands(state))


def stands(state: Any) -> sa.ColumnElement[bool]:
    """Whether a row says `unreachable` and nothing since says otherwise."""
    newer, certified, asked = aliased(ContactState), aliased(Certification), aliased(Appeal)
    return sa.and_(
        state.state == "unreachable",
        ~sa.exists().where(
            newer.beneficiary_id == state.beneficiary_id,
            sa.tuple_(newer.set_at, newer.id) > sa.tuple_(state.set_at, state.id),
        ),
        ~sa.exists().where(
            certified.beneficiary_id == state.beneficiary_id,
            certified.received_at > state.set_at,
            *_certified_in_person(certified),
        ),
        ~sa.exists().where(
            asked.beneficiary_id == state.beneficiary_id,
            asked.raised_at > state.set_at,
            asked.raised_by.startswith("person:"),
        ),
    )


def clock_of(session: Session, entitlement_id: UUID) -> Validity | None:
    return session.get(Validity, entitlement_id)


def state(session: Session, state_id: UUID) -> ContactState | None:
    return session.get(ContactState, state_id)


def unreachable(
    session: Session, *, place: str, after: ContactState | None, limit: int
) -> Sequence[Any]:
    """Return who counts as unreachable, the longest first.

    Each row: `ContactState`, `Beneficiary`, `DataKeyRow`.
    """
    query = (
        sa.select(ContactState, Beneficiary, DataKeyRow)
        .join(Beneficiary, Beneficiary.id == ContactState.beneficiary_id)
        .join(DataKeyRow, DataKeyRow.beneficiary_id == ContactState.beneficiary_id, isouter=True)
        .where(Beneficiary.residence_path.startswith(place), stands(ContactState))
        .order_by(ContactState.set_at, ContactState.id)
        .limit(limit)
    )
    if after is not None:
        reached = sa.tuple_(ContactState.set_at, ContactState.id)
        query = query.where(reached > (after.set_at, after.id))
    return session.execute(query).all()
