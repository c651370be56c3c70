"""How far a visit that was asked for has come. Nothing stores it: it follows from what is there."""

from enum import StrEnum


class SentBy(StrEnum):
    """Why staff sent the visit; whoever asks for one says why in words."""

    REVIEW = "sent_by_review"
    APPEAL = "sent_by_appeal"
    STAFF = "sent_by_staff"


class Progress(StrEnum):
    """What the person is told of the request."""

    ASKED = "asked"
    ASSIGNED = "assigned"  # staff sent the visit, or took the wish up
    DONE = "done"  # an officer handed in a visit since


def progress(*, is_visited: bool, by_staff: bool) -> Progress:
    """Tell how far it is: a visit since settles it, whoever asked."""
    if is_visited:
        return Progress.DONE
    return Progress.ASSIGNED if by_staff else Progress.ASKED
