"""Cases whose answer is known, who read them, and how they did."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from storage.db.models.cases import Review, ReviewDecision
from storage.db.models.quality import KnownAnswer, KnownAnswerEnd
from storage.db.models.registry import Beneficiary, DataKeyRow


def get(session: Session, review_id: UUID) -> KnownAnswer | None:
    return session.get(KnownAnswer, review_id)


def add(session: Session, row: dict[str, Any]) -> bool:
    """Insert; False when the case is or was a known answer already."""
    added = session.execute(
        insert(KnownAnswer)
        .values(row)
        .on_conflict_do_nothing(index_elements=["review_id"])
        .returning(KnownAnswer.review_id)
    )
    return added.first() is not None


def end(session: Session, row: dict[str, Any]) -> bool:
    """Withdraw; False when it is withdrawn already."""
    ended = session.execute(
        insert(KnownAnswerEnd)
        .values(row)
        .on_conflict_do_nothing(index_elements=["review_id"])
        .returning(KnownAnswerEnd.review_id)
    )
    return ended.first() is not None


def listed(session: Session, *, after: UUID | None, limit: int) -> Sequence[Any]:
    """Return known answers, newest first, from behind that of case `after`.

    Each row has `KnownAnswer`, `KnownAnswerEnd` or None, `Beneficiary`, `DataKeyRow`, and counts:
    `read`, and `missed` of those (one certified, the other did not).
    """
    shown, found = aliased(Review), ReviewDecision
    of_answer = (shown.reread_of == KnownAnswer.review_id, shown.expected.is_not(None))
    opposed = (KnownAnswer.expected == "certified") != (found.outcome == "certified")

    def count(*wanted: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
        return (
            sa.select(sa.func.count())
            .select_from(shown)
            .join(found, found.review_id == shown.id)
            .where(*of_answer, *wanted)
            .correlate(KnownAnswer)
            .scalar_subquery()
        )

    query = (
        sa.select(
            KnownAnswer,
            KnownAnswerEnd,
            Beneficiary,
            DataKeyRow,
            count().label("read"),
            count(opposed).label("missed"),
        )
        .join(KnownAnswerEnd, KnownAnswerEnd.review_id == KnownAnswer.review_id, isouter=True)
        .join(Beneficiary, Beneficiary.id == KnownAnswer.beneficiary_id)
        .join(DataKeyRow, DataKeyRow.beneficiary_id == KnownAnswer.beneficiary_id, isouter=True)
        .order_by(KnownAnswer.added_at.desc(), KnownAnswer.review_id.desc())
        .limit(limit)
    )
    reached = None if after is None else get(session, after)
    if reached is not None:
        place = sa.tuple_(KnownAnswer.added_at, KnownAnswer.review_id)
        query = query.where(place < (reached.added_at, reached.review_id))
    return session.execute(query).all()
