"""Which challenges count as asking for the same."""

import pytest

from domain.tasks import is_like_task

STEPS = [("nod", 800), ("turn_left", 2300), ("open_mouth", 3600), ("nod", 5000)]


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
    assert is_like_task(task(*STEPS), task(*other))


@pytest.mark.parametrize(
    "other",
    [
        [*STEPS[:1], ("blink", 2300), ("blink", 3600), ("turn_right", 5000)],
        [(action, onset + 700) for action, onset in STEPS],
    ],
    ids=["a quarter", "much later"],
)
def test_tasks_that_share_less_are_not_alike(other: list[tuple[str, int]]) -> None:
    assert not is_like_task(task(*STEPS), task(*other))
