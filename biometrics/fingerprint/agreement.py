"""How well two clips' changes agree where they lie over each other, each moment counting alike."""

from dataclasses import dataclass

import numpy as np

from biometrics.fingerprint.align import Changes, Layer, Overlap, correlation, overlap, refined

_FAINT = 0.02  # changes in a tenth of a second that noise makes as well
# Over moments: the frame times of a filmed screen stray.
_BLUR = np.array([0.06, 0.24, 0.4, 0.24, 0.06])
_MOTION_SHARES = (0.34, 0.41, 0.25)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Of the fixed sight, and of how the face moves; each -1 to 1."""

    frames: float
    motion: float


def agreement(motion: Overlap, frames: Overlap) -> Agreement:
    """Compare both sights of two clips where both are."""
    fixed = _changing(frames.first, frames.second)
    following = (
        _changing(motion.first, motion.second),
        _changing(_blurred(motion.first), _blurred(motion.second)),
        fixed,
    )
    return Agreement(frames=fixed, motion=float(np.dot(_MOTION_SHARES, following)))


def closest(first: Changes, second: Changes, layer: Layer) -> Overlap | None:
    """Lay one over the other by the large movements first, and then by all moments alike.

    Large movements are slow: with a little more speed and a little less shift they agree as well,
    and the moments between them no longer meet.
    """
    roughly = refined(first, second, layer)
    if roughly is None:
        return None
    closer = refined(_even_steps(first), _even_steps(second), roughly.layer)
    return None if closer is None else overlap(first, second, closer.layer)


def _even_steps(changes: Changes) -> Changes:
    return _evened(np.diff(_blurred(changes), axis=1))


def _changing(one: Changes, other: Changes) -> float:
    """Correlation of the changes from moment to moment, each moment counting about the same."""
    return correlation(_evened(np.diff(one, axis=1)), _evened(np.diff(other, axis=1)))


def _evened(steps: Changes) -> Changes:
    strength = np.sqrt((steps * steps).sum(axis=0) + _FAINT * _FAINT)
    return np.asarray(steps / strength)


def _blurred(changes: Changes) -> Changes:
    edge = len(_BLUR) // 2
    padded = np.pad(changes, ((0, 0), (edge, edge)), mode="edge")
    count = changes.shape[1]
    return np.asarray(sum(w * padded[:, k : k + count] for k, w in enumerate(_BLUR)))
