"""What a head is painted with: one texture, made from where every spot of it lies on the head.

The skin is unrolled as a cylinder about the head's axis; a strip below it holds the eyes, the teeth
and the inside of the mouth.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from app.demo.reading import Floats, Image, floats, pixels
from app.heads.asset import LEFT_EYE, MOUTH_INSIDE, RIGHT_EYE, SKIN, HeadAsset
from app.heads.raster import rasterise

WIDE, TALL, STRIP = 896, 896, 96  # texture pixels
_TOP_MM, _BOTTOM_MM, _AXIS_MM = -130.0, 395.0, 85.0
_EYES_MM = 62.0
_TEETH_BGR, _MOUTH_BGR = (196, 208, 214), (34, 30, 74)
_TONES = {
    "asian": (142, 172, 214),
    "caucasian": (160, 182, 224),
    "african": (62, 84, 128),
    "mixed": (146, 174, 214),
}
_CLOTHES = ((70, 62, 58), (120, 96, 70), (62, 70, 112), (150, 150, 146), (60, 84, 60))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Painted:
    """A texture and where on it every corner of every triangle is."""

    texture: Image  # (TALL + STRIP) x WIDE x 3
    corners: Floats  # T x 3 x 2, texture pixels


def paint(asset: HeadAsset, person: int, seed: int) -> Painted:
    """Paint one head; the same seed gives the same face."""
    chance = np.random.default_rng([seed, person, 17])
    ancestry, _, age = asset.people[person].split("-")
    old = np.clip((float(age) - 25) / 65, 0, 1)
    corners = _unrolled(asset, person)
    place = _placed(asset, person, corners)
    colour = _skin(_TONES[ancestry], old, chance)
    colour = _features(colour, place, old)
    colour = _hair(colour, place, old, chance=chance)
    colour = _clothes(colour, place, chance)
    strip = _strip(ancestry, chance)
    sheet = np.vstack([np.clip(colour, 0, 255).astype(np.uint8), strip])
    return Painted(texture=pixels(sheet), corners=corners)


def hair_share(points: Floats, bald: float) -> Floats:
    """How much hair grows at `points` (... x 3), 0..1."""
    x, y, z = np.moveaxis(points, -1, 0) / _EYES_MM
    high = -(y + 0.9 + 0.35 * bald * np.exp(-((np.abs(x) - 0.62) ** 2) / 0.06))
    side = 0.9 * np.clip(z - 0.55, 0, None) - 1.2 * np.clip(y - 0.3, 0, None)
    grown = (high - 0.25 * x**2 + side + 0.03 * np.sin(25 * x)) / 0.1
    return floats(np.clip(grown, 0, 1) * (y < 1.4) * (np.abs(x) < 1.6))


def _unrolled(asset: HeadAsset, person: int) -> Floats:
    shape = asset.shapes[person]
    turn = np.arctan2(shape[:, 0], -(shape[:, 2] - _AXIS_MM))
    across = (turn / (2 * np.pi) + 0.5) * (WIDE - 1)
    down = (shape[:, 1] - _TOP_MM) / (_BOTTOM_MM - _TOP_MM) * (TALL - 1)
    corners = floats(np.stack([across, down], axis=-1)[asset.triangles])
    for part, left in ((RIGHT_EYE, 0), (LEFT_EYE, STRIP)):
        ball = shape[np.unique(asset.triangles[asset.part == part])]
        middle = (ball.max(axis=0) + ball.min(axis=0))[:2] / 2
        reach = float(np.ptp(ball[:, 0])) * 0.53
        at = (shape[asset.triangles[asset.part == part]][:, :, :2] - middle) / reach
        corners[asset.part == part] = (at + 1) * (STRIP - 1) / 2 + (left, TALL)
    flat = (asset.part != SKIN) & (asset.part != RIGHT_EYE) & (asset.part != LEFT_EYE)
    corners[flat] = (2.5 * STRIP, TALL + STRIP / 2)
    corners[asset.part == MOUTH_INSIDE] = (3.5 * STRIP, TALL + STRIP / 2)
    return corners


def _placed(asset: HeadAsset, person: int, corners: Floats) -> Floats:
    """For every spot of the texture: its place on the head (3), lips and lids."""
    skin = asset.part == SKIN
    marks = np.column_stack([asset.shapes[person], asset.lips, asset.lids])
    values = floats(marks[asset.triangles[skin]])
    outwards = -np.hypot(values[:, :, 0], values[:, :, 2] - _AXIS_MM)
    unseamed = np.ptp(corners[skin][:, :, 0], axis=1) < WIDE / 2
    drawn = rasterise(
        corners[skin][unseamed],
        floats(outwards[unseamed]),
        values[unseamed],
        (TALL, WIDE),
        facing=False,
    )
    place = np.zeros((TALL * WIDE, 5), np.float32)
    place[:, 2] = 2 * _AXIS_MM
    place[drawn.pixels] = drawn.values
    return place.reshape(TALL, WIDE, 5)


def _noise(chance: np.random.Generator, across: float, down: float) -> Floats:
    """Smooth noise of deviation 1 with grains of the given sizes in pixels."""
    step = (max(1, int(down / 2)), max(1, int(across / 2)))
    tall, wide = -(-TALL // step[0]), -(-WIDE // step[1])
    raw = chance.standard_normal((tall, wide), np.float32)
    soft = cv2.GaussianBlur(raw, (0, 0), sigmaX=across / step[1], sigmaY=down / step[0])
    full = floats(cv2.resize(soft, (WIDE, TALL), interpolation=cv2.INTER_LINEAR))
    return floats(full / max(1e-6, float(full.std())))


def _skin(tone: tuple[int, int, int], old: float, chance: np.random.Generator) -> Floats:
    base = floats(tone) * floats(chance.uniform(0.9, 1.06)) + floats(chance.normal(0, 3, 3))
    mottle = 0.022 * _noise(chance, 14, 14) + 0.02 * _noise(chance, 4, 4)
    pores = 0.022 * _noise(chance, 1.1, 1.1)
    spots = 0.16 * np.clip(_noise(chance, 2.6, 2.2) - (3.3 - 1.3 * old), 0, 1)
    lines = 0.05 * old * np.clip(_noise(chance, 22, 1.2) - 0.6, 0, 2)
    folds = 0.05 * old * np.clip(_noise(chance, 1.4, 12) - 1.0, 0, 2)
    light = 1 + mottle + pores - spots - lines - folds
    red = 1 + 0.03 * _noise(chance, 30, 30)[:, :, None] * floats([-0.5, -0.3, 1])
    return floats(base * light[:, :, None] * red)


def _features(colour: Floats, place: Floats, old: float) -> Floats:
    """Lips, lids, cheeks, shade under the eyes, brows."""
    x, y = np.abs(place[:, :, 0]), place[:, :, 1]
    lips, lids = place[:, :, 3, None], place[:, :, 4, None]
    colour = colour * (1 - lips * floats([0.3, 0.36, 0.14]))
    colour = colour * (1 - 0.25 * lids)
    cheek = np.exp(-(((x - 40) / 18) ** 2) - ((y - 42) / 16) ** 2)[:, :, None]
    colour = floats(colour * (1 - cheek * floats([0.08, 0.08, 0])))
    under = np.exp(-(((x - 30) / 15) ** 2) - ((y - 17) / 6) ** 2)[:, :, None]
    colour = floats(colour * (1 - (0.1 + 0.12 * old) * under))
    arch = -17.5 - 6.5 * np.sin(np.clip((x - 9) / 46, 0, 1) * np.pi)
    along = np.clip((x - 9) / 4, 0, 1) * np.clip((55 - x) / 8, 0, 1)
    thick = 4.0 - 0.035 * np.clip(x - 20, 0, None)
    brow = along * np.clip(1.4 - np.abs(y - arch) / thick, 0, 1) * (place[:, :, 2] < 60)
    hairs = 0.75 + 0.25 * np.sin(1.9 * x + 1.1 * y)
    share = np.clip(brow * hairs * (1.1 - 0.35 * old), 0, 0.9)[:, :, None]
    return floats(colour * (1 - share) + share * floats([52, 54, 60]) * (1 + 0.9 * old))


def _hair(colour: Floats, place: Floats, old: float, *, chance: np.random.Generator) -> Floats:
    share = hair_share(place[:, :, :3], bald=old)[:, :, None]
    grey = float(np.clip(old * 1.3 - 0.25 + chance.normal(0, 0.12), 0, 1))
    tone = (1 - grey) * floats([34, 32, 36]) + grey * floats([176, 174, 172])
    strands = 1 + 0.16 * _noise(chance, 1.0, 7)[:, :, None] + 0.1 * _noise(chance, 5, 30)[..., None]
    return floats(colour * (1 - share) + share * tone * strands)


def _clothes(colour: Floats, place: Floats, chance: np.random.Generator) -> Floats:
    below = place[:, :, 1] + 0.85 * place[:, :, 2]
    share = np.clip((below - 226) / 3, 0, 1)[:, :, None]
    tone = floats(_CLOTHES[int(chance.integers(len(_CLOTHES)))])
    weave = (
        1 + 0.05 * _noise(chance, 1.2, 1.2)[:, :, None] + 0.06 * _noise(chance, 9, 40)[..., None]
    )
    rim = 1 - 0.35 * np.exp(-(((below - 228) / 4) ** 2))[:, :, None]
    return floats(colour * (1 - share) + share * tone * weave * rim)


def _strip(ancestry: str, chance: np.random.Generator) -> Image:
    strip = np.zeros((STRIP, WIDE, 3), np.uint8)
    strip[:, : 2 * STRIP] = np.tile(_eye(ancestry, chance), (1, 2, 1))
    strip[:, 2 * STRIP : 3 * STRIP] = _TEETH_BGR
    strip[:, 3 * STRIP :] = _MOUTH_BGR
    return strip


def _eye(ancestry: str, chance: np.random.Generator) -> Image:
    """Seen from the front; the tile is a little wider than the ball."""
    dark = floats([30, 44, 70]) if ancestry != "caucasian" else floats([120, 105, 80])
    y, x = np.mgrid[-1 : 1 : STRIP * 1j, -1 : 1 : STRIP * 1j].astype(np.float32)
    away = np.hypot(x, y)
    rays = 1 + 0.25 * np.sin(np.arctan2(y, x) * 23 + chance.uniform(0, 6))
    eye = floats(np.full((STRIP, STRIP, 3), (206, 212, 218)))
    eye = eye * floats(1 - 0.35 * np.clip(away - 0.5, 0, 1))[:, :, None]
    iris = np.clip((0.43 - away) / 0.03, 0, 1)[:, :, None]
    rim = 1 - 0.5 * np.exp(-(((away - 0.41) / 0.04) ** 2))
    eye = eye * (1 - iris) + iris * dark * (rays * rim)[:, :, None]
    pupil = np.clip((0.17 - away) / 0.03, 0, 1)[:, :, None]
    eye = eye * (1 - pupil) + pupil * 14
    glint = np.exp(-((x - 0.14) ** 2 + (y + 0.18) ** 2) / 0.004)[:, :, None]
    return pixels(np.clip(eye + 190 * glint, 0, 255).astype(np.uint8))
