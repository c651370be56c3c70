"""Known answers: decided cases whose truth is established go round blind, to every reviewer once.

They measure the reader, not the person: what is decided of them moves nothing (rule 7.3, G13).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.audit import AuditAction
from domain.errors import AppError, Kind
from domain.quality import Proof, check_note, check_truth
from domain.review import Verdict
from services import rereads
from services.accounts import StaffMember, actor_of, scope_of
from services.backend import Backend
from services.shown import masked_name, place_name
from services.unit_of_work import Unit
from storage.db.models.cases import Review, ReviewDecision
from storage.db.repositories import known_answers, reviews, visits
from storage.db.repositories import rereads as readings

VISITS_LOOKED_AT = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKnownAnswer:
    """What a head says of a decided case. `document` is a paper's number, or empty."""

    review_id: UUID
    expected: Verdict
    document: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A decided case, and what speaks for its answer being known."""

    review_id: UUID
    masked_name: str | None
    verdict: Verdict
    decided_at: datetime
    findings: str
    rereads: tuple[Verdict, ...]
    visited_since: bool
    is_known: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownAnswerLine:
    """One known answer. `withdrawn_at` is set when it goes round no more."""

    review_id: UUID
    masked_name: str | None
    place: str
    expected: Verdict
    document: str
    reason: str
    added_at: datetime
    withdrawn_at: datetime | None
    withdrawn_because: str
    read: int
    missed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownAnswerPage:
    """`next_after` is the case to go on behind; None on the last page."""

    lines: tuple[KnownAnswerLine, ...]
    next_after: UUID | None


def candidate(backend: Backend, reader: StaffMember, review_id: UUID) -> Candidate:
    """Show what is known of a decided case. Raises `review.not_found`, `review.not_decided`."""
    with backend.unit(actor_of(reader), scope_of(reader)) as unit:
        review, decided = _decided(unit, review_id)
        proof = _proof(unit, review, decided, document="")
        unit.audit(AuditAction.QUALITY_VIEWED, review=str(review_id))
        return Candidate(
            review_id=review.id,
            masked_name=masked_name(backend, unit, review.beneficiary_id),
            verdict=Verdict(decided.outcome),
            decided_at=decided.decided_at,
            findings=decided.findings,
            rereads=proof.rereads,
            visited_since=proof.visited_since,
            is_known=known_answers.get(unit.session, review_id) is not None,
        )


def add(backend: Backend, head: StaffMember, new: NewKnownAnswer) -> None:
    """Let a decided case go round as a known answer.

    Raises `review.not_found`, `review.not_decided`, `quality.truth_not_established`,
    `quality.note_required`, `quality.note_too_long`, `quality.known_already`.
    """
    check_note(new.reason)
    with backend.unit(actor_of(head), scope_of(head)) as unit:
        review, decided = _decided(unit, new.review_id)
        proof = _proof(unit, review, decided, document=new.document)
        check_truth(new.expected, proof)
        if not known_answers.add(unit.session, _row(unit, head, review, new=new, proof=proof)):
            raise AppError(Kind.CONFLICT, "quality.known_already")
        unit.audit(
            AuditAction.KNOWN_ANSWER_ADDED,
            review=str(review.id),
            beneficiary=str(review.beneficiary_id),
            expected=new.expected.value,
        )
        rereads.go_round(backend, unit, review, new.expected)


def _row(
    unit: Unit, head: StaffMember, review: Review, *, new: NewKnownAnswer, proof: Proof
) -> dict[str, Any]:
    return {
        "review_id": review.id,
        "beneficiary_id": review.beneficiary_id,
        "expected": new.expected.value,
        "facts": {
            "rereads": [verdict.value for verdict in proof.rereads],
            "visited_since": proof.visited_since,
            "document": new.document.strip(),
        },
        "reason": new.reason.strip(),
        "added_at": unit.now,
        "added_by": head.id,
    }


def _decided(unit: Unit, review_id: UUID) -> tuple[Review, ReviewDecision]:
    review = reviews.get(unit.session, review_id)
    if review is None or rereads.is_reread(review):
        raise AppError(Kind.NOT_FOUND, "review.not_found")
    decided = reviews.decision_of(unit.session, review_id)
    if decided is None:
        raise AppError(Kind.CONFLICT, "review.not_decided")
    return review, decided


def _proof(unit: Unit, review: Review, decided: ReviewDecision, *, document: str) -> Proof:
    seen = visits.newest_of(unit.session, review.beneficiary_id, VISITS_LOOKED_AT)
    return Proof(
        rereads=tuple(
            Verdict(reading.outcome) for reading in readings.readings_of(unit.session, review.id)
        ),
        visited_since=any(
            visit.received_at > decided.decided_at and found.outcome == Verdict.CERTIFIED
            for visit, found in seen
        ),
        document=document,
    )


def withdraw(backend: Backend, head: StaffMember, review_id: UUID, reason: str) -> None:
    """Let a known answer go round no more, and count for nobody.

    Raises `quality.known_not_found`, `quality.known_withdrawn`, `quality.note_required`,
    `quality.note_too_long`.
    """
    check_note(reason)
    with backend.unit(actor_of(head), scope_of(head)) as unit:
        row = known_answers.get(unit.session, review_id)
        if row is None:
            raise AppError(Kind.NOT_FOUND, "quality.known_not_found")
        ended = {
            "review_id": review_id,
            "beneficiary_id": row.beneficiary_id,
            "reason": reason.strip(),
            "ended_at": unit.now,
            "ended_by": head.id,
        }
        if not known_answers.end(unit.session, ended):
            raise AppError(Kind.CONFLICT, "quality.known_withdrawn")
        unit.audit(AuditAction.KNOWN_ANSWER_WITHDRAWN, review=str(review_id))


def listed(
    backend: Backend, reader: StaffMember, *, after: UUID | None, limit: int
) -> KnownAnswerPage:
    """List the known answers of the own division, newest first."""
    with backend.unit(actor_of(reader), scope_of(reader)) as unit:
        rows = known_answers.listed(unit.session, after=after, limit=limit + 1)
        lines = tuple(_line(backend, unit, row) for row in rows[:limit])
        unit.audit(AuditAction.QUALITY_VIEWED, known_answers=len(lines))
    return KnownAnswerPage(
        lines=lines, next_after=lines[-1].review_id if len(rows) > limit else None
    )


def _line(backend: Backend, unit: Unit, row: Any) -> KnownAnswerLine:
    answer, ended = row.KnownAnswer, row.KnownAnswerEnd
    return KnownAnswerLine(
        review_id=answer.review_id,
        masked_name=masked_name(backend, unit, answer.beneficiary_id),
        place=place_name(unit, row.Beneficiary.residence_path),
        expected=Verdict(answer.expected),
        document=answer.facts["document"],
        reason=answer.reason,
        added_at=answer.added_at,
        withdrawn_at=ended.ended_at if ended else None,
        withdrawn_because=ended.reason if ended else "",
        read=row.read,
        missed=row.missed,
    )
