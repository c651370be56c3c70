"""How far an eye is open. From the iris model: the lids of the 468-point mesh hardly move."""

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.detector import Image
from biometrics.mesh import (
    LEFT_EYE_INNER,
    LEFT_EYE_OUTER,
    RIGHT_EYE_INNER,
    RIGHT_EYE_OUTER,
    Mesh,
)
from biometrics.models import ModelStore, Role
from biometrics.runtime import Feed, Runtime, load_net

_SIDE_PX = 64
_EYE_WIDTHS = 2.3  # the model's crop is 2.3 eye widths wide
_LOWEST = 0.05  # no eye is below: shut ones measured 0.07 to 0.14 (synthetic), open ones from 0.12


class EyeGauge:
    """The iris model. Not thread-safe: one per worker."""

    def __init__(self, store: ModelStore, runtime: Runtime | None = None) -> None:
        feed = Feed(scale=1 / 255, channels_last=True)
        outputs = ["output_eyes_contours_and_brows"]
        self._net = load_net(store.path(Role.EYES), outputs, feed, runtime=runtime)

    def right(self, image: Image, mesh: Mesh) -> float:
        """Height over width of the person's right eye: open about 0.3, closed under 0.2."""
        crop = _eye_crop(image, mesh.points[RIGHT_EYE_OUTER, :2], mesh.points[RIGHT_EYE_INNER, :2])
        return self._openness(crop)

    def left(self, image: Image, mesh: Mesh) -> float:
        """Like `right`; the model knows right eyes only, so the crop is mirrored."""
        crop = _eye_crop(image, mesh.points[LEFT_EYE_INNER, :2], mesh.points[LEFT_EYE_OUTER, :2])
        return self._openness(np.ascontiguousarray(crop[:, ::-1]))

    def both(self, image: Image, mesh: Mesh) -> float:
        """Mean of both eyes."""
        return (self.right(image, mesh) + self.left(image, mesh)) / 2

    def both_below(self, limit: float, image: Image, mesh: Mesh) -> bool:
        """Tell whether `both` is below `limit`; one wide open eye settles it, at half the cost."""
        right = self.right(image, mesh)
        return right + _LOWEST < 2 * limit and (right + self.left(image, mesh)) / 2 < limit

    def _openness(self, crop: Image) -> float:
        (raw,) = self._net.run(crop)
        lids = raw.reshape(71, 3)[:, :2]
        width = float(np.linalg.norm(lids[0] - lids[8]))
        height = float(np.mean(np.linalg.norm(lids[11:14] - lids[3:6], axis=1)))
        return height / max(1e-6, width)


def _eye_crop(image: Image, start: NDArray[np.float32], end: NDArray[np.float32]) -> Image:
    centre = (start + end) / 2
    line = end - start
    side = max(1.0, float(np.linalg.norm(line)) * _EYE_WIDTHS)
    angle = float(np.degrees(np.arctan2(line[1], line[0])))
    at = (float(centre[0]), float(centre[1]))
    matrix = np.asarray(cv2.getRotationMatrix2D(at, angle, _SIDE_PX / side), np.float64)
    matrix[:, 2] += _SIDE_PX / 2 - centre
    return np.asarray(cv2.warpAffine(image, matrix, (_SIDE_PX, _SIDE_PX)), np.uint8)
