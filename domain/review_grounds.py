"""On what a reviewer's verdict rests: one main ground, chosen from those that fit the verdict."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from domain.errors import AppError, Kind
from domain.review import Verdict


class VerdictGround(StrEnum):
    """The main ground of a verdict; the findings say the rest."""

    SAME_AND_ALIVE = "same_and_alive"
    PHOTO_OUTDATED = "photo_outdated"
    CONFIRMED_OTHERWISE = "confirmed_otherwise"

    PICTURE_UNUSABLE = "picture_unusable"
    TASK_INCOMPLETE = "task_incomplete"
    CLIP_INCOMPLETE = "clip_incomplete"

    CANNOT_TELL = "cannot_tell"
    UNREACHABLE = "unreachable"
    NEEDS_HELP = "needs_help"

    OTHER_PERSON = "other_person"
    NOT_LIVE = "not_live"
    DEATH_REPORTED = "death_reported"
    DEVICE_SHARED = "device_shared"


GROUNDS: Mapping[Verdict, tuple[VerdictGround, ...]] = MappingProxyType(
    {
        Verdict.CERTIFIED: (
            VerdictGround.SAME_AND_ALIVE,
            VerdictGround.PHOTO_OUTDATED,
            VerdictGround.CONFIRMED_OTHERWISE,
        ),
        Verdict.ASK_AGAIN: (
            VerdictGround.PICTURE_UNUSABLE,
            VerdictGround.TASK_INCOMPLETE,
            VerdictGround.CLIP_INCOMPLETE,
        ),
        Verdict.SEND_VISIT: (
            VerdictGround.CANNOT_TELL,
            VerdictGround.UNREACHABLE,
            VerdictGround.NEEDS_HELP,
        ),
        Verdict.REFER_AS_LEAD: (
            VerdictGround.OTHER_PERSON,
            VerdictGround.NOT_LIVE,
            VerdictGround.DEATH_REPORTED,
            VerdictGround.DEVICE_SHARED,
        ),
    }
)
"""Which grounds a verdict may rest on. Each belongs to exactly one verdict."""


def check_ground(verdict: Verdict, ground: VerdictGround | None) -> VerdictGround:
    """Return the ground when it fits the verdict.

    Raises `AppError` INVALID `review.ground_required` for none, and for one of another verdict.
    """
    if ground is None or ground not in GROUNDS[verdict]:
        raise AppError(Kind.INVALID, "review.ground_required", verdict=verdict.value)
    return ground
