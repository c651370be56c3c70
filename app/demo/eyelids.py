"""Lids that close: the skin above the eye is drawn down over it, the lash line rigid."""

from dataclasses import dataclass

import cv2
import numpy as np

from app.demo.reading import FaceReading, Floats, Image, floats

_LOWER, _UPPER = slice(0, 9), slice(9, 16)
_BROWS = ((46, 53, 52, 65, 55), (276, 283, 282, 295, 285))  # lower edge of each brow
_LASHES = 0.20  # of the eye's height: the rim that moves without stretching
_MEET = 0.92  # how far down a shut upper lid comes, in eye heights; the lower lid rises the rest
_LINE = 0.14  # width of that line
_SHADE = 0.6  # how dark the lash line of a closed eye is


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EyeLids:
    """One eye in texture pixels: per column of the box, where the lids run at rest."""

    left: int  # first column of the box
    top: int  # first row of the box
    height: int
    upper: Floats  # per column
    lower: Floats  # per column
    crease: Floats  # per column, from where skin is drawn down


def eye_lids(reading: FaceReading, side: int) -> EyeLids:
    """Trace the lids of the image-left (0) or image-right (1) eye."""
    lid = reading.lids[side]
    brow = reading.mesh[list(_BROWS[side]), :2]
    first, last = float(lid[_LOWER, 0].min()), float(lid[_LOWER, 0].max())
    margin = 0.12 * (last - first)
    columns = np.arange(int(first - margin), int(last + margin) + 1, dtype=np.float32)
    corners = lid[[0, 8]]
    lower = _curve(columns, lid[_LOWER])
    upper = np.minimum(_curve(columns, np.vstack([corners, lid[_UPPER]])), lower)
    tall = float((lower - upper).max())
    gap = float(np.median(lid[_UPPER, 1]) - np.median(brow[:, 1]))
    lift = float(np.clip(0.85 * gap, 0.5 * tall, 1.6 * tall))
    top = int(upper.min() - lift - 2)
    return EyeLids(
        left=int(columns[0]),
        top=top,
        height=int(lower.max() + 0.6 * tall) - top,
        upper=upper - top,
        lower=lower - top,
        crease=floats(upper - top - lift),
    )


def _curve(columns: Floats, points: Floats) -> Floats:
    order = points[:, 0].argsort()
    line = np.interp(columns, points[order, 0], points[order, 1]).astype(np.float32)
    return floats(cv2.GaussianBlur(line[None], (0, 0), 1.5, borderType=cv2.BORDER_REPLICATE)[0])


def close_lids(texture: Image, eye: EyeLids, blink: float) -> None:
    """Draw the eye shut by `blink` (0..1) into `texture`."""
    box = texture[eye.top : eye.top + eye.height, eye.left : eye.left + len(eye.upper)]
    tall = eye.lower - eye.upper
    drop = blink * tall * _MEET
    rise = blink * tall * (1 - _MEET)
    edge = eye.upper + drop
    rim = np.maximum(_LASHES * tall, 0.5)
    rows = np.arange(eye.height, dtype=np.float32)[:, None]
    rigid = rows - drop
    room = np.maximum(eye.upper - rim - eye.crease, 1.0)
    stretched = eye.crease + (rows - eye.crease) * room / (room + drop)
    source = np.where(rows > edge - rim, rigid, stretched)
    bag = np.maximum(eye.height - 1 - eye.lower, 1.0)
    raised = eye.lower + (rows - eye.lower + rise) * bag / (bag + rise)
    below = np.where(rows > eye.lower - rise, raised, rows)
    source = np.where(rows > edge + 0.25 * rim, below, source)
    source = np.where(rows < eye.crease, rows, source)
    across = np.broadcast_to(np.arange(box.shape[1], dtype=np.float32), source.shape)
    colours = np.ascontiguousarray(box[:, :, :3])
    drawn = cv2.remap(
        colours,
        np.ascontiguousarray(across),
        source.astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    line = np.exp(-(((rows - edge) / np.maximum(_LINE * tall, 1.0)) ** 2))
    inside = np.clip(tall / max(1.0, 0.35 * float(tall.max())), 0, 1)
    lid = smooth_edge(edge - rim - rows) * inside
    shade = 1 - _SHADE * blink * line * inside - 0.08 * blink * lid
    box[:, :, :3] = np.clip(drawn * shade[:, :, None], 0, 255).astype(np.uint8)


def smooth_edge(inside_px: Floats) -> Floats:
    """0 outside, 1 inside, over two pixels."""
    return floats(np.clip(inside_px / 2 + 0.5, 0, 1))
