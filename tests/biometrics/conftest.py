"""Made-up faces, clips and damaged files. Tests marked `faces` need the models and portraits."""

from collections.abc import Iterator

import pytest

from app.demo.studio import Studio
from biometrics.embed import Embedding
from biometrics.engine import FaceEngine
from biometrics.sandbox.decoder import Decoder


@pytest.fixture(scope="session")
def studio() -> Studio:
    return Studio.open()


@pytest.fixture(scope="session")
def engine() -> Iterator[FaceEngine]:
    with FaceEngine() as engine:
        yield engine


@pytest.fixture(scope="session")
def decoder() -> Iterator[Decoder]:
    with Decoder() as decoder:
        yield decoder


@pytest.fixture(scope="session")
def enrolled(engine: FaceEngine, studio: Studio) -> dict[str, Embedding]:
    """Each person's reference, as it is kept from enrolment."""
    found = {person: engine.template(studio.reference(person)) for person in ("p1", "p2", "p3")}
    return {person: kept.embedding for person, kept in found.items() if kept.embedding is not None}
