"""What is seen when the lips part: upper teeth that stay with the skull, dark, and a tongue."""

from dataclasses import dataclass

import cv2
import numpy as np

from app.demo.reading import Floats, Image, floats, pixels

# inner lips, from the image-left corner to the image-right one; the corners are shared
UPPER_LIP = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
LOWER_LIP = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)
_CHEEKS = (50, 280)
_ALREADY_OPEN = 0.10  # gap over width from which the portrait's own teeth are kept


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MouthInside:
    """A picture of the inside, laid at `left`, `top` of the texture and fixed to the skull."""

    picture: Image  # h x w x 3
    left: int
    top: int
    depth: float  # z of the teeth
    width: float  # of the mouth, in texture pixels


def mouth_inside(texture: Image, face: Floats) -> MouthInside:
    """Paint the inside for this face; teeth of a smiling portrait are kept as they are."""
    upper, lower = face[list(UPPER_LIP)], face[list(LOWER_LIP)]
    width = float(np.linalg.norm(upper[0, :2] - upper[-1, :2]))
    gap = float(np.linalg.norm(upper[5, :2] - lower[5, :2]))
    left, top = int(upper[0, 0] - 0.1 * width), int(upper[:, 1].min() - 0.1 * width)
    size = (int(1.2 * width), int(1.3 * width + gap))
    light = _light(texture, face)
    columns = np.arange(size[0], dtype=np.float32) + left
    roof = np.interp(columns, upper[:, 0], upper[:, 1]).astype(np.float32) - top
    dark = _cavity(size, roof, width, light)
    if gap > _ALREADY_OPEN * width:
        own = texture[top : top + size[1], left : left + size[0], :3]
        ring = np.vstack([upper[:, :2], lower[::-1, :2]]) - floats([left, top])
        picture = _pasted(dark, own, ring)
    else:
        picture = _toothed(dark, roof, width, light)
    depth = float(upper[5, 2] + 0.04 * width)
    return MouthInside(picture=picture, left=left, top=top, depth=depth, width=width)


def _light(texture: Image, face: Floats) -> float:
    """Brightness of the cheeks, 0..1, so that the teeth belong to the photo."""
    spots = []
    for x, y in face[list(_CHEEKS), :2].astype(int):
        spots.append(texture[y - 4 : y + 5, x - 4 : x + 5, :3])
    return float(np.mean([spot.mean() for spot in spots])) / 255


def _cavity(size: tuple[int, int], roof: Floats, width: float, light: float) -> Floats:
    """Dark red that lightens towards a tongue below."""
    columns, rows = np.meshgrid(np.arange(size[0]), np.arange(size[1]))
    deep = (rows - roof) / width
    tongue = np.exp(-(((columns - size[0] / 2) / (0.30 * width)) ** 4)) * np.clip(
        (deep - 0.42) / 0.30, 0, 1
    )
    dark = np.array([22, 18, 42], np.float32)
    pink = np.array([52, 46, 104], np.float32)
    mixed = dark + (pink - dark) * tongue[:, :, None]
    return floats(mixed * (0.45 + 0.8 * light))


def _toothed(picture: Floats, roof: Floats, width: float, light: float) -> Image:
    """Add a row of upper teeth, its edge in shadow, fading towards the corners."""
    columns, rows = np.meshgrid(np.arange(picture.shape[1]), np.arange(picture.shape[0]))
    middle = np.abs(columns - picture.shape[1] / 2) / (width / 2)
    length = width * 0.11 * np.clip(1.0 - 0.55 * middle**2, 0, 1)
    below = rows - roof
    teeth = np.clip((length - below) / 2.5 + 0.5, 0, 1) * np.clip((0.86 - middle) / 0.16, 0, 1)
    gaps = 1 - 0.13 * np.exp(
        -(((((columns - picture.shape[1] / 2) / (0.115 * width)) % 1 - 0.5) / 0.07) ** 2)
    )
    shade = (0.55 + 0.45 * np.clip(below / (0.08 * width), 0, 1)) * (1 - 0.35 * middle**2)
    enamel = np.array([160, 186, 200], np.float32) * min(1.0, 0.30 + 0.75 * light)
    mixed = picture + (enamel * (gaps * shade)[:, :, None] - picture) * teeth[:, :, None]
    return pixels(np.clip(mixed, 0, 255).astype(np.uint8))


def _pasted(picture: Floats, own: Image, ring: Floats) -> Image:
    """Lay the portrait's own open mouth over the painted one, fading into the dark."""
    mask = np.zeros(picture.shape[:2], np.uint8)
    cv2.fillPoly(mask, [ring.astype(np.int32)], 255)
    soft = cv2.GaussianBlur(mask, (0, 0), 1.5).astype(np.float32)[:, :, None] / 255
    mixed = picture + (own - picture) * soft
    return pixels(np.clip(mixed, 0, 255).astype(np.uint8))
