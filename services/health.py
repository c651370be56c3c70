"""Readiness and queue depth."""

from domain.audit import Actor, ActorKind
from domain.regions import SystemName, SystemScope
from services.backend import Backend
from storage.jobs.queue import waiting

SCHEDULER = Actor(kind=ActorKind.SYSTEM, id=SystemName.SCHEDULER)


def waiting_jobs(backend: Backend) -> int:
    """How many jobs wait for a worker. Raises what the database raises when it is away."""
    with backend.unit(SCHEDULER, SystemScope(name=SystemName.SCHEDULER)) as unit:
        return waiting(unit.session)
