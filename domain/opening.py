"""Why somebody looks at what is masked: a reason of a list, and in one's own words where needed.

The words never name a person: they may be kept longer than what they are about.
"""

import re
from enum import StrEnum

from domain.errors import AppError, Kind

SHORTEST_NOTE = 4
LONGEST_NOTE = 200
_NUMBER = re.compile(r"[0-9]{6,}")


class OpenReason(StrEnum):
    """What a person is opened for."""

    CALL = "call"
    VISIT = "visit"
    AT_THE_WINDOW = "at_the_window"
    REVIEW = "review"
    APPEAL = "appeal"
    CORRECTION = "correction"
    INSPECTION = "inspection"
    OTHER = "other"  # in one's own words


def check_opening(reason: OpenReason, note: str) -> str:
    """Return the words to keep. Raises `person.reason_required` for "other" without words."""
    return checked_note(note, "person.reason_required", needed=reason is OpenReason.OTHER)


def check_export(note: str) -> str:
    """Return the words to keep of a list in full. Raises `export.reason_required`."""
    return checked_note(note, "export.reason_required", needed=True)


def checked_note(note: str, code: str, *, needed: bool) -> str:
    """Refuse what says nothing, what is too long, and what carries a number of somebody."""
    said = " ".join(note.split())
    if needed and len(said) < SHORTEST_NOTE:
        raise AppError(Kind.INVALID, code, at_least=SHORTEST_NOTE)
    if len(said) > LONGEST_NOTE:
        raise AppError(Kind.INVALID, "person.reason_too_long", at_most=LONGEST_NOTE)
    if _NUMBER.search(said):
        raise AppError(Kind.INVALID, "person.reason_with_number")
    return said
