"""The second person's desk: what was proposed, by whom, and the one answer that it gets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, assert_never
from uuid import UUID

from domain.audit import AuditAction
from domain.errors import AppError, Kind
from domain.ids import StaffId
from domain.proposal import Answer, ProposalKind, check_note, check_second, settle
from domain.review import Verdict
from domain.roles import Permission
from services import revocations
from services.accounts import StaffMember, actor_of, check_confirmed, scope_of
from services.appeals import refuse_open
from services.backend import Backend
from services.independence import is_helper
from services.proposal_records import check_acting, pending_of
from services.review_outcomes import Ruling, Signature, follow_up, record
from services.shown import masked_name
from services.unit_of_work import Unit
from storage.db.models.cases import Proposal
from storage.db.repositories import divisions, proposals, reviews


class Shelf(StrEnum):
    """Which proposals are listed."""

    TO_ANSWER = "to_answer"
    MINE = "mine"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalLine:
    """One line of a list. Names of staff are None for a seat out of the reader's sight.

    `masked_name` is None for somebody erased by law; `answer` is None while it waits.
    """

    id: UUID
    kind: ProposalKind
    person_id: UUID
    masked_name: str | None = field(repr=False)
    place: str
    proposed_at: datetime
    proposed_by: str | None
    due_at: datetime | None  # by when the case must be decided
    answer: Answer | None
    answered_at: datetime | None
    answered_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalPage:
    """`next_after` is the proposal to go on behind; None on the last page."""

    lines: tuple[ProposalLine, ...]
    next_after: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalFile:
    """One proposal as the second person reads it.

    `refusal` is the code that an answer of the reader would meet now; None when it would count.
    """

    line: ProposalLine
    review_id: UUID | None
    certificate_number: str | None
    grounds: str
    facts: dict[str, Any]
    note: str
    is_mine: bool
    refusal: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the second person says: confirmed, or returned with a note."""

    answer: Answer
    note: str


def proposal_page(
    backend: Backend, reader: StaffMember, shelf: Shelf, *, after: UUID | None, limit: int
) -> ProposalPage:
    """List proposals of the own division: those to answer oldest first, the others newest first."""
    with backend.unit(actor_of(reader), scope_of(reader)) as unit:
        rows = _rows(unit, reader, shelf, after=after, limit=limit + 1)
        lines = _lines(backend, unit, rows[:limit])
    more = len(rows) > limit
    return ProposalPage(lines=lines, next_after=lines[-1].id if more else None)


def _rows(unit: Unit, reader: StaffMember, shelf: Shelf, *, after: UUID | None, limit: int) -> Any:
    match shelf:
        case Shelf.TO_ANSWER:
            return proposals.to_answer(unit.session, reader.id, after=after, limit=limit)
        case Shelf.MINE:
            return proposals.proposed_by(unit.session, reader.id, after=after, limit=limit)
        case Shelf.ANSWERED:
            return proposals.answered(unit.session, after=after, limit=limit)
        case _:  # pragma: no cover - mypy proves the match exhaustive
            assert_never(shelf)


def count_to_answer(backend: Backend, reader: StaffMember) -> int:
    """Count what waits for the reader as a second person."""
    with backend.unit(actor_of(reader), scope_of(reader)) as unit:
        return proposals.count_to_answer(unit.session, reader.id)


def _lines(backend: Backend, unit: Unit, rows: Sequence[Any]) -> tuple[ProposalLine, ...]:
    names = divisions.names_of(unit.session, [row.Beneficiary.residence_path for row in rows])
    return tuple(_line(backend, unit, row, names) for row in rows)


def _line(backend: Backend, unit: Unit, row: Any, names: Mapping[str, str]) -> ProposalLine:
    answered = row.ProposalAnswer
    return ProposalLine(
        id=row.Proposal.id,
        kind=ProposalKind(row.Proposal.kind),
        person_id=row.Proposal.beneficiary_id,
        masked_name=masked_name(backend, unit, row.Proposal.beneficiary_id),
        place=names.get(row.Beneficiary.residence_path, row.Beneficiary.residence_path),
        proposed_at=row.Proposal.proposed_at,
        proposed_by=row.first_name,
        due_at=row.due_at,
        answer=Answer(answered.answer) if answered else None,
        answered_at=answered.answered_at if answered else None,
        answered_by=row.second_name,
    )


def open_proposal(backend: Backend, reader: StaffMember, proposal_id: UUID) -> ProposalFile:
    """Show one proposal of the own division. Raises `proposal.not_found`."""
    with backend.unit(actor_of(reader), scope_of(reader)) as unit:
        row = proposals.line_of(unit.session, proposal_id)
        if row is None:
            raise AppError(Kind.NOT_FOUND, "proposal.not_found")
        found: Proposal = row.Proposal
        return ProposalFile(
            line=_lines(backend, unit, [row])[0],
            review_id=found.review_id,
            certificate_number=found.certificate_number,
            grounds=found.grounds,
            facts=found.facts,
            note=row.ProposalAnswer.note if row.ProposalAnswer else "",
            is_mine=found.proposed_by == reader.id,
            refusal=_refusal(backend, unit, found, reader),
        )


def _refusal(backend: Backend, unit: Unit, row: Proposal, reader: StaffMember) -> str | None:
    try:
        settle(pending_of(unit, row), Answer.CONFIRMED, by=StaffId(reader.id))
        check_acting(unit, reader, Permission.PROPOSAL_ANSWER)
        _check_no_helper(backend, unit, row, reader)
    except AppError as refused:
        return refused.code
    return None


def answer(backend: Backend, second: StaffMember, proposal_id: UUID, reply: Reply) -> Answer:
    """Answer as the second person; what was confirmed takes effect in the same commit.

    Raises `permission.denied`, `auth.confirmation_needed`, `proposal.*`, `appeal.open`, and what
    `revocations.revoke` and `review_outcomes.record` raise.
    """
    check_note(reply.answer, reply.note)
    with backend.unit(actor_of(second), scope_of(second)) as unit:
        check_acting(unit, second, Permission.PROPOSAL_ANSWER)
        row = _locked(unit, proposal_id)
        pending = pending_of(unit, row)
        settle(pending, reply.answer, by=StaffId(second.id))
        check_second(pending, StaffId(second.id))  # the first would get through with a withdrawal
        _check_no_helper(backend, unit, row, second)
        check_confirmed(second, unit.now)
        _record(unit, row, second, reply)
        if reply.answer is Answer.CONFIRMED:
            _take_effect(backend, unit, row, second)
        return reply.answer


def withdraw(backend: Backend, proposer: StaffMember, proposal_id: UUID, *, note: str = "") -> None:
    """Take one's own proposal back before anybody answered it.

    Raises `permission.denied`, `proposal.*`.
    """
    reply = Reply(answer=Answer.WITHDRAWN, note=note)
    check_note(reply.answer, reply.note)
    with backend.unit(actor_of(proposer), scope_of(proposer)) as unit:
        check_acting(unit, proposer, Permission.PROPOSAL_ANSWER)
        row = _locked(unit, proposal_id)
        settle(pending_of(unit, row), reply.answer, by=StaffId(proposer.id))
        _record(unit, row, proposer, reply)


def _locked(unit: Unit, proposal_id: UUID) -> Proposal:
    """Return a proposal whose case or certificate is locked until the commit."""
    row = proposals.get(unit.session, proposal_id)
    if row is None:
        raise AppError(Kind.NOT_FOUND, "proposal.not_found")
    if row.review_id is not None:
        reviews.lock(unit.session, row.review_id)
    if row.certificate_number is not None:
        proposals.lock_certificate(unit.session, row.certificate_number)
    return row


def _check_no_helper(backend: Backend, unit: Unit, row: Proposal, second: StaffMember) -> None:
    review = reviews.get(unit.session, row.review_id) if row.review_id else None
    named = row.facts.get("attempt")
    attempt_id = UUID(named) if named else review.attempt_id if review else None
    if is_helper(backend, unit, second, person_id=row.beneficiary_id, attempt_id=attempt_id):
        raise AppError(Kind.FORBIDDEN, "proposal.not_independent")


def _record(unit: Unit, row: Proposal, by: StaffMember, reply: Reply) -> None:
    recorded = proposals.record_answer(
        unit.session,
        {
            "proposal_id": row.id,
            "beneficiary_id": row.beneficiary_id,
            "answer": reply.answer.value,
            "note": reply.note.strip(),
            "answered_at": unit.now,
            "answered_by": by.id,
        },
    )
    if not recorded:
        raise AppError(Kind.CONFLICT, "proposal.already_answered")
    unit.audit(
        AuditAction.PROPOSAL_ANSWERED,
        proposal=str(row.id),
        kind=row.kind,
        beneficiary=str(row.beneficiary_id),
        answer=reply.answer.value,
    )


def _take_effect(backend: Backend, unit: Unit, row: Proposal, second: StaffMember) -> None:
    refuse_open(unit, row.beneficiary_id)
    match ProposalKind(row.kind):
        case ProposalKind.REFER_AS_LEAD:
            _refer(backend, unit, row, second)
        case ProposalKind.REVOKE_CERTIFICATION:
            revocations.revoke(backend, unit, row)


def _refer(backend: Backend, unit: Unit, row: Proposal, second: StaffMember) -> None:
    review = reviews.get(unit.session, row.review_id) if row.review_id else None
    assert review is not None, "a proposal to refer names its case"
    ruling = Ruling(verdict=Verdict.REFER_AS_LEAD, method=None, findings=row.grounds)
    signed = Signature(by=row.proposed_by, confirmed_at=second.confirmed_at, proposal_id=row.id)
    record(unit, review, ruling, signed)
    follow_up(backend, unit, review, ruling.verdict)
