"""The lists of people that staff work with: what they are filtered by, and in which order they are.

Closed sets only; a list asks the database for them (`storage.db.repositories.people_lists`).
"""

from datetime import date
from enum import StrEnum

PAGE = 50
"""People on one page."""
LONGEST_PAGE = 200
COUNTED_TO = 1000
"""A list is counted up to here; beyond it one reads "1000+"."""
EXPORT_MOST = 50_000
"""Rows of one export; more are refused, never cut."""


class Due(StrEnum):
    """Where the nearest clock of a person stands today."""

    CURRENT = "current"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    NEVER = "never"  # no certification yet: the clock runs from the start of the benefit


def due_of(until: date | None, *, today: date, soon: date) -> Due | None:
    """Say where a clock stands; None where none runs."""
    if until is None:
        return None
    if until < today:
        return Due.OVERDUE
    return Due.DUE_SOON if until <= soon else Due.CURRENT


class OpenWork(StrEnum):
    """What somebody still has to do about a person."""

    REVIEW = "review"
    LEAD = "lead"
    APPEAL = "appeal"


class Order(StrEnum):
    """How a list of people is sorted."""

    DUE = "due"  # the nearest last valid day first; who has none comes last
    REGISTERED = "registered"  # who was registered first comes first


class Column(StrEnum):
    """What a list of people may show; the name always does."""

    ID_NUMBER = "id_number"
    PHONE = "phone"
    AGE = "age"
    RESIDENCE = "residence"
    HOUSEHOLD = "household"
    SCHEMES = "schemes"
    KEY_GROUPS = "key_groups"
    VALID_UNTIL = "valid_until"
    CHANNEL = "channel"
    FLAGS = "flags"


USUAL_COLUMNS = (
    Column.ID_NUMBER,
    Column.AGE,
    Column.RESIDENCE,
    Column.SCHEMES,
    Column.VALID_UNTIL,
    Column.CHANNEL,
    Column.FLAGS,
)
