"""The clocks of the human review, in working days of Shanghai (rule 7.2)."""

from dataclasses import dataclass
from datetime import date, datetime

from domain.policy_values import ReviewRules
from domain.urgency import Urgency, urgency
from services.backend import Backend
from services.policies import common_rules, end_of_day, legal_day
from storage.db.models.cases import Review


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewClock:
    """Until when a case should be decided, and until when it must be; aware UTC.

    `provisional`: a clock reaches into a year whose public holidays nobody has announced yet, and
    the law may allow more time than is said here, never less.
    """

    target_until: datetime
    hard_limit: datetime
    provisional: bool


def end_of_working_days(backend: Backend, opened_at: datetime, working_days: int) -> datetime:
    """Return the end of the n-th working day after the legal day of `opened_at`.

    Where no notice on public holidays speaks yet, the earliest moment that it can be.
    """
    return end_of_day(backend.holidays.deadline(legal_day(opened_at), working_days).day)


def clock_of(backend: Backend, review: Review, household_path: str) -> ReviewClock:
    """Return the clocks of a case of somebody registered at `household_path`. Raises `policy.*`.

    The limit is the one that was set at the opening: what was promised is not moved.
    """
    opened_on = legal_day(review.opened_at)
    rules = _rules(backend, household_path, on=opened_on)
    wanted = (rules.target_working_days, rules.clock_working_days)
    ends = [backend.holidays.deadline(opened_on, days) for days in wanted]
    return ReviewClock(
        target_until=min(end_of_day(ends[0].day), review.due_at),
        hard_limit=review.due_at,
        provisional=any(end.provisional for end in ends),
    )


def urgency_of(review: Review, clock: ReviewClock, *, at: datetime) -> Urgency:
    """Tell how pressing a case is by its clocks."""
    return urgency(
        review.priority, target_until=clock.target_until, hard_limit=clock.hard_limit, at=at
    )


def promised_by(backend: Backend, review: Review) -> date:
    """Return the working day by which a person is told that somebody will have looked."""
    return backend.holidays.deadline(legal_day(review.due_at), 0).day


def _rules(backend: Backend, household_path: str, *, on: date) -> ReviewRules:
    return common_rules(backend, household_path, on=on).review
