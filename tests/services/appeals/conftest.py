"""Who appeals, and against what. The clerk decided first; the head had no part in it."""

from uuid import UUID

import pytest

from domain.review import Verdict
from services.accounts import StaffMember
from services.backend import Backend
from tests.certification_world import County, Pensioner
from tests.services.appeals.appealing import decided


@pytest.fixture
def backend(county: County) -> Backend:
    return county.backend


@pytest.fixture
def person(county: County) -> Pensioner:
    return county.person()


@pytest.fixture
def asked_again(county: County, clerk: StaffMember, person: Pensioner) -> UUID:
    """An attempt that the clerk asked to be made again; returns its review."""
    return decided(county, clerk, person, Verdict.ASK_AGAIN)
