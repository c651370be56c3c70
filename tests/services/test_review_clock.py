"""When a review is due: by the notices on public holidays, at the end of a day in Shanghai."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from domain.policy_values import Scheme
from domain.regions import DivisionPath
from services import review_clock, reviews
from services.backend import Backend
from services.policies import LEGAL_ZONE, end_of_day, legal_day
from services.review_clock import ReviewClock
from storage.db.models.cases import Review
from tests import attempt_world
from tests import case_world as world
from tests.case_world import SYSTEM
from tests.certification_world import County, ruled_by
from tests.clock import FixedClock
from tests.places import VILLAGE


def shanghai(day: str, hour: str = "23:59:59") -> datetime:
    return datetime.fromisoformat(f"{day} {hour}").replace(tzinfo=LEGAL_ZONE)


def opened(backend: Backend, at: datetime) -> tuple[Review, ReviewClock]:
    """Put somebody's attempt into the queue at a moment."""
    clock = backend.clock
    assert isinstance(clock, FixedClock)
    clock.set(at)
    review_id: UUID = attempt_world.flagged_attempt(
        backend, world.add_person(backend, 1), "phone-0001"
    )
    with backend.unit(SYSTEM.actor, SYSTEM.scope) as unit:
        review = reviews.find(unit, review_id)
        return review, review_clock.clock_of(backend, review, VILLAGE)


@pytest.mark.parametrize(
    ("at", "target", "limit"),
    [
        pytest.param("2026-03-02 09:00", "2026-03-03", "2026-03-05", id="in-a-plain-week"),
        pytest.param("2026-03-02 00:00", "2026-03-03", "2026-03-05", id="at-midnight"),
        pytest.param("2026-03-02 23:59", "2026-03-03", "2026-03-05", id="late-on-the-same-day"),
        pytest.param("2026-02-13 18:30", "2026-02-14", "2026-02-25", id="spring-festival-friday"),
        pytest.param("2026-02-14 20:00", "2026-02-24", "2026-02-26", id="spring-festival-eve"),
        pytest.param("2026-09-30 17:00", "2026-10-08", "2026-10-10", id="national-day-to-saturday"),
        pytest.param("2026-03-07 10:00", "2026-03-09", "2026-03-11", id="on-a-saturday"),
    ],
)
def test_a_review_is_due_at_the_end_of_a_working_day(
    backend: Backend, at: str, target: str, limit: str
) -> None:
    day, hour = at.split()
    review, clock = opened(backend, shanghai(day, hour))
    assert review.due_at == shanghai(limit)
    assert clock == ReviewClock(
        target_until=shanghai(target), hard_limit=shanghai(limit), provisional=False
    )


def test_a_review_into_a_year_nobody_announced_is_due_at_the_earliest_and_says_so(
    backend: Backend,
) -> None:
    review, clock = opened(backend, shanghai("2026-12-30", "09:00"))
    assert review.due_at == shanghai("2027-01-02")
    assert clock.target_until == shanghai("2026-12-31")
    assert clock.provisional


def test_a_review_in_a_year_nobody_announced_is_not_lost(backend: Backend) -> None:
    review, clock = opened(backend, shanghai("2031-05-03", "09:00"))
    assert clock == ReviewClock(
        target_until=shanghai("2031-05-04"), hard_limit=shanghai("2031-05-06"), provisional=True
    )
    assert review_clock.promised_by(backend, review) == date(2031, 5, 6)


def test_a_limit_once_set_is_not_moved_by_a_shorter_rule(county: County) -> None:
    review, _ = opened(county.backend, shanghai("2026-03-02", "09:00"))
    shorter = ruled_by(county, review__clock_working_days=1, review__target_working_days=2).backend
    clock = review_clock.clock_of(shorter, review, VILLAGE)
    assert clock.hard_limit == review.due_at == shanghai("2026-03-05")
    longer = ruled_by(county, review__target_working_days=9).backend
    assert review_clock.clock_of(longer, review, VILLAGE).target_until == review.due_at


def test_a_promise_kept_from_before_the_calendar_names_a_working_day(backend: Backend) -> None:
    review, _ = opened(backend, shanghai("2026-03-02", "09:00"))
    for stored, told in (("2026-02-17", "2026-02-24"), ("2026-03-07", "2026-03-09")):
        review.due_at = shanghai(stored, "11:00")
        assert review_clock.promised_by(backend, review) == date.fromisoformat(told)


@pytest.mark.parametrize("day", [date(2026, 1, 1), date(2026, 12, 31)])
def test_the_end_of_a_day_is_still_that_day(day: date) -> None:
    end = end_of_day(day)
    assert legal_day(end) == day
    assert end.tzinfo is UTC
    assert end.astimezone(LEGAL_ZONE).strftime("%H:%M:%S") == "23:59:59"


def test_the_clocks_of_a_review_are_the_same_for_every_scheme(backend: Backend) -> None:
    for region in backend.policies.regions:
        rules = {
            backend.policies.resolve(
                DivisionPath(region), scheme=scheme, on=date(2026, 3, 2)
            ).values.review
            for scheme in Scheme
        }
        assert len(rules) == 1
