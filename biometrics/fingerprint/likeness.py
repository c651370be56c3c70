"""How alike two clips are: one recording, or one person doing the same again.

Both are laid over each other in time (any shift, 0.9 to 1.1 times the speed, mirrored or not)
and their changes from moment to moment compared where they overlap. Everybody who answers a
challenge makes the same large movements, so large changes count no more than small ones: what
tells two takes apart is how each movement begins and ends, and all that goes on between them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biometrics.fingerprint.align import (
    Layer,
    Overlap,
    Slider,
    correlation,
    mirrored,
    refined,
    steadied,
    unsteady,
)
from biometrics.fingerprint.code import ClipFingerprint

FRAMES_LIMIT = 0.71
MOTION_LIMIT = 0.56
SAME_TASK_LIMIT = 0.77
"""Agreements from which two clips are one recording; benchmarks/clip_likeness measures them.

Whoever is asked for the same movements at the same moments moves much the same: then the motion
alone must agree better. Measured on puppets, which never move as freely as people do: other tasks
reach 0.43 (9,039 pairs), the same task 0.67 (870; 0.82 when even the timing is repeated, 300).
Edited clips have at least 0.73 of one of the two, clips filmed off a screen 0.57 of motion.
"""
STILL = 0.03
"""Root mean square change, of the usual picture's strength, under which a clip says nothing."""
WORTH_A_LOOK = 0.6
"""Least first agreement of clips that are compared closely; the same recording has over 0.75."""
CLOSE_LOOKS = 6
_FAINT = 0.02  # changes in a tenth of a second that noise makes as well
# Over moments: the frame times of a filmed screen stray.
_BLUR = np.array([0.06, 0.24, 0.4, 0.24, 0.06])
_MOTION_SHARES = (0.34, 0.41, 0.25)


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
    """A clip to compare with, and how much of its motion alone must agree."""

    fingerprint: ClipFingerprint
    motion_limit: float = MOTION_LIMIT


def likeness(
    new: ClipFingerprint, earlier: ClipFingerprint, *, motion_limit: float = MOTION_LIMIT
) -> Alike:
    """Compare two clips closely."""
    asked = _Asked(new)
    against = Earlier(fingerprint=earlier, motion_limit=motion_limit)
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
    frames = refined(asked.frames, steadied(old_frames, asked.unsteady_frames), motion.layer)
    if frames is None or _is_still(frames):
        return _unlike(layer)
    fixed = _agreement(frames.first, frames.second)
    following = (
        _agreement(motion.first, motion.second),
        _agreement(_blurred(motion.first), _blurred(motion.second)),
        fixed,
    )
    by_frames = fixed / FRAMES_LIMIT
    by_motion = float(np.dot(_MOTION_SHARES, following)) / against.motion_limit
    best = frames.layer if by_frames >= by_motion else motion.layer
    return Alike(
        likeness=max(0.0, by_frames, by_motion),
        by="frames" if by_frames >= by_motion else "motion",
        shift_ms=round(-1000 * best.shift_s / best.speed),
        speed=1 / best.speed,
        mirrored=best.mirrored,
    )


def _unlike(layer: Layer) -> Alike:
    return Alike(likeness=0.0, by="motion", shift_ms=0, speed=1.0, mirrored=layer.mirrored)


def _is_still(both: Overlap) -> bool:
    strengths = [np.sqrt((one * one).sum(axis=0).mean()) for one in (both.first, both.second)]
    return bool(min(strengths) < STILL)


def _agreement(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Correlation of the changes from moment to moment, each moment counting about the same."""
    return correlation(_evened(np.diff(one, axis=1)), _evened(np.diff(other, axis=1)))


def _evened(steps: NDArray[np.float64]) -> NDArray[np.float64]:
    strength = np.sqrt((steps * steps).sum(axis=0) + _FAINT * _FAINT)
    return np.asarray(steps / strength)


def _blurred(changes: NDArray[np.float64]) -> NDArray[np.float64]:
    edge = len(_BLUR) // 2
    padded = np.pad(changes, ((0, 0), (edge, edge)), mode="edge")
    count = changes.shape[1]
    return np.asarray(sum(w * padded[:, k : k + count] for k, w in enumerate(_BLUR)))
