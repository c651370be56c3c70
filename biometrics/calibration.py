"""The stored calibration of the matcher: `calibration.toml`, written by its fitting script."""

import tomllib
from functools import cache
from pathlib import Path

from biometrics.embed import EMBEDDING_SCHEME
from domain.likelihood import Calibration

CALIBRATION_FILE = Path(__file__).with_name("calibration.toml")


@cache
def calibration() -> Calibration:
    """Read the calibration of the embeddings in use. Raises `ValueError` when it is of others."""
    return parse(CALIBRATION_FILE.read_text(encoding="utf-8"))


def parse(text: str) -> Calibration:
    """Read and check a calibration. Raises `ValueError` (`tomllib.TOMLDecodeError` is one)."""
    table = tomllib.loads(text)
    try:
        found = Calibration(
            knots=tuple((float(score), float(log10_lr)) for score, log10_lr in table["knots"]),
            scheme=table["scheme"],
            genuine_pairs=table["genuine_pairs"],
            impostor_pairs=table["impostor_pairs"],
            data_digest=table["data_digest"],
            fitted_on=table["fitted_on"],
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a calibration: {error}") from error
    if found.scheme != EMBEDDING_SCHEME:
        raise ValueError(f"calibrated for {found.scheme}, in use is {EMBEDDING_SCHEME}")
    return found
