"""A face cut out of a frame for depth: upright, of equal size, with the points to follow."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.detector import Image
from biometrics.mesh import Mesh
from biometrics.similarity import similarity_to

_NOSE = (
    1, 4, 5, 195, 197, 6, 19, 94, 2, 220, 440, 45, 275, 44, 274, 51, 281, 3, 248,
)  # fmt: skip
"""Ridge, tip and what is under it.

Wings and sides carry strong edges where they meet the cheek. These do not stand out, and the
landmarks place them as if they did: with them a nose comes out half as high.
"""
_AROUND = (
    168, 8, 9, 151, 107, 336, 66, 296, 105, 334, 63, 293, 55, 285, 65, 295, 52, 282, 133, 362, 33,
    263, 243, 463, 112, 341, 26, 256, 22, 252, 23, 253, 24, 254, 110, 339, 50, 280, 101, 330, 100,
    329, 118, 347, 117, 346, 111, 340, 36, 266, 205, 425, 187, 411, 123, 352, 116, 345, 119, 348,
    120, 349, 121, 350, 142, 371, 126, 355, 47, 277, 203, 423, 206, 426,
)  # fmt: skip
"""Brows, lower lids and cheeks: nothing that moves when the mouth does."""

_POINTS = np.array(_NOSE + _AROUND)
FIRST_AROUND = len(_NOSE)
EYES_PX = 69.0  # unit of length in the patch, a little more than between the eyes' middles
MIDDLE = np.array([96.0, 84.0])  # of the patch, between the eyes a little below
_SIDE_PX = 192
_ALIGNED = (33, 133, 362, 263, 168, 50, 280, 205, 425)
_ALIGNED_AT = np.array(
    [
        [-0.72, 0.0], [-0.3, 0.0], [0.3, 0.0], [0.72, 0.0], [0.0, -0.02],
        [-0.55, 0.55], [0.55, 0.55], [-0.42, 0.8], [0.42, 0.8],
    ]
)  # fmt: skip
_RELIEF = 0.7  # the model's depths are too large; a scale only, `FLATTEST` goes with it

Points = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceView:
    """One face, cut out upright and of equal size: 37 kB, all that is kept of the frame."""

    at_ms: float
    patch: Image  # 192 x 192, grey
    points: Points  # N x 2, where the landmarks say the points are, in patch pixels
    height: Points  # N, towards the camera, in eye distances

    @property
    def relief(self) -> Points:
        """Height (N) of every point over the smooth face, in eye distances: a prior.

        That is the second-order surface through what is not the nose.
        """
        terms = surface(self.points)
        around = slice(FIRST_AROUND, None)
        smooth = np.linalg.lstsq(terms[around], self.height[around], rcond=None)[0]
        return np.asarray(self.height - terms @ smooth, np.float64)


def face_view(at_ms: float, picture: Image, mesh: Mesh) -> FaceView:
    """Cut the face out of an upright BGR picture; about 0.1 ms."""
    to_patch = _to_patch(mesh)
    scale = float(np.hypot(to_patch[0, 0], to_patch[1, 0]))
    size = (_SIDE_PX, _SIDE_PX)
    cut = cv2.warpAffine(picture, to_patch, size, borderMode=cv2.BORDER_REPLICATE)
    at = mesh.points[_POINTS].astype(np.float64)
    points = at[:, :2] @ to_patch[:, :2].T + to_patch[:, 2]
    return FaceView(
        at_ms=at_ms,
        patch=np.asarray(cv2.cvtColor(cut, cv2.COLOR_BGR2GRAY), np.uint8),
        points=points,
        height=-at[:, 2] * scale * _RELIEF / EYES_PX,
    )


def surface(points: Points) -> Points:
    """Return the terms of a second-order surface (N x 6) at points in patch pixels (N x 2)."""
    x, y = ((points - MIDDLE) / EYES_PX).T
    return np.column_stack([np.ones_like(x), x, y, x * x, x * y, y * y])


def _to_patch(mesh: Mesh) -> Points:
    """Similarity (2 x 3) that brings the eyes, the bridge and the cheeks to their places."""
    source = mesh.points[list(_ALIGNED), :2].astype(np.float64)
    target = _ALIGNED_AT * EYES_PX + MIDDLE - (0.0, 4.0)
    return similarity_to(target, source)
