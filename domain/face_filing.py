"""When storing faces has to be filed with the cyberspace administration.

《人脸识别技术应用安全管理办法》第十五条 (requirements E10): whoever has stored the face
information of 100,000 persons files within 30 working days from the day on which that number was
reached. The day itself does not count (民法典第二百零一条).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.holidays import Deadline, HolidayTable

ALARM_AT = 80_000
FILING_AT = 100_000
FILING_WORKING_DAYS = 30


class FilingStage(StrEnum):
    """How near the duty to file is."""

    BELOW = "below"
    NEAR = "near"  # the alarm: time to prepare
    DUE = "due"  # the number was reached, be it for one day
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOfStoring:
    """How many persons' faces came in on a day for the first time, and how many were erased."""

    day: date
    stored: int
    erased: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """Where the installation stands. `reached_on` and `deadline` stay when the number sinks."""

    persons: int
    stage: FilingStage
    reached_on: date | None
    deadline: Deadline | None


def reached_on(days: Iterable[DayOfStoring], number: int = FILING_AT) -> date | None:
    """Return the first day on which `number` persons were stored; None when it never came to be.

    Within a day what came in counts before what went: the duty begins with the moment.
    """
    persons = 0
    for each in sorted(days, key=lambda found: found.day):
        persons += each.stored
        if persons >= number:
            return each.day
        persons -= each.erased
    return None


def filing(persons: int, reached: date | None, *, today: date, holidays: HolidayTable) -> Filing:
    """Judge what `persons` stored now, and the day of the 100,000th if there was one, come to."""
    if reached is None:
        stage = FilingStage.NEAR if persons >= ALARM_AT else FilingStage.BELOW
        return Filing(persons=persons, stage=stage, reached_on=None, deadline=None)
    deadline = holidays.deadline(reached, FILING_WORKING_DAYS)
    stage = FilingStage.OVERDUE if today > deadline.day else FilingStage.DUE
    return Filing(persons=persons, stage=stage, reached_on=reached, deadline=deadline)
