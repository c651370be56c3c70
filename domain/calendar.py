"""Month arithmetic of certification cycles, and quarters. Pure; dates are Asia/Shanghai.

A result is the last day on which the certification is still valid. The sources disagree on how
months are counted (requirements A.2.3), so the way of counting is a policy value.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import assert_never

from domain.errors import AppError, Kind

_YEAR_MONTHS = 12


class MonthArithmetic(StrEnum):
    """Five ways in which Chinese notices count a cycle from the day of certification."""

    EXACT_DAY = "exact_day"
    INCLUSIVE_MONTH = "inclusive_month"
    FOLLOWING_MONTH_END = "following_month_end"
    DAYS_365 = "days_365"
    BIRTHDAY_MONTH = "birthday_month"


def valid_until(arithmetic: MonthArithmetic, start: date, *, months: int, birth_date: date) -> date:
    """Last valid day of a cycle of `months` that starts on `start`.

    `birth_date` matters to `birthday_month` only. Raises `calendar.cycle_too_short` below one
    month, `calendar.year_only` when a rule that is defined for a year is asked for other months.
    """
    if months < 1:
        raise AppError(Kind.INVALID, "calendar.cycle_too_short", months=months)
    match arithmetic:
        case MonthArithmetic.EXACT_DAY:
            return add_months(start, months)
        case MonthArithmetic.INCLUSIVE_MONTH:
            return month_end(add_months(start.replace(day=1), months - 1))
        case MonthArithmetic.FOLLOWING_MONTH_END:
            return month_end(add_months(start.replace(day=1), months))
        case MonthArithmetic.DAYS_365:
            _require_year(arithmetic, months)
            return start + timedelta(days=365)
        case MonthArithmetic.BIRTHDAY_MONTH:
            _require_year(arithmetic, months)
            return _next_birthday_month_end(start, birth_date)
        case _:  # pragma: no cover - mypy proves the match exhaustive
            assert_never(arithmetic)


def add_months(start: date, months: int) -> date:
    """Return the same day `months` later (or earlier), or the last day of a month too short."""
    index = start.year * 12 + start.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def month_end(day: date) -> date:
    """Return the last day of the month that `day` lies in."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def _next_birthday_month_end(start: date, birth_date: date) -> date:
    """Find the end of the first birthday month after the month of `start`.

    One certification serves the span from a birthday month to the next, whenever in it it is made.
    """
    year = start.year if start.month < birth_date.month else start.year + 1
    return month_end(date(year, birth_date.month, 1))


def _require_year(arithmetic: MonthArithmetic, months: int) -> None:
    """Refuse to scale a rule that its source states for 12 months only."""
    if months != _YEAR_MONTHS:
        raise AppError(
            Kind.INVALID, "calendar.year_only", arithmetic=arithmetic.value, months=months
        )


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    """A calendar quarter; orders by time."""

    year: int
    number: int

    def __post_init__(self) -> None:
        if not 1 <= self.number <= 4:
            raise ValueError("a year has quarters 1 to 4")

    @classmethod
    def of(cls, day: date) -> "Quarter":
        """Return the quarter that a day lies in."""
        return cls(day.year, (day.month + 2) // 3)

    @property
    def first_day(self) -> date:
        """First day of the quarter."""
        return date(self.year, self.number * 3 - 2, 1)

    @property
    def last_day(self) -> date:
        """Last day of the quarter."""
        return month_end(date(self.year, self.number * 3, 1))

    def next(self) -> "Quarter":
        """Return the quarter after this one."""
        return Quarter.of(add_months(self.first_day, 3))
