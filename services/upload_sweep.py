"""Chunks of uploads that are over are taken out of the store; their rows stay."""

from domain.audit import Actor, ActorKind
from domain.ports import ObjectKey
from domain.regions import SystemName, SystemScope
from services.backend import Backend
from services.uploads import AREA
from storage.db.repositories import uploads

SWEEPER = Actor(kind=ActorKind.SYSTEM, id=SystemName.SCHEDULER)


class Sweep:
    """Takes away what no upload needs any more. One per worker: it remembers what it saw."""

    def __init__(self) -> None:
        self._strays: frozenset[ObjectKey] = frozenset()

    def __call__(self, backend: Backend) -> None:
        """Delete chunks whose upload is over; and such as belonged to none last time, too.

        A chunk is stored before it is noted: one that is seen for the first time may be on its way.
        """
        there = list(backend.objects.keys(AREA))
        with backend.unit(SWEEPER, SystemScope(name=SystemName.SCHEDULER)) as unit:
            unwanted = [k for k in there if not uploads.is_wanted(unit.session, k, unit.now)]
            strays = {key for key in unwanted if not uploads.is_named(unit.session, key)}
        for key in unwanted:
            if key not in strays or key in self._strays:
                backend.objects.delete(key)
        self._strays = frozenset(strays)
