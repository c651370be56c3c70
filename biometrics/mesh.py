"""468 landmarks of one face, and what follows from them: pose and the opening of the mouth."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.detector import Face, Image
from biometrics.models import ModelStore, Role
from biometrics.runtime import Feed, Runtime, load_net

_SIDE_PX = 192
_OUTPUTS = ("conv2d_30", "conv2d_20")  # whether it is a face, and the points
_MARGIN = 1.5  # the model was trained on a square 1.5 times the face

# Indices of the canonical face mesh. Right and left are the person's own.
RIGHT_EYE_OUTER, RIGHT_EYE_INNER, LEFT_EYE_INNER, LEFT_EYE_OUTER = 33, 133, 362, 263
NOSE_TIP, CHIN, UPPER_LIP_INNER, LOWER_LIP_INNER = 1, 152, 13, 14
MOUTH_RIGHT, MOUTH_LEFT = 78, 308


@dataclass(frozen=True, slots=True, kw_only=True)
class Mesh:
    """Landmarks in pixels of the picture, z in the same unit (negative is nearer)."""

    points: NDArray[np.float32]  # 468 x 3
    score: float  # 0..1, how surely this is a face


@dataclass(frozen=True, slots=True, kw_only=True)
class Square:
    """The turned square that is cut out for the mesh model."""

    centre: tuple[float, float]
    side_px: float
    angle_deg: float  # of the line from the right eye to the left, in the picture


class FaceMesh:
    """The 468-point model. Not thread-safe: one per worker."""

    def __init__(self, store: ModelStore, runtime: Runtime | None = None) -> None:
        feed = Feed(scale=1 / 255, channels_last=True)
        self._net = load_net(store.path(Role.MESH), _OUTPUTS, feed, runtime=runtime)

    def fit(self, image: Image, square: Square) -> Mesh:
        """Landmarks of the face inside `square`."""
        to_crop = _to_crop(square, _SIDE_PX)
        crop = cv2.warpAffine(image, to_crop, (_SIDE_PX, _SIDE_PX))
        score, raw = self._net.run(np.asarray(crop, np.uint8))
        points = raw.reshape(468, 3)
        back = cv2.invertAffineTransform(to_crop)
        at = points[:, :2] @ back[:, :2].T + back[:, 2]
        depth = points[:, 2:] * (square.side_px / _SIDE_PX)
        sure = 1.0 / (1.0 + float(np.exp(-float(score.item()))))
        return Mesh(points=np.hstack([at, depth]).astype(np.float32), score=sure)


def square_of_face(face: Face) -> Square:
    """Where to look for the mesh of a detected face."""
    x, y, width, height = face.box
    eyes = face.points[1] - face.points[0]
    return Square(
        centre=(x + width / 2, y + height / 2),
        side_px=max(width, height) * _MARGIN,
        angle_deg=float(np.degrees(np.arctan2(eyes[1], eyes[0]))),
    )


def square_of_mesh(mesh: Mesh) -> Square:
    """Where to look in the next frame: around the landmarks of this one."""
    at = mesh.points[:, :2]
    eyes = at[LEFT_EYE_OUTER] - at[RIGHT_EYE_OUTER]
    angle = float(np.degrees(np.arctan2(eyes[1], eyes[0])))
    turn = cv2.getRotationMatrix2D((0.0, 0.0), angle, 1.0)[:, :2]
    upright = at @ turn.T
    low, high = upright.min(axis=0), upright.max(axis=0)
    centre = ((low + high) / 2) @ turn
    return Square(
        centre=(float(centre[0]), float(centre[1])),
        side_px=float((high - low).max()) * _MARGIN,
        angle_deg=angle,
    )


def _to_crop(square: Square, side_px: int) -> NDArray[np.float64]:
    scale = side_px / square.side_px
    matrix = cv2.getRotationMatrix2D(square.centre, square.angle_deg, scale).astype(np.float64)
    matrix[:, 2] += side_px / 2 - np.asarray(square.centre, np.float64)
    return matrix


def mouth_openness(mesh: Mesh) -> float:
    """Gap between the inner lips divided by the width of the mouth; about 0 when closed."""
    at = mesh.points
    gap = float(np.linalg.norm(at[LOWER_LIP_INNER] - at[UPPER_LIP_INNER]))
    return gap / max(1e-6, float(np.linalg.norm(at[MOUTH_LEFT] - at[MOUTH_RIGHT])))
