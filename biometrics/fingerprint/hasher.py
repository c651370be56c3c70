"""Little grey pictures, collected while a clip is decoded, and the fingerprint at its end."""

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.detector import Image
from biometrics.fingerprint.code import ClipFingerprint, Sight
from biometrics.fingerprint.sight import fixed_sight, following_sight, resampled
from biometrics.fingerprint.track import Track

_SIDE_PX = 72  # of the short side: a face is some 30 pixels wide, and its sway shows as grey
_SHORTEST_MS, _LONGEST_MS = 2000.0, 39_000.0

Thumb = NDArray[np.uint8]


class FrameHasher:
    """Takes the frames of one clip in order; about 0.06 ms and 9 kB a frame.

    Pictures must stand as the tracker sees them: turned upright when it turns them.
    """

    def __init__(self) -> None:
        self.at_ms: list[float] = []
        self.thumbs: list[Thumb] = []
        self.size = (0, 0)  # width, height of the pictures

    def take(self, at_ms: float, picture: Image) -> None:
        """Keep a small grey copy of a decoded picture (height x width x 3, BGR)."""
        height, width = picture.shape[:2]
        scale = _SIDE_PX / min(height, width)
        small = (max(1, round(width * scale)), max(1, round(height * scale)))
        few = cv2.resize(picture, (2 * small[0], 2 * small[1]), interpolation=cv2.INTER_NEAREST)
        grey = cv2.cvtColor(few, cv2.COLOR_BGR2GRAY)
        self.thumbs.append(np.asarray(cv2.resize(grey, small, interpolation=cv2.INTER_AREA)))
        self.at_ms.append(at_ms)
        self.size = (width, height)


def fingerprint_of(hasher: FrameHasher, track: Track | None) -> ClipFingerprint | None:
    """Fingerprint of a whole clip; None when it is too short or too long, or shows no face.

    `hasher` took every frame that the tracker got, in the same picture coordinates as `track`.
    """
    if track is None or len(hasher.at_ms) < 2:
        return None
    at_ms = np.array(hasher.at_ms, np.float64)
    if not _SHORTEST_MS <= at_ms[-1] - at_ms[0] <= _LONGEST_MS:
        return None
    return ClipFingerprint(
        frames=Sight.of(resampled(at_ms, fixed_sight(hasher.thumbs, hasher.size, track))),
        motion=Sight.of(
            resampled(at_ms, following_sight(hasher.thumbs, hasher.size, (at_ms, track)))
        ),
    )
