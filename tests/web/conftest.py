"""Somebody at the phone page, and a clerk who has to do with the case."""

import pytest

from services.accounts import StaffMember
from tests import case_world
from tests.certification_world import County, Pensioner
from tests.web.page_world import Page, link_of


@pytest.fixture
def person(county: County) -> Pensioner:
    found = county.person("李守田")
    county.enrol_nobody(found)
    return found


@pytest.fixture
def page(county: County, person: Pensioner) -> Page:
    entered = Page(county)
    entered.enter(link_of(county, person))
    return entered


@pytest.fixture
def clerk(county: County) -> StaffMember:
    return case_world.add_staff(county.backend, "clerk")
