from uuid import UUID

import pytest

from services.backend import Backend
from tests import case_world
from tests.case_world import Client


@pytest.fixture
def client(backend: Backend) -> Client:
    return Client(backend)


@pytest.fixture
def person(backend: Backend) -> UUID:
    return case_world.add_person(backend, 1)
