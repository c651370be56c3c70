"""Still photos: selfies good and bad, references, and what an officer brings from a visit."""

import io
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import assert_never

import cv2
import numpy as np
from PIL import Image as PillowImage

from app.demo.cast import ROLES, Cast
from app.demo.puppet import Framing, Light, Pose
from app.demo.reading import Image, floats, pixels
from app.demo.scenes import doorway, identity_card, pillow, room

_SELFIE = Framing(width=720, height=960, face=0.46)
_CHIP = (102, 126)
_ORIENTATION = 0x0112
_LIES_ON_LEFT_SIDE = 6  # EXIF: turn by 90 degrees clockwise to see it upright


class Selfie(StrEnum):
    """What is right or wrong with a selfie."""

    GOOD = "good"
    CLOSED_EYES = "closed_eyes"
    OTHER_PHOTO = "other_photo"  # a photograph of another day, where the person has one
    EXIF_ROTATED = "exif_rotated"
    IN_BED = "in_bed"  # lies on its side, with no EXIF to say so
    DARK = "dark"
    BRIGHT = "bright"
    BLURRED = "blurred"
    TURNED_AWAY = "turned_away"
    SMALL = "small"
    TWO_FACES = "two_faces"
    HALF_FACE = "half_face"
    DRAWING = "drawing"
    NO_FACE = "no_face"


class Reference(StrEnum):
    """What an enrolled photo comes from."""

    PHOTO = "photo"
    CHIP = "chip"  # 102 x 126 pixels, as the chip of an identity card holds
    SCANNED = "scanned"  # an old print: pale, soft and specked


def jpeg(picture: Image, *, quality: int = 90) -> bytes:
    """`picture` as a phone stores it."""
    done, content = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert done
    return content.tobytes()


def selfie(cast: Cast, person: str, variant: Selfie, *, seed: int) -> bytes:
    """Take one selfie, as JPEG. Raises `ValueError` if the person has no other photo."""
    return _SELFIES[variant](cast, person, seed)


def reference(cast: Cast, person: str, variant: Reference, *, seed: int) -> bytes:
    """JPEG of one enrolled photo."""
    file = ROLES[person].enrolled
    match variant:
        case Reference.PHOTO:
            framing = Framing(width=480, height=600, face=0.48)
            wall = np.full((600, 480, 3), (238, 234, 228), np.uint8)
            return jpeg(cast.still(file, framing, wall, light=Light(noise=1.0), seed=seed))
        case Reference.CHIP:
            return jpeg(_chip(cast, file), quality=72)
        case Reference.SCANNED:
            return jpeg(_scanned(cast, file, seed), quality=60)
        case _:
            assert_never(variant)


def visit_photos(cast: Cast, person: str, *, seed: int) -> dict[str, bytes]:
    """Take what an officer photographs: `person`, `person_with_id_card`, `doorway`."""
    at_home = _at_home(cast, person, Pose(yaw_deg=-4, pitch_deg=3), seed)
    with_card = _at_home(cast, person, Pose(yaw_deg=3), seed + 1)
    _hold_card(with_card, identity_card(_chip(cast, ROLES[person].enrolled), seed=seed), seed)
    return {
        "person": jpeg(at_home, quality=85),
        "person_with_id_card": jpeg(with_card, quality=85),
        "doorway": jpeg(doorway(1280, 960, seed=seed), quality=85),
    }


def _posed(cast: Cast, person: str, pose: Pose, *, seed: int) -> Image:
    wall = room(_SELFIE.width, _SELFIE.height, seed=seed)
    light = day_light(seed)
    return cast.still(ROLES[person].moves, _SELFIE, wall, pose=pose, light=light, seed=seed)


def day_light(seed: int) -> Light:
    """Exposure, tint and grain of some phone on some day."""
    chance = np.random.default_rng([seed, 21])
    return Light(
        gain=float(chance.uniform(0.88, 1.06)),
        gamma=float(chance.uniform(0.9, 1.15)),
        warmth=float(chance.uniform(-0.05, 0.07)),
        noise=float(chance.uniform(2, 4)),
    )


def _another_day(cast: Cast, person: str, _seed: int) -> Image:
    others = ROLES[person].others
    if not others:
        raise ValueError(f"{person} has no other photo")
    return cast.photo(others[0])


def _exif_rotated(picture: Image) -> bytes:
    lying = np.rot90(picture, 1)
    image = PillowImage.fromarray(np.ascontiguousarray(lying[:, :, ::-1]))
    exif = PillowImage.Exif()
    exif[_ORIENTATION] = _LIES_ON_LEFT_SIDE
    out = io.BytesIO()
    image.save(out, "JPEG", quality=90, exif=exif)
    return out.getvalue()


def _in_bed(cast: Cast, person: str, seed: int) -> Image:
    linen = pillow(_SELFIE.width, _SELFIE.height, seed=seed)
    pose, light = Pose(yaw_deg=-5, roll_deg=4), day_light(seed)
    standing = cast.still(ROLES[person].moves, _SELFIE, linen, pose=pose, light=light, seed=seed)
    return np.ascontiguousarray(np.rot90(standing, 1))


def _lit(light: Light) -> "_Shot":
    def shot(cast: Cast, person: str, seed: int) -> Image:
        wall = room(_SELFIE.width, _SELFIE.height, seed=seed)
        return cast.still(ROLES[person].moves, _SELFIE, wall, light=light, seed=seed)

    return shot


def _framed(framing: Framing) -> "_Shot":
    def shot(cast: Cast, person: str, seed: int) -> Image:
        wall = room(framing.width, framing.height, seed=seed)
        return cast.still(ROLES[person].moves, framing, wall, light=day_light(seed), seed=seed)

    return shot


def _with_pose(pose: Pose) -> "_Shot":
    return lambda cast, person, seed: _posed(cast, person, pose, seed=seed)


def _changed(change: Callable[[Image], Image]) -> "_Shot":
    return lambda cast, person, seed: change(_posed(cast, person, Pose(), seed=seed))


def _nobody(_cast: Cast, _person: str, seed: int) -> Image:
    return room(_SELFIE.width, _SELFIE.height, seed=seed)


def _stored(shot: "_Shot") -> Callable[[Cast, str, int], bytes]:
    return lambda cast, person, seed: jpeg(shot(cast, person, seed))


def _stored_lying(cast: Cast, person: str, seed: int) -> bytes:
    return _exif_rotated(_posed(cast, person, Pose(roll_deg=3), seed=seed))


def _blurred(picture: Image) -> Image:
    """Out of focus and moved."""
    smear = np.zeros((25, 25), np.float32)
    smear[12] = 1 / 25
    soft = cv2.GaussianBlur(picture, (0, 0), 5)
    return pixels(cv2.filter2D(soft, -1, smear))


def _two_faces(cast: Cast, person: str, seed: int) -> Image:
    """Show the person and somebody else, side by side and about as large."""
    people = list(ROLES)
    companion = people[(people.index(person) + 1) % len(people)]
    wall = room(960, 720, seed=seed)
    left = Framing(width=960, height=720, face=0.2, centre=(0.3, 0.42))
    right = Framing(width=960, height=720, face=0.19, centre=(0.71, 0.4))
    first = cast.still(ROLES[companion].moves, right, wall, light=Light(noise=0), seed=seed)
    return cast.still(ROLES[person].moves, left, first, light=day_light(seed), seed=seed)


def _drawing(picture: Image) -> Image:
    """Pencil on paper: lines and smooth grey, no skin."""
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    smooth = cv2.bilateralFilter(grey, 9, 60, 9)
    dodge = cv2.divide(
        smooth, cv2.bitwise_not(cv2.GaussianBlur(255 - smooth, (0, 0), 9)), scale=248
    )
    tones = (np.round(smooth / 64.0) * 64).clip(120, 255)
    sketch = np.minimum(dodge, tones * 0.35 + 160)
    paper = floats([0.93, 0.97, 1.0])
    return np.clip(sketch[:, :, None] * paper, 0, 255).astype(np.uint8)


def _chip(cast: Cast, file: str) -> Image:
    """Crop as for a passport, on white, and shrink to what the chip stores."""
    scale = 4
    width, height = _CHIP[0] * scale, _CHIP[1] * scale
    framing = Framing(width=width, height=height, face=0.52, centre=(0.5, 0.47))
    wall = np.full((height, width, 3), 246, np.uint8)
    large = cast.still(file, framing, wall, light=Light(noise=0.5))
    return pixels(cv2.resize(large, _CHIP, interpolation=cv2.INTER_AREA))


def _scanned(cast: Cast, file: str, seed: int) -> Image:
    chance = np.random.default_rng([seed, 22])
    framing = Framing(width=300, height=400, face=0.5)
    wall = np.full((400, 300, 3), (216, 176, 120), np.uint8)
    pale = cast.still(file, framing, wall, light=Light(gain=0.85, gamma=0.85, warmth=0.05, noise=4))
    soft = cv2.GaussianBlur(pale, (0, 0), 1.2)
    for x, y in chance.integers(0, (300, 400), (25, 2)):
        cv2.circle(soft, (int(x), int(y)), 1, (200, 205, 205), -1, cv2.LINE_AA)
    return pixels(soft)


def _at_home(cast: Cast, person: str, pose: Pose, seed: int) -> Image:
    """Seen from two steps away: the body is in the picture."""
    framing = Framing(width=1280, height=960, face=0.15, centre=(0.5, 0.36))
    wall = room(framing.width, framing.height, seed=seed)
    light = day_light(seed)
    return cast.still(ROLES[person].moves, framing, wall, pose=pose, light=light, seed=seed)


def _hold_card(picture: Image, card: Image, seed: int) -> None:
    """Lay the card over the chest, tilted, with the fingers that hold it."""
    chance = np.random.default_rng([seed, 23])
    tall, wide = card.shape[:2]
    angle = float(chance.uniform(-7, 7))
    affine = cv2.getRotationMatrix2D((wide / 2, tall / 2), angle, 0.62)
    affine[:, 2] += np.array(
        [0.5 * picture.shape[1] - wide / 2, 0.74 * picture.shape[0] - tall / 2]
    )
    size = (picture.shape[1], picture.shape[0])
    cv2.warpAffine(card, affine, size, picture, cv2.INTER_AREA, cv2.BORDER_TRANSPARENT)
    for x, lean in ((0.04, 20.0), (0.96, 160.0)):
        at = affine @ np.array([x * wide, 0.6 * tall, 1.0])
        centre = (int(at[0]), int(at[1]))
        cv2.ellipse(picture, centre, (34, 13), lean, 0, 360, (112, 142, 190), -1, cv2.LINE_AA)


_Shot = Callable[[Cast, str, int], Image]
_SELFIES: Mapping[Selfie, Callable[[Cast, str, int], bytes]] = {
    Selfie.GOOD: _stored(_with_pose(Pose(yaw_deg=2, pitch_deg=-2))),
    Selfie.CLOSED_EYES: _stored(_with_pose(Pose(blink=1.0, yaw_deg=1))),
    Selfie.OTHER_PHOTO: _stored(_another_day),
    Selfie.EXIF_ROTATED: _stored_lying,
    Selfie.IN_BED: _stored(_in_bed),
    Selfie.DARK: _stored(_lit(Light(gain=0.13, gamma=1.3, noise=2.5))),
    Selfie.BRIGHT: _stored(_lit(Light(gain=2.6, gamma=0.7, noise=2.0))),
    Selfie.BLURRED: _stored(_changed(_blurred)),
    Selfie.TURNED_AWAY: _stored(_with_pose(Pose(yaw_deg=42))),
    Selfie.SMALL: _stored(_framed(Framing(width=720, height=960, face=0.055, centre=(0.5, 0.5)))),
    Selfie.TWO_FACES: _stored(_two_faces),
    Selfie.HALF_FACE: _stored(
        _framed(Framing(width=720, height=960, face=0.55, centre=(0.02, 0.45)))
    ),
    Selfie.DRAWING: _stored(_changed(_drawing)),
    Selfie.NO_FACE: _stored(_nobody),
}
