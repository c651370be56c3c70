"""Values that counties put in place of a preset's, and what came of each proposal."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from storage.db.models.accounts import Staff
from storage.db.models.policy import PolicyAnswer, PolicyOverride

CONFIRMED = "confirmed"


def add(session: Session, row: PolicyOverride) -> None:
    session.add(row)
    session.flush()


def get(session: Session, override_id: UUID) -> PolicyOverride | None:
    return session.get(PolicyOverride, override_id)


def answer_of(session: Session, override_id: UUID) -> PolicyAnswer | None:
    return session.get(PolicyAnswer, override_id)


def lock(session: Session, county: str) -> None:
    """Make those who propose or answer in one county take turns, until the commit."""
    session.execute(
        sa.text("select pg_advisory_xact_lock(hashtextextended('policy:' || :county, 0))"),
        {"county": county},
    )


def record_answer(session: Session, row: dict[str, Any]) -> bool:
    """Store the one answer; False when there is one already."""
    statement = insert(PolicyAnswer).values(row).on_conflict_do_nothing()
    return session.scalar(statement.returning(PolicyAnswer.override_id)) is not None


def count_confirmed(session: Session) -> int:
    """Count what is confirmed: answers are only ever added, so it tells whether there are new."""
    wanted = sa.select(sa.func.count()).where(PolicyAnswer.answer == CONFIRMED)
    return session.scalar(wanted) or 0


def confirmed(session: Session) -> Sequence[PolicyOverride]:
    """Return all that was confirmed, in the order in which it was."""
    return session.scalars(
        sa.select(PolicyOverride)
        .join(PolicyAnswer, PolicyAnswer.override_id == PolicyOverride.id)
        .where(PolicyAnswer.answer == CONFIRMED)
        .order_by(PolicyAnswer.answered_at, PolicyOverride.id)
    ).all()


def find(session: Session, override_id: UUID) -> Any | None:
    """Return one row as `newest` does, or None."""
    return session.execute(_told().where(PolicyOverride.id == override_id)).one_or_none()


def newest(session: Session, *, after: UUID | None, limit: int) -> Sequence[Any]:
    """Return the newest first, from behind `after`.

    Each row has `PolicyOverride`, its `PolicyAnswer` or None, and the names of who proposed
    (`proposer`) and who answered (`answerer`), None where row security hides the account.
    """
    query = _told().order_by(PolicyOverride.id.desc()).limit(limit)
    if after is not None:
        query = query.where(PolicyOverride.id < after)
    return session.execute(query).all()


def unanswered(session: Session, *, limit: int) -> Sequence[Any]:
    """Return what waits for a second person, the next to begin first."""
    query = _told().where(PolicyAnswer.override_id.is_(None))
    return session.execute(
        query.order_by(PolicyOverride.effective_from, PolicyOverride.id).limit(limit)
    ).all()


def _told() -> sa.Select[PolicyOverride, PolicyAnswer, str, str]:
    first, second = aliased(Staff), aliased(Staff)
    return (
        sa.select(
            PolicyOverride,
            PolicyAnswer,
            first.display_name.label("proposer"),
            second.display_name.label("answerer"),
        )
        .join(PolicyAnswer, PolicyAnswer.override_id == PolicyOverride.id, isouter=True)
        .join(first, first.id == PolicyOverride.proposed_by, isouter=True)
        .join(second, second.id == PolicyAnswer.answered_by, isouter=True)
    )
