"""Appeals, what joined them, and their one answer each."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from storage.db.models.accounts import Staff
from storage.db.models.cases import Appeal, AppealAnswer, Proposal, ProposalAnswer
from storage.db.models.registry import Beneficiary, DataKeyRow, EntitlementState

UNANSWERED = ~sa.exists().where(AppealAnswer.appeal_id == Appeal.id)
FIRST = Appeal.joins_id.is_(None)
"""What joined an appeal says more in it, and is answered with it."""


def add(session: Session, row: Appeal) -> None:
    session.add(row)
    session.flush()


def get(session: Session, appeal_id: UUID) -> Appeal | None:
    return session.get(Appeal, appeal_id)


def answer_of(session: Session, appeal_id: UUID) -> AppealAnswer | None:
    return session.get(AppealAnswer, appeal_id)


def record_answer(session: Session, row: dict[str, Any]) -> bool:
    """Insert the answer; False when the appeal has one already."""
    added = session.execute(
        insert(AppealAnswer)
        .values(row)
        .on_conflict_do_nothing(index_elements=["appeal_id"])
        .returning(AppealAnswer.appeal_id)
    )
    return added.first() is not None


def open_of(session: Session, person_id: UUID) -> Appeal | None:
    """Return the appeal of a person that has no answer yet."""
    return session.scalar(
        sa.select(Appeal)
        .where(Appeal.beneficiary_id == person_id, FIRST, UNANSWERED)
        .order_by(Appeal.id)
        .limit(1)
    )


def newest_of_attempt(session: Session, attempt_id: UUID) -> Appeal | None:
    """Return what was last asked about one attempt."""
    return session.scalar(
        sa.select(Appeal)
        .where(Appeal.attempt_id == attempt_id, FIRST)
        .order_by(Appeal.id.desc())
        .limit(1)
    )


def upheld_of_attempt(session: Session, attempt_id: UUID) -> AppealAnswer | None:
    """Return the newest answer about an attempt that did not let things stand."""
    return session.scalar(
        sa.select(AppealAnswer)
        .join(Appeal, Appeal.id == AppealAnswer.appeal_id)
        .where(Appeal.attempt_id == attempt_id, AppealAnswer.outcome != "stands")
        .order_by(AppealAnswer.answered_at.desc(), Appeal.id.desc())
        .limit(1)
    )


def parts_of(session: Session, appeal_id: UUID) -> Sequence[Appeal]:
    """Return an appeal with all that joined it, oldest first."""
    return session.scalars(
        sa.select(Appeal)
        .where(sa.or_(Appeal.id == appeal_id, Appeal.joins_id == appeal_id))
        .order_by(Appeal.id)
    ).all()


def of_person(session: Session, person_id: UUID, limit: int) -> Sequence[Any]:
    """Return `Appeal` with its `AppealAnswer` or None, the newest first."""
    return session.execute(
        sa.select(Appeal, AppealAnswer)
        .join(AppealAnswer, AppealAnswer.appeal_id == Appeal.id, isouter=True)
        .where(Appeal.beneficiary_id == person_id, FIRST)
        .order_by(Appeal.id.desc())
        .limit(limit)
    ).all()


def hands_on(session: Session, person_id: UUID) -> set[UUID]:
    """Name the staff who proposed or answered something that harms a person, or suspended it."""
    decided = session.execute(
        sa.select(Proposal.proposed_by, ProposalAnswer.answered_by)
        .join(ProposalAnswer, ProposalAnswer.proposal_id == Proposal.id, isouter=True)
        .where(Proposal.beneficiary_id == person_id)
    ).all()
    suspended = session.scalars(
        sa.select(EntitlementState.recorded_by).where(
            EntitlementState.beneficiary_id == person_id,
            EntitlementState.status == "suspended",
            EntitlementState.recorded_by.startswith("staff:"),
        )
    ).all()
    named = {staff for row in decided for staff in row if staff is not None}
    return named | {UUID(by.partition(":")[2]) for by in suspended}


_Answerer = aliased(Staff)


def _lines() -> sa.Select[Any, Any, Any, Any, Any]:
    """Each row: `Appeal`, `AppealAnswer`, the person with key, and who answered, if in sight."""
    return (
        sa.select(
            Appeal,
            AppealAnswer,
            Beneficiary,
            DataKeyRow,
            _Answerer.display_name.label("answerer"),
        )
        .join(Beneficiary, Beneficiary.id == Appeal.beneficiary_id)
        .join(DataKeyRow, DataKeyRow.beneficiary_id == Appeal.beneficiary_id, isouter=True)
        .join(AppealAnswer, AppealAnswer.appeal_id == Appeal.id, isouter=True)
        .join(_Answerer, _Answerer.id == AppealAnswer.answered_by, isouter=True)
        .where(FIRST)
    )


def line_of(session: Session, appeal_id: UUID) -> Any:
    """Return one appeal as the lists show it; None out of scope."""
    return session.execute(_lines().where(Appeal.id == appeal_id)).one_or_none()


def waiting(session: Session, *, after: Appeal | None, limit: int) -> Sequence[Any]:
    """Return what has no answer yet, the first due first, from behind `after`."""
    query = (
        _lines()
        .where(AppealAnswer.appeal_id.is_(None))
        .order_by(Appeal.due_at, Appeal.id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(sa.tuple_(Appeal.due_at, Appeal.id) > (after.due_at, after.id))
    return session.execute(query).all()


def answered(session: Session, *, after: Appeal | None, limit: int) -> Sequence[Any]:
    """Return what was answered, the newest appeal first, from behind `after`."""
    query = _lines().where(AppealAnswer.appeal_id.is_not(None)).order_by(Appeal.id.desc())
    query = query.limit(limit)
    if after is not None:
        query = query.where(Appeal.id < after.id)
    return session.execute(query).all()


def count_waiting(session: Session) -> int:
    query = sa.select(sa.func.count()).select_from(Appeal).where(FIRST, UNANSWERED)
    return session.scalar(query) or 0
