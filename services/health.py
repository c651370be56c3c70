"""Readiness and queue depth."""

from domain.audit import Actor, ActorKind
from domain.regions import SystemName, SystemScope
from services.backend import Backend
from storage.jobs.queue import waiting

SCHEDULER = Actor(kind=ActorKind.SYSTEM, id=SystemName.SCHEDULER)


def waiting_jobs(backend: Backend) -> int:
    """Count the jobs that wait for a worker. Raises `server.unavailable` without a database."""
    with backend.unit(SCHEDULER, SystemScope(name=SystemName.SCHEDULER)) as unit:
        return waiting(unit.session)
