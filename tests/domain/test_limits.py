"""Limits that would pass anyone or nobody are refused."""

from math import nan
from typing import Any

import pytest

from domain.limits import Limits


@pytest.mark.parametrize(
    "change",
    [
        {"review": 0.0},
        {"review": 0.47},
        {"review": 0.5},
        {"accept": 1.0},
        {"accept": nan},
        {"selfie_to_clip": 0.0},
        {"self_similarity": -0.1},
        {"stillness": 1.0},
        {"face_fraction": 1.5},
        {"face_fraction": nan},
        {"frames": 0},
        {"steps": 0},
        {"distinct_actions": 0},
        {"references": 0},
        {"light_follows": 0.3},
        {"light_contradicts": 0.0},
        {"light_contradicts": nan},
        {"light_follows": 1.0},
        {"light_snr": 0.0},
        {"light_ratio": nan},
    ],
)
def test_limits_that_would_pass_anyone_or_nobody_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"limit"):
        Limits(**change)
