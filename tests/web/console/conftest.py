import pytest

from tests.certification_world import County
from tests.web.office import Office


@pytest.fixture
def office(county: County) -> Office:
    """A browser that was never here before."""
    return Office(county=county)
