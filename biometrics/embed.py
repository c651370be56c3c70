"""Who a face looks like: a unit vector of 128 numbers (SFace)."""

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.detector import Face, Image
from biometrics.models import ModelStore, Role

Embedding = NDArray[np.float32]
"""128 numbers of length 1; the cosine of two is their dot product."""


class Embedder:
    """SFace through OpenCV. Not thread-safe: one per worker."""

    def __init__(self, store: ModelStore) -> None:
        self._net = cv2.FaceRecognizerSF.create(str(store.path(Role.EMBEDDER)), "")

    def aligned(self, image: Image, face: Face) -> Image:
        """Turn the face upright and cut it to the 112x112 pixels that `embed` takes."""
        row = np.zeros((1, 15), np.float32)
        row[0, :4], row[0, 4:14], row[0, 14] = face.box, face.points.ravel(), face.score
        return np.asarray(self._net.alignCrop(image, row), np.uint8)

    def embed(self, aligned: Image) -> Embedding:
        """Embedding of an aligned face."""
        raw = np.asarray(self._net.feature(aligned), np.float32).ravel()
        unit: Embedding = raw / np.float32(np.linalg.norm(raw))
        return unit


def cosine(left: Embedding, right: Embedding) -> float:
    """Similarity of two embeddings, -1..1."""
    return float(left @ right)
