"""One still photo: is it fit to be compared, and whom does it show."""

from dataclasses import dataclass

import numpy as np

from biometrics.crop import face_with_margin, small_jpeg
from biometrics.cues.paleness import colour_of
from biometrics.detector import Face, Image
from biometrics.embed import Crops, Embedding
from biometrics.pose import Pose, absolute_pose
from biometrics.quality import (
    Look,
    fault_of_doubtful,
    fault_without_face,
    faults_of,
    look_at,
)
from biometrics.reading import Nets, Reading, read_face
from biometrics.sandbox.decoder import Decoder
from domain.biometric import MediaFault

_EYES_PX_MIN = 16.0  # a chip photo of 102x126 pixels has 24 to 33
_FAR_EYES_PX, _FAR_EYES_SHARE = 30.0, 0.06  # share of the picture's shorter side
_DOUBTFUL_SCORE = 0.75
_MESH_MIN = 0.5
_OUTSIDE_MAX = 0.12  # share of landmarks beyond the picture's edge
_YAW_MAX_DEG = 22.0
_PITCH_MAX_DEG, _PITCH_USUAL_DEG = 30.0, 6.0
_CLOSED_EYES = 0.15  # of 155 photos with open eyes the lowest is 0.16
_GOOD_EYES_PX = 60.0
_GOOD_SHARPNESS = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoTemplate:
    """What one photo gives. `embedding` is None when no photographed face was found."""

    faults: tuple[MediaFault, ...]
    embedding: Embedding | None
    quality: float | None = None  # 0..1, for ordering only
    rotation_deg: int = 0  # clockwise turn that made the face upright
    closed_eyes: bool = False
    eyes_px: float | None = None  # distance between the eyes
    pose: Pose | None = None
    colour: float | None = None  # of the skin, see `cues.paleness`
    portrait: Image | None = None  # the upright face with a margin: a view of the whole picture

    @property
    def crop_jpeg(self) -> bytes | None:
        """The portrait, small and without metadata. Encoded at each call: few ask for it."""
        return None if self.portrait is None else small_jpeg(self.portrait)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """A face, how it lies in the picture, and what that says against it."""

    reading: Reading
    aligned: Image
    look: Look
    faults: tuple[MediaFault, ...]

    def embedding(self, nets: Nets, crops: Crops) -> Embedding | None:
        """Embed the face, unless it was drawn."""
        drawn = MediaFault.NOT_A_PHOTO in self.faults
        return None if drawn else nets.embedder.embed_crops(self.aligned, crops)


def read_photo(
    nets: Nets, decoder: Decoder, content: bytes, *, crops: Crops = Crops.MIRRORED
) -> PhotoTemplate:
    """Decode, find and judge. Never raises on what the bytes are."""
    image = decoder.photo(content)
    if isinstance(image, MediaFault):
        return PhotoTemplate(faults=(image,), embedding=None)
    return judge_picture(nets, image, crops=crops)


def read_embedding(
    nets: Nets, decoder: Decoder, content: bytes, *, crops: Crops
) -> Embedding | None:
    """Return only the embedding that `read_photo` gives: of a photo that was judged before."""
    image = decoder.photo(content)
    found = None if isinstance(image, MediaFault) else _found(nets, image)
    return None if found is None else found.embedding(nets, crops)


def read_portrait(nets: Nets, decoder: Decoder, content: bytes) -> bytes | None:
    """Return only the `crop_jpeg` that `read_photo` gives, at a third of its cost."""
    image = decoder.photo(content)
    reading = None if isinstance(image, MediaFault) else read_face(nets, image)
    return None if reading is None else small_jpeg(face_with_margin(reading.image, reading.face))


def judge_picture(nets: Nets, image: Image, *, crops: Crops = Crops.MIRRORED) -> PhotoTemplate:
    """Find the face of a decoded picture, name its faults, embed it when it can be embedded."""
    found = _found(nets, image)
    if found is None:
        return PhotoTemplate(faults=(fault_without_face(image),), embedding=None)
    reading = found.reading
    pose = absolute_pose(reading.mesh)
    eyes_px = _eyes_px(reading.face)
    faults = found.faults or _pose_faults(pose)
    if _is_small(reading, eyes_px):
        faults = (*faults, MediaFault.FACE_TOO_SMALL)
    return PhotoTemplate(
        faults=faults,
        embedding=found.embedding(nets, crops),
        quality=_quality(found.look, pose, eyes_px),
        rotation_deg=reading.rotation_deg,
        closed_eyes=nets.eyes.both_below(_CLOSED_EYES, reading.image, reading.mesh),
        eyes_px=eyes_px,
        pose=pose,
        colour=colour_of(found.aligned),
        portrait=face_with_margin(reading.image, reading.face),
    )


def _found(nets: Nets, image: Image) -> _Found | None:
    reading = read_face(nets, image)
    if reading is None:
        return None
    aligned = nets.embedder.aligned(reading.image, reading.face, reading.mesh)
    look = look_at(reading.image, reading.face, aligned)
    return _Found(
        reading=reading, aligned=aligned, look=look, faults=_framing_faults(reading, look)
    )


def _framing_faults(reading: Reading, look: Look) -> tuple[MediaFault, ...]:
    several = (MediaFault.SEVERAL_FACES,) if reading.rivals else ()
    of_look = faults_of(look)
    if of_look:
        return (*several, *of_look)
    if _outside_share(reading) > _OUTSIDE_MAX:
        return (*several, MediaFault.HALF_FACE)
    if reading.face.score < _DOUBTFUL_SCORE or reading.mesh.score < _MESH_MIN:
        return (*several, fault_of_doubtful(reading.image, look))
    return several


def _pose_faults(pose: Pose) -> tuple[MediaFault, ...]:
    aside = abs(pose.yaw) > _YAW_MAX_DEG or abs(pose.pitch - _PITCH_USUAL_DEG) > _PITCH_MAX_DEG
    return (MediaFault.TURNED_AWAY,) if aside else ()


def _is_small(reading: Reading, eyes_px: float) -> bool:
    """Tell a face of too few pixels, and one that stands far off in a large picture."""
    far = eyes_px < _FAR_EYES_SHARE * min(reading.image.shape[:2])
    return eyes_px < _EYES_PX_MIN or (far and eyes_px < _FAR_EYES_PX)


def _outside_share(reading: Reading) -> float:
    height, width = reading.image.shape[:2]
    at = reading.mesh.points[:, :2]
    outside = (at < 0).any(axis=1) | (at[:, 0] >= width) | (at[:, 1] >= height)
    return float(outside.mean())


def _eyes_px(face: Face) -> float:
    return float(np.linalg.norm(face.points[1] - face.points[0]))


def _quality(look: Look, pose: Pose, eyes_px: float) -> float:
    """Return the weakest of size, sharpness and frontality."""
    frontal = 1.0 - min(1.0, np.hypot(pose.yaw, pose.pitch - _PITCH_USUAL_DEG) / 45.0)
    return float(min(1.0, eyes_px / _GOOD_EYES_PX, look.light.sharpness / _GOOD_SHARPNESS, frontal))
