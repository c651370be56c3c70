"""Which challenges count as asking for the same."""

import pytest

from domain.tasks import Laid, is_like_task

STEPS = [("nod", 800), ("turn_left", 2300), ("open_mouth", 3600), ("nod", 5000)]

AS_THEY_STAND = Laid(shift_ms=0.0, pace=1.0, mirrored=False, from_ms=0.0, until_ms=9000.0)


def task(*steps: tuple[str, int]) -> dict[str, object]:
    return {"steps": [{"action": action, "onset_ms": onset} for action, onset in steps]}


@pytest.mark.parametrize(
    "other",
    [
        STEPS,
        [(action, onset + 500) for action, onset in STEPS],
        [*STEPS[:2], ("blink", 3600), ("blink", 5000)],
        [],
    ],
    ids=["same", "a little later", "half", "unknown"],
)
def test_tasks_are_alike_that_ask_for_half_of_the_same_at_the_same_moments(
    other: list[tuple[str, int]],
) -> None:
    assert is_like_task(task(*STEPS), task(*other), AS_THEY_STAND)


@pytest.mark.parametrize(
    "other",
    [
        [*STEPS[:1], ("blink", 2300), ("blink", 3600), ("turn_right", 5000)],
        [(action, onset + 1000) for action, onset in STEPS],
    ],
    ids=["a quarter", "much later"],
)
def test_tasks_that_share_less_are_not_alike(other: list[tuple[str, int]]) -> None:
    assert not is_like_task(task(*STEPS), task(*other), AS_THEY_STAND)


def later(by_ms: float, pace: float = 1.0) -> Laid:
    """An earlier clip laid so that what it shows comes later in the new one."""
    return Laid(shift_ms=by_ms, pace=pace, mirrored=False, from_ms=by_ms, until_ms=11_000.0)


OTHERS = [("nod", 1000), ("turn_right", 3000), ("open_mouth", 4600), ("turn_left", 6900)]


@pytest.mark.parametrize(
    "own",
    [
        [("blink", 600), ("nod", 4100), ("turn_right", 5900), ("tilt_left", 8000)],
        [("blink", 600), ("nod", 4800), ("turn_left", 6000), ("open_mouth", 7700), ("nod", 9500)],
    ],
    ids=["two of three", "half"],
)
def test_tasks_are_alike_where_their_clips_were_laid(own: list[tuple[str, int]]) -> None:
    assert is_like_task(task(*own), task(*OTHERS), later(3000))
    assert not is_like_task(task(*own), task(*OTHERS), AS_THEY_STAND)
    assert not is_like_task(task(*own), task(*OTHERS), later(1000))


def test_what_falls_where_only_one_clip_is_does_not_count() -> None:
    own = [("turn_left", 700), ("tilt_left", 2200), ("turn_right", 5000), ("open_mouth", 6500)]
    both = Laid(shift_ms=2000.0, pace=1.0, mirrored=False, from_ms=4500.0, until_ms=7000.0)
    never = Laid(shift_ms=2000.0, pace=1.0, mirrored=False, from_ms=5500.0, until_ms=6000.0)

    assert is_like_task(task(*own), task(*OTHERS), both)
    assert not is_like_task(task(*own), task(*OTHERS), never)


def test_one_movement_in_common_where_clips_were_laid_explains_nothing() -> None:
    own = [("turn_left", 700), ("turn_right", 5000), ("nod", 9000)]
    alone = Laid(shift_ms=2000.0, pace=1.0, mirrored=False, from_ms=4500.0, until_ms=6000.0)

    assert not is_like_task(task(*own), task(*OTHERS), alone)


def test_a_clip_that_plays_slower_shows_its_steps_later() -> None:
    own = [("blink", 600), ("open_mouth", 7500), ("turn_left", 9800)]

    assert is_like_task(task(*own), task(*OTHERS), later(2400, pace=1.1))
    assert not is_like_task(task(*own), task(*OTHERS), later(1300, pace=0.9))


def test_a_mirrored_clip_shows_the_other_side() -> None:
    own = [("turn_left", 5000), ("tilt_left", 6500), ("turn_right", 8900)]
    laid = Laid(shift_ms=2000.0, pace=1.0, mirrored=True, from_ms=2000.0, until_ms=9000.0)
    upright = Laid(shift_ms=2000.0, pace=1.0, mirrored=False, from_ms=2000.0, until_ms=9000.0)

    assert is_like_task(task(*own), task(*OTHERS), laid)
    assert not is_like_task(task(*own), task(*OTHERS), upright)
