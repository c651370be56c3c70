"""Second looks at decided cases: who may be given one, which are due, what hangs on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from storage.db.models.accounts import Staff
from storage.db.models.cases import (
    Appeal,
    AppealAnswer,
    Proposal,
    ProposalAnswer,
    Review,
    ReviewClaim,
    ReviewDecision,
)
from storage.db.models.quality import KnownAnswer, KnownAnswerEnd, RereadAnswer
from storage.db.models.registry import Beneficiary, DataKeyRow


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowRow:
    """A decision of an office's window."""

    review_id: UUID
    is_drawn: bool


def is_offered(reader_id: UUID, at: datetime) -> sa.ColumnElement[bool]:
    """Say in SQL that `Review` is an ordinary case, or a second look that this reader may get now.

    Every list of waiting cases and every count of one takes it, so that nothing tells them apart.
    """
    withdrawn = sa.exists().where(KnownAnswerEnd.review_id == Review.reread_of)
    return sa.or_(
        Review.reread_of.is_(None),
        sa.and_(
            Review.opened_at <= at,
            ~sa.and_(Review.expected.is_not(None), withdrawn),
            sa.literal(reader_id, sa.Uuid()).not_in(_hands(Review.reread_of, Review.id)),
        ),
    )


def is_being_reread() -> sa.ColumnElement[bool]:
    """Say in SQL that somebody reads the decided case `Review` again, or is about to."""
    again = aliased(Review)
    decided = sa.exists().where(ReviewDecision.review_id == again.id)
    return sa.exists().where(again.reread_of == Review.id, ~decided)


def took_part(session: Session, original_id: UUID, but: UUID | None = None) -> frozenset[UUID]:
    """Name the staff who know a case already; holding the second look `but` does not count."""
    case = sa.literal(but, sa.Uuid()) if but else sa.null()
    found = session.scalars(_hands(sa.literal(original_id, sa.Uuid()), case))
    return frozenset(found)


def _hands(original: Any, case: Any) -> sa.CompoundSelect[Any]:
    """Select the staff who held, decided, proposed, sealed, answered or seeded one of the kin."""
    kin = aliased(Review)
    of_kin = sa.and_(
        sa.or_(kin.id == original, kin.reread_of == original), kin.id.is_distinct_from(case)
    )

    def by(column: Any, *joined: Any) -> sa.Select[Any]:
        query = sa.select(column).select_from(kin)
        for table, on in joined:
            query = query.join(table, on)
        return query.where(of_kin).correlate(Review)

    appealed = sa.or_(
        Appeal.review_id == kin.id,
        sa.and_(kin.attempt_id.is_not(None), Appeal.attempt_id == kin.attempt_id),
    )
    proposed = (Proposal, Proposal.review_id == kin.id)
    answered = (ProposalAnswer, ProposalAnswer.proposal_id == Proposal.id)
    heard = (AppealAnswer, AppealAnswer.appeal_id == Appeal.id)
    return sa.union_all(
        by(ReviewClaim.staff_id, (ReviewClaim, ReviewClaim.review_id == kin.id)),
        by(ReviewDecision.decided_by, (ReviewDecision, ReviewDecision.review_id == kin.id)),
        by(Proposal.proposed_by, proposed),
        by(ProposalAnswer.answered_by, proposed, answered),
        by(AppealAnswer.answered_by, (Appeal, appealed), heard),
        by(KnownAnswer.added_by, (KnownAnswer, KnownAnswer.review_id == kin.id)),
        by(RereadAnswer.answered_by, (RereadAnswer, RereadAnswer.review_id == kin.id)),
    )


def take_turns(session: Session, office: str) -> None:
    """Make the decisions of one office count each other, until the commit."""
    session.execute(
        sa.text("select pg_advisory_xact_lock(hashtextextended('reread:' || :office, 0))"),
        {"office": office},
    )


def window_of(session: Session, office: str, since: datetime) -> list[WindowRow]:
    """Return what the reviewers seated at `office` decided, as far as it can still be read."""
    again = aliased(Review)
    drawn = sa.exists().where(again.reread_of == Review.id, again.expected.is_(None))
    rows = session.execute(
        sa.select(Review.id, drawn.label("is_drawn"))
        .join(ReviewDecision, ReviewDecision.review_id == Review.id)
        .join(Staff, Staff.id == ReviewDecision.decided_by)
        .join(DataKeyRow, DataKeyRow.beneficiary_id == Review.beneficiary_id)
        .where(
            Staff.division_path == office,
            ReviewDecision.decided_at > since,
            Review.reread_of.is_(None),
            DataKeyRow.destroyed_at.is_(None),
        )
    )
    return [WindowRow(review_id=row.id, is_drawn=row.is_drawn) for row in rows]


def household_of(session: Session, person_id: UUID) -> str:
    """Return where a person in sight is registered."""
    query = sa.select(Beneficiary.household_path).where(Beneficiary.id == person_id)
    return session.execute(query).scalar_one()


def seat_of(session: Session, staff_id: UUID) -> str | None:
    """Return where a member of staff sits; None when out of sight."""
    return session.scalar(sa.select(Staff.division_path).where(Staff.id == staff_id))


def readings_of(session: Session, original_id: UUID) -> Sequence[ReviewDecision]:
    """Return what blind readers decided of a case, oldest first."""
    return session.scalars(
        sa.select(ReviewDecision)
        .join(Review, Review.id == ReviewDecision.review_id)
        .where(Review.reread_of == original_id)
        .order_by(ReviewDecision.decided_at, ReviewDecision.review_id)
    ).all()


def is_withdrawn(session: Session, original_id: UUID) -> bool:
    return session.get(KnownAnswerEnd, original_id) is not None


def reviewers(session: Session, roles: Sequence[str], place: str) -> list[UUID]:
    """Return the active staff in sight with one of `roles`, seated at `place` or above it."""
    rows = session.scalars(
        sa.select(Staff.id).where(
            Staff.role.in_(roles),
            Staff.disabled_at.is_(None),
            sa.func.starts_with(sa.literal(place), Staff.division_path),
        )
    )
    return list(rows)
