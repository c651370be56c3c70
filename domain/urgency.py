"""How pressing a waiting case is, in the few words that a list has room for."""

from datetime import datetime
from enum import StrEnum

FIRST_FROM = 100
"""Priority from which a case goes before others: a key group, or a benefit about to lapse."""


class Urgency(StrEnum):
    """From the most pressing down."""

    LATE = "late"  # over the hard limit
    PRESSING = "pressing"  # over the target: today, if it can be
    FIRST = "first"
    USUAL = "usual"


def urgency(
    priority: int, *, target_until: datetime, hard_limit: datetime, at: datetime
) -> Urgency:
    """Tell how pressing a case is. All moments aware; on the very moment it is still in time."""
    if at > hard_limit:
        return Urgency.LATE
    if at > target_until:
        return Urgency.PRESSING
    return Urgency.FIRST if priority >= FIRST_FROM else Urgency.USUAL
