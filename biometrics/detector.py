"""Faces in a picture: box, five points, score (YuNet)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.models import ModelStore, Role
from biometrics.runtime import Runtime, best_runtime
from biometrics.yunet import MIN_SCORE, MOST_FACES, NMS_OVERLAP, Rows, YuNet

Image = NDArray[np.uint8]
"""height x width x 3, BGR."""

_DETECT_SIDE_PX = 320
_PAD_SHARE = 0.4
_TINY_SIDE_PX = 128  # a chip photo is 102x126


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """One detection, in pixels of the picture it was found in."""

    box: tuple[float, float, float, float]  # x, y, width, height
    points: NDArray[np.float32]  # 5 x 2: right eye, left eye, nose, right and left mouth corner
    score: float  # 0..1

    @property
    def size_px(self) -> float:
        """Mean of the box's sides."""
        return (self.box[2] + self.box[3]) / 2


class FaceDetector:
    """YuNet. Not thread-safe: one per worker."""

    def __init__(self, store: ModelStore, runtime: Runtime | None = None) -> None:
        opencv = (runtime or best_runtime()) is Runtime.OPENCV
        self._rows = _by_opencv(store) if opencv else YuNet(store, Runtime.OPENVINO).rows

    def faces(self, image: Image, *, side_px: int = _DETECT_SIDE_PX) -> list[Face]:
        """All faces, largest first; the picture is looked at with its long side at `side_px`.

        A picture of middling size is taken as it is, a tiny one is enlarged: the points of its face
        are found more exactly.
        """
        longest = max(image.shape[:2])
        scale = side_px / longest if longest <= _TINY_SIDE_PX else min(1.0, side_px / longest)
        small = _scaled(image, scale)
        faces = [_face(row, scale) for row in self._rows(small)]
        return sorted(faces, key=lambda face: face.size_px, reverse=True)

    def faces_tight(self, image: Image, *, side_px: int = _DETECT_SIDE_PX) -> list[Face]:
        """Like `faces`, for crops that a face fills to the edge: retried with a margin around."""
        found = self.faces(image, side_px=side_px)
        if found:
            return found
        pad = int(_PAD_SHARE * max(image.shape[:2]))
        padded = cv2.copyMakeBorder(image, pad, pad, pad, pad, cv2.BORDER_REPLICATE)
        return [
            _shifted(face, pad)
            for face in self.faces(np.asarray(padded, np.uint8), side_px=side_px)
        ]


def _by_opencv(store: ModelStore) -> Callable[[Image], Rows]:
    """Use the detector that OpenCV brings along."""
    net = cv2.FaceDetectorYN.create(
        str(store.path(Role.DETECTOR)), "", (320, 320), MIN_SCORE, NMS_OVERLAP, MOST_FACES
    )

    def rows(picture: Image) -> Rows:
        net.setInputSize((picture.shape[1], picture.shape[0]))
        found: Any = net.detect(picture)[1]
        return np.zeros((0, 15), np.float32) if found is None else np.asarray(found, np.float32)

    return rows


def _scaled(image: Image, scale: float) -> Image:
    if scale == 1.0:
        return image
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(image, None, fx=scale, fy=scale, interpolation=way), np.uint8)


def _face(row: NDArray[np.float32], scale: float) -> Face:
    at = row[:14] / scale
    return Face(
        box=(float(at[0]), float(at[1]), float(at[2]), float(at[3])),
        points=at[4:14].reshape(5, 2).astype(np.float32),
        score=float(row[14]),
    )


def _shifted(face: Face, pad: int) -> Face:
    x, y, width, height = face.box
    return Face(
        box=(x - pad, y - pad, width, height),
        points=face.points - np.float32(pad),
        score=face.score,
    )
