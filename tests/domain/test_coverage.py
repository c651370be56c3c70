"""Covered days and gaps: every day is one or the other, and none is both."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.coverage import Span, covered, gaps

DAYS = st.dates(date(2024, 1, 1), date(2024, 3, 1))
SPANS = st.lists(st.builds(Span, start=DAYS, end=DAYS), max_size=6)


def span(start: int, end: int) -> Span:
    return Span(start=date(2026, 1, start), end=date(2026, 1, end))


def test_spans_that_follow_each_other_are_one() -> None:
    assert covered([span(5, 9), span(1, 4), span(2, 3)]) == (span(1, 9),)


def test_a_gap_lies_between_two_bars_and_behind_the_last_up_to_today() -> None:
    found = gaps([span(1, 3), span(6, 8)], until=date(2026, 1, 10))

    assert found == (span(4, 5), span(9, 10))


def test_the_last_valid_day_is_no_gap_and_the_day_after_is() -> None:
    assert gaps([span(1, 3)], until=date(2026, 1, 3)) == ()
    assert gaps([span(1, 3)], until=date(2026, 1, 4)) == (span(4, 4),)


def test_nothing_covered_has_no_gap_either() -> None:
    assert covered([]) == gaps([], until=date(2026, 1, 1)) == ()


@given(SPANS, DAYS)
def test_each_day_from_the_first_is_covered_or_a_gap(spans: list[Span], until: date) -> None:
    bars, holes = covered(spans), gaps(spans, until=until)
    day = min((bar.start for bar in bars), default=until + timedelta(days=1))
    while day <= until:
        inside = [any(s.start <= day <= s.end for s in some) for some in (bars, holes)]
        assert inside.count(True) == 1, day
        day += timedelta(days=1)
