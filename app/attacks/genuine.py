"""Bona fide stand-ins: heads before the phone, by light, by phone, and by need."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from app.attacks.species import Expectation, Presentation, Species
from app.attacks.stage import Setting, framing_of
from app.demo.phone import Hand
from app.demo.profiles import PROFILES
from app.demo.puppet import Light
from app.demo.reading import Image, floats, pixels
from app.demo.script import Behaviour, perform


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Light, and how much the sensor must amplify in it."""

    name: str
    of: Callable[[Light], Light]
    gain: float
    has_window: bool = False


DAY = Scene(name="day", of=lambda light: light, gain=1.0)
DARK = Scene(
    name="dark_room", of=lambda light: replace(light, gain=0.5 * light.gain, gamma=1.15), gain=3.5
)
WINDOW = Scene(
    name="window_behind",
    of=lambda light: replace(light, gain=0.62 * light.gain),
    gain=1.6,
    has_window=True,
)
_BY_NUMBER = (DAY, DAY, DAY, DARK, DAY, WINDOW, DAY)  # prime to the phones, so that all meet


def _bona_fide(profile: str, setting: Setting) -> Presentation:
    needs, manner = PROFILES[profile].needs, PROFILES[profile].manner
    challenge = setting.asked(setting.number, needs)
    performance = perform(challenge, Behaviour.ANSWERS, seed=setting.number + 1, manner=manner)
    scene = _BY_NUMBER[setting.number % len(_BY_NUMBER)]
    device = setting.any_device()
    camera = device.camera
    wall = setting.wall(camera.width, camera.height)
    if scene.has_window:
        wall = _with_window(wall)
    subject = setting.sitter.before(wall, framing_of(camera), scene.of(setting.light))
    clip = setting.filmed(
        lambda at_ms, number: subject.frame(performance.pose_at(at_ms), number=number),
        challenge.duration_ms,
        take=50,
        camera=camera,
        gain=scene.gain,
        hand=Hand(shift=0.007) if profile == "tremor" else None,
    )
    return Presentation(
        clip=clip,
        device=device,
        camera_label=device.camera_label,
        challenge=challenge,
        profile=profile,
        light=scene.name,
    )


def _with_window(wall: Image) -> Image:
    """Set a bright window behind the person: the face lies in the dark against it."""
    tall, wide = wall.shape[:2]
    y, x = np.mgrid[-1 : 1 : tall * 1j, -1 : 1 : wide * 1j]
    shine = np.exp(-(((np.abs(x) - 0.1) / 0.55) ** 4) - (((y + 0.3) / 0.75) ** 4))
    lit = np.clip(wall * 0.9 + 150 * floats(shine)[:, :, None], 0, 255)
    return pixels(lit.astype(np.uint8))


SPECIES: tuple[Species, ...] = tuple(
    Species(
        name=f"bona_fide_{profile}",
        shows=f"the right person before the phone, profile {profile}",
        expects=Expectation.PASSES,
        make=partial(_bona_fide, profile),
    )
    for profile in PROFILES
)
