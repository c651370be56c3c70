"""The review queue as lists: what waits, who holds what, what was decided; filtered, by pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storage.db.models.accounts import Staff
from storage.db.models.cases import Proposal, Review, ReviewClaim, ReviewDecision
from storage.db.models.certification import Attempt
from storage.db.models.registry import Beneficiary, DataKeyRow
from storage.db.repositories.proposals import UNANSWERED
from storage.db.repositories.rereads import is_being_reread, is_offered
from storage.db.repositories.reviews import IS_UNDECIDED, RANK_PER_DAY

COUNTED = 1000
"""Nobody reads a larger number: counting stops there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sieve:
    """What a list is narrowed to. `place` is a division path, `late_at` the moment to be late at.

    `visits` tells home visits, which have no channel of their own, from attempts. `own` counts for
    decided cases only.
    """

    place: str | None = None
    channel: str | None = None
    visits: bool = False
    reason: str | None = None
    late_at: datetime | None = None
    key_group: str | None = None
    own: bool = False


def waiting(
    session: Session, reader: UUID, sieve: Sieve, *, at: datetime, after: Review | None, limit: int
) -> Sequence[Any]:
    """Return what waits for a reviewer, the most pressing first, from behind `after`.

    Each row has `Review`, `channel` (None: a visit), `Beneficiary` with `DataKeyRow`, the running
    `ReviewClaim`, if any, and its `holder` by name (None: out of the reader's sight).
    """
    return _page(session, _waiting(reader, sieve, at=at), at=at, after=after, limit=limit)


def unheld(
    session: Session, reader: UUID, sieve: Sieve, *, at: datetime, after: Review | None, limit: int
) -> list[Review]:
    """Return what waits and is held by nobody, the most pressing first, from behind `after`."""
    query = _behind(_waiting(reader, sieve, at=at), after).where(~_held(at))
    ids = query.order_by(*_pressing()).limit(limit).subquery()
    rows = session.scalars(
        sa.select(Review).join(ids, ids.c.id == Review.id).order_by(*_pressing())
    )
    return list(rows)


def held_by(
    session: Session, reader: UUID, *, at: datetime, after: Review | None, limit: int
) -> Sequence[Any]:
    """Return what `reader` holds, in the form of `waiting`."""
    query = _waiting(reader, Sieve(), at=at).where(_held(at, by=reader))
    return _page(session, query, at=at, after=after, limit=limit)


def proposed(
    session: Session, reader: UUID, *, at: datetime, after: Review | None, limit: int
) -> Sequence[Any]:
    """Return what waits for a second person, in the form of `waiting`."""
    query = sa.select(Review.id).where(_is_open(at), _is_proposed(), is_offered(reader, at))
    return _page(session, query, at=at, after=after, limit=limit)


def decided(
    session: Session,
    reader: UUID,
    sieve: Sieve,
    *,
    since: datetime,
    after: UUID | None,
    limit: int,
) -> Sequence[Any]:
    """Return what was decided since a moment, the newest first.

    Second looks are shown to their reader only: side by side with the first they would be known.
    What somebody is about to read again is shown to whoever decided it only.

    Each row has `Review`, `ReviewDecision`, `channel`, `Beneficiary` with `DataKeyRow`, and the
    `decider` by name.
    """
    newest = (ReviewDecision.decided_at.desc(), ReviewDecision.review_id.desc())
    query = (
        sa.select(Review, ReviewDecision, Attempt.channel, Beneficiary, DataKeyRow)
        .add_columns(Staff.display_name.label("decider"))
        .join(ReviewDecision, ReviewDecision.review_id == Review.id)
        .join(Beneficiary, Beneficiary.id == Review.beneficiary_id)
        .join(DataKeyRow, DataKeyRow.beneficiary_id == Review.beneficiary_id, isouter=True)
        .join(Attempt, Attempt.id == Review.attempt_id, isouter=True)
        .join(Staff, Staff.id == ReviewDecision.decided_by, isouter=True)
        .where(ReviewDecision.decided_at >= since, *_narrowed(sieve))
        .order_by(*newest)
        .limit(limit)
    )
    mine = ReviewDecision.decided_by == reader
    others = sa.and_(Review.reread_of.is_(None), ~is_being_reread())
    query = query.where(mine if sieve.own else sa.or_(others, mine))
    reached = None if after is None else session.get(ReviewDecision, after)
    if reached is not None:
        key = sa.tuple_(ReviewDecision.decided_at, ReviewDecision.review_id)
        query = query.where(key < (reached.decided_at, reached.review_id))
    return session.execute(query).all()


def counts(session: Session, reader: UUID, *, at: datetime) -> tuple[int, int, int]:
    """Count what waits, what `reader` holds and what waits for a second; up to `COUNTED` each."""
    mine = _waiting(reader, Sieve(), at=at).where(_held(at, by=reader))
    second = sa.select(Review.id).where(_is_open(at), _is_proposed(), is_offered(reader, at))
    counted = (
        sa.select(sa.func.count()).select_from(query.limit(COUNTED).subquery()).scalar_subquery()
        for query in (_waiting(reader, Sieve(), at=at), mine, second)
    )
    row = session.execute(sa.select(*counted)).one()
    return row[0], row[1], row[2]


def pressure(
    session: Session, reader: UUID, *, at: datetime, day_ends: datetime
) -> tuple[int, int, datetime | None]:
    """Count what is late at `at` and what becomes so before `day_ends`, up to `COUNTED` each.

    The third is when the longest waiting case was opened.
    """
    late = _waiting(reader, Sieve(late_at=at), at=at)
    today = _waiting(reader, Sieve(late_at=day_ends), at=at).where(Review.due_at >= at)
    counted = (
        sa.select(sa.func.count()).select_from(query.limit(COUNTED).subquery()).scalar_subquery()
        for query in (late, today)
    )
    oldest = _waiting(reader, Sieve(), at=at).with_only_columns(sa.func.min(Review.opened_at))
    row = session.execute(sa.select(*counted, oldest.scalar_subquery())).one()
    return row[0], row[1], row[2]


def try_lock(session: Session, review_id: UUID) -> bool:
    """Take the turn on one case (`reviews.lock`) until the commit; False when another has it."""
    taken = sa.text("select pg_try_advisory_xact_lock(hashtextextended('review:' || :review, 0))")
    return bool(session.scalar(taken, {"review": str(review_id)}))


def is_free(session: Session, review_id: UUID, *, at: datetime) -> bool:
    """Whether a case is still undecided, not proposed and held by nobody."""
    query = sa.exists().where(Review.id == review_id, _is_open(at), ~_is_proposed(), ~_held(at))
    return session.scalar(sa.select(query)) or False


def _waiting(reader: UUID, sieve: Sieve, *, at: datetime) -> sa.Select[Any]:
    return sa.select(Review.id).where(
        _is_open(at), ~_is_proposed(), is_offered(reader, at), *_narrowed(sieve)
    )


def _is_open(at: datetime) -> sa.ColumnElement[bool]:
    """Undecided, and in the queue already: a second look is given its hour beforehand."""
    return sa.and_(Review.opened_at <= at, IS_UNDECIDED)


def _is_proposed() -> sa.ColumnElement[bool]:
    return sa.exists().where(Proposal.review_id == Review.id, UNANSWERED)


def _held(at: datetime, by: UUID | None = None) -> sa.ColumnElement[bool]:
    """Whether a claim runs; there is one at most (`services.reviews`)."""
    mine = [] if by is None else [ReviewClaim.staff_id == by]
    return sa.exists().where(ReviewClaim.review_id == Review.id, *_running(at), *mine)


def _running(at: datetime) -> list[sa.ColumnElement[bool]]:
    return [ReviewClaim.released_at.is_(None), ReviewClaim.expires_at > at]


def _narrowed(sieve: Sieve) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    person: list[sa.ColumnElement[bool]] = []
    if sieve.place:
        person.append(sa.func.starts_with(Beneficiary.residence_path, sieve.place))
    if sieve.key_group:
        person.append(Beneficiary.key_groups.contains([sieve.key_group]))
    if person:
        found.append(sa.exists().where(Beneficiary.id == Review.beneficiary_id, *person))
    if sieve.visits:
        found.append(Review.visit_id.is_not(None))
    elif sieve.channel:
        sent = sa.exists().where(Attempt.id == Review.attempt_id, Attempt.channel == sieve.channel)
        found.append(sent)
    if sieve.reason:
        found.append(Review.reasons.contains([sieve.reason]))
    if sieve.late_at:
        found.append(Review.due_at < sieve.late_at)
    return found


def _page(
    session: Session, query: sa.Select[Any], *, at: datetime, after: Review | None, limit: int
) -> Sequence[Any]:
    """Choose the page first: what is shown of each line is looked up for these only."""
    ids = _behind(query, after).order_by(*_pressing()).limit(limit).subquery()
    claim = sa.and_(ReviewClaim.review_id == Review.id, *_running(at))
    return session.execute(
        sa.select(Review, Attempt.channel, Beneficiary, DataKeyRow, ReviewClaim)
        .add_columns(Staff.display_name.label("holder"))
        .join(ids, ids.c.id == Review.id)
        .join(Beneficiary, Beneficiary.id == Review.beneficiary_id)
        .join(DataKeyRow, DataKeyRow.beneficiary_id == Review.beneficiary_id, isouter=True)
        .join(Attempt, Attempt.id == Review.attempt_id, isouter=True)
        .join(ReviewClaim, claim, isouter=True)
        .join(Staff, Staff.id == ReviewClaim.staff_id, isouter=True)
        .order_by(*_pressing())
    ).all()


def _pressing() -> tuple[Any, ...]:
    return _rank(Review.opened_at, Review.priority).desc(), Review.opened_at, Review.id


def _behind(query: sa.Select[Any], after: Review | None) -> sa.Select[Any]:
    if after is None:
        return query
    rank = _rank(Review.opened_at, Review.priority)
    opened_at = sa.literal(after.opened_at, sa.DateTime(timezone=True))
    reached = _rank(opened_at, sa.literal(after.priority))
    behind = sa.tuple_(Review.opened_at, Review.id) > (after.opened_at, after.id)
    return query.where(sa.or_(rank < reached, sa.and_(rank == reached, behind)))


def _rank(opened_at: Any, priority: Any) -> Any:
    """Count waiting from the day of opening: the order of two cases never changes."""
    day = sa.func.floor(sa.extract("epoch", opened_at) / 86400)
    return priority - RANK_PER_DAY * day
