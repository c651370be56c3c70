"""Coloured light on made-up faces: a live one follows, another day's recording does not."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from app.demo.cast import ROLES, Cast
from app.demo.portraits import default_home
from app.demo.puppet import Framing, Pose, Puppet
from app.demo.puppet import Light as RoomLight
from app.demo.scenes import room
from app.demo.tint import lit
from biometrics.backdrop import cut_of
from biometrics.light import LightGauge, evened, measure_light
from biometrics.models import ModelStore
from biometrics.reading import Nets, read_face
from domain.advice import of_light
from domain.light import RGB, Light, LightMeasure, draw_light
from domain.limits import Limits
from domain.reasons import Reason

Series = NDArray[np.float64]
HZ = 15
CLIPS = 150
SKIN, WALL = np.array([0.55, 0.35, 0.25]), np.array([0.5, 0.5, 0.5])
SCREEN = 0.4  # of the room's light: indoors, screen at full brightness, a forearm away


def sequence(seed: int) -> Light:
    chance = np.random.default_rng(seed)
    return draw_light(lambda bound: int(chance.integers(bound)), within_ms=6800)


def screen(light: Light | None, at_ms: float) -> Series:
    segments = () if light is None else light.segments
    for segment in segments:
        if segment.from_ms <= at_ms < segment.to_ms:
            return np.asarray((np.array(RGB[segment.colour]) / 255) ** 2.2, np.float64)
    return np.zeros(3)


def chroma(
    albedo: Series, light: Light | None, at_ms: Series, *, strength: float, seed: int
) -> Series:
    """Shares of red and blue of a surface, with noise and a slow wandering; 120 ms late."""
    chance = np.random.default_rng([seed, len(at_ms)])
    lit_up = np.array([albedo * (1 + strength * screen(light, at - 120)) for at in at_ms])
    shares = (lit_up / lit_up.sum(axis=1, keepdims=True))[:, [0, 2]]
    phase = chance.uniform(0, 6, 2)
    wander = 0.003 * np.sin(2 * np.pi * 0.35 * at_ms[:, None] / 1000 + phase)
    return np.asarray(shares + wander + chance.normal(0, 0.0015, shares.shape), np.float64)


def measured(
    asked: Light, shown: Light | None, *, seed: int, strength: float, behind: float = 0.15
) -> LightMeasure:
    at_ms = np.arange(0.0, 6800.0, 1000 / HZ)
    face = chroma(SKIN, shown, at_ms, strength=strength, seed=seed)
    wall = chroma(WALL, shown, at_ms, strength=strength * behind, seed=seed + 1)
    return measure_light(at_ms, face, wall, light=asked)


def reasons(measure: LightMeasure) -> set[Reason]:
    return {reason for _, named in of_light(measure, Limits()) for reason in named}


def test_a_face_before_the_screen_follows_it() -> None:
    found = [measured(sequence(s), sequence(s), seed=s, strength=SCREEN) for s in range(CLIPS)]
    assert all(m.correlation is not None and m.correlation >= 0.9 for m in found)
    assert not any(reasons(m) for m in found)


def test_of_recordings_under_another_sequence_nineteen_in_twenty_go_to_a_human() -> None:
    found = [
        measured(sequence(s), sequence(s + 10_000), seed=s, strength=SCREEN) for s in range(CLIPS)
    ]
    held = [reasons(m) for m in found]
    assert sum(map(bool, held)) >= 0.93 * CLIPS  # by chance two sequences are alike
    assert sum(Reason.LIGHT_CONTRADICTS in r for r in held) >= 0.6 * CLIPS
    assert all(m.at_ms in {s.from_ms for s in sequence(n).segments} for n, m in enumerate(found))


def test_a_wall_that_is_tinted_like_the_face_is_doubtful() -> None:
    """A picture on a screen takes on the light all over."""
    flat = measured(sequence(1), sequence(1), seed=1, strength=SCREEN, behind=0.9)
    assert reasons(flat) == {Reason.LIGHT_DOUBTFUL}


@pytest.mark.parametrize("strength", [0.0, 0.02, 0.05])
def test_in_a_bright_room_the_colours_say_nothing(strength: float) -> None:
    found = [measured(sequence(s), sequence(s), seed=s, strength=strength) for s in range(50)]
    assert all(m.snr < Limits().light_snr and not reasons(m) for m in found)


def test_without_enough_frames_the_colours_say_nothing() -> None:
    nothing = LightMeasure(correlation=None, ratio=None, snr=0.0)
    assert LightGauge(sequence(1)).measure() == nothing
    assert not reasons(nothing)


def test_new_colours_are_no_cut_of_the_room_and_a_cut_stays_one() -> None:
    at_ms = [66.0 * k for k in range(60)]
    here, there = (room(96, 72, seed=s)[:, :, 1].astype(np.float64) for s in (2, 9))
    glow = [1.0 + 0.25 * (k // 9 % 2) for k in range(60)]
    lit_up = [np.clip(here * g, 0, 255).astype(np.uint8) for g in glow]
    cut = [
        np.clip((here if k < 36 else there) * g, 0, 255).astype(np.uint8)
        for k, g in enumerate(glow)
    ]
    assert cut_of(at_ms, lit_up)[0] >= 1.0
    assert cut_of(at_ms, evened(lit_up))[0] < 1.0
    assert cut_of(at_ms, evened(cut))[0] >= 1.0
    assert evened([]) == []


@pytest.fixture(scope="module")
def home() -> Path:
    return default_home()


@pytest.mark.faces
@pytest.mark.xdist_group("light")
@pytest.mark.parametrize("person", sorted(ROLES))
def test_a_rendered_face_follows_its_own_sequence_only(person: str, home: Path) -> None:
    """Three portraits, one sequence and two others each: made-up light on made-up movement."""
    nets = Nets(ModelStore(home / "models"))
    framing = Framing(width=480, height=360, face=0.3)
    cast = Cast(home / "portraits", home / "models")
    puppet = Puppet(
        cast.rig(ROLES[person].moves), framing, room(480, 360, seed=2), light=RoomLight(), seed=2
    )
    looks = [puppet.frame(Pose(yaw_deg=4.0 * k - 8, mouth=0.1 * k), number=k) for k in range(5)]
    readings = [read_face(nets, look) for look in looks]
    asked = sequence(7)
    asked_of = {other: LightGauge(sequence(other)) for other in (7, 100, 101)}
    for number, at_ms in enumerate(np.arange(0.0, 5200.0, 1000 / HZ)):
        reading = readings[number // 6 % 5]
        assert reading is not None
        shown = [s for s in asked.segments if s.from_ms <= at_ms - 60 < s.to_ms]
        picture = reading.image
        if shown:
            picture = lit(picture, reading.mesh, shown[0].colour, strength=SCREEN)
        for gauge in asked_of.values():
            gauge.take(float(at_ms), picture, reading.mesh)
    own = asked_of.pop(7).measure()
    assert own.correlation is not None
    assert own.correlation >= 0.9
    assert not reasons(own)
    assert all(reasons(gauge.measure()) for gauge in asked_of.values())
