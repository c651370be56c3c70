"""What would harm a person, proposed by one and answered by another."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from storage.db.models.accounts import Staff
from storage.db.models.cases import Proposal, ProposalAnswer, Review
from storage.db.models.registry import Beneficiary, DataKeyRow

_First, _Second = aliased(Staff), aliased(Staff)
UNANSWERED = ~(sa.exists().where(ProposalAnswer.proposal_id == Proposal.id).correlate(Proposal))


def add(session: Session, row: Proposal) -> None:
    session.add(row)
    session.flush()


def get(session: Session, proposal_id: UUID) -> Proposal | None:
    return session.get(Proposal, proposal_id)


def answer_of(session: Session, proposal_id: UUID) -> ProposalAnswer | None:
    return session.get(ProposalAnswer, proposal_id)


def record_answer(session: Session, row: dict[str, Any]) -> bool:
    """Insert the answer; False when the proposal has one already."""
    added = session.execute(
        insert(ProposalAnswer)
        .values(row)
        .on_conflict_do_nothing(index_elements=["proposal_id"])
        .returning(ProposalAnswer.proposal_id)
    )
    return added.first() is not None


def lock_certificate(session: Session, number: str) -> None:
    """Make those who propose to revoke one certificate take turns, until the commit."""
    session.execute(
        sa.text("select pg_advisory_xact_lock(hashtextextended('certificate:' || :number, 0))"),
        {"number": number},
    )


def open_of_review(session: Session, review_id: UUID) -> Proposal | None:
    """Return what waits for a second person about a case."""
    return session.scalar(
        sa.select(Proposal).where(Proposal.review_id == review_id, UNANSWERED).limit(1)
    )


def open_of_certificate(session: Session, person_id: UUID, number: str) -> Proposal | None:
    """Return what waits for a second person about a certificate."""
    return session.scalar(
        sa.select(Proposal)
        .where(
            Proposal.beneficiary_id == person_id,
            Proposal.certificate_number == number,
            UNANSWERED,
        )
        .limit(1)
    )


def answered_of_review(session: Session, review_id: UUID) -> Sequence[Any]:
    """Return `Proposal` with its `ProposalAnswer`, oldest first."""
    return session.execute(
        sa.select(Proposal, ProposalAnswer)
        .join(ProposalAnswer, ProposalAnswer.proposal_id == Proposal.id)
        .where(Proposal.review_id == review_id)
        .order_by(Proposal.id)
        .limit(50)
    ).all()


def _lines() -> "sa.Select[*tuple[Any, ...]]":
    """Each row: `Proposal`, `ProposalAnswer`, the person with key, `due_at`, the names of staff.

    A name is None for a member of staff who sits out of sight, above or beside the reader;
    `due_at` is that of the case, None where there is none.
    """
    return (
        sa.select(
            Proposal,
            ProposalAnswer,
            Beneficiary,
            DataKeyRow,
            Review.due_at,
            _First.display_name.label("first_name"),
            _Second.display_name.label("second_name"),
        )
        .join(Beneficiary, Beneficiary.id == Proposal.beneficiary_id)
        .join(DataKeyRow, DataKeyRow.beneficiary_id == Proposal.beneficiary_id, isouter=True)
        .join(ProposalAnswer, ProposalAnswer.proposal_id == Proposal.id, isouter=True)
        .join(Review, Review.id == Proposal.review_id, isouter=True)
        .join(_First, _First.id == Proposal.proposed_by, isouter=True)
        .join(_Second, _Second.id == ProposalAnswer.answered_by, isouter=True)
    )


def line_of(session: Session, proposal_id: UUID) -> Any:
    """Return one proposal as the lists show it; None out of scope."""
    return session.execute(_lines().where(Proposal.id == proposal_id)).one_or_none()


def to_answer(session: Session, second: UUID, *, after: UUID | None, limit: int) -> Sequence[Any]:
    """Return what `second` may answer, the longest waiting first."""
    query = _lines().where(_for_second(second)).order_by(Proposal.id).limit(limit)
    if after is not None:
        query = query.where(Proposal.id > after)
    return session.execute(query).all()


def count_to_answer(session: Session, second: UUID) -> int:
    query = sa.select(sa.func.count()).select_from(Proposal).where(_for_second(second))
    return session.scalar(query) or 0


def _for_second(second: UUID) -> sa.ColumnElement[bool]:
    """Wait for another than the first, and concern nothing that `second` had a part in."""
    involved = Proposal.facts.contains({"involved": [str(second)]})
    return sa.and_(UNANSWERED, Proposal.proposed_by != second, ~involved)


def proposed_by(session: Session, first: UUID, *, after: UUID | None, limit: int) -> Sequence[Any]:
    """Return what `first` proposed, the newest first."""
    return _newest(session, Proposal.proposed_by == first, after=after, limit=limit)


def answered(session: Session, *, after: UUID | None, limit: int) -> Sequence[Any]:
    """Return what has an answer, the newest proposal first."""
    return _newest(session, ProposalAnswer.proposal_id.is_not(None), after=after, limit=limit)


def _newest(
    session: Session, wanted: sa.ColumnElement[bool], *, after: UUID | None, limit: int
) -> Sequence[Any]:
    query = _lines().where(wanted).order_by(Proposal.id.desc()).limit(limit)
    if after is not None:
        query = query.where(Proposal.id < after)
    return session.execute(query).all()
