"""A learned look at single pictures: print, screen or live. Optional and advisory.

The model's provenance is weak (see `models.toml`), and it takes an animated still photo for live:
it may send a case to a human, never more. Without its file everything else works.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.detector import Image
from biometrics.mesh import Mesh
from biometrics.models import ModelStore, Role
from biometrics.runtime import Feed, Runtime, load_net

Point = NDArray[np.floating]  # x, y

_SIDE_PX = 128
_WIDENED = 2.7


class Passive:
    """The MiniFASNet-like model. Not thread-safe: one per worker."""

    def __init__(self, store: ModelStore, runtime: Runtime | None = None) -> None:
        """Raise `ModelMissing` or `ModelAltered` when the optional file cannot be used."""
        path = store.path(Role.PASSIVE)
        self._net = load_net(path, ["output"], Feed(rgb=False), runtime=runtime)

    def live(self, picture: Image, mesh: Mesh) -> float:
        """Tell how live the face in a BGR picture looks, 0..1. Single pictures stray: average."""
        low, high = mesh.points[:, :2].min(axis=0), mesh.points[:, :2].max(axis=0)
        crop = widened(picture, low, high - low)
        (raw,) = self._net.run(np.asarray(cv2.resize(crop, (_SIDE_PX, _SIDE_PX)), np.uint8))
        shares = np.exp(raw.ravel().astype(np.float64) - raw.max())
        return float(shares[0] / shares.sum())


def widened(picture: Image, low: Point, size: Point) -> Image:
    """Cut out the box with its corner at `low`, widened; moved and made smaller to lie inside."""
    tall, wide = picture.shape[:2]
    inside = np.array([wide, tall], np.float64)
    size = np.maximum(1.0, size)
    taken = np.minimum(size * min(_WIDENED, *((inside - 1) / size)), inside)
    corner = np.clip(low + size / 2 - taken / 2, 0, inside - taken)
    left, top = (int(v) for v in corner)
    right, bottom = (int(np.ceil(v)) for v in corner + taken)
    return picture[top:bottom, left:right]
