"""A certification found false: what hangs on it, who proposes to revoke it, and the revocation.

Nothing is stopped here. An entitlement that is overdue without the certification is shown as such,
and people decide; a wrongful revocation is answered by certifying anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from domain.audit import AuditAction, staff_behind
from domain.beneficiary import EntitlementStatus, mask_name
from domain.cycle import Channel, HoldMove, State
from domain.errors import AppError, Kind
from domain.ids import CertificationId, StaffId
from domain.policy_values import Scheme
from domain.proposal import ProposalKind, check_grounds, propose
from domain.revocation import Consequence, check_standing, consequence, revocation_of
from domain.roles import Permission
from services import validity
from services.accounts import StaffMember, actor_of, check_confirmed, scope_of
from services.acts import parts_of
from services.backend import Backend
from services.entitlements import drawn_by
from services.independence import is_helper, staff_of
from services.learning import leaning_on, take_back
from services.policies import legal_day
from services.proposal_records import NewProposal, check_acting, make
from services.shown import open_known
from services.unit_of_work import Unit
from services.validity import event_of, log_of, policy_of
from storage.db.models.cases import Proposal
from storage.db.models.certification import Certification, ReferencePhoto
from storage.db.repositories import (
    appeals,
    certifications,
    proposals,
    references,
    reviews,
)
from storage.db.repositories.people import Person
from storage.ids import uuid7

REMOVED_BECAUSE = "certification_revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """A certification that stands on its own."""

    captured_on: date
    channel: Channel
    certificate_number: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """One entitlement without the certificate. `was_resumed`: the certificate ended a suspension.

    With `hold` REOPEN it is overdue then, and somebody has to decide.
    """

    entitlement_id: UUID
    scheme: Scheme
    status: EntitlementStatus
    before: date
    before_state: State
    after: date
    after_state: State
    hold: HoldMove
    was_resumed: bool
    later: tuple[Later, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hanging:
    """All that hangs on one certificate. `leaning` are passes that a human will look at again."""

    person_id: UUID
    masked_name: str = field(repr=False)
    certificate_number: str
    channel: Channel
    captured_on: date
    received_at: datetime
    attempt_id: UUID | None
    visit_id: UUID | None
    review_id: UUID | None
    touched: tuple[Touched, ...]
    photos: int
    leaning: int
    proposal_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Act:
    """What a certificate rests on: the act, and the review that certified it, if one did."""

    attempt_id: UUID | None
    visit_id: UUID | None
    review_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Certificate:
    """One certificate as it stands, with what goes when it is revoked."""

    number: str
    person: Person
    rows: tuple[Certification, ...]
    act: _Act
    consequences: tuple[Consequence, ...]
    photos: tuple[ReferencePhoto, ...]


def hanging_on(backend: Backend, reader: StaffMember, person_id: UUID, number: str) -> Hanging:
    """Tell what would be different without a certificate.

    Raises `person.not_found`, `revocation.not_found`, `revocation.already_revoked`,
    `evidence.erased`.
    """
    with backend.unit(actor_of(reader), scope_of(reader)) as unit:
        found = _find(backend, unit, person_id, number)
        waiting = proposals.open_of_certificate(unit.session, person_id, number)
        resumed = certifications.resumed_at(unit.session, person_id, found.rows[0].received_at)
        return Hanging(
            person_id=person_id,
            masked_name=mask_name(found.person.name),
            certificate_number=number,
            channel=Channel(found.rows[0].channel),
            captured_on=found.rows[0].captured_on,
            received_at=found.rows[0].received_at,
            attempt_id=found.act.attempt_id,
            visit_id=found.act.visit_id,
            review_id=found.act.review_id,
            touched=tuple(_touched(unit, one, resumed) for one in found.consequences),
            photos=len(found.photos),
            leaning=len(_leaning(unit, found)),
            proposal_id=waiting.id if waiting else None,
        )


def propose_revocation(
    backend: Backend, proposer: StaffMember, person_id: UUID, number: str, *, grounds: str
) -> UUID:
    """Propose to revoke a certificate; returns the proposal's id.

    Raises `permission.denied`, `auth.confirmation_needed`, `proposal.*`, and what `hanging_on`
    raises.
    """
    check_grounds(grounds)
    with backend.unit(actor_of(proposer), scope_of(proposer)) as unit:
        check_acting(unit, proposer, Permission.CERTIFICATION_REVOKE)
        check_confirmed(proposer, unit.now)
        proposals.lock_certificate(unit.session, number)
        found = _find(backend, unit, person_id, number)
        if proposals.open_of_certificate(unit.session, person_id, number) is not None:
            raise AppError(Kind.CONFLICT, "proposal.already_open")
        took_part = staff_of(unit, attempt_id=found.act.attempt_id, visit_id=found.act.visit_id)
        helped = is_helper(
            backend, unit, proposer, person_id=person_id, attempt_id=found.act.attempt_id
        )
        if helped:
            took_part |= {StaffId(proposer.id)}
        pending = propose(
            StaffId(proposer.id), took_part=took_part, decided=_recorded_by(found.rows)
        )
        return make(unit, proposer, _proposal(found, grounds), pending)


def _recorded_by(rows: Sequence[Certification]) -> frozenset[StaffId]:
    by = (staff_behind(row.recorded_by) for row in rows)
    return frozenset(staff for staff in by if staff is not None)


def _proposal(found: _Certificate, grounds: str) -> NewProposal:
    facts: dict[str, Any] = {
        "attempt": str(found.act.attempt_id) if found.act.attempt_id else None,
        "photos": len(found.photos),
        "entitlements": [
            {
                "scheme": one.entitlement.scheme.value,
                "before": one.before.valid_until.isoformat(),
                "after": one.after.valid_until.isoformat(),
                "hold": one.hold.value,
            }
            for one in found.consequences
        ],
    }
    return NewProposal(
        kind=ProposalKind.REVOKE_CERTIFICATION,
        person_id=found.person.id,
        grounds=grounds,
        facts=facts,
        certificate_number=found.number,
    )


def revoke(backend: Backend, unit: Unit, proposal: Proposal) -> None:
    """Revoke what a second person agreed to, with all that hangs on it, in the caller's unit.

    Raises `revocation.already_revoked`, `evidence.erased`.
    """
    number = proposal.certificate_number
    assert number is not None, "a proposal to revoke names a certificate"
    certifications.lock_entitlements(unit.session, proposal.beneficiary_id)
    found = _find(backend, unit, proposal.beneficiary_id, number)
    validity.revoke(backend, unit, found.person, found.rows)
    _remove_photos(backend, unit, found)
    unit.audit(
        AuditAction.CERTIFICATION_REVOKED,
        beneficiary=str(proposal.beneficiary_id),
        certificate=number,
        proposal=str(proposal.id),
        valid_until=[
            f"{one.entitlement.scheme}={one.before.valid_until}>{one.after.valid_until}"
            for one in found.consequences
        ],
        reopened=[
            str(one.entitlement.id) for one in found.consequences if one.hold is HoldMove.REOPEN
        ],
    )


def _find(backend: Backend, unit: Unit, person_id: UUID, number: str) -> _Certificate:
    person = open_known(backend, unit, person_id)
    rows = certifications.certificate_of(unit.session, person_id, number)
    if not rows:
        raise AppError(Kind.NOT_FOUND, "revocation.not_found")
    act = _act_of(unit, rows[0])
    files = _files(unit, act)
    return _Certificate(
        number=number,
        person=person,
        rows=tuple(rows),
        act=act,
        consequences=_consequences(backend, unit, person, rows),
        photos=tuple(references.standing_on(unit.session, person_id, files)),
    )


def _act_of(unit: Unit, row: Certification) -> _Act:
    appeal = appeals.get(unit.session, row.appeal_id) if row.appeal_id else None
    if appeal is not None and appeal.review_id is None:
        return _Act(attempt_id=appeal.attempt_id, visit_id=None, review_id=None)
    review_id = appeal.review_id if appeal else row.review_id
    review = reviews.get(unit.session, review_id) if review_id else None
    if review is None:
        return _Act(attempt_id=row.attempt_id, visit_id=row.visit_id, review_id=None)
    return _Act(attempt_id=review.attempt_id, visit_id=review.visit_id, review_id=review.id)


def _files(unit: Unit, act: _Act) -> list[UUID]:
    """Return the evidence of the act: a photo of it that was kept as a reference must go."""
    parts = parts_of(unit, attempt_id=act.attempt_id, visit_id=act.visit_id)
    return [part.id for part in parts.values()]


def _consequences(
    backend: Backend, unit: Unit, person: Person, rows: Sequence[Certification]
) -> tuple[Consequence, ...]:
    today = legal_day(unit.now)
    by_entitlement = {row.entitlement_id: event_of(row) for row in rows}
    logs = {
        entitlement: log_of(unit, entitlement)
        for entitlement in drawn_by(backend, unit, person)
        if entitlement.id in by_entitlement
    }
    check_standing(
        [event for log in logs.values() for event in log],
        {event.id for event in by_entitlement.values()},
    )
    return tuple(
        consequence(
            log,
            [
                revocation_of(
                    by_entitlement[entitlement.id],
                    CertificationId(uuid7()),
                    at=unit.now,
                    on=today,
                )
            ],
            entitlement,
            policy_lookup=policy_of(backend, entitlement),
            birth_date=person.birth_date,
            on=today,
        )
        for entitlement, log in logs.items()
    )


def _touched(unit: Unit, one: Consequence, resumed: Sequence[UUID]) -> Touched:
    numbers = {
        row.id: row.certificate_number
        for row in certifications.log_of(unit.session, one.entitlement.id)
    }
    return Touched(
        entitlement_id=one.entitlement.id,
        scheme=one.entitlement.scheme,
        status=one.entitlement.status,
        before=one.before.valid_until,
        before_state=one.before.state,
        after=one.after.valid_until,
        after_state=one.after.state,
        hold=one.hold,
        was_resumed=one.entitlement.id in resumed,
        later=tuple(
            Later(
                captured_on=event.captured_on,
                channel=event.channel,
                certificate_number=numbers[event.id],
            )
            for event in one.later
        ),
    )


def _leaning(unit: Unit, found: _Certificate) -> set[UUID]:
    return {
        attempt_id
        for photo in found.photos
        for attempt_id in leaning_on(unit, photo, but=found.act.attempt_id)
    }


def _remove_photos(backend: Backend, unit: Unit, found: _Certificate) -> None:
    """Take the photos of the act out of all later comparisons, and what they led to."""
    for photo in found.photos:
        photo.removed_at = unit.now
        unit.audit(
            AuditAction.REFERENCE_REMOVED,
            reference=str(photo.id),
            beneficiary=str(found.person.id),
            reason=REMOVED_BECAUSE,
        )
        take_back(backend, unit, found.person, photo, but=found.act.attempt_id)
