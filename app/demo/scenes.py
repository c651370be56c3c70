"""Made-up places: a room behind a selfie, a pillow, a doorway, and a sample identity card."""

import cv2
import numpy as np

from app.demo.reading import Floats, Image, floats, pixels

CARD_SIZE = (428, 270)  # width, height
_WALLS = ((196, 208, 212), (186, 200, 190), (205, 202, 190), (176, 190, 205))  # BGR


def room(width: int, height: int, *, seed: int) -> Image:
    """Paint a plain wall with a window or a cupboard, out of focus."""
    chance = np.random.default_rng([seed, 11])
    wall = np.array(_WALLS[int(chance.integers(len(_WALLS)))], np.float32)
    canvas = wall * _shading(width, height, chance)[:, :, None]
    left = chance.uniform(-0.1, 0.05) if chance.integers(2) else chance.uniform(0.72, 0.85)
    x0, x1 = int(left * width), int((left + 0.28) * width)
    y0, y1 = int(0.06 * height), int(chance.uniform(0.45, 0.95) * height)
    tone = chance.uniform(0.45, 1.15)
    colour = tuple(float(c) for c in np.clip(wall * tone, 0, 250))
    cv2.rectangle(canvas, (x0, y0), (x1, y1), colour, -1)
    edge = tuple(0.75 * c for c in colour)
    cv2.rectangle(canvas, (x0, y0), (x1, y1), edge, max(2, width // 90))
    cv2.line(canvas, ((x0 + x1) // 2, y0), ((x0 + x1) // 2, y1), edge, max(2, width // 120))
    skirting = int(0.93 * height)
    cv2.rectangle(canvas, (0, skirting), (width, height), tuple(float(c) for c in wall * 0.7), -1)
    soft = cv2.GaussianBlur(canvas, (0, 0), width / 160)
    return np.clip(soft, 0, 255).astype(np.uint8)


def pillow(width: int, height: int, *, seed: int) -> Image:
    """Bed linen with folds, seen from above."""
    chance = np.random.default_rng([seed, 12])
    folds = _shading(width, height, chance) * _stripes(width, height, chance)
    return np.clip(floats([226, 220, 206]) * folds[:, :, None], 0, 255).astype(np.uint8)


def doorway(width: int, height: int, *, seed: int) -> Image:
    """Draw a village house front: brick, a wooden door with red paper strips, a number plate."""
    chance = np.random.default_rng([seed, 13])
    canvas = _bricks(width, height, chance)
    x0, x1 = int(0.32 * width), int(0.68 * width)
    top, floor = int(0.18 * height), int(0.9 * height)
    cv2.rectangle(canvas, (x0, top), (x1, floor), (38, 62, 96), -1)
    for x in np.linspace(x0, x1, 7)[1:-1]:
        cv2.line(canvas, (int(x), top), (int(x), floor), (28, 46, 74), 3)
    cv2.rectangle(canvas, (x0, top), (x1, floor), (24, 36, 58), max(3, width // 80))
    cv2.circle(canvas, (int(0.53 * width), int(0.56 * height)), width // 90, (90, 160, 190), -1)
    strip = max(8, int(0.055 * width))
    for x in (x0 - int(1.6 * strip), x1 + int(0.6 * strip)):
        cv2.rectangle(canvas, (x, top), (x + strip, int(0.8 * height)), (42, 36, 190), -1)
        _ink(canvas, (x, top + strip, strip, int(0.56 * height)), chance)
    plate = (int(0.77 * width), int(0.24 * height))
    cv2.rectangle(
        canvas, plate, (plate[0] + width // 6, plate[1] + height // 16), (170, 90, 30), -1
    )
    corner = (plate[0] + width // 60, plate[1] + height // 22)
    cv2.putText(
        canvas, "SAMPLE 18", corner, cv2.FONT_HERSHEY_SIMPLEX, width / 1500, (240, 240, 240)
    )
    cv2.rectangle(canvas, (0, floor), (width, height), (120, 128, 134), -1)
    return _grainy(pixels(cv2.GaussianBlur(canvas, (0, 0), 0.8)), chance)


def identity_card(photo: Image, *, seed: int) -> Image:
    """Draw a card that nobody could take for a document, with the person's small photo on it."""
    chance = np.random.default_rng([seed, 14])
    width, height = CARD_SIZE
    rows = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    canvas = np.ascontiguousarray(
        np.broadcast_to(floats([232, 226, 214]) - 22 * rows, (height, width, 3))
    )
    for y in range(10, height, 9):
        cv2.line(canvas, (0, y), (width, y - 24), (222, 218, 226), 1, cv2.LINE_AA)
    ink = (70, 60, 60)
    lines = ("SAMPLE CARD", "SYNTHETIC PERSON", "NOT A DOCUMENT", f"NO. 99{seed:08d}")
    for number, words in enumerate(lines):
        at = (18, 56 + 56 * number)
        cv2.putText(canvas, words, at, cv2.FONT_HERSHEY_SIMPLEX, 0.62, ink, 1, cv2.LINE_AA)
    canvas[40:222, 258:405] = cv2.resize(photo, (147, 182), interpolation=cv2.INTER_AREA)
    return _grainy(canvas.astype(np.uint8), chance)


def _shading(width: int, height: int, chance: np.random.Generator) -> Floats:
    """Uneven light, 0.8..1.1, smooth over the whole picture."""
    knots = chance.uniform(0.82, 1.08, (4, 5)).astype(np.float32)
    return cv2.resize(knots, (width, height), interpolation=cv2.INTER_CUBIC).astype(np.float32)


def _stripes(width: int, height: int, chance: np.random.Generator) -> Floats:
    knots = chance.uniform(0.86, 1.06, (9, 22)).astype(np.float32)
    folds = cv2.resize(knots, (width, height), interpolation=cv2.INTER_CUBIC)
    return cv2.GaussianBlur(folds, (0, 0), width / 200).astype(np.float32)


def _bricks(width: int, height: int, chance: np.random.Generator) -> Image:
    canvas = np.full((height, width, 3), (150, 160, 170), np.uint8)
    tall, wide = max(8, height // 28), max(16, width // 14)
    for row, y in enumerate(range(0, height, tall)):
        for x in range(-wide // 2 * (row % 2), width, wide):
            shade = float(chance.uniform(0.8, 1.1))
            colour = tuple(shade * c for c in (84.0, 98.0, 156.0))
            cv2.rectangle(canvas, (x + 1, y + 1), (x + wide - 2, y + tall - 2), colour, -1)
    return canvas


def _ink(canvas: Image, box: tuple[int, int, int, int], chance: np.random.Generator) -> None:
    """Brush strokes that resemble writing and mean nothing."""
    x, y, width, height = box
    for top in np.linspace(y, y + height, 8)[:-1]:
        for _ in range(5):
            ends = chance.uniform(0.15, 0.85, (2, 2)) * (width, height / 9)
            start, end = ((int(x + e[0]), int(top + e[1])) for e in ends)
            cv2.line(canvas, start, end, (30, 30, 40), max(1, width // 12), cv2.LINE_AA)


def _grainy(canvas: Image, chance: np.random.Generator) -> Image:
    grain = chance.normal(0, 2.5, canvas.shape)
    return np.clip(canvas + grain, 0, 255).astype(np.uint8)
