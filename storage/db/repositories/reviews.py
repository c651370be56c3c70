"""The review queue: cases, who holds them, and what they came to."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from storage.db.models.cases import (
    Lead,
    Proposal,
    ProposalAnswer,
    Review,
    ReviewClaim,
    ReviewDecision,
)
from storage.db.models.certification import Attempt, AttemptDecision, ReferencePhoto
from storage.db.models.registry import Beneficiary, DataKeyRow

RANK_PER_DAY = 50
"""What a day of waiting adds to a case's priority (`domain.review.priority`).

Counted from the day of opening, so that the order of two cases never changes: pages stay whole.
"""

IS_UNDECIDED = Review.decided_at.is_(None)
"""By the mark on the case: the decisions of years need not be read to leave them out."""


def add(session: Session, row: Review) -> None:
    session.add(row)
    session.flush()


def get(session: Session, review_id: UUID) -> Review | None:
    return session.get(Review, review_id)


def lock(session: Session, review_id: UUID) -> None:
    """Make those who claim, release or decide one case take turns, until the commit."""
    session.execute(
        sa.text("select pg_advisory_xact_lock(hashtextextended('review:' || :review, 0))"),
        {"review": str(review_id)},
    )


def waiting(
    session: Session, offered: sa.ColumnElement[bool], *, after: Review | None, limit: int
) -> Sequence[Any]:
    """Return cases that wait for a reviewer, the most pressing first, from behind `after`.

    `offered` is `rereads.is_offered`: what this reader may be given.

    A case that was proposed waits for a second person, and is in another list.
    Each row has `Review`, its newest `ReviewClaim`, `Beneficiary` with `DataKeyRow`, and the
    `channel` of an attempt (None: a visit).
    """
    any_claim = aliased(ReviewClaim)
    newest = (
        sa.select(any_claim.id)
        .where(any_claim.review_id == Review.id)
        .order_by(any_claim.claimed_at.desc(), any_claim.id.desc())
        .limit(1)
        .correlate(Review)
        .scalar_subquery()
    )
    rank = _rank(Review.opened_at, Review.priority)
    query = (
        sa.select(Review, ReviewClaim, Beneficiary, DataKeyRow, Attempt.channel)
        .join(Beneficiary, Beneficiary.id == Review.beneficiary_id)
        .join(DataKeyRow, DataKeyRow.beneficiary_id == Review.beneficiary_id, isouter=True)
        .join(ReviewClaim, ReviewClaim.id == newest, isouter=True)
        .join(Attempt, Attempt.id == Review.attempt_id, isouter=True)
        .where(offered, IS_UNDECIDED, ~_is_proposed())
        .order_by(rank.desc(), Review.opened_at, Review.id)
        .limit(limit)
    )
    if after is not None:
        reached = _rank(
            sa.literal(after.opened_at, sa.DateTime(timezone=True)), sa.literal(after.priority)
        )
        behind = sa.tuple_(Review.opened_at, Review.id) > (after.opened_at, after.id)
        query = query.where(sa.or_(rank < reached, sa.and_(rank == reached, behind)))
    return session.execute(query).all()


def _is_proposed() -> sa.ColumnElement[bool]:
    answered = sa.exists().where(ProposalAnswer.proposal_id == Proposal.id)
    return sa.exists().where(Proposal.review_id == Review.id, ~answered)


def _rank(opened_at: Any, priority: Any) -> Any:
    day = sa.func.floor(sa.extract("epoch", opened_at) / 86400)
    return priority - RANK_PER_DAY * day


def newest_claim(session: Session, review_id: UUID) -> ReviewClaim | None:
    """Return the newest claim unless it was released. It may have run out."""
    row = session.scalar(
        sa.select(ReviewClaim)
        .where(ReviewClaim.review_id == review_id)
        .order_by(ReviewClaim.claimed_at.desc(), ReviewClaim.id.desc())
        .limit(1)
    )
    return None if row is None or row.released_at is not None else row


def add_claim(session: Session, row: ReviewClaim) -> None:
    session.add(row)
    session.flush()


def prolong(session: Session, claim_id: UUID, until: datetime) -> None:
    session.execute(
        sa.update(ReviewClaim).where(ReviewClaim.id == claim_id).values(expires_at=until)
    )


def release(session: Session, claim_id: UUID, at: datetime) -> None:
    session.execute(sa.update(ReviewClaim).where(ReviewClaim.id == claim_id).values(released_at=at))


def decision_of(session: Session, review_id: UUID) -> ReviewDecision | None:
    return session.get(ReviewDecision, review_id)


def record_decision(session: Session, row: dict[str, Any]) -> bool:
    """Insert the decision and mark its case; False when the case has one already."""
    added = session.execute(
        insert(ReviewDecision)
        .values(row)
        .on_conflict_do_nothing(index_elements=["review_id"])
        .returning(ReviewDecision.review_id)
    )
    if added.first() is None:
        return False
    session.execute(
        sa.update(Review).where(Review.id == row["review_id"]).values(decided_at=row["decided_at"])
    )
    return True


def add_lead(session: Session, row: Lead) -> None:
    session.add(row)
    session.flush()


def newest_attempts_of(
    session: Session, person_id: UUID, limit: int
) -> list[tuple[Attempt, AttemptDecision]]:
    """Return a person's decided attempts, newest first."""
    rows = session.execute(
        sa.select(Attempt, AttemptDecision)
        .join(AttemptDecision, AttemptDecision.attempt_id == Attempt.id)
        .where(Attempt.beneficiary_id == person_id)
        .order_by(Attempt.received_at.desc(), Attempt.id.desc())
        .limit(limit)
    )
    return [(row.Attempt, row.AttemptDecision) for row in rows]


def is_reference(session: Session, person_id: UUID, evidence_id: UUID) -> bool:
    """Whether an object is a reference photo that a person's face may be compared with."""
    query = sa.exists().where(
        ReferencePhoto.beneficiary_id == person_id,
        ReferencePhoto.evidence_id == evidence_id,
        ReferencePhoto.removed_at.is_(None),
    )
    return session.scalar(sa.select(query)) or False
