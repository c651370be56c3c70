"""Where each entitlement stands now and then, on one line of time: numbers for a drawing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from services.revocations import Touched

WIDTH = 540
"""Of the line of time, in the units of the drawing."""
_MARGIN = timedelta(days=45)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One entitlement: the ends of its two bars, from the left."""

    touched: Touched
    before_x: int
    after_x: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """All entitlements over the same line of time. `act_x` is the day of the certification."""

    rows: tuple[Row, ...]
    today_x: int
    act_x: int
    years: tuple[tuple[int, int], ...]


def drawing(touched: Sequence[Touched], *, act_on: date, today: date) -> Drawing:
    """Lay the days out so that every end, the act and today are on the line."""
    days = [act_on, today, *(one.before for one in touched), *(one.after for one in touched)]
    first, last = min(days) - _MARGIN, max(days) + _MARGIN

    def at(day: date) -> int:
        return round(WIDTH * (day - first) / (last - first))

    return Drawing(
        rows=tuple(
            Row(touched=one, before_x=at(one.before), after_x=at(one.after)) for one in touched
        ),
        today_x=at(today),
        act_x=at(act_on),
        years=tuple((year, at(date(year, 1, 1))) for year in range(first.year + 1, last.year + 1)),
    )
