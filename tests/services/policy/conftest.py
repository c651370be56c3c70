"""A process that reads the rules for each act, and two of the bureau."""

import pytest

from services.accounts import StaffMember
from services.backend import Backend
from tests.backend_world import another_process
from tests.services.policy.changing import bureau


@pytest.fixture
def live(backend: Backend) -> Backend:
    """A process whose book is never older than its act."""
    return another_process(backend)


@pytest.fixture
def first(backend: Backend) -> StaffMember:
    return bureau(backend, "first")


@pytest.fixture
def second(backend: Backend) -> StaffMember:
    return bureau(backend, "second")
