"""Who a face looks like: a unit vector of 128 numbers (SFace)."""

from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.detector import Face, Image
from biometrics.mesh import NOSE_TIP, Mesh
from biometrics.models import ModelStore, Role
from biometrics.runtime import Feed, Runtime, load_net
from biometrics.similarity import similarity_to

Embedding = NDArray[np.float32]
"""128 numbers of length 1; the cosine of two is their dot product."""

EMBEDDING_SCHEME = "sface-2"
"""How a picture becomes an embedding, beside the model: alignment, crops and their average.

It belongs to the name under which an embedding is kept: numbers of two schemes never meet.
"""

_SIDE_PX = 112
_TEMPLATE = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655],
     [70.7299, 92.2041]]
)  # fmt: skip
"""Where the five points come to lie: the layout that SFace was trained on (OpenCV's alignCrop)."""

_RIGHT_EYE = [33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246]
_LEFT_EYE = [263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466]
_MOUTH_RIGHT, _MOUTH_LEFT = 61, 291
_MESH_MIN = 0.5
_SHRUNK = 0.7  # below this scale one pixel of the crop stands for several of the picture
_FINER_MAX = 8


class Crops(StrEnum):
    """How much is spent on one face. Embeddings of either kind may be compared."""

    ONE = "one"  # frames of a clip, and photos where time is short
    MIRRORED = "mirrored"  # the face and its mirror image


class Embedder:
    """SFace. Not thread-safe: one per worker."""

    def __init__(self, store: ModelStore, runtime: Runtime | None = None) -> None:
        path = store.path(Role.EMBEDDER)
        self._net = load_net(path, ["fc1"], Feed(), runtime=runtime)

    def aligned(self, image: Image, face: Face, mesh: Mesh | None = None) -> Image:
        """Turn the face upright and cut it to the 112x112 pixels that `embed` takes.

        The five points are the mean of the detector's and the mesh's: two nets err in different
        ways, and the detector errs most on small faces.
        """
        points = face.points.astype(np.float64)
        if mesh is not None and mesh.score >= _MESH_MIN:
            points = (points + _five_points(mesh)) / 2
        return _cut(image, similarity_to(_TEMPLATE, points))

    def embed(self, aligned: Image) -> Embedding:
        """Embed an aligned face."""
        (raw,) = self._net.run(aligned)
        return unit(raw.ravel())

    def embed_crops(self, aligned: Image, crops: Crops) -> Embedding:
        """Embed an aligned face as often as `crops` says, and take the mean."""
        one = self.embed(aligned)
        if crops is Crops.ONE:
            return one
        return unit(one + self.embed(np.asarray(cv2.flip(aligned, 1), np.uint8)))


def unit(vector: NDArray[np.float32]) -> Embedding:
    """Scale to length 1."""
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


def cosine(left: Embedding, right: Embedding) -> float:
    """Similarity of two embeddings, -1..1."""
    return float(left @ right)


def _five_points(mesh: Mesh) -> NDArray[np.float64]:
    """Eyes (the middle of their outline), nose and corners of the mouth, as the detector has."""
    at = mesh.points[:, :2].astype(np.float64)
    eyes = [at[_RIGHT_EYE].mean(axis=0), at[_LEFT_EYE].mean(axis=0)]
    return np.stack([*eyes, at[NOSE_TIP], at[_MOUTH_RIGHT], at[_MOUTH_LEFT]])


def _cut(image: Image, move: NDArray[np.float64]) -> Image:
    """Warp to the crop: small faces enlarged smoothly, large ones shrunk without losing pixels."""
    scale = float(np.hypot(move[0, 0], move[1, 0]))
    if scale >= _SHRUNK:
        way = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_LINEAR
        return np.asarray(cv2.warpAffine(image, move, (_SIDE_PX, _SIDE_PX), flags=way), np.uint8)
    times = min(_FINER_MAX, int(np.ceil(1 / max(1e-3, scale))))
    finer = move * times
    finer[:, 2] += (times - 1) / 2
    large = cv2.warpAffine(image, finer, (_SIDE_PX * times, _SIDE_PX * times))
    small = cv2.resize(large, (_SIDE_PX, _SIDE_PX), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)
