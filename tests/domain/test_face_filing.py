"""When storing faces has to be filed: the day of the 100,000th person, and thirty working days."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.holidays import load_holidays
from domain.face_filing import ALARM_AT, FILING_AT, DayOfStoring, FilingStage, filing, reached_on
from domain.holidays import HolidayTable

HOLIDAYS = load_holidays()
FIRST = date(2026, 3, 2)


def days(*changes: tuple[int, int]) -> list[DayOfStoring]:
    return [
        DayOfStoring(day=FIRST + timedelta(days=n), stored=stored, erased=erased)
        for n, (stored, erased) in enumerate(changes)
    ]


@pytest.mark.parametrize(
    ("changes", "offset"),
    [
        ([], None),
        ([(FILING_AT - 1, 0)], None),
        ([(FILING_AT, 0)], 0),
        ([(FILING_AT - 1, 0), (1, 0)], 1),
        ([(FILING_AT - 1, 0), (0, 0), (5, 0)], 2),
        ([(FILING_AT - 1, 1), (1, 0)], None),  # one was erased before another came
        ([(FILING_AT, 50)], 0),  # reached, be it for an hour
        ([(FILING_AT - 1, 0), (1, 1), (0, 900)], 1),
        ([(FILING_AT, FILING_AT), (FILING_AT, 0)], 0),  # the first time counts
    ],
)
def test_the_number_is_reached_on_the_first_day_it_was_stored_at_once(
    changes: list[tuple[int, int]], offset: int | None
) -> None:
    wanted = None if offset is None else FIRST + timedelta(days=offset)
    assert reached_on(days(*changes)) == wanted


def test_the_order_in_which_days_are_told_does_not_matter() -> None:
    told = days((60_000, 0), (30_000, 0), (10_000, 0), (5, 0))
    assert reached_on(reversed(told)) == reached_on(told) == FIRST + timedelta(days=2)


@pytest.mark.parametrize(
    ("persons", "stage"),
    [
        (0, FilingStage.BELOW),
        (ALARM_AT - 1, FilingStage.BELOW),
        (ALARM_AT, FilingStage.NEAR),
        (FILING_AT - 1, FilingStage.NEAR),
    ],
)
def test_the_alarm_sounds_at_eighty_thousand(persons: int, stage: FilingStage) -> None:
    judged = filing(persons, None, today=FIRST, holidays=HOLIDAYS)
    assert (judged.stage, judged.reached_on, judged.deadline) == (stage, None, None)


@pytest.mark.parametrize(
    ("reached", "deadline"),
    [
        # Counted by hand. A Saturday that is worked (9 May) shortens six weeks by a day.
        (date(2026, 5, 6), date(2026, 6, 16)),
        # New year closes 1 to 3 January, Sunday the 4th is worked.
        (date(2025, 12, 31), date(2026, 2, 12)),
        # The spring festival: closed 15 to 23 February, worked on 14 and 28 February.
        (date(2026, 1, 30), date(2026, 3, 19)),
        # The dragon boat festival closes 19 June.
        (date(2026, 5, 9), date(2026, 6, 22)),
        # A Saturday: the count begins with Monday.
        (date(2026, 5, 16), date(2026, 6, 29)),
    ],
)
def test_the_filing_is_due_after_thirty_working_days_and_the_day_itself_does_not_count(
    reached: date, deadline: date
) -> None:
    judged = filing(FILING_AT, reached, today=reached, holidays=HOLIDAYS)
    assert judged.deadline is not None
    assert (judged.deadline.day, judged.deadline.provisional) == (deadline, False)
    assert judged.stage is FilingStage.DUE


def test_the_last_day_is_in_time_and_the_next_is_not() -> None:
    reached, last = date(2026, 5, 6), date(2026, 6, 16)
    on_time = filing(FILING_AT, reached, today=last, holidays=HOLIDAYS)
    late = filing(FILING_AT, reached, today=last + timedelta(days=1), holidays=HOLIDAYS)
    assert (on_time.stage, late.stage) == (FilingStage.DUE, FilingStage.OVERDUE)


def test_a_number_that_sinks_again_does_not_take_the_duty_back() -> None:
    judged = filing(3, date(2026, 5, 6), today=date(2026, 5, 7), holidays=HOLIDAYS)
    assert (judged.persons, judged.stage) == (3, FilingStage.DUE)


def test_a_deadline_in_a_year_without_a_notice_is_said_to_be_provisional() -> None:
    judged = filing(FILING_AT, FIRST, today=FIRST, holidays=HolidayTable.of([]))
    assert judged.deadline is not None
    assert judged.deadline.provisional


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=30), st.integers(1, 90))
def test_the_day_is_the_one_a_plain_count_finds(
    changes: list[tuple[int, int]], number: int
) -> None:
    persons, found = 0, None
    for each in days(*changes):
        if found is None and persons + each.stored >= number:
            found = each.day
        persons += each.stored - each.erased
    assert reached_on(days(*changes), number) == found
