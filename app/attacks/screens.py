"""Screens before the phone: their grid, their tones, their glare, their refresh, their edge.

The grid is not drawn finely and sampled, which a frame could not hold: what the sensor's own grid
leaves of it is computed. Sensor pixels beat with screen pixels at the difference of their rates;
the beat keeps what the lens and the pixel's width let through (`_passed`). Red, green and blue
stripes lie a third apart, so beats are coloured.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np

from app.attacks.prints import answering, hold, lens_of, place_of
from app.attacks.sheets import Lens, Place, Sheet, plane_of
from app.attacks.species import Expectation, Presentation, Species, attack, through_phone
from app.attacks.stage import Setting
from app.demo.held_photo import hand_shake
from app.demo.puppet import Framing, Pose
from app.demo.reading import Floats, Image, floats, pixels
from app.demo.script import Performance

_SENSOR_PX = 3  # of the sensor for one of the video: its software adds or skips the others
_PIXEL_WIDTH = 0.55  # of a sensor pixel that catches light
_LENS_BLUR = 0.22  # sensor pixels, one deviation
_CONTRAST = 0.5  # of the stripes
_OTHER_WAY = 0.35  # rows are parted by less than columns
_COARSE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """A device that shows something. `face_mm` is how wide a face is shown on it."""

    name: str
    width_mm: float
    height_mm: float
    across_px: tuple[int, ...]  # old and new ones
    face_mm: float
    refresh_hz: float
    rim: float  # of its width

    @property
    def sheet(self) -> Sheet:
        """The plane with its rim."""
        rim = 2 * self.rim * self.width_mm
        return Sheet(width_mm=self.width_mm + rim, height_mm=self.height_mm + rim)


PHONE = Screen(
    name="phone",
    width_mm=68,
    height_mm=142,
    across_px=(720, 1080),
    face_mm=44,
    refresh_hz=60,
    rim=0.04,
)
TABLET = Screen(
    name="tablet",
    width_mm=150,
    height_mm=210,
    across_px=(800, 1200, 1536),
    face_mm=95,
    refresh_hz=60,
    rim=0.07,
)
LAPTOP = Screen(
    name="laptop",
    width_mm=310,
    height_mm=174,
    across_px=(1366, 1920),
    face_mm=115,
    refresh_hz=60,
    rim=0.03,
)
SCREENS = (PHONE, TABLET, LAPTOP)
Shown = Callable[[int], Image]  # what the screen shows at a moment, of `content_framing`'s size


def content_framing(screen: Screen) -> Framing:
    """How a face stands on this screen, in pixels that the frame can still tell apart."""
    tall = 480 if screen.width_mm > screen.height_mm else 600
    wide = round(tall * screen.width_mm / screen.height_mm / 2) * 2
    return Framing(width=wide, height=tall, face=screen.face_mm / screen.width_mm)


class Shop:
    """Shows pictures on `screen` before the setting's phone. Not thread-safe."""

    def __init__(self, setting: Setting, screen: Screen, *, focus: float = 1.0) -> None:
        chance = setting.chance_of(f"screen {screen.name}")
        self._lens = lens_of(setting)
        self._setting, self._screen, self._focus = setting, screen, focus
        self._wall = setting.wall(self._lens.width, self._lens.height)
        self._tones = _display_tones(chance)
        self._glare = _glare(self._lens, chance)
        self._across_px = int(chance.choice(screen.across_px))
        self._band = (float(chance.uniform(0.015, 0.05)), float(chance.uniform(0, 1)))
        self._beat_hz = float(chance.uniform(0.4, 3.0))

    def seen(self, content: Image, pose: Pose, at_ms: float) -> Image:
        """Draw the frame: room, screen, and what of its light reaches the sensor."""
        place = place_of(self._setting, pose, self._screen.face_mm)
        rim = max(2, round(self._screen.rim * content.shape[1]))
        shown = cv2.LUT(content, self._tones)
        if self._focus < 1:
            shown = cv2.GaussianBlur(shown, (0, 0), 2.2 * (1 - self._focus))
        framed = cv2.copyMakeBorder(
            shown, rim, rim, rim, rim, cv2.BORDER_CONSTANT, value=(22, 21, 21)
        )
        plane = plane_of(self._screen.sheet, framed.shape[1::-1], place, self._lens)
        picture = self._wall.copy()
        size = (self._lens.width, self._lens.height)
        cv2.warpPerspective(
            pixels(framed), plane, size, picture, cv2.INTER_LINEAR, cv2.BORDER_TRANSPARENT
        )
        self._light_of_screen(
            picture, _Area(plane, pixels(framed), rim=rim, lens=self._lens), place, at_ms
        )
        if self._screen is not LAPTOP:
            hold(picture, self._screen.sheet, place, self._lens)
        return picture

    def _light_of_screen(self, picture: Image, area: "_Area", place: Place, at_ms: float) -> None:
        """Lay beats, refresh bands and glare over the lit area."""
        part = picture[area.rows, area.columns]
        if part.size == 0:
            return
        gain = self._beats(area, place) if self._focus > 0.5 else np.ones((1, 1, 3), np.float32)
        depth, phase = self._band
        rows = np.arange(area.rows.start, area.rows.stop) / self._lens.height
        wave = np.sin(2 * np.pi * (rows * 1.3 + phase + self._beat_hz * at_ms / 1000))
        bands = floats(1 + depth * np.tanh(3 * wave))[:, None, None]
        lit = part * (gain * bands) + self._glare[area.rows, area.columns]
        np.copyto(part, np.clip(lit, 0, 255).astype(np.uint8), where=area.inside[:, :, None])

    def _beats(self, area: "_Area", place: Place) -> Floats:
        """Gain per pixel and colour that the two grids leave, 1 where nothing is left."""
        screen_px = self._across_px / area.shown_wide
        across, down = area.positions()
        rate = self._across_px / self._screen.width_mm * place.distance_mm / self._lens.focal_px
        beat = _SENSOR_PX * round(rate / _SENSOR_PX)
        strength = _CONTRAST * _passed(rate / _SENSOR_PX) * _averaged(rate - beat)
        if abs(strength) < 0.004:
            return np.ones((1, 1, 3), np.float32)
        rows = np.arange(area.rows.start, area.rows.stop, dtype=np.float32)[:, None]
        columns = np.arange(area.columns.start, area.columns.stop, dtype=np.float32)[None]
        angle = 2 * np.pi * (across * np.float32(screen_px) - beat * columns)
        other = 2 * np.pi * (down * np.float32(screen_px) - beat * rows)
        sine, cosine = np.sin(angle), np.cos(angle)
        third = np.float32(np.sqrt(3) / 2)
        stripes = (-0.5 * cosine + third * sine, cosine, -0.5 * cosine - third * sine)
        common = 1 + np.float32(_OTHER_WAY * strength) * np.cos(other)
        return np.stack([common + np.float32(strength) * stripe for stripe in stripes], axis=-1)


class _Area:
    """The lit part of a screen in the frame."""

    def __init__(self, plane: Floats, framed: Image, *, rim: int, lens: Lens) -> None:
        tall, wide = framed.shape[:2]
        self.shown_wide = wide - 2 * rim
        self._back = np.linalg.inv(plane.astype(np.float64))
        corners = floats(
            [[rim, rim], [wide - rim, rim], [wide - rim, tall - rim], [rim, tall - rim]]
        )
        at = cv2.perspectiveTransform(corners[None], plane.astype(np.float64))[0]
        low = np.clip(np.floor(at.min(axis=0)), 0, None).astype(int)
        high = np.minimum(np.ceil(at.max(axis=0)).astype(int) + 1, (lens.width, lens.height))
        self.columns, self.rows = slice(low[0], high[0]), slice(low[1], high[1])
        mask = np.zeros((max(0, high[1] - low[1]), max(0, high[0] - low[0])), np.uint8)
        if mask.size:
            cv2.fillConvexPoly(mask, np.round(at - low).astype(np.int32), 255)
        self.inside = mask > 0

    def positions(self) -> tuple[Floats, Floats]:
        """Content pixels (across, down) that every frame pixel of the area shows."""
        columns = np.arange(self.columns.start, self.columns.stop)[None]
        rows = np.arange(self.rows.start, self.rows.stop)[:, None]
        a, b, c = self._back
        below = c[0] * columns + c[1] * rows + c[2]
        across = (a[0] * columns + a[1] * rows + a[2]) / below
        down = (b[0] * columns + b[1] * rows + b[2]) / below
        return floats(across), floats(down)


def _passed(rate: float) -> float:
    """Contrast at `rate` screen pixels for one of the sensor, after lens and pixel width."""
    return float(np.sinc(_PIXEL_WIDTH * rate) * np.exp(-2 * (np.pi * _LENS_BLUR * rate) ** 2))


def _averaged(beat: float) -> float:
    """Return what is left of a beat after sensor pixels were added up to one of the video's."""
    return float(np.sinc(beat))


def _display_tones(chance: np.random.Generator) -> Image:
    """Return the tone curve of a display in a room, as a look-up table: bluish, black is grey."""
    steps = np.linspace(0, 1, 256)
    bright = float(chance.uniform(0.88, 1.02))
    curve = np.power(steps, float(chance.uniform(0.92, 1.18))) * bright * 232 + 14
    cold = float(chance.uniform(0.0, 0.07))
    tinted = np.stack([curve * (1 + cold), curve, curve * (1 - cold)], axis=-1)
    return np.clip(tinted, 0, 255).astype(np.uint8).reshape(1, 256, 3)


def _glare(lens: Lens, chance: np.random.Generator) -> Floats:
    """Return the reflection of a lamp or a window, and a veil over all of it."""
    y, x = np.mgrid[: lens.height, : lens.width].astype(np.float32)
    at = chance.uniform((0.25, 0.1), (0.75, 0.6)) * (lens.width, lens.height)
    size = chance.uniform(0.04, 0.1, 2) * lens.width
    spot = np.exp(-(((x - at[0]) / size[0]) ** 2) - ((y - at[1]) / size[1]) ** 2)
    light = float(chance.uniform(0, 70)) * spot + float(chance.uniform(2, 10))
    return floats(light)[:, :, None]


def shown_on(
    setting: Setting, screen: Screen, shown: Shown, *, take: int, focus: float = 1.0
) -> bytes:
    """Film a screen that shows something and is held as still as a hand can."""
    shop = Shop(setting, screen, focus=focus)

    def scene(at_ms: int, _number: int) -> Image:
        pose = hand_shake(setting.idle.pose_at(at_ms))
        return shop.seen(shown(at_ms), _steadier(pose) if screen is LAPTOP else pose, at_ms)

    return setting.filmed(scene, take=take)


def _steadier(_pose: Pose) -> Pose:
    """Hold a laptop: it stands on a table."""
    return Pose()


def moved_photo(setting: Setting, screen: Screen, *, take: int, focus: float = 1.0) -> bytes:
    """Film a screen with a photo, turned and nodded as asked where a hand holds it."""
    photo = setting.photo(content_framing(screen))
    shop = Shop(setting, screen, focus=focus)

    def scene(at_ms: int, _number: int) -> Image:
        return shop.seen(photo, answering(setting, at_ms), at_ms)

    return setting.filmed(scene, take=take)


def player(setting: Setting, screen: Screen, performance: Performance) -> Shown:
    """Play the person's animated photo on this screen, at the screen's own rate."""
    framing = content_framing(screen)
    wall = setting.wall(framing.width, framing.height, other=True)
    subject = setting.sitter.before(wall, framing, setting.light)
    tick_ms = 2000 / screen.refresh_hz

    def shown(at_ms: int) -> Image:
        return subject.frame(performance.pose_at(round(at_ms / tick_ms) * tick_ms))

    return shown


def video(frames: list[tuple[int, Image]], screen: Screen) -> Shown:
    """Play a recording, cropped to the screen's shape."""
    framing = content_framing(screen)
    times = np.array([at for at, _ in frames])

    def shown(at_ms: int) -> Image:
        picture = frames[max(0, int(np.searchsorted(times, at_ms, "right")) - 1)][1]
        return cropped(picture, framing)

    return shown


def cropped(picture: Image, framing: Framing) -> Image:
    """Cut the middle of a picture so that the face is as large as `framing` says."""
    upright = picture.shape[0] > picture.shape[1]
    wide = (0.46 if upright else 0.26) * picture.shape[1] / framing.face
    scale = framing.width / wide
    middle = np.array([0.5, 0.45])
    shift = middle * (framing.width, framing.height) - scale * middle * picture.shape[1::-1]
    affine = floats([[scale, 0, shift[0]], [0, scale, shift[1]]])
    size = (framing.width, framing.height)
    return pixels(cv2.warpAffine(picture, affine, size, borderMode=cv2.BORDER_REFLECT_101))


def _photo(screen: Screen, setting: Setting) -> Presentation:
    return through_phone(setting, moved_photo(setting, screen, take=20))


def _defocused(setting: Setting) -> Presentation:
    screen = SCREENS[setting.number % len(SCREENS)]
    return through_phone(setting, moved_photo(setting, screen, take=21, focus=0.2))


def _animated(setting: Setting) -> Presentation:
    screen = SCREENS[setting.number % len(SCREENS)]
    focus = 0.2 if setting.number % 2 else 1.0
    shown = player(setting, screen, setting.answer)
    return through_phone(setting, shown_on(setting, screen, shown, take=22, focus=focus))


def _photos() -> Iterator[Species]:
    for screen in SCREENS:
        yield attack(
            f"screen_{screen.name}",
            f"a photo on a {screen.name}, turned and nodded as asked",
            partial(_photo, screen),
        )


SPECIES: tuple[Species, ...] = (
    *_photos(),
    attack("screen_defocused", "the same, so far out of focus that no grid is left", _defocused),
    attack(
        "animated_screen",
        "an animated photo that answers rightly, on a screen before the phone",
        _animated,
        Expectation.MAY_PASS,
    ),
)
