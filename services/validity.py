"""Moving validity: the log gets rows, the projection follows, holds are lifted: one commit.

Every channel ends here (self-certification, visit, review), so all move a person the same way.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date
from uuid import UUID

from domain.audit import AuditAction
from domain.beneficiary import Entitlement
from domain.cycle import (
    CertificationEvent,
    Channel,
    EventKind,
    PolicyLookup,
    Validity,
    validity,
)
from domain.ids import CertificationId
from domain.policy import ResolvedPolicy
from domain.revocation import revocation_of
from services.backend import Backend
from services.entitlements import drawn_by, resume_if_uncertified
from services.policies import legal_day, resolved_for
from services.unit_of_work import Unit
from storage.db.models.certification import Certification
from storage.db.repositories import certifications
from storage.db.repositories.people import Person
from storage.ids import uuid7


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What a certification rests on: exactly one act, with its evidence."""

    channel: Channel
    captured_on: date
    attempt_id: UUID | None = None
    visit_id: UUID | None = None
    review_id: UUID | None = None
    appeal_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Certified:
    """What the person is told: `valid_until` per scheme."""

    certificate_number: str
    certified_on: date
    valid_until: dict[str, date]


def certify(backend: Backend, unit: Unit, person: Person, ground: Ground) -> Certified:
    """Certify a person: every entitlement that a certification can renew, in this unit.

    Raises `CertifiedNothing` when there is none; the caller should have looked before.
    """
    certifications.lock_entitlements(unit.session, person.id)
    renewed = [e for e in drawn_by(backend, unit, person) if e.can_be_certified]
    if not renewed:
        raise CertifiedNothing(str(person.id))
    number = certificate_number(ground.captured_on, uuid7())
    certifications.append(
        unit.session,
        [_log_row(backend, unit, e, ground=ground, number=number) for e in renewed],
    )
    now_valid = {e.scheme.value: project(backend, unit, person, e).valid_until for e in renewed}
    for entitlement in renewed:
        resume_if_uncertified(unit, entitlement)
    unit.audit(
        AuditAction.CERTIFICATION_RECORDED,
        beneficiary=str(person.id),
        certificate=number,
        channel=ground.channel.value,
        valid_until=[f"{scheme}={day}" for scheme, day in now_valid.items()],
    )
    return Certified(
        certificate_number=number, certified_on=ground.captured_on, valid_until=now_valid
    )


class CertifiedNothing(Exception):  # noqa: N818 - says what happened
    """No entitlement could be renewed: a rule was asked too late."""


def certificate_number(on: date, certificate_id: UUID) -> str:
    """Return a number that can be read out over a telephone: JZ, the day, twelve digits."""
    return f"JZ{on:%Y%m%d}{certificate_id.int % 10**12:012d}"


def _log_row(
    backend: Backend, unit: Unit, entitlement: Entitlement, *, ground: Ground, number: str
) -> Certification:
    policy = _policy(backend, entitlement, ground.captured_on)
    return Certification(
        id=uuid7(),
        beneficiary_id=entitlement.beneficiary_id,
        entitlement_id=entitlement.id,
        kind=EventKind.CERTIFIED.value,
        channel=ground.channel.value,
        captured_on=ground.captured_on,
        received_at=unit.now,
        attempt_id=ground.attempt_id,
        visit_id=ground.visit_id,
        review_id=ground.review_id,
        appeal_id=ground.appeal_id,
        certificate_number=number,
        preset_digest=policy.digest,
        recorded_by=str(unit.actor),
    )


def revoke(backend: Backend, unit: Unit, person: Person, rows: Sequence[Certification]) -> None:
    """Take certifications out of the log and project what is left; the caller holds the lock."""
    certifications.append(unit.session, [_revocation_row(unit, row) for row in rows])
    touched = {row.entitlement_id for row in rows}
    for entitlement in drawn_by(backend, unit, person):
        if entitlement.id in touched:
            project(backend, unit, person, entitlement)


def _revocation_row(unit: Unit, row: Certification) -> Certification:
    event = revocation_of(
        event_of(row), CertificationId(uuid7()), at=unit.now, on=legal_day(unit.now)
    )
    return Certification(
        id=event.id,
        beneficiary_id=row.beneficiary_id,
        entitlement_id=row.entitlement_id,
        kind=event.kind.value,
        channel=event.channel.value,
        captured_on=event.captured_on,
        received_at=event.received_at,
        revokes_id=row.id,
        preset_digest=row.preset_digest,
        recorded_by=str(unit.actor),
    )


def project(backend: Backend, unit: Unit, person: Person, entitlement: Entitlement) -> Validity:
    """Compute an entitlement's validity from its log and write it down for the lists."""
    now_valid = validity(
        log_of(unit, entitlement),
        entitlement,
        policy_of(backend, entitlement),
        birth_date=person.birth_date,
        on=legal_day(unit.now),
    )
    certifications.project(
        unit.session,
        entitlement_id=entitlement.id,
        person_id=person.id,
        valid_until=now_valid.valid_until,
        certification_id=now_valid.basis,
        at=unit.now,
    )
    return now_valid


def _policy(backend: Backend, entitlement: Entitlement, day: date) -> ResolvedPolicy:
    return resolved_for(backend, entitlement.division, scheme=entitlement.scheme, on=day)


def policy_of(backend: Backend, entitlement: Entitlement) -> PolicyLookup:
    """Return the look-up of the policy that rules an entitlement on a day."""
    return lambda day: _policy(backend, entitlement, day)


def log_of(unit: Unit, entitlement: Entitlement) -> list[CertificationEvent]:
    """Return an entitlement's log as the rules see it."""
    return [event_of(row) for row in certifications.log_of(unit.session, entitlement.id)]


def event_of(row: Certification) -> CertificationEvent:
    """Return one row of the log as the rules see it."""
    return CertificationEvent(
        id=CertificationId(row.id),
        channel=Channel(row.channel),
        captured_on=row.captured_on,
        received_at=row.received_at.astimezone(UTC),
        kind=EventKind(row.kind),
        revokes=CertificationId(row.revokes_id) if row.revokes_id else None,
        # A row names its act, and an act is recorded with its evidence or not at all.
        evidence_count=1,
    )
