from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.holidays import load_holidays
from domain.errors import AppError
from domain.holidays import Deadline, HolidayNotice, HolidayTable

TABLE = load_holidays()
KNOWN = st.dates(date(2024, 1, 1), date(2026, 11, 30))
ANY = st.dates(date(2023, 6, 1), date(2028, 6, 30))
EVERY_DAY_WORKED = HolidayTable(years=frozenset(), closed=frozenset(), makeup=frozenset())
DAY = timedelta(days=1)


def notice(**changed: object) -> HolidayNotice:
    given_ = HolidayNotice(
        year=2026,
        basis="a notice",
        closed=frozenset({date(2026, 1, 1)}),
        makeup=frozenset({date(2026, 1, 4)}),
    )
    return replace(given_, **changed)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        pytest.param(date(2026, 3, 2), 1, date(2026, 3, 3), id="the-day-itself-does-not-count"),
        pytest.param(date(2026, 3, 4), 3, date(2026, 3, 9), id="over-a-weekend"),
        pytest.param(date(2026, 3, 7), 1, date(2026, 3, 9), id="from-a-saturday"),
        pytest.param(date(2026, 2, 13), 1, date(2026, 2, 14), id="a-saturday-worked-for-a-feast"),
        pytest.param(date(2026, 2, 13), 2, date(2026, 2, 24), id="friday-before-spring-festival"),
        pytest.param(date(2026, 2, 14), 3, date(2026, 2, 26), id="last-day-before-the-festival"),
        pytest.param(date(2026, 2, 19), 1, date(2026, 2, 24), id="in-the-middle-of-the-festival"),
        pytest.param(date(2026, 2, 26), 2, date(2026, 2, 28), id="saturday-after-the-festival"),
        pytest.param(date(2025, 9, 30), 3, date(2025, 10, 11), id="national-day-with-mid-autumn"),
        pytest.param(date(2024, 2, 8), 1, date(2024, 2, 9), id="new-years-eve-of-2024-is-worked"),
        pytest.param(date(2025, 12, 31), 1, date(2026, 1, 4), id="over-new-year-to-a-sunday"),
        pytest.param(date(2026, 3, 2), 0, date(2026, 3, 2), id="none-on-a-workday"),
        pytest.param(date(2026, 3, 7), 0, date(2026, 3, 9), id="none-on-a-day-off"),
    ],
)
def test_the_nth_working_day(start: date, days: int, end: date) -> None:
    assert TABLE.add_working_days(start, days) == end
    assert TABLE.deadline(start, days) == Deadline(day=end, provisional=False)


@given(KNOWN, st.integers(0, 15))
def test_a_deadline_is_a_working_day_and_counts_back_to_its_start(start: date, days: int) -> None:
    end = TABLE.add_working_days(start, days)
    assert TABLE.is_workday(end)
    assert days == 0 or TABLE.working_days_between(start, end) == days
    assert TABLE.working_days_between(start, end - DAY) < max(days, 1)


@given(KNOWN, KNOWN)
def test_days_between_are_signed_and_add_up(one: date, other: date) -> None:
    middle = min(one, other) + (max(one, other) - min(one, other)) // 2
    whole = TABLE.working_days_between(one, other)
    assert whole == -TABLE.working_days_between(other, one)
    parts = TABLE.working_days_between(one, middle) + TABLE.working_days_between(middle, other)
    assert whole == parts


@given(KNOWN, st.integers(0, 14))
def test_one_more_day_is_later_and_a_later_start_never_ends_earlier(start: date, days: int) -> None:
    end = TABLE.add_working_days(start, days)
    assert end <= TABLE.add_working_days(start, days + 1)
    assert end <= TABLE.add_working_days(start + DAY, days)


@pytest.mark.parametrize("day", [date(2023, 12, 29), date(2027, 1, 1)])
def test_a_year_without_a_notice_is_not_guessed(day: date) -> None:
    for ask in (
        lambda: TABLE.is_workday(day),
        lambda: TABLE.add_working_days(day, 0),
        lambda: TABLE.working_days_between(day - DAY, day),
    ):
        with pytest.raises(AppError) as refused:
            ask()
        assert refused.value.code == "calendar.year_unknown"
        assert refused.value.params == {"year": day.year}


def test_a_clock_that_ends_in_a_known_year_needs_no_other() -> None:
    assert TABLE.add_working_days(date(2026, 12, 28), 3) == date(2026, 12, 31)
    # The clock begins on the next day, and that one is known.
    assert not TABLE.deadline(date(2023, 12, 31), 1).provisional


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        (date(2026, 12, 30), 3, date(2027, 1, 2)),
        (date(2026, 12, 31), 1, date(2027, 1, 1)),
        (date(2030, 5, 4), 3, date(2030, 5, 7)),
        (date(2030, 5, 4), 0, date(2030, 5, 4)),
    ],
)
def test_a_clock_into_a_year_without_a_notice_ends_as_early_as_it_can(
    start: date, days: int, end: date
) -> None:
    assert TABLE.deadline(start, days) == Deadline(day=end, provisional=True)


@given(ANY, st.integers(0, 12), st.sets(st.sampled_from([2024, 2025, 2026])))
def test_no_notice_to_come_makes_a_deadline_earlier(
    start: date, days: int, known: set[int]
) -> None:
    """Whatever the missing notices say, the law's day is not before the one that was told."""
    ignorant = HolidayTable(
        years=frozenset(known),
        closed=frozenset(day for day in TABLE.closed if day.year in known),
        makeup=frozenset(day for day in TABLE.makeup if day.year in known),
    )
    told, later = ignorant.deadline(start, days), TABLE.deadline(start, days)
    assert told.day <= later.day
    assert told.provisional or told == later
    assert EVERY_DAY_WORKED.deadline(start, days).day <= told.day


def test_a_clock_does_not_run_backwards() -> None:
    with pytest.raises(ValueError, match="negative"):
        TABLE.deadline(date(2026, 3, 2), -1)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"basis": " "}, "basis is missing"),
        ({"closed": frozenset({date(2027, 1, 1)})}, "another year"),
        ({"makeup": frozenset({date(2025, 1, 4)})}, "another year"),
        ({"closed": frozenset({date(2026, 1, 4)})}, "closed and worked"),
        ({"makeup": frozenset({date(2026, 1, 5)})}, "a weekday"),
    ],
)
def test_a_notice_that_contradicts_itself_is_none(changed: dict[str, object], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        notice(**changed)


def test_a_year_has_one_notice() -> None:
    with pytest.raises(ValueError, match="two notices"):
        HolidayTable.of([notice(), notice(basis="another")])
