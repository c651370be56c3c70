import pytest

from services.backend import Backend
from tests.certification_world import County, Pensioner


@pytest.fixture
def backend(county: County) -> Backend:
    return county.backend


@pytest.fixture
def person(county: County) -> Pensioner:
    return county.person()
