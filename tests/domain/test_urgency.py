"""How pressing a case is, at the edges of its clocks."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.urgency import FIRST_FROM, Urgency, urgency

TARGET = datetime(2026, 3, 3, 15, 59, 59, tzinfo=UTC)
LIMIT = TARGET + timedelta(days=2)
MOMENT = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (TARGET, Urgency.USUAL),
        (TARGET + MOMENT, Urgency.PRESSING),
        (LIMIT, Urgency.PRESSING),
        (LIMIT + MOMENT, Urgency.LATE),
    ],
)
def test_a_case_is_in_time_up_to_the_very_moment(at: datetime, expected: Urgency) -> None:
    assert urgency(0, target_until=TARGET, hard_limit=LIMIT, at=at) is expected


@pytest.mark.parametrize(
    ("priority", "expected"), [(FIRST_FROM - 1, Urgency.USUAL), (FIRST_FROM, Urgency.FIRST)]
)
def test_a_key_group_goes_first_while_there_is_time(priority: int, expected: Urgency) -> None:
    assert urgency(priority, target_until=TARGET, hard_limit=LIMIT, at=TARGET) is expected


@given(priority=st.integers(0, 10_000), hours=st.integers(-100, 100), later=st.integers(0, 100))
def test_waiting_never_makes_a_case_less_pressing(priority: int, hours: int, later: int) -> None:
    order = list(Urgency)
    first, second = (
        urgency(priority, target_until=TARGET, hard_limit=LIMIT, at=TARGET + timedelta(hours=h))
        for h in (hours, hours + later)
    )
    assert order.index(second) <= order.index(first)
