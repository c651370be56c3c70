"""A simulated phone: pictures of a scene in, what its camera and software make of them out.

Lens (softness, dark corners, barrel), unsteady hand with a rolling shutter, exposure that settles,
lamps that flicker at twice 50 Hz, a sensor's noise and fixed pattern, the software's smoothing and
sharpening, and a clock that is never quite even. Seeded: the same phone and take, the same bytes.
Figures are of the cheap and middle class of phones; they are assumptions, not measured devices.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from app.demo.clips import Camera, planes_of, time_stamps
from app.demo.reading import Floats, Image, floats

_ROOM = 64  # by which the noise tile is larger than a frame
_BLACK = 16.0  # of video luma
_READOUT_S = 0.02  # from the first row to the last
_LAMP_HZ = 100.0
_SETTLE_MS = 180.0
_TREMBLE_HZ = (0.35, 0.9, 2.3, 6.1)
_TREMBLE = (1.0, 0.55, 0.22, 0.1)  # share of the shake at these rates
_LEAST_STEP_MS = 4
_CHROMA_NOISE = 0.35  # software takes most of the colour noise away


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensor:
    """What one device does to a picture. Deviations are in grey levels of 255."""

    read_noise: float = 1.1
    shot_noise: float = 0.13  # per root of a level
    fixed_pattern: float = 0.005  # gain of one pixel against the others
    vignette: float = 0.12  # light lost in the corners
    barrel: float = 0.012  # outward bend at the corner, in half diagonals
    sharpening: float = 0.35
    flicker: float = 0.008
    unsteady_ms: float = 2.5  # of the clock, one deviation
    dropped: float = 0.008  # share of frames that never arrive


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """How unsteadily the phone is held; a stand holds it still."""

    shift: float = 0.004  # of the picture's width
    roll_deg: float = 0.35


def device(seed: int) -> Sensor:
    """Draw one device of the cheap and middle class."""
    chance = np.random.default_rng([seed, 31])
    return Sensor(
        read_noise=float(chance.uniform(0.8, 1.6)),
        shot_noise=float(chance.uniform(0.10, 0.17)),
        fixed_pattern=float(chance.uniform(0.003, 0.007)),
        vignette=float(chance.uniform(0.05, 0.18)),
        barrel=float(chance.uniform(-0.004, 0.015)),
        sharpening=float(chance.uniform(0.15, 0.5)),
        flicker=float(chance.uniform(0.002, 0.012)),
        unsteady_ms=float(chance.uniform(1.5, 4.0)),
        dropped=float(chance.uniform(0.0, 0.015)),
    )


class Phone:
    """Films a scene. Not thread-safe.

    `owner` is the seed of the device: it has the same fixed pattern in every take. `gain` is how
    far the sensor must amplify: 1 by day, 3 in a dark room.
    """

    def __init__(
        self,
        camera: Camera,
        *,
        owner: int,
        take: int,
        gain: float = 1.0,
        hand: Hand | None = None,
    ) -> None:
        self._camera = camera
        self._sensor = device(owner)
        self._hand = hand or Hand()
        size = (camera.height, camera.width)
        self._lens = _barrel(size, self._sensor.barrel)
        self._colour_lens = _barrel((size[0] // 2, size[1] // 2), self._sensor.barrel)
        self._light = _fixed_gain(size, self._sensor, owner)
        levels = np.maximum(np.arange(256, dtype=np.float32) - _BLACK, 0)
        deviation = np.hypot(self._sensor.read_noise, self._sensor.shot_noise * np.sqrt(levels))
        self._deviation = floats(deviation * np.sqrt(gain)).reshape(1, 256)
        self._chance = np.random.default_rng([take, 32])
        self._grain = _grain(size, self._chance)
        colour = self._grain[: size[0] // 2 + _ROOM, : size[1] + _ROOM]
        strength = _CHROMA_NOISE * float(self._deviation[0, 120])
        self._colour_grain = np.round(colour * strength).astype(np.int16)
        self._phases = self._chance.uniform(0, 1, (3, len(_TREMBLE_HZ)))
        self._first_gain = float(self._chance.uniform(0.78, 1.15))
        self._lamp = float(self._chance.uniform(0, 1))

    def times(self, duration_ms: int, *, seed: int) -> list[int]:
        """Milliseconds of the frames: uneven by a few, now and then one is missing."""
        stamps = time_stamps(self._camera, duration_ms, seed=seed)
        chance = np.random.default_rng([seed, 33])
        late = np.abs(chance.normal(0, self._sensor.unsteady_ms, len(stamps)))
        lost = chance.uniform(0, 1, len(stamps)) < self._sensor.dropped
        kept = [0]
        for stamp, delay, gone in zip(stamps[1:], late[1:], lost[1:], strict=True):
            if not gone:
                kept.append(max(kept[-1] + _LEAST_STEP_MS, round(stamp + delay)))
        return kept

    def film(
        self, scene: Callable[[int, int], Image], duration_ms: int, *, seed: int
    ) -> Iterator[tuple[int, Image]]:
        """Frames for `encode`; `scene(at_ms, number)` paints what stands before the lens."""
        for number, at_ms in enumerate(self.times(duration_ms, seed=seed)):
            yield at_ms, self.seen(scene(at_ms, number), at_ms)

    def seen(self, picture: Image, at_ms: float) -> Image:
        """Turn one picture (BGR of the camera's size) into what the phone records: I420 planes."""
        planes = planes_of(picture)
        tall, wide = self._camera.height, self._camera.width
        affine = self._view(at_ms)
        luma = self._through_lens(planes[:tall], affine, self._lens)
        planes[:tall] = self._developed(luma, at_ms)
        half = affine.copy()
        half[:, 2] /= 2
        colours = planes[tall:].reshape(2, tall // 2, wide // 2)
        left, top = (int(n) for n in self._chance.integers(0, _ROOM, 2))
        for number, plane in enumerate(colours):
            soft = self._through_lens(plane, half, self._colour_lens)
            x = left + number * (wide // 2)
            x = min(x, self._colour_grain.shape[1] - wide // 2)
            tile = self._colour_grain[top : top + tall // 2, x : x + wide // 2]
            plane[:] = cv2.add(soft, tile, dtype=cv2.CV_8U)
        return planes

    def _view(self, at_ms: float) -> Floats:
        """Where the hand points the phone now: shifted, rolled, sheared by the shutter."""
        x, y, roll = (self._tremble(row, at_ms) for row in range(3))
        ahead = self._tremble(0, at_ms + 1000 * _READOUT_S)
        wide, tall = self._camera.width, self._camera.height
        shift = self._hand.shift * wide
        affine = cv2.getRotationMatrix2D(
            (wide / 2, tall / 2), self._hand.roll_deg * roll, 1 + 2 * self._hand.shift
        )
        affine[0, 1] += (ahead - x) * shift / tall
        affine[:, 2] += np.array([shift * x, shift * y])
        return affine.astype(np.float32)

    def _tremble(self, row: int, at_ms: float) -> float:
        angles = 2 * np.pi * (np.array(_TREMBLE_HZ) * at_ms / 1000 + self._phases[row])
        return float(np.sin(angles) @ np.array(_TREMBLE))

    @staticmethod
    def _through_lens(plane: Image, view: Floats, lens: tuple[Image, Image]) -> Image:
        size = (plane.shape[1], plane.shape[0])
        held = cv2.warpAffine(plane, view, size, borderMode=cv2.BORDER_REFLECT_101)
        bent = cv2.remap(held, *lens, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
        return np.asarray(bent, np.uint8)

    def _developed(self, luma: Image, at_ms: float) -> Image:
        """Exposed, with the sensor's noise, and sharpened."""
        raw = luma.astype(np.float32)
        raw -= _BLACK
        raw *= self._exposure(at_ms)
        cv2.multiply(raw, self._light, raw)
        top, left = (int(n) for n in self._chance.integers(0, _ROOM, 2))
        tall, wide = luma.shape
        noise = cv2.LUT(luma, self._deviation)
        cv2.multiply(noise, self._grain[top : top + tall, left : left + wide], noise)
        raw += noise
        raw += _BLACK
        noisy = np.asarray(cv2.convertScaleAbs(np.maximum(raw, 0, out=raw)), np.uint8)
        amount = self._sensor.sharpening
        soft = cv2.blur(noisy, (3, 3))
        return np.asarray(cv2.addWeighted(noisy, 1 + amount, soft, -amount, 0), np.uint8)

    def _exposure(self, at_ms: float) -> Floats:
        """Gain of every row: settling after the start, and the lamp's flicker down the rows."""
        tall = self._camera.height
        rows_s = at_ms / 1000 + np.arange(tall) * (_READOUT_S / tall)
        lamp = self._sensor.flicker * np.sin(2 * np.pi * (_LAMP_HZ * rows_s + self._lamp))
        settling = (self._first_gain - 1) * float(np.exp(-at_ms / _SETTLE_MS))
        return floats(1 + settling + lamp)[:, None]


def _barrel(size: tuple[int, int], bend: float) -> tuple[Image, Image]:
    """Return the fixed maps for `cv2.remap`."""
    y, x = np.mgrid[: size[0], : size[1]].astype(np.float32)
    centre = np.array([(size[1] - 1) / 2, (size[0] - 1) / 2])
    radius = ((x - centre[0]) ** 2 + (y - centre[1]) ** 2) / float(centre @ centre)
    scale = 1 + bend * (radius - 1)
    across = floats((x - centre[0]) * scale + centre[0])
    down = floats((y - centre[1]) * scale + centre[1])
    fast, fine = cv2.convertMaps(across, down, cv2.CV_16SC2)
    return fast, fine  # type: ignore[return-value]  # 16-bit maps, only for remap


def _fixed_gain(size: tuple[int, int], sensor: Sensor, owner: int) -> Floats:
    """Dark corners, and the pixels that are always a little brighter or darker than others."""
    y, x = np.mgrid[-1 : 1 : size[0] * 1j, -1 : 1 : size[1] * 1j]
    corners = 1 - sensor.vignette * (x**2 + y**2) / 2
    pattern = np.random.default_rng([owner, 34]).standard_normal(size)
    return floats(corners * (1 + sensor.fixed_pattern * pattern))


def _grain(size: tuple[int, int], chance: np.random.Generator) -> Floats:
    """Noise of deviation 1 that the software's smoothing has left grainy."""
    raw = chance.standard_normal((size[0] + _ROOM, size[1] + _ROOM), np.float32)
    soft = cv2.GaussianBlur(raw, (0, 0), 0.55)
    return floats(soft / soft.std())
