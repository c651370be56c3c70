"""Heads before the phone that answer wrongly, and clips that were put together afterwards."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from app.attacks.devices import VIRTUAL_LABEL
from app.attacks.prints import lens_of
from app.attacks.screens import PHONE, TABLET, Shop, content_framing
from app.attacks.species import Presentation, Species, attack, through_phone
from app.attacks.stage import Setting, framing_of
from app.attacks.swaps import swapped
from app.demo.clips import encode, frames_of, planes_of
from app.demo.containers import Writer
from app.demo.held_photo import hand_shake
from app.demo.photos import day_light
from app.demo.puppet import Pose, Puppet
from app.demo.reading import Image
from app.demo.script import Behaviour, perform

_SLIDES = (Pose(yaw_deg=1.0), Pose(yaw_deg=24.0, pitch_deg=6.0))
_SHOWN_MS = 750.0  # how long the second slide stands
_BLINK_MS = 150.0


def _wrong_challenge(setting: Setting) -> Presentation:
    """Film the right person, who answers another challenge."""
    performance = perform(setting.earlier_challenge, Behaviour.ANSWERS, seed=setting.number)
    subject = setting.before(setting.sitter, setting.camera)
    clip = setting.filmed(
        lambda at_ms, number: subject.frame(performance.pose_at(at_ms), number=number), take=40
    )
    return through_phone(setting, clip)


def _splice(setting: Setting) -> Presentation:
    """Cut two takes together, each of which answers rightly; one in two keeps a phone's file."""
    takes = [_take(setting, number) for number in (1, 2)]
    cuts = setting.chance_of("cuts").uniform(0.25, 0.75, 1 + setting.number % 3)
    changes = _apart(np.sort(cuts) * setting.challenge.duration_ms)
    camera = setting.camera
    writer = camera.writer if setting.number % 2 else Writer.TOOL

    def spliced() -> Iterator[tuple[float, Image]]:
        last = -1.0
        for at_ms, picture in sorted(_chosen(takes, changes), key=lambda frame: frame[0]):
            if at_ms > last:
                yield at_ms, planes_of(np.ascontiguousarray(picture))
                last = at_ms

    stored = replace(camera, writer=writer, rotated=False)
    return through_phone(setting, encode(spliced(), stored))


def _apart(changes: np.ndarray) -> np.ndarray:
    """Keep every stretch as long as a blink: a shorter one shows nothing, or is no picture."""
    for index in range(1, len(changes)):
        changes[index] = max(changes[index], changes[index - 1] + _BLINK_MS)
    return changes


def _chosen(
    takes: list[list[tuple[int, Image]]], changes: np.ndarray
) -> Iterator[tuple[float, Image]]:
    for which, take in enumerate(takes):
        for at_ms, picture in take:
            if int(np.searchsorted(changes, at_ms)) % 2 == which:
                yield at_ms, picture


def _take(setting: Setting, number: int) -> list[tuple[int, Image]]:
    """One of several takes, of different days: another light, the phone held anew."""
    performance = perform(setting.challenge, Behaviour.ANSWERS, seed=setting.number * 10 + number)
    camera = replace(setting.camera, rotated=False)
    aside = setting.chance_of(f"take {number}").uniform(-0.06, 0.06, 3)
    usual = framing_of(camera)
    framing = replace(
        usual,
        centre=(usual.centre[0] + float(aside[0]), usual.centre[1] + float(aside[1])),
        face=usual.face * float(1 + aside[2]),
    )
    light = replace(day_light(setting.number * 10 + number), noise=0)
    wall = setting.wall(camera.width, camera.height, other=number == 2 and setting.number % 4 > 1)
    subject = setting.sitter.before(wall, framing, light)
    clip = setting.filmed(
        lambda at_ms, index: subject.frame(performance.pose_at(at_ms), number=index),
        take=40 + number,
        camera=camera,
    )
    return list(frames_of(clip))


def _slideshow(setting: Setting) -> Presentation:
    """Show one photo, and at every step another one, on a screen before the phone."""
    screen = (TABLET, PHONE)[setting.number % 2]
    framing = content_framing(screen)
    slides = [setting.photo(framing, pose) for pose in _SLIDES]
    shop = Shop(setting, screen, focus=1.0 if setting.number % 3 else 0.2)
    begins = [step.onset_ms + 300 for step in setting.challenge.steps]

    def scene(at_ms: int, _number: int) -> Image:
        turned = any(begin <= at_ms < begin + _SHOWN_MS for begin in begins)
        return shop.seen(slides[turned], hand_shake(setting.idle.pose_at(at_ms)), at_ms)

    return through_phone(setting, setting.filmed(scene, take=43))


def _face_swap(setting: Setting) -> Presentation:
    """Film the attacker, who answers; software lays the victim's face over each frame.

    The swap is made on the head's own surface, which no real-time tool does better, and stands in
    a stream that software delivers: even in time, with the tool's name or a browser's.
    """
    victim, attacker = setting.portrait, setting.other
    lens = lens_of(setting)
    rig = swapped(attacker.rig, victim.rig)
    wall = setting.wall(lens.width, lens.height)
    subject = Puppet(rig, framing_of(setting.camera), wall, light=setting.light, seed=0)
    performance = setting.answer
    camera = replace(setting.camera, rotated=False)
    recorded = setting.filmed(
        lambda at_ms, number: subject.frame(performance.pose_at(at_ms), number=number),
        take=44,
        camera=camera,
    )
    writer = Writer.TOOL if setting.number % 2 == 0 else camera.writer
    stored = replace(camera, writer=writer, jitter=0)
    clip = setting.wrapped(_evenly(list(frames_of(recorded)), setting), camera=stored)
    return Presentation(clip=clip, device=setting.device, camera_label=VIRTUAL_LABEL, who=victim)


def _evenly(frames: list[tuple[int, Image]], setting: Setting) -> Iterator[Image]:
    """Deliver the latest frame whenever the tool's clock ticks."""
    times = np.array([at for at, _ in frames])
    for at_ms in setting.even_times():
        yield frames[max(0, int(np.searchsorted(times, at_ms, "right")) - 1)][1]


SPECIES: tuple[Species, ...] = (
    attack("wrong_challenge", "the right person, who answers something else", _wrong_challenge),
    attack("splice", "two takes of the right answer, cut together", _splice),
    attack("slideshow", "two photos in turn on a screen, changed at every step", _slideshow),
    attack("face_swap", "the victim's face on the attacker's head, by software", _face_swap),
)
