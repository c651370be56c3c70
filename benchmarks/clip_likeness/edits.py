"""What is done to a recording before it is sent again: by software, or by filming a screen."""

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np

from app.demo.reading import Image
from benchmarks.clip_likeness.films import FPS, HEIGHT, WIDTH, Chance, Take, shaken

Edit = Callable[[Take, Chance], Take]


def at_moments(take: Take, wanted_ms: np.ndarray) -> list[Image]:
    """What stands on a screen at each moment: the newest frame."""
    index = np.searchsorted(take.at_ms, wanted_ms + 1e-6, side="right") - 1
    return [take.frames[max(0, int(i))] for i in index]


def recoded(take: Take, _: Chance) -> Take:
    return take


def scaled(take: Take, _: Chance) -> Take:
    size = (WIDTH // 4 * 2, HEIGHT // 4 * 2)  # encoders want even sides
    small = [_sized(frame, size) for frame in take.frames]
    return Take(frames=small, at_ms=take.at_ms)


def _sized(frame: Image, size: tuple[int, int]) -> Image:
    return np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), np.uint8)


def flipped(take: Take, _: Chance) -> Take:
    return replace(take, frames=[f[:, ::-1] for f in take.frames])


def cropped(take: Take, chance: Chance) -> Take:
    cut = chance.uniform(0.05, 0.15)
    x0, y0 = (int(cut * side * chance.uniform()) for side in (WIDTH, HEIGHT))
    wide, tall = int(WIDTH * (1 - cut)), int(HEIGHT * (1 - cut))
    inner = (f[y0 : y0 + tall, x0 : x0 + wide] for f in take.frames)
    return replace(take, frames=[_sized(frame, (WIDTH, HEIGHT)) for frame in inner])


def trimmed(take: Take, chance: Chance) -> Take:
    first, last = chance.uniform(300, 1000), take.at_ms[-1] - chance.uniform(300, 1000)
    kept = np.flatnonzero((take.at_ms >= first) & (take.at_ms <= last))
    return Take(
        frames=[take.frames[int(i)] for i in kept], at_ms=take.at_ms[kept] - take.at_ms[kept[0]]
    )


def sped(take: Take, chance: Chance) -> Take:
    speed = chance.uniform(0.9, 1.1)
    at_ms = np.arange(0, take.at_ms[-1] / speed, 1000 / FPS)
    return Take(frames=at_moments(take, at_ms * speed), at_ms=at_ms)


def lit(take: Take, chance: Chance) -> Take:
    gain, lift = chance.uniform(0.7, 1.25), chance.uniform(0, 15)
    made = [
        np.asarray(cv2.convertScaleAbs(f, alpha=gain, beta=lift), np.uint8) for f in take.frames
    ]
    return replace(take, frames=made)


def slower_rate(take: Take, chance: Chance) -> Take:
    at_ms = np.arange(0, take.at_ms[-1], 1000 / chance.uniform(10, 13))
    return Take(frames=at_moments(take, at_ms), at_ms=at_ms)


def all_edits(take: Take, chance: Chance) -> Take:
    return sped(trimmed(cropped(flipped(take, chance), chance), chance), chance)


def filmed_again(take: Take, chance: Chance) -> Take:
    """Off a screen, by hand: perspective, border, tone, blur, noise, shake, another clock."""
    return _recaptured(take, chance, corner=0.05, shake=0.012)


def filmed_badly(take: Take, chance: Chance) -> Take:
    return _recaptured(take, chance, corner=0.10, shake=0.025)


def edited_and_filmed(take: Take, chance: Chance) -> Take:
    return filmed_again(sped(trimmed(flipped(take, chance), chance), chance), chance)


def _recaptured(take: Take, chance: Chance, *, corner: float, shake: float) -> Take:
    at_ms = np.arange(chance.uniform(0, 1000 / FPS), take.at_ms[-1], 1000 / FPS)
    edges = np.array([[0, 0], [WIDTH, 0], [WIDTH, HEIGHT], [0, HEIGHT]], np.float32)
    inward = np.sign(np.array([WIDTH, HEIGHT]) / 2 - edges) * (WIDTH, HEIGHT)
    seen = edges + chance.uniform(0, corner + 0.02, (4, 2)) * inward
    plane = cv2.getPerspectiveTransform(edges, seen.astype(np.float32))
    border = np.full((HEIGHT, WIDTH, 3), chance.integers(20, 120, 3), np.uint8)
    tone = (np.arange(256) / 255) ** chance.uniform(0.8, 1.25) * chance.uniform(0.85, 1.05)
    curve = np.clip(tone * 255 + chance.uniform(0, 15), 0, 255).astype(np.uint8)
    blur, noise = chance.uniform(0.7, 1.3), chance.uniform(2, 5)
    filmed = []
    for frame in at_moments(take, at_ms):
        screen = cv2.warpPerspective(
            frame, plane, (WIDTH, HEIGHT), border.copy(), cv2.INTER_LINEAR, cv2.BORDER_TRANSPARENT
        )
        soft = cv2.GaussianBlur(cv2.LUT(screen, curve), (0, 0), blur).astype(np.float32)
        grain = chance.standard_normal(soft.shape[:2])[:, :, None] * noise
        filmed.append(np.clip(soft + grain, 0, 255).astype(np.uint8))
    return Take(frames=shaken(filmed, chance, shake), at_ms=np.arange(len(filmed)) * 1000 / FPS)


BY_SOFTWARE: dict[str, Edit] = {
    "re-encoded": recoded,
    "scaled to half": scaled,
    "mirrored": flipped,
    "cropped 5-15 %": cropped,
    "trimmed 0.3-1 s at both ends": trimmed,
    "speed 0.9-1.1": sped,
    "brightness": lit,
    "10-13 frames a second": slower_rate,
    "mirrored, cropped, trimmed, sped": all_edits,
}
OFF_A_SCREEN: dict[str, Edit] = {
    "filmed off a screen": filmed_again,
    "filmed off a screen, badly": filmed_badly,
    "mirrored, trimmed, sped, filmed off a screen": edited_and_filmed,
}
EDITS = BY_SOFTWARE | OFF_A_SCREEN
