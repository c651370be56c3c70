"""Is the clip one recording of one head? A cut shows as a change that no head makes in that time.

Between neighbouring frames the face's place, size, direction and proportions may change by a rate
that depends on the time between them, and by a little that the landmarks tremble anyway. What the
fastest head does is taken with room to spare, so that tremor of 4 to 6 Hz, a nod or a dropped frame
is no cut. Between neighbouring shots the person may not change (biometrics study 3.11).

Two takes that were cut together where the head stands nearly alike show a smaller jump of the face;
yet place and light jump in one moment, and neither before nor after. A head that starts to move
goes on moving, and a lamp that is switched on moves no head.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from biometrics.backdrop import (
    LEAST_CHANGES,
    SETTLED_MS,
    colour_changes,
    sides_of,
    standing_out,
)
from biometrics.detector import Image
from biometrics.embed import Embedding, cosine
from biometrics.inserts import insert_of
from biometrics.mesh import Mesh
from biometrics.pose import neutral_shape, relative_poses
from biometrics.track import FrameReading
from domain.biometric import Continuity

_RIGID = (
    33, 133, 362, 263, 168, 6, 197, 195, 5, 4, 1, 98, 327, 2, 10, 151, 9, 8, 50, 280, 116, 345,
    127, 356, 234, 454, 54, 284, 70, 300,
)  # fmt: skip
_LONGEST_MS = 700.0  # over longer gaps a head may do anything


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How far something goes: `rest` at any rate, and so much more a second."""

    rest: float
    per_s: float

    def within(self, elapsed_ms: float) -> float:
        """Return the most that is possible in that time."""
        return self.rest + self.per_s * elapsed_ms / 1000.0


_REACH: Mapping[str, Reach] = {
    "place": Reach(rest=0.12, per_s=4.0),  # face widths
    "size": Reach(rest=0.08, per_s=1.2),  # of itself
    "direction": Reach(rest=6.2, per_s=283.0),  # degrees, yaw and pitch together
    "proportions": Reach(rest=0.06, per_s=0.3),  # face widths, what no similarity explains
}
_LEAST_PLACE, _LEAST_SIZE = 0.22, 0.18  # a second: what landmarks tremble
_TAKES = 2.5  # times what is around: light of the backdrop times place; bona fide reach 1.9
_MOST_GAIN, _MOST_TINT = 6.0, 5.4  # neither does alone: exposure changes one, encoders the other
_SAME_FACE = 0.45  # cosine of neighbouring shots of one person in one clip
_SHOTS_APART_MS = 2000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    at_ms: float
    size: float  # over what a head can do


def measure_continuity(
    frames: Sequence[FrameReading],
    faces: Sequence[tuple[float, Embedding]],
    *,
    ways: NDArray[np.float64] | None = None,
) -> Continuity:
    """Compare every frame and every shot (at_ms, embedding) with the one before, in order of time.

    `ways`: yaw and pitch of every frame in degrees (N x 2), where they are known already. `worst`
    is the largest change over what a head can do; at 1.0 and more it counts as a jump.
    """
    seen = [(frame.at_ms, frame.mesh) for frame in frames if frame.mesh is not None]
    if ways is not None:
        ways = ways[[frame.mesh is not None for frame in frames]]
    elif seen:
        ways = _ways([mesh for _, mesh in seen])
    changes = [] if ways is None else _of_frames(seen, ways)
    changes += _of_faces(faces)
    worst = max(changes, key=lambda change: change.size, default=None)
    return Continuity(
        jumps=_moments([change.at_ms for change in changes if change.size >= 1.0]),
        worst=0.0 if worst is None else worst.size,
        at_ms=None if worst is None else round(worst.at_ms),
    )


class TakeWatch:
    """Follows one clip's face and backdrop: another take moves the one and lights the other anew.

    Give it every picture in order; about 0.1 ms and 15 kB each.
    """

    def __init__(self) -> None:
        self._at_ms: list[float] = []
        self._backdrops: list[NDArray[np.float32]] = []
        self._faces: list[tuple[int, Mesh]] = []

    def take(self, at_ms: float, picture: Image, mesh: Mesh | None) -> None:
        """Keep the sides of a picture (BGR, all of one size), and its mesh where there is one."""
        if mesh is not None:
            self._faces.append((len(self._at_ms), mesh))
        self._at_ms.append(at_ms)
        self._backdrops.append(sides_of(picture))

    def cut(self) -> tuple[float, float | None]:
        """Most certain sign of another take over its limit, and when; 1.0 and more is a cut.

        Either it goes on from there, or it is a short stretch after which the first one goes on.
        """
        return max(self._change(), insert_of(self._at_ms, self._backdrops), key=lambda cut: cut[0])

    def _change(self) -> tuple[float, float | None]:
        """Largest change of light that comes with one of place, over the limit, and when.

        A change of exposure, a lamp or a jerk of the head is one of the two.
        """
        if len(self._at_ms) < 2:
            return 0.0, None
        elapsed = np.maximum(1.0, np.diff(self._at_ms) / max(1.0, np.median(np.diff(self._at_ms))))
        kinds = np.array([colour_changes(a, b) for a, b in pairwise(self._backdrops)])
        structure, gain, tint = (
            standing_out(kinds[:, kind] / elapsed, least)
            for kind, least in enumerate(LEAST_CHANGES)
        )
        face = self._face_jumps()
        gain, tint = np.minimum(gain, _MOST_GAIN), np.minimum(tint, _MOST_TINT)
        over = np.sqrt(np.maximum(np.maximum(gain, tint) * face, tint * structure)) / _TAKES
        over[np.asarray(self._at_ms[:-1]) < SETTLED_MS] = 0.0
        worst = int(np.argmax(over))
        return float(over[worst]), self._at_ms[worst + 1] if over[worst] > 0 else None

    def _face_jumps(self) -> NDArray[np.float64]:
        """How far place or size of the face stand out, at every step from picture to picture."""
        jumps = np.zeros(len(self._at_ms) - 1)
        if len(self._faces) < 2:
            return jumps
        moved = [changes_between(before, now) for (_, before), (_, now) in pairwise(self._faces)]
        at_ms = np.array([self._at_ms[index] for index, _ in self._faces])
        out = jumps_of(at_ms, moved)
        for (first, _), (last, _), jump in zip(self._faces, self._faces[1:], out, strict=False):
            jumps[first:last] = jump
        return jumps


def _ways(meshes: Sequence[Mesh]) -> NDArray[np.float64]:
    return relative_poses(meshes, neutral_shape(meshes))[:, :2]


def _of_frames(seen: Sequence[tuple[float, Mesh]], ways: NDArray[np.float64]) -> list[_Change]:
    found = []
    for index, ((before_ms, before), (now_ms, now)) in enumerate(pairwise(seen)):
        elapsed_ms = now_ms - before_ms
        if elapsed_ms > _LONGEST_MS:
            continue
        change = {
            **changes_between(before, now),
            "direction": float(np.linalg.norm(ways[index + 1] - ways[index])),
        }
        over = max(size / _REACH[name].within(elapsed_ms) for name, size in change.items())
        found.append(_Change(at_ms=now_ms, size=over))
    return found


def jumps_of(
    at_ms: NDArray[np.float64], moved: Sequence[Mapping[str, float]]
) -> NDArray[np.float64]:
    """How many times the changes around it the change of place or size is: N - 1 values."""
    elapsed_s = np.maximum(1e-3, np.diff(at_ms) / 1000.0)
    place, size = (np.array([change[kind] for change in moved]) for kind in ("place", "size"))
    return np.maximum(
        standing_out(place / elapsed_s, _LEAST_PLACE), standing_out(size / elapsed_s, _LEAST_SIZE)
    )


def changes_between(before: Mesh, now: Mesh) -> dict[str, float]:
    """Place and proportions in face widths, size as a share of itself."""
    first, second = (mesh.points[list(_RIGID), :2].astype(np.float64) for mesh in (before, now))
    wide = max(1.0, float(np.ptp(before.points[:, 0])))
    middles = first.mean(axis=0), second.mean(axis=0)
    near, far = first - middles[0], second - middles[1]
    size = max(1e-9, float((near**2).sum()))
    along = float((near * far).sum()) / size
    aside = float((near[:, 0] * far[:, 1] - near[:, 1] * far[:, 0]).sum()) / size
    left = far - near @ np.array([[along, aside], [-aside, along]])
    scale = max(1e-6, float(np.hypot(along, aside)))
    return {
        "place": float(np.linalg.norm(middles[1] - middles[0])) / wide,
        "size": abs(float(np.log(scale))),
        "proportions": float(np.sqrt((left**2).sum(axis=1).mean())) / (wide * scale),
    }


def _of_faces(faces: Sequence[tuple[float, Embedding]]) -> list[_Change]:
    return [
        _Change(at_ms=now_ms, size=(1.0 - cosine(before, now)) / (1.0 - _SAME_FACE))
        for (before_ms, before), (now_ms, now) in pairwise(faces)
        if now_ms - before_ms <= _SHOTS_APART_MS
    ]


def _moments(at_ms: Sequence[float]) -> int:
    """How many there are, when what lies within a quarter of a second is one."""
    ordered = sorted(at_ms)
    return sum(
        1 for index, now in enumerate(ordered) if not index or now - ordered[index - 1] > 250
    )
