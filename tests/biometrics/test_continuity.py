"""Cuts in made-up series of landmarks: found where no head could have moved so, and only there."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from biometrics.continuity import TakeWatch, measure_continuity
from biometrics.embed import Embedding
from biometrics.mesh import Mesh
from biometrics.track import FrameReading

HZ = 15.0
COUNT = 75
TIMES = np.arange(COUNT) * 1000.0 / HZ
Points = NDArray[np.float64]


def head(seed: int) -> Points:
    """468 points on a bulge, in pixels; people differ by some pixels."""
    flat = np.random.default_rng(1).uniform(-1, 1, (468, 2))
    person = np.random.default_rng([seed, 2]).normal(0, 9.0, (468, 3))
    return np.column_stack([flat * (80, 95), 45 * (flat**2).sum(axis=1)]) + person


def film(
    person: int,
    *,
    yaw: NDArray[np.float64] | None = None,
    shift: NDArray[np.float64] | None = None,
    size: float = 1.0,
) -> list[FrameReading]:
    """One recording: turns in degrees, shifts in pixels, trembling landmarks."""
    chance = np.random.default_rng([person, 3])
    ways = np.zeros(COUNT) if yaw is None else yaw
    places = np.zeros(COUNT) if shift is None else shift
    return [
        FrameReading(at_ms=float(at), mesh=seen(head(person) * size, way, place, chance))
        for at, way, place in zip(TIMES, ways, places, strict=True)
    ]


def seen(points: Points, yaw_deg: float, shift: float, chance: np.random.Generator) -> Mesh:
    yaw = np.radians(yaw_deg)
    about = np.array([[np.cos(yaw), 0, -np.sin(yaw)], [0, 1, 0], [np.sin(yaw), 0, np.cos(yaw)]])
    placed = points @ about.T + (320 + shift, 220, 0) + chance.normal(0, 0.7, points.shape)
    return Mesh(points=placed.astype(np.float32), score=1.0)


def swing(period_ms: float, height: float) -> NDArray[np.float64]:
    return np.asarray(height * np.sin(2 * np.pi * TIMES / period_ms), np.float64)


def spliced(first: list[FrameReading], second: list[FrameReading]) -> list[FrameReading]:
    return [*first[: COUNT // 2], *second[COUNT // 2 :]]


def embedding(*, towards: float) -> Embedding:
    made = np.zeros(128, np.float32)
    made[0], made[1] = towards, np.sqrt(1 - towards**2)
    return made


@pytest.mark.parametrize(
    ("what", "frames"),
    [
        ("still", film(1)),
        ("a brisk turn to and fro", film(1, yaw=swing(1200, 30))),
        ("tremor of 5 Hz", film(1, yaw=swing(200, 3), shift=swing(200, 5))),
        ("a phone in an unsteady hand", film(1, shift=swing(700, 25))),
        ("every third frame lost", film(1, yaw=swing(1500, 25))[::3]),
        ("the face hidden for a while", film(1, yaw=swing(3000, 25))[:20] + film(1)[40:]),
    ],
)
def test_one_head_in_one_recording_has_no_jump(what: str, frames: list[FrameReading]) -> None:
    found = measure_continuity(frames, [])
    assert (found.jumps, found.worst < 1.0) == (0, True), what


@pytest.mark.parametrize(
    ("what", "frames"),
    [
        ("another place", spliced(film(1), film(1, shift=np.full(COUNT, 100.0)))),
        ("another size", spliced(film(1), film(1, size=1.25))),
        ("another direction", spliced(film(1), film(1, yaw=np.full(COUNT, 35.0)))),
        ("another person", spliced(film(1), film(2))),
    ],
)
def test_a_cut_is_found_where_it_is(what: str, frames: list[FrameReading]) -> None:
    found = measure_continuity(frames, [])
    assert found.jumps == 1, what
    assert found.worst >= 1.0
    assert found.at_ms == round(TIMES[COUNT // 2])


def test_a_change_of_person_between_shots_is_a_jump_even_in_the_same_place() -> None:
    same, other = embedding(towards=1.0), embedding(towards=0.2)
    steady = measure_continuity(film(1), [(0, same), (500, embedding(towards=0.8)), (1000, same)])
    changed = measure_continuity(film(1), [(0, same), (500, same), (1000, other), (1500, other)])
    assert steady.jumps == 0
    assert (changed.jumps, changed.at_ms) == (1, 1000)


def test_a_slideshow_jumps_every_time() -> None:
    first, second = film(1), film(2)
    shown = [first[n] if (n // 15) % 2 == 0 else second[n] for n in range(COUNT)]
    assert measure_continuity(shown, []).jumps == 4


def test_frames_without_a_face_say_nothing() -> None:
    frames = film(1, yaw=swing(2500, 20))
    frames[10:14] = [replace(frame, mesh=None) for frame in frames[10:14]]
    assert measure_continuity(frames, []).jumps == 0
    empty = measure_continuity([], [])
    assert (empty.jumps, empty.worst, empty.at_ms) == (0, 0.0, None)


def lamp(before: float, after: float) -> NDArray[np.float64]:
    """Light of the room, other from the middle of the clip on, and never quite steady."""
    flicker = 0.3 * np.sin(np.arange(COUNT) * 2.1)
    steps = np.where(np.arange(COUNT) < COUNT // 2, before, after)
    return np.asarray(steps + flicker, np.float64)


def watched(frames: list[FrameReading], lights: NDArray[np.float64], tint: float = 0.0) -> float:
    """Show a wall of so many grey levels beside the head; `tint` of it more red from the middle."""
    chance, watch = np.random.default_rng(7), TakeWatch()
    for number, (frame, level) in enumerate(zip(frames, lights, strict=True)):
        red = tint if number >= COUNT // 2 else 0.0
        wall = np.full((120, 160, 3), level) * (1.0, 1.0, 1.0 + red)
        noisy = np.clip(wall + chance.normal(0, 3, wall.shape), 0, 255).astype(np.uint8)
        watch.take(frame.at_ms, noisy, frame.mesh)
    return watch.cut()[0]


def test_a_wall_of_another_tint_and_a_face_in_another_place_are_another_take() -> None:
    moved = spliced(film(1), film(1, shift=np.full(COUNT, 14.0)))
    assert watched(moved, lamp(120, 120), tint=0.06) >= 1.0
    assert watched(moved, lamp(120, 120)) < 1.0
    assert watched(film(1), lamp(120, 120), tint=0.06) < 1.0  # encoders do that alone
    assert watched(film(1, yaw=swing(1200, 30)), lamp(120, 150)) < 1.0


def test_takes_of_nothing_or_without_a_face_are_no_cut() -> None:
    assert TakeWatch().cut() == (0.0, None)
    bare = [FrameReading(at_ms=float(at), mesh=None) for at in TIMES]
    assert watched(bare, lamp(120, 120)) < 1.0
