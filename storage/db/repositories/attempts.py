"""Accepted submissions, their parts, and their one decision each."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from storage.db.models.cases import Lead, Review, ReviewDecision
from storage.db.models.certification import Attempt, AttemptDecision, AttemptPart, Evidence
from storage.db.models.certification import Session as SessionRow


def by_client_id(session: Session, client_id: str) -> Attempt | None:
    return session.scalar(sa.select(Attempt).where(Attempt.client_id == client_id))


def of_session(session: Session, session_id: UUID) -> Attempt | None:
    return session.scalar(sa.select(Attempt).where(Attempt.session_id == session_id))


def newest_of(session: Session, person_id: UUID) -> Attempt | None:
    """Return what a person handed in last."""
    return session.scalar(
        sa.select(Attempt)
        .where(Attempt.beneficiary_id == person_id)
        .order_by(Attempt.received_at.desc(), Attempt.id.desc())
        .limit(1)
    )


def get(session: Session, attempt_id: UUID) -> Attempt | None:
    return session.get(Attempt, attempt_id)


def session_of(session: Session, attempt: Attempt) -> SessionRow:
    row = session.get(SessionRow, attempt.session_id)
    assert row is not None
    return row


def add(session: Session, attempt: dict[str, object], parts: Sequence[AttemptPart]) -> bool:
    """Insert an attempt with its parts; False when its client id is another person's already."""
    added = session.execute(
        insert(Attempt)
        .values(attempt)
        .on_conflict_do_nothing(index_elements=["client_id"])
        .returning(Attempt.id)
    )
    if added.first() is None:
        return False
    session.add_all(parts)
    session.flush()
    return True


def parts_of(session: Session, attempt_id: UUID) -> dict[str, Evidence]:
    """Return kind -> evidence of one attempt."""
    rows = session.execute(
        sa.select(AttemptPart.kind, Evidence)
        .join(Evidence, Evidence.id == AttemptPart.evidence_id)
        .where(AttemptPart.attempt_id == attempt_id)
    )
    return {row.kind: row.Evidence for row in rows}


def decision_of(session: Session, attempt_id: UUID) -> AttemptDecision | None:
    return session.get(AttemptDecision, attempt_id)


def passes_since(session: Session, person_id: UUID, since: datetime) -> Sequence[AttemptDecision]:
    """Return the machine's passes of a person from a moment on that no human has looked at."""
    return session.scalars(
        sa.select(AttemptDecision)
        .outerjoin(Review, Review.attempt_id == AttemptDecision.attempt_id)
        .where(
            AttemptDecision.beneficiary_id == person_id,
            AttemptDecision.outcome == "pass",
            AttemptDecision.decided_at >= since,
            Review.id.is_(None),
        )
        .order_by(AttemptDecision.decided_at)
    ).all()


def record_decision(session: Session, row: dict[str, object]) -> bool:
    """Insert the decision; False when the attempt has one already (a job that ran twice)."""
    added = session.execute(
        insert(AttemptDecision)
        .values(row)
        .on_conflict_do_nothing(index_elements=["attempt_id"])
        .returning(AttemptDecision.attempt_id)
    )
    return added.first() is not None


def open_leads(session: Session, person_id: UUID) -> int:
    query = (
        sa.select(sa.func.count())
        .select_from(Lead)
        .where(Lead.beneficiary_id == person_id, Lead.closed_at.is_(None))
    )
    return session.scalar(query) or 0


def review_of(session: Session, attempt_id: UUID) -> tuple[Review | None, ReviewDecision | None]:
    """Return the review an attempt led to, and what it came to; None for what is not there."""
    review = session.scalar(
        sa.select(Review).where(Review.attempt_id == attempt_id, Review.reread_of.is_(None))
    )
    if review is None:
        return None, None
    return review, session.get(ReviewDecision, review.id)
