"""How far a visit that was asked for has come. Nothing stores it: it follows from what is there."""

from enum import StrEnum


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
