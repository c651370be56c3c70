from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import MonthArithmetic, Quarter, add_months, month_end, valid_until
from domain.errors import AppError

BORN = date(1946, 8, 20)
DAYS = st.dates(date(1951, 1, 1), date(2100, 12, 31))
A = MonthArithmetic


@pytest.mark.parametrize(
    ("arithmetic", "start", "months", "end"),
    [
        pytest.param(A.EXACT_DAY, date(2021, 8, 11), 12, date(2022, 8, 11), id="JS-2021-08-11"),
        pytest.param(A.EXACT_DAY, date(2022, 3, 1), 12, date(2023, 3, 1), id="JS-again"),
        pytest.param(A.INCLUSIVE_MONTH, date(2020, 5, 1), 12, date(2021, 4, 30), id="CQ-1-May"),
        pytest.param(A.INCLUSIVE_MONTH, date(2020, 5, 31), 12, date(2021, 4, 30), id="CQ-31-May"),
        pytest.param(A.FOLLOWING_MONTH_END, date(2023, 6, 1), 12, date(2024, 6, 30), id="GD-1-Jun"),
        pytest.param(
            A.FOLLOWING_MONTH_END, date(2023, 6, 30), 12, date(2024, 6, 30), id="GD-30-Jun"
        ),
        pytest.param(A.FOLLOWING_MONTH_END, date(2023, 4, 1), 6, date(2023, 10, 31), id="HI-1-Apr"),
        pytest.param(A.DAYS_365, date(2023, 11, 29), 12, date(2024, 11, 28), id="FJ-leap-year"),
        pytest.param(A.DAYS_365, date(2022, 1, 1), 12, date(2023, 1, 1), id="FJ-common-year"),
        pytest.param(A.EXACT_DAY, date(2021, 8, 31), 6, date(2022, 2, 28), id="6m-from-31-Aug"),
        pytest.param(A.EXACT_DAY, date(2024, 2, 29), 12, date(2025, 2, 28), id="12m-from-29-Feb"),
        pytest.param(A.EXACT_DAY, date(2022, 1, 5), 3, date(2022, 4, 5), id="injury-3m"),
        pytest.param(A.BIRTHDAY_MONTH, date(2021, 8, 20), 12, date(2022, 8, 31), id="GY-in-month"),
        pytest.param(A.BIRTHDAY_MONTH, date(2021, 9, 1), 12, date(2022, 8, 31), id="GY-after"),
        pytest.param(A.BIRTHDAY_MONTH, date(2022, 7, 31), 12, date(2022, 8, 31), id="GY-before"),
        pytest.param(A.BIRTHDAY_MONTH, date(2021, 12, 31), 12, date(2022, 8, 31), id="GY-new-year"),
        pytest.param(A.INCLUSIVE_MONTH, date(2022, 1, 15), 1, date(2022, 1, 31), id="one-month"),
    ],
)
def test_golden_dates_of_the_catalogue(
    arithmetic: MonthArithmetic, start: date, months: int, end: date
) -> None:
    assert valid_until(arithmetic, start, months=months, birth_date=BORN) == end


@pytest.mark.parametrize("arithmetic", [A.DAYS_365, A.BIRTHDAY_MONTH])
def test_a_rule_stated_for_a_year_is_not_scaled(arithmetic: MonthArithmetic) -> None:
    with pytest.raises(AppError) as refused:
        valid_until(arithmetic, date(2021, 1, 1), months=6, birth_date=BORN)
    assert refused.value.code == "calendar.year_only"


@pytest.mark.parametrize("months", [0, -12])
def test_a_cycle_has_at_least_one_month(months: int) -> None:
    with pytest.raises(AppError) as refused:
        valid_until(A.EXACT_DAY, date(2021, 1, 1), months=months, birth_date=BORN)
    assert refused.value.code == "calendar.cycle_too_short"


@given(st.sampled_from(A), DAYS, DAYS, st.dates(date(1910, 1, 1), date(2010, 1, 1)))
def test_a_later_start_never_ends_earlier(
    arithmetic: MonthArithmetic, one: date, other: date, born: date
) -> None:
    first, second = sorted((one, other))
    ends = [valid_until(arithmetic, day, months=12, birth_date=born) for day in (first, second)]
    assert ends == sorted(ends)


@given(st.sampled_from(A), DAYS, st.dates(date(1910, 1, 1), date(2010, 1, 1)))
def test_a_certification_is_valid_on_its_own_day_and_for_no_more_than_13_months(
    arithmetic: MonthArithmetic, start: date, born: date
) -> None:
    end = valid_until(arithmetic, start, months=12, birth_date=born)
    assert start <= end < add_months(start, 13) + timedelta(days=31)


@given(DAYS, st.integers(-600, 600))
def test_adding_months_keeps_the_day_or_ends_the_month(start: date, months: int) -> None:
    moved = add_months(start, months)
    assert (moved.year - start.year) * 12 + moved.month - start.month == months
    assert moved.day == start.day or (moved.day < start.day and moved == month_end(moved))


@given(DAYS)
def test_a_month_ends_the_day_before_the_next_begins(day: date) -> None:
    assert (month_end(day) + timedelta(days=1)).day == 1
    assert month_end(day).month == day.month


@given(DAYS)
def test_a_day_lies_in_its_quarter(day: date) -> None:
    quarter = Quarter.of(day)
    assert quarter.first_day <= day <= quarter.last_day
    assert quarter.next().first_day == quarter.last_day + timedelta(days=1)
    assert quarter < quarter.next()


def test_the_quarters_of_a_year() -> None:
    quarters = [Quarter(2022, n) for n in (1, 2, 3, 4)]
    assert [q.last_day for q in quarters] == [
        date(2022, 3, 31),
        date(2022, 6, 30),
        date(2022, 9, 30),
        date(2022, 12, 31),
    ]
    assert all(a.next() == b for a, b in pairwise(quarters))


@pytest.mark.parametrize("number", [0, 5])
def test_a_year_has_four_quarters(number: int) -> None:
    with pytest.raises(ValueError, match="quarters"):
        Quarter(2022, number)
