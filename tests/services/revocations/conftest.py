from uuid import UUID

import pytest

from services.backend import Backend
from tests import case_world as world
from tests.services.revocations.revoking import BOTH


@pytest.fixture
def person(backend: Backend) -> UUID:
    return world.add_person(backend, 1, schemes=BOTH)
