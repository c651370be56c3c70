"""Colours that the screen shows in turn, and that a live face reflects: an optional part.

A face before the phone takes on the colour of the moment; a recording shows the colours of another
day. It only ever sends a case to a human. Sources: biometrics study 3.6; WCAG 2.3.1, which allows
three flashes a second and no saturated red.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any

SEGMENTS = 6
SHORTEST_MS = 500
"""Two changes a second, which is one flash of the three that WCAG 2.3.1 bears."""
_SPARE_MS = 250  # by which a segment may last longer, so that the moments of change are random
_TICK_MS = 50
_LEAD_MS = 400  # the camera settles its exposure first


class LightRule(StrEnum):
    """The policy key `challenge.light`. Whoever names `no_flash` is never shown colours."""

    OFF = "off"
    SHOWN = "shown"  # what cannot be told from the room's light is held against nobody
    REQUIRED = "required"  # what cannot be told goes to a human


class Colour(StrEnum):
    """What the whole screen shows. Far apart for the camera, none a saturated red."""

    WHITE = "white"
    GREEN = "green"
    BLUE = "blue"
    ORANGE = "orange"


RGB = {
    Colour.WHITE: (255, 255, 255),
    Colour.GREEN: (0, 220, 90),
    Colour.BLUE: (40, 90, 255),
    Colour.ORANGE: (255, 150, 40),
}
"""sRGB. Orange has R/(R+G+B) = 0.57; from 0.8 on WCAG calls a red saturated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One colour, from `from_ms` until `to_ms` of clip time."""

    colour: Colour
    from_ms: int
    to_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LightMeasure:
    """What the colours did to a face. `domain.advice` judges it."""

    correlation: float | None  # -1..1, of the face's chroma with the sequence, at the best lag
    ratio: float | None  # the face's response over the background's
    snr: float  # how far the face's chroma moved, over what noise and movement do to it
    lag_ms: int = 0
    at_ms: int | None = None  # where the face was farthest from what was shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """The sequence. Raises `ValueError` when it is too quick for the eye or repeats a colour."""

    segments: tuple[Segment, ...]

    def __post_init__(self) -> None:
        if len(self.segments) != SEGMENTS or self.segments[0].from_ms < 0:
            raise ValueError("a sequence has six segments")
        if any(s.to_ms - s.from_ms < SHORTEST_MS for s in self.segments):
            raise ValueError("a colour stays for half a second or longer")
        if any(a.to_ms != b.from_ms or a.colour is b.colour for a, b in pairwise(self.segments)):
            raise ValueError("colours follow each other, none of them twice running")

    @property
    def end_ms(self) -> int:
        """When the screen is itself again."""
        return self.segments[-1].to_ms


def draw_light(draw: Callable[[int], int], *, within_ms: int) -> Light:
    """Draw a sequence; `draw(n)` is uniform over 0..n-1. One of 972 by its colours alone.

    Raises `ValueError` when `within_ms` is too short for it (no challenge is).
    """
    colours = list(Colour)
    shown = [colours[draw(len(colours))]]
    while len(shown) < SEGMENTS:
        others = [c for c in colours if c is not shown[-1]]
        shown.append(others[draw(len(others))])
    at_ms = _LEAD_MS
    segments = []
    for colour in shown:
        to_ms = at_ms + SHORTEST_MS + _TICK_MS * draw(_SPARE_MS // _TICK_MS + 1)
        segments.append(Segment(colour=colour, from_ms=at_ms, to_ms=to_ms))
        at_ms = to_ms
    if at_ms > within_ms:
        raise ValueError("the clip is too short for a sequence of colours")
    return Light(segments=tuple(segments))


def light_to_json(light: Light) -> dict[str, Any]:
    """Write the public form."""
    return {
        "segments": [
            {"colour": s.colour.value, "from_ms": s.from_ms, "to_ms": s.to_ms}
            for s in light.segments
        ]
    }


def light_from_json(document: Any) -> Light:
    """Read the public form. Raises `KeyError`, `TypeError` or `ValueError` on anything else."""
    return Light(
        segments=tuple(
            Segment(
                colour=Colour(part["colour"]),
                from_ms=_whole(part["from_ms"]),
                to_ms=_whole(part["to_ms"]),
            )
            for part in document["segments"]
        )
    )


def _whole(number: object) -> int:
    if type(number) is not int:
        raise TypeError("a whole number of milliseconds")
    return number
