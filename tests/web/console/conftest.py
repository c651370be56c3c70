import pytest

from domain.roles import Role
from tests.certification_world import Account, County
from tests.places import COUNTY
from tests.web.office import Office


@pytest.fixture
def office(county: County) -> Office:
    """A browser that was never here before."""
    return Office(county=county)


@pytest.fixture
def bureau(county: County) -> Account:
    return county.staff(Role.COUNTY_BUREAU, COUNTY, login="bureau", name="县局甲")
