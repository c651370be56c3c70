"""Recordings that were sent before, and sent again in one way or another.

The replays of another session answer what was asked then. The person's own old clips are handed in
as if the same had been asked again: then only the search for earlier clips can tell.
"""

from dataclasses import replace

import cv2
import numpy as np

from app.attacks.screens import SCREENS, shown_on, video
from app.attacks.species import Presentation, Species, attack, through_phone
from app.attacks.stage import Setting
from app.demo.clips import Camera, encode, planes_of
from app.demo.containers import Writer
from app.demo.reading import Image, floats, pixels


def _on_screen(setting: Setting) -> Presentation:
    screen = SCREENS[setting.number % len(SCREENS)]
    focus = 0.2 if setting.number % 2 else 1.0
    shown = video(setting.earlier_frames, screen)
    clip = shown_on(setting, screen, shown, take=30, focus=focus)
    return replace(through_phone(setting, clip), earlier=setting.earlier_clip)


def _as_file(setting: Setting) -> Presentation:
    """Send it byte by byte, or encoded again at another rate."""
    frames, camera = setting.earlier_frames, setting.camera
    again = setting.number % 2 == 1
    clip = _encoded(frames, camera, speed=1.0) if again else setting.earlier_clip
    return replace(through_phone(setting, clip), earlier=setting.earlier_clip)


def _cropped(setting: Setting) -> Presentation:
    """Crop by a tenth or less, play it a little slower, cut off what is before the lead."""
    chance = setting.chance_of("crop")
    share = float(chance.uniform(0.04, 0.1))
    cut_ms = float(chance.choice([0, 100]))
    frames = [
        (round(at - cut_ms), _middle(picture, share))
        for at, picture in setting.earlier_frames
        if at >= cut_ms
    ]
    speed = float(chance.uniform(0.94, 1.0))
    clip = _encoded(frames, setting.camera, speed=speed)
    return replace(
        through_phone(setting, clip),
        challenge=setting.earlier_challenge,
        earlier=setting.earlier_clip,
    )


def _recaptured(setting: Setting) -> Presentation:
    screen = SCREENS[(setting.number + 1) % len(SCREENS)]
    shown = video(setting.earlier_frames, screen)
    focus = 0.2 if setting.number % 2 == 0 else 1.0
    clip = shown_on(setting, screen, shown, take=31, focus=focus)
    return replace(
        through_phone(setting, clip),
        challenge=setting.earlier_challenge,
        earlier=setting.earlier_clip,
    )


def _middle(picture: Image, share: float) -> Image:
    tall, wide = picture.shape[:2]
    scale = 1 / (1 - share)
    affine = floats([[scale, 0, wide / 2 * (1 - scale)], [0, scale, tall / 2 * (1 - scale)]])
    return pixels(cv2.warpAffine(picture, affine, (wide, tall)))


def _encoded(frames: list[tuple[int, Image]], camera: Camera, *, speed: float) -> bytes:
    """Encode again, in a phone's file: what a careful attacker hands in."""
    written = replace(
        camera, writer=Writer.ANDROID if camera.writer is Writer.TOOL else camera.writer
    )
    paced = ((at / speed, planes_of(np.ascontiguousarray(picture))) for at, picture in frames)
    return encode(paced, written)


SPECIES: tuple[Species, ...] = (
    attack("replay_screen", "the clip of another session, played on a screen", _on_screen),
    attack("replay_file", "the file of another session, as it is or encoded again", _as_file),
    attack(
        "own_clip_cropped",
        "the person's own old clip, cropped and re-timed; the same was asked again",
        _cropped,
    ),
    attack(
        "own_clip_recaptured",
        "the person's own old clip, filmed from a screen; the same was asked again",
        _recaptured,
    ),
)
