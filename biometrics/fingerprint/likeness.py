"""How alike two clips are: one recording, or one person doing the same again.

Both are laid over each other in time (any shift, 0.9 to 1.1 times the speed, mirrored or not)
and their changes from moment to moment compared where they overlap. Everybody who answers a
challenge makes the same large movements, so large changes count no more than small ones: what
tells two takes apart is how each movement begins and ends, and all that goes on between them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from biometrics.fingerprint.agreement import agreement, closest
from biometrics.fingerprint.align import (
    Layer,
    Overlap,
    Slider,
    mirrored,
    refined,
    steadied,
    unsteady,
)
from biometrics.fingerprint.code import ClipFingerprint
from biometrics.fingerprint.sight import HZ
from domain.tasks import Laid


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Agreements from which two clips are one recording: either is enough."""

    frames: float
    motion: float


OTHER_TASK = Limits(frames=0.60, motion=0.56)
SAME_TASK = Limits(frames=0.71, motion=0.77)
"""Limits for tasks that do not explain a likeness, and for those that do.

Whoever is asked for the same movements at the same moments moves much the same, also when they
come at one distance in both tasks: that is judged where the clips were laid (`is_like_task`), so
some pairs of tasks count as alike that were drawn apart. Measured on puppets,
which never move as freely as people do, by benchmarks/clip_likeness: fresh clips of drawn tasks
reach 0.81 of their limits (25,164 pairs), of one task 0.94 (870; above them 9 of 300 in which even
the timing is repeated). Of copies edited by software 1 in 810 stays below.
"""
STILL = 0.03
"""Root mean square change, of the usual picture's strength, under which a clip says nothing."""
WORTH_A_LOOK = 0.6
"""Least first agreement of clips that are compared closely; the same recording has over 0.75."""
CLOSE_LOOKS = 6

AsksAlike = Callable[[Laid], bool]
"""Whether both tasks ask for the same, given how the earlier clip lies on the new one."""


def other_task(_: Laid) -> bool:
    return False


def same_task(_: Laid) -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """How one clip lies on an earlier one. `likeness` >= 1.0: the same recording."""

    likeness: float
    by: str  # "frames" or "motion", whichever is the more alike
    shift_ms: int  # by how much the new clip begins later than the earlier one
    speed: float  # of the new clip against the earlier one: 1.1 plays faster
    mirrored: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """A clip to compare with, and whether its task explains a likeness."""

    fingerprint: ClipFingerprint
    asks_alike: AsksAlike = other_task


def likeness(
    new: ClipFingerprint, earlier: ClipFingerprint, *, asks_alike: AsksAlike = other_task
) -> Alike:
    """Compare two clips closely."""
    asked = _Asked(new)
    against = Earlier(fingerprint=earlier, asks_alike=asks_alike)
    return _closely(asked, against, _first_look(asked, earlier))


def nearest_of(new: ClipFingerprint, many: Sequence[Earlier]) -> tuple[int, Alike] | None:
    """Return the most alike of `many` with its index; None when none is worth a close look.

    About 1 ms for each of `many`, and 10 ms for each of the few that get a close look.
    """
    asked = _Asked(new)
    looks = [(_first_look(asked, earlier.fingerprint), index) for index, earlier in enumerate(many)]
    worth = sorted(
        (look for look in looks if look[0].agreement >= WORTH_A_LOOK),
        key=lambda look: -look[0].agreement,
    )
    found = [(index, _closely(asked, many[index], layer)) for layer, index in worth[:CLOSE_LOOKS]]
    return max(found, key=lambda pair: pair[1].likeness, default=None)


class _Asked:
    """The new clip, prepared once for many comparisons."""

    def __init__(self, new: ClipFingerprint) -> None:
        self.unsteady_motion = unsteady(new.motion.picture)
        self.unsteady_frames = unsteady(new.frames.picture)
        self.motion = steadied(new.motion, self.unsteady_motion)
        self.frames = steadied(new.frames, self.unsteady_frames)
        self.slider = Slider(self.motion)


def _first_look(asked: _Asked, earlier: ClipFingerprint) -> Layer:
    """Find where the two agree best, to a tenth of a second and two hundredths of speed."""
    best = Layer(agreement=-1.0, speed=1.0, shift_s=0.0, mirrored=False)
    for turned in (False, True):
        sight = mirrored(earlier.motion) if turned else earlier.motion
        agreement, speed, shift_s = asked.slider.slide(steadied(sight, asked.unsteady_motion))
        if agreement > best.agreement:
            best = Layer(agreement=agreement, speed=speed, shift_s=shift_s, mirrored=turned)
    return best


def _closely(asked: _Asked, against: Earlier, layer: Layer) -> Alike:
    earlier = against.fingerprint
    old_motion = mirrored(earlier.motion) if layer.mirrored else earlier.motion
    old_frames = mirrored(earlier.frames) if layer.mirrored else earlier.frames
    motion = refined(asked.motion, steadied(old_motion, asked.unsteady_motion), layer)
    if motion is None:
        return _unlike(layer)
    frames = closest(asked.frames, steadied(old_frames, asked.unsteady_frames), motion.layer)
    if frames is None or _is_still(frames):
        return _unlike(layer)
    limits = SAME_TASK if against.asks_alike(_laid(motion)) else OTHER_TASK
    agreed = agreement(motion, frames)
    by_frames, by_motion = agreed.frames / limits.frames, agreed.motion / limits.motion
    best = frames.layer if by_frames >= by_motion else motion.layer
    return Alike(
        likeness=max(0.0, by_frames, by_motion),
        by="frames" if by_frames >= by_motion else "motion",
        shift_ms=round(-1000 * best.shift_s / best.speed),
        speed=1 / best.speed,
        mirrored=best.mirrored,
    )


def _laid(both: Overlap) -> Laid:
    layer = both.layer
    begins_ms = max(0.0, 1000 * layer.shift_s)
    return Laid(
        shift_ms=1000 * layer.shift_s,
        pace=layer.speed,
        mirrored=layer.mirrored,
        from_ms=begins_ms,
        until_ms=begins_ms + 1000 * both.first.shape[1] / HZ,
    )


def _unlike(layer: Layer) -> Alike:
    return Alike(likeness=0.0, by="motion", shift_ms=0, speed=1.0, mirrored=layer.mirrored)


def _is_still(both: Overlap) -> bool:
    strengths = [np.sqrt((one * one).sum(axis=0).mean()) for one in (both.first, both.second)]
    return bool(min(strengths) < STILL)
