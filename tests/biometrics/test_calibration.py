"""The stored calibration belongs to the matcher in use, and is what its script would write."""

import pytest

from biometrics.calibration import CALIBRATION_FILE, calibration, parse
from biometrics.embed import EMBEDDING_SCHEME

TEXT = CALIBRATION_FILE.read_text(encoding="utf-8")


def test_the_stored_calibration_is_of_the_scheme_in_use() -> None:
    assert calibration().scheme == EMBEDDING_SCHEME
    assert len(calibration().data_digest) == 64


def test_strangers_weigh_against_and_clear_matches_for() -> None:
    against, for_it = calibration().log10_lr(0.33), calibration().log10_lr(0.6)
    assert against is not None
    assert for_it is not None
    assert against < -2
    assert for_it > 3


@pytest.mark.parametrize(
    "text",
    [
        "",
        "knots = 3",
        TEXT.replace(EMBEDDING_SCHEME, "sface-1"),
        TEXT.replace("genuine_pairs = ", "genuine_pairs = -"),
        TEXT.replace("knots = [", "knots = [[["),
    ],
    ids=["empty", "no map", "another scheme", "no pairs", "broken"],
)
def test_a_calibration_that_cannot_be_trusted_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse(text)
