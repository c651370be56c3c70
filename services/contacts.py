"""The contact log: who tried to reach a person, by which means, with what result.

It is the proof that a stop needs: "unreachable" may be said only when the policy's minimum is met,
and being reached lifts it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from domain.audit import AuditAction
from domain.contact import (
    ContactChannel,
    ContactOutcome,
    Proof,
    Reachability,
    Try,
    check_contact,
    check_enough,
    proof,
    reached,
)
from domain.errors import AppError, Kind
from services.accounts import StaffMember, actor_of, scope_of
from services.appeals import refuse_open
from services.backend import Backend
from services.policies import common_rules, legal_day
from services.shown import masked_name, place_name
from services.unit_of_work import Unit
from storage.db.models.cases import Contact, ContactState
from storage.db.repositories import certifications, contacts
from storage.ids import uuid7


@dataclass(frozen=True, slots=True, kw_only=True)
class NewContact:
    """One try, as the one who made it tells it. `contacted_at` is aware."""

    channel: ContactChannel
    outcome: ContactOutcome
    contacted_at: datetime
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactLine:
    """One try of the log. `recorder` is None for a colleague who sits out of sight."""

    id: UUID
    channel: ContactChannel
    outcome: ContactOutcome
    note: str
    contacted_at: datetime
    recorded_at: datetime
    recorder: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactLog:
    """A page of one person's log, newest first, with what it proves now.

    `masked_name` is None for somebody erased by law.
    """

    masked_name: str | None = field(repr=False)
    place: str
    state: Reachability
    marked_at: datetime | None
    proof: Proof
    lines: tuple[ContactLine, ...]
    next_after: UUID | None


def record(backend: Backend, by: StaffMember, person_id: UUID, new: NewContact) -> UUID:
    """Write a try down; sent twice, it is kept once. Whoever was reached is unreachable no more.

    Raises `person.not_found`, `contact.in_future`, `contact.too_old`, `contact.note_too_long`.
    """
    with backend.unit(actor_of(by), scope_of(by)) as unit:
        check_contact(new.contacted_at, new.note, now=unit.now)
        _take_turn(backend, unit, person_id)
        row = _row(unit, by, person_id, new=new)
        known = contacts.same(unit.session, row)
        if known is not None:
            return known.id
        contacts.add(unit.session, row)
        unit.audit(
            AuditAction.CONTACT_RECORDED,
            contact=str(row.id),
            beneficiary=str(person_id),
            channel=row.channel,
            outcome=row.outcome,
        )
        if reached(new.outcome):
            _lift(backend, unit, by, row=row)
        return row.id


def _lift(backend: Backend, unit: Unit, by: StaffMember, *, row: Contact) -> None:
    """Take "unreachable" back, unless enough was tried in vain after this contact as well."""
    person_id = row.beneficiary_id
    if reachability(unit, person_id) is Reachability.REACHED:
        return
    if not proof_of(backend, unit, person_id).is_enough:
        _mark(unit, by, person_id, state=Reachability.REACHED, facts={"contact": str(row.id)})


def _take_turn(backend: Backend, unit: Unit, person_id: UUID) -> None:
    if not backend.people(unit).is_visible(person_id):
        raise AppError(Kind.NOT_FOUND, "person.not_found")
    certifications.lock_entitlements(unit.session, person_id)


def _row(unit: Unit, by: StaffMember, person_id: UUID, *, new: NewContact) -> Contact:
    return Contact(
        id=uuid7(),
        beneficiary_id=person_id,
        channel=new.channel.value,
        outcome=new.outcome.value,
        note=new.note.strip(),
        contacted_at=new.contacted_at,
        recorded_at=unit.now,
        recorded_by=by.id,
    )


def mark_unreachable(backend: Backend, by: StaffMember, person_id: UUID) -> None:
    """Say that a person cannot be reached; said again, it is said once.

    Raises `person.not_found`, `contact.too_few` with what is missing, `appeal.open`.
    """
    with backend.unit(actor_of(by), scope_of(by)) as unit:
        _take_turn(backend, unit, person_id)
        refuse_open(unit, person_id)
        if reachability(unit, person_id) is Reachability.UNREACHABLE:
            return
        found = proof_of(backend, unit, person_id)
        check_enough(found)
        facts = {"attempts": found.attempts, "channels": found.channels, "days": found.days}
        _mark(unit, by, person_id, state=Reachability.UNREACHABLE, facts=facts)


def mark_reached(backend: Backend, by: StaffMember, person_id: UUID) -> None:
    """Take back that a person cannot be reached. Raises `person.not_found`."""
    with backend.unit(actor_of(by), scope_of(by)) as unit:
        _take_turn(backend, unit, person_id)
        if reachability(unit, person_id) is Reachability.UNREACHABLE:
            _mark(unit, by, person_id, state=Reachability.REACHED, facts={})


def _mark(
    unit: Unit,
    by: StaffMember,
    person_id: UUID,
    *,
    state: Reachability,
    facts: Mapping[str, int | str],
) -> None:
    row = ContactState(
        id=uuid7(),
        beneficiary_id=person_id,
        state=state.value,
        facts=dict(facts),
        set_at=unit.now,
        set_by=by.id,
    )
    contacts.add_state(unit.session, row)
    unit.audit(AuditAction.CONTACT_MARKED, beneficiary=str(person_id), state=state.value, **facts)


def reachability(unit: Unit, person_id: UUID) -> Reachability:
    """Return how it stands: what the staff said last, unless the person showed life since."""
    marked = contacts.state_of(unit.session, person_id)
    if marked is None or marked.state != Reachability.UNREACHABLE:
        return Reachability.REACHED
    life = contacts.showed_life_at(unit.session, person_id)
    lives = life is not None and life > marked.set_at
    return Reachability.REACHED if lives else Reachability.UNREACHABLE


def proof_of(backend: Backend, unit: Unit, person_id: UUID) -> Proof:
    """Count what was tried since the person last showed life, against the rules in force."""
    life = contacts.showed_life_at(unit.session, person_id)
    made = [
        Try(
            channel=ContactChannel(row.channel),
            outcome=ContactOutcome(row.outcome),
            at=row.contacted_at,
            on=legal_day(row.contacted_at),
        )
        for row in contacts.since(unit.session, person_id, life)
    ]
    household = backend.people(unit).household_of(person_id)
    assert household is not None, "whose log is read is in scope"
    rules = common_rules(backend, household, on=legal_day(unit.now))
    return proof(made, rules.contact, reached_at=life)


def log_page(
    backend: Backend, reader: StaffMember, person_id: UUID, *, after: UUID | None, limit: int
) -> ContactLog:
    """Return one page of a person's log.

    Raises `person.not_found`, also for an `after` of somebody else's.
    """
    with backend.unit(actor_of(reader), scope_of(reader)) as unit:
        if not backend.people(unit).is_visible(person_id):
            raise AppError(Kind.NOT_FOUND, "person.not_found")
        behind = None if after is None else _line(unit, person_id, after)
        rows = contacts.of_person(unit.session, person_id, after=behind, limit=limit + 1)
        marked = contacts.state_of(unit.session, person_id)
        name, place = _who(backend, unit, person_id)
        return ContactLog(
            masked_name=name,
            place=place,
            state=reachability(unit, person_id),
            marked_at=marked.set_at if marked else None,
            proof=proof_of(backend, unit, person_id),
            lines=tuple(_shown(row.Contact, row.recorder) for row in rows[:limit]),
            next_after=rows[limit - 1].Contact.id if len(rows) > limit else None,
        )


def _who(backend: Backend, unit: Unit, person_id: UUID) -> tuple[str | None, str]:
    """Return the masked name, None for somebody erased by law, and where the person lives."""
    path = backend.people(unit).residence_of(person_id) or ""
    return masked_name(backend, unit, person_id), place_name(unit, path)


def _line(unit: Unit, person_id: UUID, contact_id: UUID) -> Contact:
    row = contacts.get(unit.session, contact_id)
    if row is None or row.beneficiary_id != person_id:
        raise AppError(Kind.NOT_FOUND, "person.not_found")
    return row


def _shown(row: Contact, recorder: str | None) -> ContactLine:
    return ContactLine(
        id=row.id,
        channel=ContactChannel(row.channel),
        outcome=ContactOutcome(row.outcome),
        note=row.note,
        contacted_at=row.contacted_at,
        recorded_at=row.recorded_at,
        recorder=recorder,
    )
