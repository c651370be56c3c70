"""Read the landmarks of a portrait with the product's own face models."""

import cv2
import numpy as np

from app.demo.reading import FaceReading, Floats, Image
from biometrics.detector import FaceDetector
from biometrics.mesh import FaceMesh, square_of_face
from biometrics.models import ModelStore, Role

_SIDE_PX = 64
_EYE_WIDTHS = 2.3
_DETECT_PX = 900
_RIGHT_EYE, _LEFT_EYE = (33, 133), (362, 263)  # image left to image right


class NoFaceInPortrait(Exception):  # noqa: N818  a state, named as it is said
    """The face models see nobody in a portrait that should show one."""


class Observer:
    """Detector, mesh and lid contours together. Not thread-safe."""

    def __init__(self, store: ModelStore) -> None:
        self._detector = FaceDetector(store)
        self._mesh = FaceMesh(store)
        self._lids = cv2.dnn.readNetFromTFLite(str(store.path(Role.EYES)))

    def read(self, image: Image) -> FaceReading:
        """Landmarks of the largest face. Raises `NoFaceInPortrait`."""
        faces = self._detector.faces(image, side_px=_DETECT_PX)
        if not faces:
            raise NoFaceInPortrait
        mesh = self._mesh.fit(image, square_of_face(faces[0])).points.astype(np.float32)
        return FaceReading(
            mesh=mesh,
            lids=(
                self._contour(image, mesh[list(_RIGHT_EYE), :2]),
                self._contour_mirrored(image, mesh[list(_LEFT_EYE), :2]),
            ),
        )

    def _contour(self, image: Image, corners: Floats) -> Floats:
        crop, back = _eye_crop(image, corners)
        return _through(self._sixteen(crop), back)

    def _contour_mirrored(self, image: Image, corners: Floats) -> Floats:
        """Read a left eye through a mirror: the model knows right ones only."""
        crop, back = _eye_crop(image, corners)
        points = self._sixteen(np.ascontiguousarray(crop[:, ::-1]))
        points[:, 0] = _SIDE_PX - 1 - points[:, 0]
        return _through(points, back)

    def _sixteen(self, crop: Image) -> Floats:
        self._lids.setInput(cv2.dnn.blobFromImage(crop, 1 / 255, swapRB=True))
        raw = self._lids.forward("output_eyes_contours_and_brows")
        return np.asarray(raw, np.float32).reshape(71, 3)[:16, :2].copy()


def _eye_crop(image: Image, corners: Floats) -> tuple[Image, Floats]:
    centre, line = corners.mean(axis=0), corners[1] - corners[0]
    angle = float(np.degrees(np.arctan2(line[1], line[0])))
    scale = _SIDE_PX / (float(np.linalg.norm(line)) * _EYE_WIDTHS)
    affine = cv2.getRotationMatrix2D((float(centre[0]), float(centre[1])), angle, scale)
    affine[:, 2] += _SIDE_PX / 2 - centre
    crop = cv2.warpAffine(image, affine, (_SIDE_PX, _SIDE_PX))
    return np.asarray(crop, np.uint8), cv2.invertAffineTransform(affine).astype(np.float32)


def _through(points: Floats, affine: Floats) -> Floats:
    return (points @ affine[:, :2].T + affine[:, 2]).astype(np.float32)
