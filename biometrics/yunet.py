"""YuNet's heads, read: what its twelve outputs say about faces (OpenCV's `face_detect.cpp`).

Per stride of 8, 16 and 32 pixels and cell of that grid: how surely a face, how surely an object,
a box around the cell and five points.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.models import ModelStore, Role
from biometrics.runtime import Feed, Runtime, load_net

MIN_SCORE, NMS_OVERLAP, MOST_FACES = 0.6, 0.3, 50
_STRIDES = (8, 16, 32)
_HEADS = ("cls", "obj", "bbox", "kps")
_WHOLE_PX = 32  # both sides of what the network sees are a multiple of it

Rows = NDArray[np.float32]
"""N x 15: x, y, width, height, five points (x, y), score."""


class YuNet:
    """Finds faces in a picture of any size, at that size. Not thread-safe."""

    def __init__(self, store: ModelStore, runtime: Runtime) -> None:
        outputs = [f"{head}_{stride}" for stride in _STRIDES for head in _HEADS]
        feed = Feed(rgb=False, any_size=True)
        self._net = load_net(store.path(Role.DETECTOR), outputs, feed, runtime=runtime)

    def rows(self, picture: NDArray[np.uint8]) -> Rows:
        """All faces of a BGR picture, the surest first."""
        tall, wide = (-side % _WHOLE_PX for side in picture.shape[:2])
        whole = cv2.copyMakeBorder(picture, 0, tall, 0, wide, cv2.BORDER_CONSTANT, value=0)
        heads = self._net.run(np.asarray(whole, np.uint8))
        cells = [
            _cells(heads[4 * number : 4 * number + 4], stride, whole.shape[1] // stride)
            for number, stride in enumerate(_STRIDES)
        ]
        return _apart(np.concatenate(cells))


def _cells(heads: Sequence[NDArray[np.float32]], stride: int, columns: int) -> Rows:
    """Read one grid: rows for the cells that are sure enough of a face."""
    face, thing, box, points = (head.reshape(-1, head.shape[-1]) for head in heads)
    score = np.sqrt(np.clip(face[:, 0], 0, 1) * np.clip(thing[:, 0], 0, 1))
    sure = np.flatnonzero(score >= MIN_SCORE)
    corner = np.column_stack([sure % columns, sure // columns]).astype(np.float32)
    size = np.exp(box[sure, 2:])
    at = corner + box[sure, :2] - size / 2
    marks = points[sure] + np.tile(corner, 5)
    rows = np.column_stack([np.hstack([at, size, marks]) * np.float32(stride), score[sure]])
    return np.asarray(rows, np.float32)


def _apart(rows: Rows) -> Rows:
    """Keep of faces that lie over each other the surest one."""
    boxes = rows[:, :4].astype(np.int32).tolist()
    scores = rows[:, 14].tolist()
    kept = cv2.dnn.NMSBoxes(boxes, scores, MIN_SCORE, NMS_OVERLAP, top_k=MOST_FACES)
    return rows[np.asarray(kept, np.intp).ravel()]
