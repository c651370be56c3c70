"""A person's benefits with their clocks, and the course of them over the years, for drawing.

Works for somebody erased by law as well: what is left of such a person is days and states.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.beneficiary import Entitlement, EntitlementStatus, SuspensionCause
from domain.coverage import Span, covered, gaps
from domain.cycle import CertificationEvent, Channel, EventKind, State, standing, validity
from domain.ids import BeneficiaryId, CertificationId, EntitlementId
from domain.policy_values import Scheme
from domain.regions import DivisionPath
from services.backend import Backend
from services.policies import legal_day
from services.unit_of_work import Unit
from services.validity import event_of, policy_of
from storage.db.models.certification import Certification
from storage.db.models.registry import Beneficiary, EntitlementState
from storage.db.repositories import person_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateSeen:
    """One certification of the log. `revoked_on` is set when it was found false."""

    number: str | None
    channel: Channel
    captured_on: date
    recorded_by: str
    revoked_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Days without payment; `end` is None while they last."""

    start: date
    end: date | None
    cause: str | None
    is_final: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BenefitSeen:
    """One benefit: where it stands today, and how it came there.

    `bars` are covered days, `gaps` the days between them that nothing covers, up to today.
    """

    id: UUID
    scheme: Scheme
    started_on: date
    status: EntitlementStatus
    cause: str | None
    since: date | None
    valid_until: date
    state: State
    channel: Channel | None
    certificates: tuple[CertificateSeen, ...]
    bars: tuple[Span, ...]
    gaps: tuple[Span, ...]
    stops: tuple[Stop, ...]
    missed: tuple[date, ...]


def benefits_of(backend: Backend, unit: Unit, person: Beneficiary) -> tuple[BenefitSeen, ...]:
    """Return every benefit of a person in scope, oldest first."""
    log = person_rows.certifications_of(unit.session, person.id)
    states = person_rows.states_of(unit.session, person.id)
    seen = []
    for row in person_rows.entitlements_of(unit.session, person.id):
        own = [state for state in states if state.entitlement_id == row.id]
        newest = own[-1] if own else None
        entitlement = Entitlement(
            id=EntitlementId(row.id),
            beneficiary_id=BeneficiaryId(person.id),
            scheme=Scheme(row.scheme),
            division=DivisionPath(person.household_path),
            started_on=row.started_on,
            status=EntitlementStatus(newest.status if newest else "active"),
            suspended_for=SuspensionCause(newest.cause)
            if newest and newest.cause and newest.status == EntitlementStatus.SUSPENDED
            else None,
        )
        rows = [event for event in log if event.entitlement_id == row.id]
        seen.append(_benefit(backend, unit, person, _Course(of=entitlement, log=rows, states=own)))
    return tuple(seen)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Course:
    of: Entitlement
    log: Sequence[Certification]
    states: Sequence[EntitlementState]


def _benefit(backend: Backend, unit: Unit, person: Beneficiary, course: _Course) -> BenefitSeen:
    entitlement, today = course.of, legal_day(unit.now)
    events = [event_of(row) for row in course.log]
    policy = policy_of(backend, entitlement)
    now = validity(events, entitlement, policy, birth_date=person.birth_date, on=today)
    alone: list[Sequence[CertificationEvent]] = [[], *([event] for event in standing(events))]
    spans = [
        Span(
            start=one[0].captured_on if one else entitlement.started_on,
            end=validity(
                one, entitlement, policy, birth_date=person.birth_date, on=today
            ).valid_until,
        )
        for one in alone
        if not one or one[0].captured_on >= entitlement.started_on
    ]
    newest = course.states[-1] if course.states else None
    return BenefitSeen(
        id=entitlement.id,
        scheme=entitlement.scheme,
        started_on=entitlement.started_on,
        status=entitlement.status,
        cause=newest.cause if newest else None,
        since=newest.effective_on if newest else None,
        valid_until=now.valid_until,
        state=now.state,
        channel=now.channel,
        certificates=_certificates(course.log),
        bars=covered(spans),
        gaps=gaps(spans, until=today),
        stops=_stops(course.states),
        missed=now.missed_deadlines,
    )


def _certificates(log: Sequence[Certification]) -> tuple[CertificateSeen, ...]:
    revoked = {
        CertificationId(row.revokes_id): legal_day(row.received_at)
        for row in log
        if row.revokes_id is not None
    }
    return tuple(
        CertificateSeen(
            number=row.certificate_number,
            channel=Channel(row.channel),
            captured_on=row.captured_on,
            recorded_by=row.recorded_by,
            revoked_on=revoked.get(CertificationId(row.id)),
        )
        for row in log
        if row.kind == EventKind.CERTIFIED
    )


def _stops(states: Sequence[EntitlementState]) -> tuple[Stop, ...]:
    """Read days without payment out of the states, each of which lasts until the next."""
    ends = [state.effective_on for state in states[1:]]
    return tuple(
        Stop(
            start=state.effective_on,
            end=end,
            cause=state.cause,
            is_final=state.status == EntitlementStatus.TERMINATED,
        )
        for state, end in zip(states, [*ends, None], strict=False)
        if state.status != EntitlementStatus.ACTIVE
    )
