from uuid import UUID

import pytest

from domain.roles import Role
from tests.certification_world import Account, County, Pensioner
from tests.places import TOWNSHIP
from tests.web.cases import case_of
from tests.web.office import Office


@pytest.fixture
def clerk(county: County) -> Account:
    return county.staff(Role.TOWNSHIP_CLERK, TOWNSHIP, name="赵经办")


@pytest.fixture
def desk(office: Office, clerk: Account) -> Office:
    return office.as_(clerk)


@pytest.fixture
def person(county: County) -> Pensioner:
    return county.person("欧阳志远")


@pytest.fixture
def case(county: County, person: Pensioner) -> UUID:
    return case_of(county, person.id)
