"""What a second matcher may say: look at this one. It never lifts anything.

Whether it pays was looked at on public pairs (5,755 impostor, 45 of them East Asian; 725 genuine,
none East Asian; `python -m benchmarks.second_opinion`). SFace alone accepts no impostor at 0.45, so
there was nothing to find. Among impostors that come near (cosine 0.30 and up) a limit of 0.60 would
have stopped 74 of 76 others but 2 of 10 East Asian ones, and would have sent 7 of 718 rightly
accepted pairs to a human; where it stops 8 of those 10 (0.50), 95 of 718. So it is off by default.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from math import inf


class SecondOpinion(StrEnum):
    """The policy key `face.second_opinion`."""

    OFF = "off"
    REVIEW = "review"  # what it contradicts goes to a human; so does what it could not look at


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondMeasure:
    """Euclidean distances of dlib's descriptor to the nearest enrolled photo, 0 to about 1.5.

    None where there was no face to describe, or nobody to compare with.
    """

    selfie: float | None
    clip: float | None  # its best frame


def contradicts(distances: Iterable[float], *, limit: float) -> bool:
    """Tell whether the second matcher takes the face for another person's.

    `distances`: to each reference; the nearest counts, so that one more reference never harms.
    Without any, nothing speaks for the case.
    """
    return not min(distances, default=inf) <= limit
