"""The people of one township who review what it flags."""

from uuid import UUID

import pytest

from domain.roles import Role
from services.accounts import StaffMember
from services.backend import Backend
from tests import case_world
from tests.services.proposing import refer


@pytest.fixture
def officer(backend: Backend) -> StaffMember:
    """Who visits, and reviews nothing."""
    return case_world.officer(backend)


@pytest.fixture
def clerk(backend: Backend) -> StaffMember:
    return case_world.add_staff(backend, "clerk")


@pytest.fixture
def other(backend: Backend) -> StaffMember:
    """Another clerk of the same township."""
    return case_world.add_staff(backend, "other")


@pytest.fixture
def head(backend: Backend) -> StaffMember:
    return case_world.add_staff(backend, "head", role=Role.TOWNSHIP_HEAD)


@pytest.fixture
def person(backend: Backend) -> UUID:
    return case_world.add_person(backend, 1)


@pytest.fixture
def case(backend: Backend, officer: StaffMember, person: UUID) -> UUID:
    """A flagged visit."""
    return case_world.flagged_visit(backend, officer, person, "visit-0001")


@pytest.fixture
def proposal(backend: Backend, clerk: StaffMember, case: UUID) -> UUID:
    """The clerk proposes to refer the case."""
    return refer(backend, clerk, case)
