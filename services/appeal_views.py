"""An appeal as its own person sees it, and whether there is anything to ask again about."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from domain.appeal import CONTESTABLE, AppealOutcome
from domain.attempt import AttemptState
from domain.cycle import Channel
from services.attempt_states import state_of
from services.policies import legal_day
from services.unit_of_work import Unit
from storage.db.models.cases import Appeal, Visit
from storage.db.models.certification import Attempt
from storage.db.repositories import appeals, attempts, reviews, visits


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealSeen:
    """`outcome` and `answered_on` are None while it is open."""

    id: UUID
    raised_on: date
    answer_by: date
    outcome: AppealOutcome | None
    answered_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What was last decided about a person. `outcome` is the machine's or the reviewer's."""

    attempt_id: UUID | None
    review_id: UUID | None
    channel: Channel
    at: datetime
    outcome: str


def seen(unit: Unit, row: Appeal) -> AppealSeen:
    """Return an appeal as its person sees it."""
    answer = appeals.answer_of(unit.session, row.id)
    return AppealSeen(
        id=row.id,
        raised_on=legal_day(row.raised_at),
        answer_by=legal_day(row.due_at),
        outcome=AppealOutcome(answer.outcome) if answer else None,
        answered_on=legal_day(answer.answered_at) if answer else None,
    )


def shown_with(unit: Unit, attempt: Attempt) -> AppealSeen | None:
    """Return the appeal to show beside an attempt: the open one, or the last about it."""
    row = appeals.open_of(unit.session, attempt.beneficiary_id)
    row = row or appeals.newest_of_attempt(unit.session, attempt.id)
    return None if row is None else seen(unit, row)


def may_appeal(unit: Unit, attempt: Attempt) -> bool:
    """Whether the phone page offers an appeal about an attempt."""
    if appeals.open_of(unit.session, attempt.beneficiary_id) is not None:
        return False
    return unanswered_state(unit, attempt) in CONTESTABLE


def unanswered_state(unit: Unit, attempt: Attempt | None) -> AttemptState | None:
    """Return where an attempt stands; None when an appeal about it was answered already.

    Who disagrees with the answer as well is heard by a person: at the window, by letter.
    """
    if attempt is None or appeals.newest_of_attempt(unit.session, attempt.id) is not None:
        return None
    return state_of(unit, attempt.id)


def newest_result(unit: Unit, person_id: UUID) -> Result | None:
    """Return the newest attempt or reviewed visit: what an appeal is against."""
    found = [_of_attempt(unit, person_id), _of_visit(unit, person_id)]
    return max((r for r in found if r is not None), key=lambda r: r.at, default=None)


def result_of(unit: Unit, appeal: Appeal) -> Result | None:
    """Return what an appeal is against; None when it is against how matters stand."""
    if appeal.attempt_id is not None:
        attempt = attempts.get(unit.session, appeal.attempt_id)
        assert attempt is not None, "attempts are never removed"
        return _attempt_result(unit, attempt)
    visit_id = visit_of(unit, appeal)
    visit = visits.get(unit.session, visit_id) if visit_id else None
    return None if visit is None else _visit_result(unit, visit)


def visit_of(unit: Unit, appeal: Appeal) -> UUID | None:
    """Return the visit whose review an appeal is against; None when it is against no visit."""
    review = reviews.get(unit.session, appeal.review_id) if appeal.review_id else None
    return None if review is None else review.visit_id


def _of_attempt(unit: Unit, person_id: UUID) -> Result | None:
    attempt = attempts.newest_of(unit.session, person_id)
    return None if attempt is None else _attempt_result(unit, attempt)


def _attempt_result(unit: Unit, attempt: Attempt) -> Result:
    review, _ = attempts.review_of(unit.session, attempt.id)
    return Result(
        attempt_id=attempt.id,
        review_id=review.id if review else None,
        channel=Channel(attempt.channel),
        at=attempt.received_at,
        outcome=state_of(unit, attempt.id).value,
    )


def _of_visit(unit: Unit, person_id: UUID) -> Result | None:
    newest = visits.newest_of(unit.session, person_id, 1)
    return _visit_result(unit, newest[0][0]) if newest else None


def _visit_result(unit: Unit, visit: Visit) -> Result | None:
    """Return what a reviewer made of a visit; one that certified at once nobody contests."""
    review, verdict = visits.review_of(unit.session, visit.id)
    if review is None:
        return None
    return Result(
        attempt_id=None,
        review_id=review.id,
        channel=Channel.HOME_VISIT,
        at=visit.received_at,
        outcome=verdict.outcome if verdict else AttemptState.IN_REVIEW.value,
    )
