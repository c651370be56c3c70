"""What stands around a case beside what was handed in: benefits, leads, appeals, neighbours.

Whoever reads a case a second time must not learn from here what came of the first reading: such a
case is shown as things stood when the first verdict was given.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain.cycle import Channel, State, validity
from domain.errors import AppError, Kind
from domain.policy_values import Scheme
from domain.urgency import Urgency
from services import evidence
from services.accounts import StaffMember
from services.backend import Backend
from services.entitlements import drawn_by
from services.policies import legal_day
from services.review_cases import held_by, record_look
from services.review_clock import ReviewClock, clock_of, urgency_of
from services.reviews import caller_of, claim_of, find
from services.shown import masked_name, open_known, readable
from services.unit_of_work import Unit
from services.validity import log_of, policy_of
from storage.db.models.cases import Review
from storage.db.models.certification import Session as SessionRow
from storage.db.repositories import (
    accounts,
    attempts,
    case_context,
    divisions,
    reviews,
    sessions,
)
from storage.db.repositories.people import Person

DEVICE_DAYS = 180
LATELY_DAYS = 30
NEIGHBOURS = 8
"""How many people of one telephone or device are shown."""


class Tie(StrEnum):
    """What joins somebody else to the person of a case."""

    SAME_PHONE = "same_phone"
    SAME_DEVICE = "same_device"
    SAME_HELPER = "same_helper"  # a helper of that name, on that device


@dataclass(frozen=True, slots=True, kw_only=True)
class BenefitClock:
    """One benefit: whether it is paid, and how long it is certified."""

    scheme: Scheme
    status: str
    suspended_for: str | None
    valid_until: date
    state: State
    channel: Channel | None
    days_left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLead:
    kind: str
    opened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAppeal:
    id: UUID
    channel: str
    raised_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceHistory:
    """The device of an attempt, as far as the reader sees; the helper as he named himself."""

    tail: str
    people_lately: int
    attempts_lately: int
    helper_name: str | None = field(repr=False)
    helper_relation: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """Somebody else who hangs on the same telephone or device; masked. None: erased by law."""

    masked_name: str | None
    place: str
    ties: tuple[Tie, ...]
    photo_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NearClip:
    """The clip on record that is nearest. `masked_name` is None out of the reader's scope."""

    received_at: datetime | None
    masked_name: str | None
    own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What anybody who may read reviews is told. `holder`: see `review_desk.Line`."""

    place: str
    clock: ReviewClock
    urgency: Urgency
    holder: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What only the one who may look at the case now is told."""

    person_id: UUID
    benefits: tuple[BenefitClock, ...]
    leads: tuple[OpenLead, ...]
    appeals: tuple[OpenAppeal, ...]
    device: DeviceHistory | None
    neighbours: tuple[Neighbour, ...]


def around(
    backend: Backend, reader: StaffMember, review_id: UUID
) -> tuple[Frame, Surroundings | None]:
    """Tell what stands around a case; the second part only to who may look at it now.

    Raises `review.not_found`, `evidence.erased`.
    """
    caller = caller_of(reader)
    with backend.unit(caller.actor, caller.scope) as unit:
        review = find(unit, review_id)
        person = open_known(backend, unit, review.beneficiary_id)
        frame = _frame(backend, unit, review, person)
        try:
            held_by(unit, reader, review_id)
        except AppError:
            return frame, None
        return frame, _surroundings(backend, unit, review, person)


def _frame(backend: Backend, unit: Unit, review: Review, person: Person) -> Frame:
    clock = clock_of(backend, review, person.household_path)
    names = divisions.names_of(unit.session, [person.residence_path])
    claim = claim_of(unit, review.id)
    held = claim is not None and claim.holds(unit.now)
    holder = accounts.get(unit.session, claim.by) if claim is not None and held else None
    return Frame(
        place=names.get(person.residence_path, person.residence_path),
        clock=clock,
        urgency=urgency_of(review, clock, at=unit.now),
        holder=None if not held else holder.display_name if holder else "",
    )


def _surroundings(backend: Backend, unit: Unit, review: Review, person: Person) -> Surroundings:
    as_of = _as_of(unit, review)
    session = _session_of(unit, review)
    return Surroundings(
        person_id=person.id,
        benefits=tuple(_benefits(backend, unit, person, as_of)),
        leads=tuple(
            OpenLead(kind=row.kind, opened_at=row.opened_at)
            for row in case_context.open_leads(unit.session, person.id, until=as_of)
        ),
        appeals=tuple(
            OpenAppeal(id=row.id, channel=row.channel, raised_at=row.raised_at, due_at=row.due_at)
            for row in case_context.open_appeals(unit.session, person.id, until=as_of)
        ),
        device=None if session is None else _device(unit, person, session, as_of),
        neighbours=_neighbours(backend, unit, person, session),
    )


def _as_of(unit: Unit, review: Review) -> datetime:
    """Return the moment as of which a case is shown: now, but for a second reading."""
    first = (
        None if review.reread_of is None else reviews.decision_of(unit.session, review.reread_of)
    )
    return unit.now if first is None else first.decided_at - timedelta(microseconds=1)


def _benefits(
    backend: Backend, unit: Unit, person: Person, as_of: datetime
) -> Iterable[BenefitClock]:
    today = legal_day(unit.now)  # an end long past, and still called near, would tell
    for entitlement in drawn_by(backend, unit, person):
        log = [e for e in log_of(unit, entitlement) if e.received_at <= as_of.astimezone(UTC)]
        found = validity(
            log,
            entitlement,
            policy_of(backend, entitlement),
            birth_date=person.birth_date,
            on=today,
        )
        yield BenefitClock(
            scheme=entitlement.scheme,
            status=entitlement.status.value,
            suspended_for=entitlement.suspended_for.value if entitlement.suspended_for else None,
            valid_until=found.valid_until,
            state=found.state,
            channel=found.channel,
            days_left=(found.valid_until - today).days,
        )


def _session_of(unit: Unit, review: Review) -> SessionRow | None:
    attempt = review.attempt_id and attempts.get(unit.session, review.attempt_id)
    return attempts.session_of(unit.session, attempt) if attempt else None


def _device(unit: Unit, person: Person, session: SessionRow, as_of: datetime) -> DeviceHistory:
    use = case_context.device_use(
        unit.session, session.device_id, as_of - timedelta(days=LATELY_DAYS)
    )
    helper = session.helper
    return DeviceHistory(
        tail=session.device_id[-6:],
        people_lately=use.people,
        attempts_lately=use.attempts,
        helper_name=None if helper is None else _helper_name(person, session),
        helper_relation=None if helper is None else helper["relation"],
    )


def _helper_name(person: Person, session: SessionRow) -> str:
    assert session.helper is not None, "asked only of a helped session"
    sealed = bytes.fromhex(session.helper["name_sealed"])
    return person.key.open(sealed, sessions.HELPER_NAME).decode()


def _neighbours(
    backend: Backend, unit: Unit, person: Person, session: SessionRow | None
) -> tuple[Neighbour, ...]:
    ties = _ties(backend, unit, person, session)
    rows = case_context.people_of(unit.session, list(ties))
    photos = case_context.best_references(unit.session, list(ties))
    places = {row.Beneficiary.id: row.Beneficiary.residence_path for row in rows}
    names = divisions.names_of(unit.session, list(places.values()))
    return tuple(
        Neighbour(
            masked_name=masked_name(backend, unit, other),
            place=names.get(places[other], places[other]),
            ties=tuple(ties[other]),
            photo_id=photos[other].evidence_id if other in photos else None,
        )
        for other in ties
        if other in places
    )


def _ties(
    backend: Backend, unit: Unit, person: Person, session: SessionRow | None
) -> dict[UUID, list[Tie]]:
    """Name who else hangs on the telephone or the device, and by what."""
    found: dict[UUID, list[Tie]] = {}
    for other in case_context.with_phone(unit.session, person.id, limit=NEIGHBOURS):
        found.setdefault(other, []).append(Tie.SAME_PHONE)
    if session is None:
        return found
    since = unit.now - timedelta(days=DEVICE_DAYS)
    others = case_context.on_device(
        unit.session, session.device_id, since, but=person.id, limit=NEIGHBOURS
    )
    helper = None if session.helper is None else _helper_name(person, session)
    for row in others:
        ties = found.setdefault(row.beneficiary_id, [])
        ties.append(Tie.SAME_DEVICE)
        if helper is not None and _helped_by(backend, unit, row, helper):
            ties.append(Tie.SAME_HELPER)
    return dict(list(found.items())[:NEIGHBOURS])


def _helped_by(backend: Backend, unit: Unit, session: SessionRow, name: str) -> bool:
    if session.helper is None:
        return False
    other = readable(backend, unit, session.beneficiary_id)
    return other is not None and _helper_name(other, session) == name


def look_at_neighbour(
    backend: Backend, reviewer: StaffMember, review_id: UUID, evidence_id: UUID
) -> tuple[bytes, str]:
    """Give a neighbour's reference photo to the one who holds the case; the look is on record.

    Raises `evidence.not_found` for any other file, and what `review_cases.look_at` raises.
    """
    caller = caller_of(reviewer)
    with backend.unit(caller.actor, caller.scope) as unit:
        review = held_by(unit, reviewer, review_id)
        person = open_known(backend, unit, review.beneficiary_id)
        ties = _ties(backend, unit, person, _session_of(unit, review))
        photos = case_context.best_references(unit.session, list(ties))
        owner = next((o for o, row in photos.items() if row.evidence_id == evidence_id), None)
        if owner is None:
            raise AppError(Kind.NOT_FOUND, "evidence.not_found")
        record_look(unit, review, evidence_id, of=owner)
    return evidence.read(backend, caller, evidence_id)


def near_clip(
    backend: Backend, reader: StaffMember, review_id: UUID, earlier: dict[str, Any]
) -> NearClip:
    """Say whose the nearest earlier clip is, as far as the reader sees."""
    caller = caller_of(reader)
    with backend.unit(caller.actor, caller.scope) as unit:
        review = find(unit, review_id)
        attempt = attempts.get(unit.session, UUID(earlier["id"]))
        if attempt is None:
            return NearClip(received_at=None, masked_name=None, own=False)
        return NearClip(
            received_at=attempt.received_at,
            masked_name=masked_name(backend, unit, attempt.beneficiary_id),
            own=attempt.beneficiary_id == review.beneficiary_id,
        )
