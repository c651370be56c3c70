"""Make people findable by name who were registered before names had an index (ADR 0022)."""

from domain.audit import Actor, ActorKind
from domain.regions import SystemName, SystemScope
from services.backend import Backend

BATCH = 500
"""People a transaction: short enough that nobody waits for it."""


def index_names(backend: Backend, *, batch: int = BATCH) -> int:
    """Index every name that is not yet; returns how many were. Safe to repeat and to run twice.

    Who was erased by law has no name to index, and is passed over.
    """
    actor = Actor(kind=ActorKind.SYSTEM, id=SystemName.SCHEDULER)
    done = 0
    while True:
        with backend.unit(actor, SystemScope(name=SystemName.SCHEDULER)) as unit:
            indexed = backend.people(unit).index_names(limit=batch)
        done += indexed
        if indexed < batch:
            return done
