"""What the decisions of a window show of those who made them; all of it within the own division."""

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
    Review,
    ReviewClaim,
    ReviewDecision,
)
from storage.db.models.certification import Certification
from storage.db.models.quality import KnownAnswerEnd, RereadAnswer
from storage.db.models.registry import Beneficiary, DataKeyRow

TOWNSHIP_DIGITS = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class PaceRow:
    """How much and how fast somebody decided; seconds from the claim, None when none is known."""

    staff_id: UUID
    display_name: str | None  # None: sits out of sight
    division_path: str | None
    decisions: int
    certified: int
    fast: int
    median_s: float | None
    p90_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PairRow:
    """How often somebody's reading met another one."""

    staff_id: UUID
    wanted: str
    found: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitRow:
    """How long a person waited for an answer."""

    township: str
    opened_at: datetime
    due_at: datetime
    decided_at: datetime


def _signed_at() -> sa.ColumnElement[datetime]:
    """Say when the reviewer was done: a second person may have sealed it later."""
    return sa.func.coalesce(Proposal.proposed_at, ReviewDecision.decided_at)


def _seconds() -> sa.ColumnElement[Any]:
    """Say how long the reviewer held the case before the word fell."""
    held = (
        sa.select(ReviewClaim.claimed_at)
        .where(
            ReviewClaim.review_id == ReviewDecision.review_id,
            ReviewClaim.staff_id == ReviewDecision.decided_by,
            ReviewClaim.claimed_at <= _signed_at(),
        )
        .order_by(ReviewClaim.claimed_at.desc())
        .limit(1)
        .correlate(ReviewDecision, Proposal)
        .scalar_subquery()
    )
    return sa.extract("epoch", _signed_at() - held)


def _decisions(*columns: Any) -> sa.Select[Any]:
    return (
        sa.select(*columns)
        .select_from(ReviewDecision)
        .join(Review, Review.id == ReviewDecision.review_id)
        .join(Proposal, Proposal.id == ReviewDecision.proposal_id, isouter=True)
    )


def pace(session: Session, since: datetime, fast_s: float) -> list[PaceRow]:
    """Count what each reviewer decided since a moment, second looks and known answers included."""
    done = (
        _decisions(ReviewDecision.decided_by, ReviewDecision.outcome, _seconds().label("seconds"))
        .where(ReviewDecision.decided_at > since)
        .subquery()
    )
    seconds = done.c.seconds
    rows = session.execute(
        sa.select(
            done.c.decided_by.label("staff_id"),
            Staff.display_name,
            Staff.division_path,
            sa.func.count().label("decisions"),
            sa.func.count().filter(done.c.outcome == "certified").label("certified"),
            sa.func.count().filter(seconds < fast_s).label("fast"),
            sa.func.percentile_disc(0.5).within_group(seconds).label("median_s"),
            sa.func.percentile_disc(0.9).within_group(seconds).label("p90_s"),
        )
        .select_from(done)
        .join(Staff, Staff.id == done.c.decided_by, isouter=True)
        .group_by(done.c.decided_by, Staff.display_name, Staff.division_path)
        .order_by(Staff.division_path, sa.desc("decisions"), done.c.decided_by)
    )
    return [_pace_row(row) for row in rows]


def _pace_row(row: Any) -> PaceRow:
    return PaceRow(
        staff_id=row.staff_id,
        display_name=row.display_name,
        division_path=row.division_path,
        decisions=row.decisions,
        certified=row.certified,
        fast=row.fast,
        median_s=None if row.median_s is None else float(row.median_s),
        p90_s=None if row.p90_s is None else float(row.p90_s),
    )


def reread_pairs(session: Session, since: datetime) -> list[PairRow]:
    """Count, for who read first, what was found first and what second."""
    first, again = aliased(ReviewDecision), aliased(ReviewDecision)
    query = (
        sa.select(
            first.decided_by.label("staff_id"),
            first.outcome.label("wanted"),
            again.outcome.label("found"),
            sa.func.count().label("count"),
        )
        .select_from(Review)
        .join(first, first.review_id == Review.reread_of)
        .join(again, again.review_id == Review.id)
        .where(first.decided_at > since, Review.expected.is_(None))
        .group_by(first.decided_by, first.outcome, again.outcome)
    )
    return [PairRow(**row._mapping) for row in session.execute(query)]  # noqa: SLF001


def known_pairs(session: Session, since: datetime) -> list[PairRow]:
    """Count, for each reader of known answers that stand, what was expected and what was found."""
    query = (
        sa.select(
            ReviewDecision.decided_by.label("staff_id"),
            Review.expected.label("wanted"),
            ReviewDecision.outcome.label("found"),
            sa.func.count().label("count"),
        )
        .join(Review, Review.id == ReviewDecision.review_id)
        .where(
            ReviewDecision.decided_at > since,
            Review.expected.is_not(None),
            ~sa.exists().where(KnownAnswerEnd.review_id == Review.reread_of),
        )
        .group_by(ReviewDecision.decided_by, Review.expected, ReviewDecision.outcome)
    )
    return [PairRow(**row._mapping) for row in session.execute(query)]  # noqa: SLF001


def overturned(session: Session, since: datetime, answers: Sequence[str]) -> dict[UUID, int]:
    """Count, for each reviewer, the decisions that did not stand.

    By one of `answers` to a second look, by an appeal upheld, or by a revoked certification.
    """
    again, revoking = aliased(Review), aliased(Certification)
    by_head = sa.exists().where(
        again.reread_of == Review.id,
        RereadAnswer.review_id == again.id,
        RereadAnswer.outcome.in_(answers),
    )
    by_appeal = sa.exists().where(
        AppealAnswer.appeal_id == Appeal.id,
        AppealAnswer.outcome != "stands",
        sa.or_(Appeal.review_id == Review.id, Appeal.attempt_id == Review.attempt_id),
        Appeal.raised_at >= ReviewDecision.decided_at,
    )
    revoked = sa.exists().where(
        Certification.review_id == Review.id, revoking.revokes_id == Certification.id
    )
    query = (
        sa.select(ReviewDecision.decided_by, sa.func.count())
        .join(Review, Review.id == ReviewDecision.review_id)
        .where(
            ReviewDecision.decided_at > since,
            Review.reread_of.is_(None),
            sa.or_(by_head, by_appeal, revoked),
        )
        .group_by(ReviewDecision.decided_by)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def waits(session: Session, within: str, since: datetime) -> list[WaitRow]:
    """Return how long each case decided since a moment took; second looks keep nobody waiting.

    Who lives outside of `within` belongs to the township of registration.
    """
    lives, registered = Beneficiary.residence_path, Beneficiary.household_path
    place = sa.case((sa.func.starts_with(lives, within), lives), else_=registered)
    rows = session.execute(
        sa.select(
            sa.func.left(place, TOWNSHIP_DIGITS).label("township"),
            Review.opened_at,
            Review.due_at,
            ReviewDecision.decided_at,
        )
        .join(ReviewDecision, ReviewDecision.review_id == Review.id)
        .join(Beneficiary, Beneficiary.id == Review.beneficiary_id)
        .where(ReviewDecision.decided_at > since, Review.reread_of.is_(None))
    )
    return [WaitRow(**row._mapping) for row in rows]  # noqa: SLF001


def decided_by(
    session: Session, staff_id: UUID, *, after: UUID | None, limit: int, below_s: float | None
) -> Sequence[Any]:
    """Return one reviewer's decisions, newest first, from behind the one of case `after`.

    Each row has `Review`, `ReviewDecision`, `Beneficiary`, `DataKeyRow` and `seconds`. `below_s`
    keeps those that were faster.
    """
    query = (
        _decisions(Review, ReviewDecision, Beneficiary, DataKeyRow, _seconds().label("seconds"))
        .join(Beneficiary, Beneficiary.id == Review.beneficiary_id)
        .join(DataKeyRow, DataKeyRow.beneficiary_id == Review.beneficiary_id, isouter=True)
        .where(ReviewDecision.decided_by == staff_id)
        .order_by(ReviewDecision.decided_at.desc(), ReviewDecision.review_id.desc())
        .limit(limit)
    )
    if below_s is not None:
        query = query.where(_seconds() < below_s)
    reached = None if after is None else session.get(ReviewDecision, after)
    if reached is not None:
        place = sa.tuple_(ReviewDecision.decided_at, ReviewDecision.review_id)
        query = query.where(place < (reached.decided_at, reached.review_id))
    return session.execute(query).all()


def pending(session: Session, at: datetime) -> Sequence[Review]:
    """Return the second looks that were drawn and wait for a reader, oldest first."""
    return session.scalars(
        sa.select(Review)
        .where(
            Review.reread_of.is_not(None),
            Review.expected.is_(None),
            Review.opened_at <= at,
            Review.decided_at.is_(None),
        )
        .order_by(Review.opened_at, Review.id)
        .limit(500)
    ).all()


def share_of(session: Session, since: datetime) -> dict[str, tuple[int, int]]:
    """Return office -> (decisions, those drawn to be read again) since a moment."""
    again = aliased(Review)
    drawn = sa.exists().where(again.reread_of == Review.id, again.expected.is_(None))
    rows = session.execute(
        sa.select(
            Staff.division_path,
            sa.func.count().label("decisions"),
            sa.func.count().filter(drawn).label("drawn"),
        )
        .select_from(ReviewDecision)
        .join(Review, Review.id == ReviewDecision.review_id)
        .join(Staff, Staff.id == ReviewDecision.decided_by)
        .where(ReviewDecision.decided_at > since, Review.reread_of.is_(None))
        .group_by(Staff.division_path)
        .order_by(Staff.division_path)
    )
    return {row.division_path: (row.decisions, row.drawn) for row in rows}


def opposed(session: Session, *, only_open: bool, after: UUID | None, limit: int) -> Sequence[Any]:
    """Return second looks that found otherwise, newest first, from behind the second look `after`.

    Each row has `Review` (the second look), `First` and `Second` (decisions), `RereadAnswer` or
    None, `Beneficiary` and `DataKeyRow`. Known answers are no disagreement about a person.
    """
    first = aliased(ReviewDecision, name="First")
    second = aliased(ReviewDecision, name="Second")
    certified = (first.outcome == "certified", second.outcome == "certified")
    query = (
        sa.select(Review, first, second, RereadAnswer, Beneficiary, DataKeyRow)
        .join(first, first.review_id == Review.reread_of)
        .join(second, second.review_id == Review.id)
        .join(RereadAnswer, RereadAnswer.review_id == Review.id, isouter=True)
        .join(Beneficiary, Beneficiary.id == Review.beneficiary_id)
        .join(DataKeyRow, DataKeyRow.beneficiary_id == Review.beneficiary_id, isouter=True)
        .where(
            Review.reread_of.is_not(None), Review.expected.is_(None), certified[0] != certified[1]
        )
        .order_by(second.decided_at.desc(), Review.id.desc())
        .limit(limit)
    )
    if only_open:
        query = query.where(RereadAnswer.review_id.is_(None))
    reached = None if after is None else session.get(ReviewDecision, after)
    if reached is not None:
        behind = sa.tuple_(second.decided_at, Review.id)
        query = query.where(behind < (reached.decided_at, reached.review_id))
    return session.execute(query).all()


def count_opposed(session: Session) -> int:
    """Count the second looks that found otherwise and have no answer yet."""
    first, second = aliased(ReviewDecision), aliased(ReviewDecision)
    certified = (first.outcome == "certified", second.outcome == "certified")
    query = (
        sa.select(sa.func.count())
        .select_from(Review)
        .join(first, first.review_id == Review.reread_of)
        .join(second, second.review_id == Review.id)
        .where(
            # Said again, so that the few second looks are read, and not all decisions.
            Review.reread_of.is_not(None),
            Review.expected.is_(None),
            certified[0] != certified[1],
            ~sa.exists().where(RereadAnswer.review_id == Review.id),
        )
    )
    return session.scalar(query) or 0


def answer_of(session: Session, reread_id: UUID) -> RereadAnswer | None:
    return session.get(RereadAnswer, reread_id)


def add_answer(session: Session, row: RereadAnswer) -> None:
    session.add(row)
    session.flush()
