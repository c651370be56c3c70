"""Whether pictures carry a sensor's noise.

Neighbouring pictures of a camera differ in every block, by noise if by nothing else; encoders
leave a block untouched only where noise is weak. A rendered picture that is not filmed stands
perfectly still wherever nothing moves. Noise that is frozen cannot be told from a wall's texture
after H.264 or VP8 at 1 to 2 Mb/s, so it is not measured.
"""

from itertools import pairwise

import cv2
import numpy as np

from biometrics.detector import Image
from domain.capture import Cue, CueScore

_BLOCK_PX = 16  # what encoders skip as one
_NEIGHBOURS_MS = 150.0
_DARK, _BRIGHT = 40, 235  # clipped or nearly black blocks have no noise to show
_BLOCKS_MIN = 200
_STILL_SHARE = 0.40


class NoiseWatch:
    """Takes details in order; two neighbouring ones make a measurement."""

    def __init__(self) -> None:
        self._green: list[tuple[float, Image]] = []

    def take(self, at_ms: float, crop: Image) -> None:
        """Keep the green values, cut to whole blocks (BGR in, side <= 512 px)."""
        tall, wide = (side // _BLOCK_PX * _BLOCK_PX for side in crop.shape[:2])
        self._green.append((at_ms, np.ascontiguousarray(crop[:tall, :wide, 1])))

    def noise_missing(self) -> CueScore | None:
        """Share of blocks, neither dark nor clipped, in which nothing changes, 0..1."""
        still, at_ms = 0, 0.0
        blocks, stillest = 0, -1.0
        for (first_ms, before), (second_ms, after) in pairwise(self._green):
            if second_ms - first_ms > _NEIGHBOURS_MS or before.shape != after.shape:
                continue
            unchanged, counted = _unchanged(before, after)
            still, blocks = still + unchanged, blocks + counted
            if counted and unchanged / counted > stillest:
                stillest, at_ms = unchanged / counted, first_ms
        if blocks < _BLOCKS_MIN:
            return None
        return CueScore(
            cue=Cue.NOISE_MISSING, value=still / blocks, limit=_STILL_SHARE, at_ms=round(at_ms)
        )


def _unchanged(before: Image, after: Image) -> tuple[int, int]:
    """How many blocks are alike to the last pixel, and how many count."""
    tall, wide = (side // _BLOCK_PX for side in before.shape)
    apart = cv2.absdiff(before, after).reshape(tall, _BLOCK_PX, wide, _BLOCK_PX)
    most = apart.max(axis=1).max(axis=2)
    level = cv2.resize(before, (wide, tall), interpolation=cv2.INTER_AREA)
    counted = (level > _DARK) & (level < _BRIGHT)
    return int(np.count_nonzero((most == 0) & counted)), int(np.count_nonzero(counted))
