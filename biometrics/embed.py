"""Who a face looks like: a unit vector of 128 numbers (SFace)."""

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.detector import Face, Image
from biometrics.models import ModelStore, Role

Embedding = NDArray[np.float32]
"""128 numbers of length 1; the cosine of two is their dot product."""

_SIDE_PX = 112
_TEMPLATE = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655],
     [70.7299, 92.2041]]
)  # fmt: skip
"""Where the five points come to lie: the layout that SFace was trained on (OpenCV's alignCrop)."""


class Embedder:
    """SFace through OpenCV. Not thread-safe: one per worker."""

    def __init__(self, store: ModelStore) -> None:
        self._net = cv2.dnn.readNetFromONNX(str(store.path(Role.EMBEDDER)))

    def aligned(self, image: Image, face: Face) -> Image:
        """Turn the face upright and cut it to the 112x112 pixels that `embed` takes."""
        move = _similarity(face.points.astype(np.float64))
        return np.asarray(cv2.warpAffine(image, move, (_SIDE_PX, _SIDE_PX)), np.uint8)

    def embed(self, aligned: Image) -> Embedding:
        """Embed an aligned face. One at a time: OpenCV sets up anew for each size of batch."""
        self._net.setInput(cv2.dnn.blobFromImage(aligned, swapRB=True))
        raw = np.asarray(self._net.forward(), np.float32).ravel()
        return np.asarray(raw / np.linalg.norm(raw), np.float32)


def cosine(left: Embedding, right: Embedding) -> float:
    """Similarity of two embeddings, -1..1."""
    return float(left @ right)


def _similarity(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn, scale and shift that carries `points` nearest to the template (Umeyama, 2-D)."""
    centre, goal = points.mean(axis=0), _TEMPLATE.mean(axis=0)
    x, y = (points - centre).T
    u, v = (_TEMPLATE - goal).T
    size = max(1e-9, float((x * x + y * y).sum()))
    a, b = float((x * u + y * v).sum()) / size, float((x * v - y * u).sum()) / size
    turn = np.array([[a, -b], [b, a]])
    return np.column_stack([turn, goal - turn @ centre])
