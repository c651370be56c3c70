"""A verdict rests on one main ground, and on none that belongs to another verdict."""

import pytest

from domain.errors import AppError
from domain.review import Verdict
from domain.review_grounds import GROUNDS, VerdictGround, check_ground


def test_every_verdict_has_grounds_and_every_ground_one_verdict() -> None:
    assert set(GROUNDS) == set(Verdict)
    assert sorted(g for fitting in GROUNDS.values() for g in fitting) == sorted(VerdictGround)


@pytest.mark.parametrize("verdict", Verdict)
@pytest.mark.parametrize("ground", [None, *VerdictGround])
def test_a_ground_is_taken_exactly_where_it_fits(
    verdict: Verdict, ground: VerdictGround | None
) -> None:
    if ground in GROUNDS[verdict]:
        assert check_ground(verdict, ground) is ground
        return
    with pytest.raises(AppError) as refused:
        check_ground(verdict, ground)
    assert refused.value.code == "review.ground_required"
