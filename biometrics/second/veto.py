"""What the second matcher may do: send to a human what the first one would accept. Nothing else.

Whether it pays was looked at on public pairs (5,755 impostor, 45 of them East Asian; 725 genuine,
none East Asian; `python -m benchmarks.second_opinion`). SFace alone accepts no impostor at 0.45, so
there was nothing to veto. Among impostors that come near (cosine 0.30 and up) a veto at 0.60 would
have stopped 74 of 76 others but 2 of 10 East Asian ones, and would have sent 7 of 718 rightly
accepted pairs to a human; where it stops 8 of those 10 (0.50), 95 of 718. So it is off by default.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import assert_never

VETO_DISTANCE = 0.60
"""Farther apart than this is another person; the usual limit of `face_recognition`."""


class SecondOpinion(StrEnum):
    """The setting `face.second_opinion` of a policy."""

    OFF = "off"
    VETO = "veto"


def vetoed(
    opinion: SecondOpinion, distances: Iterable[float], *, limit: float = VETO_DISTANCE
) -> bool:
    """Whether a case that the first matcher accepts goes to a human all the same.

    `distances`: to each reference; the nearest counts, so that one more reference never harms.
    Where a veto is asked for and no distance could be had, nothing speaks for the case: vetoed.
    """
    match opinion:
        case SecondOpinion.OFF:
            return False
        case SecondOpinion.VETO:
            return min(distances, default=float("inf")) > limit
        case _:
            assert_never(opinion)
