"""Finding the one face of a picture, whichever way up it was taken."""

from dataclasses import dataclass

import cv2
import numpy as np

from biometrics.detector import Face, FaceDetector, Image
from biometrics.embed import Embedder
from biometrics.eyes import EyeGauge
from biometrics.mesh import FaceMesh, Mesh, Square, square_of_face, square_of_mesh
from biometrics.models import ModelStore, Role
from biometrics.passive import Passive
from biometrics.runtime import Runtime, best_runtime

_SURE = 0.88  # seen upside down, one face in 55 reaches 0.85; upright, 155 of 155 reach 0.89
_MESH_MIN = 0.5
_UPRIGHT_ROLL_DEG = 50.0
_RIVAL_SHARE = (
    0.5  # a second face this large, compared with the first, makes it unclear whose it is
)
_RIVAL_SCORE = 0.75
_FINER_PX = 640
_WARM_UP_PX = 112
_TURNS = {
    90: cv2.ROTATE_90_CLOCKWISE,
    180: cv2.ROTATE_180,
    270: cv2.ROTATE_90_COUNTERCLOCKWISE,
}


class Nets:
    """The networks of one worker. Loading takes about a second; not thread-safe."""

    def __init__(
        self, store: ModelStore, *, passive: bool = True, runtime: Runtime | None = None
    ) -> None:
        """Use the passive model, an optional file, where it is there and `passive` asks for it."""
        cv2.setNumThreads(1)
        self.runtime = runtime or best_runtime()
        self.embedder = Embedder(store, self.runtime)  # the largest first: its peak comes early
        self.detector = FaceDetector(store, self.runtime)
        self.mesh = FaceMesh(store, self.runtime)
        self.eyes = EyeGauge(store, self.runtime)
        wanted = passive and store.has(Role.PASSIVE)
        self.passive = Passive(store, self.runtime) if wanted else None
        self._warm_up()

    def _warm_up(self) -> None:
        """Run each network once: the first run sets it up, which belongs to the start."""
        blank = np.zeros((_WARM_UP_PX, _WARM_UP_PX, 3), np.uint8)
        square = Square(centre=(56.0, 56.0), side_px=float(_WARM_UP_PX), angle_deg=0.0)
        self.detector.faces(blank)
        self.eyes.both(blank, self.mesh.fit(blank, square))
        self.embedder.embed(blank)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The largest face of a picture that was turned by `rotation_deg` clockwise to be upright."""

    image: Image
    rotation_deg: int
    face: Face
    rivals: int  # other faces of comparable size
    mesh: Mesh

    @property
    def sureness(self) -> float:
        """How surely this is a face the right way up, 0..1."""
        return self.face.score * self.mesh.score


def turned(image: Image, rotation_deg: int) -> Image:
    """Turn a picture clockwise by 0, 90, 180 or 270 degrees."""
    if rotation_deg == 0:
        return image
    return np.asarray(cv2.rotate(image, _TURNS[rotation_deg]), np.uint8)


def read_face(nets: Nets, image: Image) -> Reading | None:
    """Find the face upright; when that is not sure, try the other three ways up."""
    upright = _read_turned(nets, image, 0)
    if upright is not None and upright.sureness >= _SURE:
        return upright
    tried = [upright, *(_read_turned(nets, image, turn) for turn in (90, 270, 180))]
    found = [reading for reading in tried if reading is not None]
    return max(found, key=lambda reading: reading.sureness, default=None)


def _read_turned(nets: Nets, image: Image, rotation_deg: int) -> Reading | None:
    picture = turned(image, rotation_deg)
    faces = nets.detector.faces_tight(picture)
    if not faces and max(picture.shape[:2]) > _FINER_PX:
        faces = nets.detector.faces(picture, side_px=_FINER_PX)
    faces = [face for face in faces if abs(_roll_deg(face)) <= _UPRIGHT_ROLL_DEG]
    if not faces:
        return None
    return Reading(
        image=picture,
        rotation_deg=rotation_deg,
        face=faces[0],
        rivals=rivals(faces),
        mesh=fit_twice(nets, picture, faces[0]),
    )


def rivals(faces: list[Face]) -> int:
    """Count faces that are large enough to be taken for the person; `faces` is largest first."""
    least = faces[0].size_px * _RIVAL_SHARE if faces else 0.0
    return sum(face.size_px >= least and face.score >= _RIVAL_SCORE for face in faces[1:])


def fit_twice(nets: Nets, image: Image, face: Face) -> Mesh:
    """Fit the mesh, then again around what was found: the box alone is off by some pixels."""
    first = nets.mesh.fit(image, square_of_face(face))
    if first.score < _MESH_MIN:
        return first
    return nets.mesh.fit(image, square_of_mesh(first))


def _roll_deg(face: Face) -> float:
    eyes = face.points[1] - face.points[0]
    return float(np.degrees(np.arctan2(eyes[1], eyes[0])))
