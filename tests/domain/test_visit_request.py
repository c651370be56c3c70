"""What a person is told of a visit that was asked for."""

import pytest

from domain.visit_request import Progress, progress


@pytest.mark.parametrize(
    ("is_visited", "by_staff", "told"),
    [
        (False, False, Progress.ASKED),
        (False, True, Progress.ASSIGNED),
        (True, False, Progress.DONE),
        (True, True, Progress.DONE),
    ],
)
def test_a_visit_since_settles_it_whoever_asked(
    *, is_visited: bool, by_staff: bool, told: Progress
) -> None:
    assert progress(is_visited=is_visited, by_staff=by_staff) is told
