"""Where the face was in the picture, frame by frame: what the two sights are cut out by."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biometrics.mesh import LEFT_EYE_OUTER, RIGHT_EYE_OUTER
from biometrics.track import FrameReading

_WIDTH_PER_SPREAD = 2.15  # a face's width over the root mean square distance of its rigid points
_FEWEST = 4
_RIGID = (
    10, 151, 9, 8, 168, 6, 197, 195, 5, 4, 1,
    33, 133, 362, 263, 116, 345, 117, 346, 50, 280,
    127, 356, 234, 454, 162, 389, 54, 284, 67, 297, 103, 332, 109, 338,
)  # fmt: skip
"""Points that keep their distances whatever lids, lips and jaw do."""

Series = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One value per frame in which the face was measured. Picture axes, y down."""

    at_ms: Series
    x: Series  # centre of the face, pixels of the decoded picture
    y: Series
    width: Series  # of the face, pixels
    roll: Series  # radians, positive clockwise as seen

    def __len__(self) -> int:
        return len(self.at_ms)


def track_of(frames: Sequence[FrameReading]) -> Track | None:
    """Read the track from a tracker's frames; None when the face was hardly ever seen."""
    seen = [(frame.at_ms, frame.mesh.points) for frame in frames if frame.mesh is not None]
    if len(seen) < _FEWEST:
        return None
    points = np.array([mesh[:, :2] for _, mesh in seen], np.float64)
    rigid = points[:, list(_RIGID)]
    centre = rigid.mean(axis=1)
    spread = np.sqrt(((rigid - centre[:, None]) ** 2).sum(axis=2).mean(axis=1))
    eyes = points[:, LEFT_EYE_OUTER] - points[:, RIGHT_EYE_OUTER]
    return Track(
        at_ms=np.array([at_ms for at_ms, _ in seen], np.float64),
        x=centre[:, 0],
        y=centre[:, 1],
        width=np.maximum(1.0, spread * _WIDTH_PER_SPREAD),
        roll=np.arctan2(eyes[:, 1], eyes[:, 0]),
    )
