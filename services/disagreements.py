"""Two readings of one case that are opposed, side by side, and what the head makes of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.audit import AuditAction
from domain.errors import AppError, Kind
from domain.ids import StaffId
from domain.quality import Disagreement, Resolution, check_resolution
from domain.review import Method, Verdict
from services.accounts import StaffMember, actor_of, scope_of
from services.backend import Backend
from services.review_outcomes import send_visit_for
from services.shown import masked_name, place_name
from services.unit_of_work import Unit
from storage.db.models.cases import Review, ReviewDecision
from storage.db.models.quality import RereadAnswer
from storage.db.repositories import accounts, certifications, proposals, quality, reviews


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one reader found. `by` is None for a colleague out of sight."""

    verdict: Verdict
    method: Method | None
    findings: str
    decided_at: datetime
    by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """What the head made of it."""

    resolution: Resolution
    note: str
    answered_at: datetime
    by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpposedReadings:
    """One case read twice. `certificate_number` is what the first reading led to, if it did.

    `is_mine`: the one who looks took part, and somebody else has to resolve it.
    """

    reread_id: UUID
    review_id: UUID
    person_id: UUID
    masked_name: str | None
    place: str
    first: Reading
    second: Reading
    is_mine: bool
    certificate_number: str | None
    resolved: Resolved | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpposedPage:
    """`next_after` is the second look to go on behind; None on the last page."""

    cases: tuple[OpposedReadings, ...]
    next_after: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerGiven:
    """How a disagreement was resolved. `certificate_number` is what could be revoked."""

    resolution: Resolution
    person_id: UUID
    certificate_number: str | None


def listed(
    backend: Backend, reader: StaffMember, *, only_open: bool, after: UUID | None, limit: int
) -> OpposedPage:
    """List opposed readings of the own division, newest first; every look is on record."""
    with backend.unit(actor_of(reader), scope_of(reader)) as unit:
        rows = quality.opposed(unit.session, only_open=only_open, after=after, limit=limit + 1)
        cases = tuple(_opposed(backend, unit, reader, row) for row in rows[:limit])
        unit.audit(AuditAction.QUALITY_VIEWED, disagreements=len(cases))
    return OpposedPage(cases=cases, next_after=cases[-1].reread_id if len(rows) > limit else None)


def _opposed(backend: Backend, unit: Unit, reader: StaffMember, row: Any) -> OpposedReadings:
    first, second, answer = row.First, row.Second, row.RereadAnswer
    return OpposedReadings(
        reread_id=row.Review.id,
        review_id=first.review_id,
        person_id=row.Review.beneficiary_id,
        masked_name=masked_name(backend, unit, row.Review.beneficiary_id),
        place=place_name(unit, row.Beneficiary.residence_path),
        first=_reading(unit, first),
        second=_reading(unit, second),
        is_mine=reader.id in _readers(unit, first, second),
        certificate_number=_certificate(unit, first),
        resolved=None if answer is None else _resolved(unit, answer),
    )


def _reading(unit: Unit, decided: ReviewDecision) -> Reading:
    return Reading(
        verdict=Verdict(decided.outcome),
        method=Method(decided.method) if decided.method else None,
        findings=decided.findings,
        decided_at=decided.decided_at,
        by=_name(unit, decided.decided_by),
    )


def _resolved(unit: Unit, answer: RereadAnswer) -> Resolved:
    return Resolved(
        resolution=Resolution(answer.outcome),
        note=answer.note,
        answered_at=answer.answered_at,
        by=_name(unit, answer.answered_by),
    )


def _name(unit: Unit, staff_id: UUID) -> str | None:
    row = accounts.get(unit.session, staff_id)
    return None if row is None else row.display_name


def _readers(unit: Unit, first: ReviewDecision, second: ReviewDecision) -> frozenset[StaffId]:
    """Name who decided either, and who sealed the first."""
    sealed = first.proposal_id and proposals.answer_of(unit.session, first.proposal_id)
    found = {StaffId(first.decided_by), StaffId(second.decided_by)}
    return frozenset(found | ({StaffId(sealed.answered_by)} if sealed else set()))


def _certificate(unit: Unit, first: ReviewDecision) -> str | None:
    rows = certifications.certificate_of_review(unit.session, first.review_id)
    return rows[0].certificate_number if rows else None


def resolve(
    backend: Backend, head: StaffMember, reread_id: UUID, *, resolution: Resolution, note: str
) -> AnswerGiven:
    """Say what two opposed readings come to, once.

    To review again sends somebody to the door: a look of its own, whose result counts. To revoke
    proposes nothing yet: the proposal is made where all that hangs on the certification is shown.
    Raises `review.not_found`, `quality.already_answered`, `evidence.erased`, and what
    `domain.quality.check_resolution` does.
    """
    with backend.unit(actor_of(head), scope_of(head)) as unit:
        reviews.lock(unit.session, reread_id)
        review, first, second = _pair(unit, reread_id)
        found = Disagreement(
            first=Verdict(first.outcome),
            second=Verdict(second.outcome),
            readers=_readers(unit, first, second),
        )
        check_resolution(found, resolution, note, by=StaffId(head.id))
        if quality.answer_of(unit.session, reread_id) is not None:
            raise AppError(Kind.CONFLICT, "quality.already_answered")
        _record(unit, head, review, resolution=resolution, note=note)
        if resolution is Resolution.REVIEW_AGAIN:
            send_visit_for(backend, unit, review)
        return AnswerGiven(
            resolution=resolution,
            person_id=review.beneficiary_id,
            certificate_number=_certificate(unit, first),
        )


def _pair(unit: Unit, reread_id: UUID) -> tuple[Review, ReviewDecision, ReviewDecision]:
    review = reviews.get(unit.session, reread_id)
    if review is None or review.reread_of is None or review.expected is not None:
        raise AppError(Kind.NOT_FOUND, "review.not_found")
    first = reviews.decision_of(unit.session, review.reread_of)
    second = reviews.decision_of(unit.session, reread_id)
    # One that nobody has read yet is not there, for the head as well: he may be its reader.
    if first is None or second is None:
        raise AppError(Kind.NOT_FOUND, "review.not_found")
    return review, first, second


def _record(
    unit: Unit, head: StaffMember, review: Review, *, resolution: Resolution, note: str
) -> None:
    row = RereadAnswer(
        review_id=review.id,
        beneficiary_id=review.beneficiary_id,
        outcome=resolution.value,
        note=note.strip(),
        answered_at=unit.now,
        answered_by=head.id,
    )
    quality.add_answer(unit.session, row)
    unit.audit(
        AuditAction.REREAD_ANSWERED,
        review=str(review.id),
        first=str(review.reread_of),
        beneficiary=str(review.beneficiary_id),
        outcome=resolution.value,
    )
