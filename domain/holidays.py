"""Working days by the State Council's yearly notice on public holidays. Pure; days of Shanghai.

A working day is Monday to Friday without the days a notice closes, and each weekend day on which
it has people work instead (调休上班). A notice speaks for its year only, and the next year's is
published in its last quarter: what no notice has said yet is never guessed.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

from domain.errors import AppError, Kind

_DAY = timedelta(days=1)
_SATURDAY = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class HolidayNotice:
    """What one notice says of its year; `basis` names the document and its number."""

    year: int
    basis: str
    closed: frozenset[date]
    makeup: frozenset[date]

    def __post_init__(self) -> None:
        if not self.basis.strip():
            raise ValueError(f"{self.year}: basis is missing")
        if strange := sorted(d for d in self.closed | self.makeup if d.year != self.year):
            raise ValueError(f"{self.year}: {strange[0]} is a day of another year")
        if both := sorted(self.closed & self.makeup):
            raise ValueError(f"{self.year}: {both[0]} is closed and worked at once")
        if weekdays := sorted(d for d in self.makeup if d.weekday() < _SATURDAY):
            raise ValueError(f"{self.year}: {weekdays[0]} is a weekday, worked without a notice")


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """The last day of a clock in working days.

    `provisional`: the clock runs through a year without a notice, and `day` is the earliest that
    it can come to be.
    """

    day: date
    provisional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HolidayTable:
    """The days on which offices work against the week's habit, in the years it knows."""

    years: frozenset[int]
    closed: frozenset[date]
    makeup: frozenset[date]

    @classmethod
    def of(cls, notices: Iterable[HolidayNotice]) -> Self:
        """Join notices of different years. Raises ValueError when two are of one year."""
        known: dict[int, HolidayNotice] = {}
        for notice in notices:
            if notice.year in known:
                raise ValueError(f"{notice.year}: two notices for one year")
            known[notice.year] = notice
        return cls(
            years=frozenset(known),
            closed=frozenset(day for notice in known.values() for day in notice.closed),
            makeup=frozenset(day for notice in known.values() for day in notice.makeup),
        )

    def is_workday(self, day: date) -> bool:
        """Whether offices work on `day`. Raises `calendar.year_unknown`."""
        if day.year not in self.years:
            raise AppError(Kind.NOT_FOUND, "calendar.year_unknown", year=day.year)
        return day in self.makeup or (day.weekday() < _SATURDAY and day not in self.closed)

    def add_working_days(self, start: date, n: int) -> date:
        """Return the `n`-th working day after `start`, which itself does not count (起算日不计).

        `n` = 0 is `start`, or the first working day after it. Raises `calendar.year_unknown` when
        a day that matters lies in a year without a notice, ValueError for a negative `n`.
        """
        return _last_of(start, n, self.is_workday)

    def working_days_between(self, after: date, until: date) -> int:
        """Count the working days after `after` up to `until`, so that adding them leads there.

        Negative when `until` lies before `after`. Raises `calendar.year_unknown`.
        """
        first, last = sorted((after, until))
        days = (first + _DAY * step for step in range(1, (last - first).days + 1))
        count = sum(self.is_workday(day) for day in days)
        return count if after <= until else -count

    def deadline(self, start: date, n: int) -> Deadline:
        """Return what `add_working_days` would, also where no notice speaks yet.

        There every day counts as a working day, which is never later than the law: whoever keeps
        to it is in time, whatever the notice will say.
        """
        day = _last_of(start, n, self._may_be_workday)
        passed = range((start + _DAY if n else start).year, day.year + 1)
        return Deadline(day=day, provisional=not self.years.issuperset(passed))

    def _may_be_workday(self, day: date) -> bool:
        return day.year not in self.years or self.is_workday(day)


def _last_of(start: date, n: int, counts: Callable[[date], bool]) -> date:
    """Return the `n`-th day after `start` that counts; for 0, the first that is not before it."""
    if n < 0:
        raise ValueError("a clock runs for no negative number of days")
    left = max(n, 1)
    for day in _days_from(start if n == 0 else start + _DAY):
        left -= counts(day)
        if left == 0:
            return day
    raise AssertionError  # pragma: no cover - days never end


def _days_from(first: date) -> Iterator[date]:
    while True:
        yield first
        first += _DAY
