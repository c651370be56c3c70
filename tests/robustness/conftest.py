"""One engine and one studio a worker; without models and portraits the tests fail and say so."""

from collections.abc import Iterator

import pytest

from app.demo.studio import Studio
from biometrics.engine import FaceEngine


@pytest.fixture(scope="session")
def studio() -> Studio:
    return Studio.open()


@pytest.fixture(scope="session")
def engine() -> Iterator[FaceEngine]:
    with FaceEngine() as engine:
        yield engine
