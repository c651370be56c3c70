from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from services.backend import Backend
from storage.jobs.queue import JobQueue
from tests import backend_world
from tests.clock import FixedClock


@pytest.fixture
def backend(
    sessions: sessionmaker[Session], queue: JobQueue, clock: FixedClock, tmp_path: Path
) -> Backend:
    """A backend with the synthetic counties, whose face engine starts at first need."""
    made = backend_world.make_backend(sessions, queue, clock, tmp_path)
    backend_world.add_places(made)
    return made
