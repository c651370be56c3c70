"""Following one face through a clip, frame by frame, keeping little."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from biometrics.crop import face_with_margin
from biometrics.detector import Face, Image
from biometrics.face_view import FaceView, face_view
from biometrics.mesh import Mesh, Square, mouth_openness, square_of_face, square_of_mesh
from biometrics.pose import absolute_pose
from biometrics.reading import Nets, Reading, read_face, rivals, turned
from domain.challenge import Action, Step

_DETECT_EVERY = 7  # sampled frames: twice a second
_DETECT_SIDE_PX = 256  # whoever answers a challenge is near the camera
_MESH_MIN = 0.5
_SHOT_YAW_MAX_DEG = 20.0
_SHOT_SCORE_MIN = 0.75
_STRAIN_DEG = 20.0  # this much turn disturbs a match about as much as a wide open mouth
_EYES_EVERY = 10
_EYES_MARGIN_MS = 200.0
_FEATURES = (1, 152, 13, 14, 33, 263, 234, 454, 10)  # nose, chin, lips, eyes, cheeks, forehead
_REST_SHIFT = 0.012  # of the face's width: a turn of about 2 degrees
_NEAR_SHARE = 0.25  # of the square's side


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameReading:
    """What one sampled frame gave. No mesh: no face was measurable."""

    at_ms: float
    mesh: Mesh | None
    mouth: float = float("nan")
    eye: float = float("nan")
    view: FaceView | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """An aligned face that may be embedded."""

    at_ms: float
    aligned: Image
    portrait: Image  # the face with a margin, as the camera saw it
    eyes_px: float
    strain: float  # how far from looking ahead at rest, >= 0


Watching = Callable[[float, Image, Mesh | None], None]
"""Called with every frame: its time, the picture turned upright, and the mesh if one was fitted."""


class Tracker:
    """Takes frames in order. The detector looks twice a second, the mesh follows between."""

    def __init__(self, nets: Nets, steps: Sequence[Step], watch: Watching) -> None:
        self.sampled_ms: list[float] = []  # all frames that came, also those let go by
        self.frames: list[FrameReading] = []
        self.shots: list[Shot] = []
        self.looks = 0  # frames on which the detector was asked
        self.looks_with_one = 0
        self.looks_with_several = 0
        self._nets = nets
        self._watch = watch
        self._square: Square | None = None
        self._detect_from = 0
        self._at_rest = False
        self._last: Mesh | None = None
        self._fitted: Mesh | None = None  # to the frame that is being taken
        self._rotation_deg: int | None = None
        self._eye: Callable[[Image, Mesh], float] | None = None
        self._blinks = [step for step in steps if step.action is Action.BLINK]

    def take(self, at_ms: float, picture: Image) -> None:
        """Measure one frame, or let it go by when the head has just been seen at rest."""
        number = len(self.sampled_ms)
        self.sampled_ms.append(at_ms)
        if self._at_rest and not self._near_blink(at_ms):
            self._at_rest = False  # never two in a row: a movement starts without notice
            self._watch(at_ms, turned(picture, self._rotation_deg or 0), None)
            return
        face = self._detect(picture) if number >= self._detect_from else None
        image = turned(picture, self._rotation_deg or 0)
        mesh = self._follow(image)
        self._watch(at_ms, image, mesh)
        if mesh is None:
            self.frames.append(FrameReading(at_ms=at_ms, mesh=None))
            return
        if face is not None:
            self._keep_shot(at_ms, image, face=face, mesh=mesh)
        eye = self._eye_openness(image, mesh) if self._wants_eyes(at_ms) else float("nan")
        self.frames.append(
            FrameReading(
                at_ms=at_ms,
                mesh=mesh,
                mouth=mouth_openness(mesh),
                eye=eye,
                view=face_view(at_ms, image, mesh),
            )
        )

    def _detect(self, picture: Image) -> Face | None:
        """Find the largest face; the mesh starts anew on it when it had left it."""
        self.looks += 1
        self._detect_from = len(self.sampled_ms) - 1 + _DETECT_EVERY
        reading = read_face(self._nets, picture) if self._rotation_deg is None else None
        if reading is not None:
            return self._start(reading)
        image = turned(picture, self._rotation_deg or 0)
        faces = self._nets.detector.faces(image, side_px=_DETECT_SIDE_PX)
        if not faces:
            return None
        self._count(rivals(faces))
        if self._square is None or not _covers(self._square, faces[0]):
            self._square = square_of_face(faces[0])
        return faces[0]

    def _start(self, reading: Reading) -> Face:
        """Take what the first search for the way up found: the mesh is fitted already."""
        self._count(reading.rivals)
        self._rotation_deg, self._fitted = reading.rotation_deg, reading.mesh
        return reading.face

    def _count(self, others: int) -> None:
        several = others > 0
        self.looks_with_one += not several
        self.looks_with_several += several

    def _keep_shot(self, at_ms: float, image: Image, *, face: Face, mesh: Mesh) -> None:
        pose = absolute_pose(mesh)
        if abs(pose.yaw) > _SHOT_YAW_MAX_DEG or face.score < _SHOT_SCORE_MIN:
            return
        aligned = self._nets.embedder.aligned(image, face, mesh)
        self.shots.append(
            Shot(
                at_ms=at_ms,
                aligned=aligned,
                portrait=face_with_margin(image, face).copy(),
                eyes_px=float(np.linalg.norm(face.points[1] - face.points[0])),
                strain=np.hypot(pose.yaw, pose.pitch) / _STRAIN_DEG + mouth_openness(mesh),
            )
        )

    def _follow(self, image: Image) -> Mesh | None:
        mesh, self._fitted = self._fitted, None
        if mesh is None and self._square is not None:
            mesh = self._nets.mesh.fit(image, self._square)
        if mesh is None:
            return None
        if mesh.score < _MESH_MIN:
            self._square = self._last = None
            return None
        self._at_rest = self._last is not None and _shift(self._last, mesh) < _REST_SHIFT
        self._square, self._last = square_of_mesh(mesh), mesh
        return mesh

    def _eye_openness(self, image: Image, mesh: Mesh) -> float:
        """Measure one and the same eye all along: the one that is more open at first."""
        eyes = self._nets.eyes
        if self._eye is None:
            right, left = eyes.right(image, mesh), eyes.left(image, mesh)
            self._eye = eyes.right if right >= left else eyes.left
            return max(right, left)
        return self._eye(image, mesh)

    def _wants_eyes(self, at_ms: float) -> bool:
        """Around a blink that was asked for, and now and then for the open eye's baseline."""
        due = bool(self._blinks) and len(self.frames) % _EYES_EVERY == 0
        return due or self._near_blink(at_ms)

    def _near_blink(self, at_ms: float) -> bool:
        return any(
            step.onset_ms - _EYES_MARGIN_MS <= at_ms <= step.end_ms + _EYES_MARGIN_MS
            for step in self._blinks
        )


def _shift(before: Mesh, now: Mesh) -> float:
    """Largest movement of a feature within the face, in face widths."""
    first, second = (mesh.points[list(_FEATURES), :2] for mesh in (before, now))
    moved = (second - second.mean(axis=0)) - (first - first.mean(axis=0))
    return float(np.abs(moved).max() / max(1.0, float(np.ptp(first[:, 0]))))


def _covers(square: Square, face: Face) -> bool:
    """Tell whether the square still stands on the detected face."""
    x, y, width, height = face.box
    away = np.hypot(square.centre[0] - x - width / 2, square.centre[1] - y - height / 2)
    return bool(away <= square.side_px * _NEAR_SHARE)
