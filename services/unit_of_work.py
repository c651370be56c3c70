"""One business act: rows, audit events and jobs commit together or not at all (ADR 0002)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session, sessionmaker

from domain.audit import Actor, AuditAction, AuditEvent, Detail
from domain.regions import (
    DivisionPath,
    DivisionScope,
    Scope,
    SubjectScope,
    SystemScope,
    county_of,
)
from storage.audit import chain
from storage.db.scope import ALL, set_scope
from storage.jobs.queue import JobQueue

COUNTY_WIDTH = 6
SYSTEM_CHAIN = "system"


@dataclass(slots=True, kw_only=True)
class Unit:
    """The open transaction of one act. `now` is the act's one moment, aware UTC."""

    session: Session
    actor: Actor
    scope: Scope
    now: datetime
    chain: str
    queue: JobQueue
    _events: list[AuditEvent] = field(default_factory=list)
    _county: DivisionPath | None = None

    def audit(self, action: AuditAction, **details: Detail) -> None:
        """Write down that `action` happened; the record joins the county's chain at the commit."""
        self._events.append(
            AuditEvent(action=action, actor=self.actor, at=self.now, details=details)
        )

    def record_in(self, place: DivisionPath) -> None:
        """Keep this act's records in the chain of the county of `place`.

        For an act that learns only on its way whose county it serves. One county per act: its
        chain is locked at the commit, and two in opposite orders would deadlock. Raises
        ValueError on a second county, `division.too_shallow` above county level.
        """
        county = county_of(place)
        if self._county not in (None, county):
            raise ValueError("one act writes to one county's chain")
        self._county = county
        self.chain = county

    def defer(self, task: str, *, key: str, **args: str) -> None:
        """Have a worker run `task` after the commit, once per `key` while it waits."""
        self.queue.defer(self.session, task, key=key, **args)


@contextmanager
def unit_of_work(
    sessions: sessionmaker[Session],
    *,
    actor: Actor,
    scope: Scope,
    now: datetime,
    queue: JobQueue,
) -> Iterator[Unit]:
    """Open a transaction that sees `scope` only, and commit it when the block ends well.

    Raises ValueError on an empty scope. No network call belongs inside the block.
    """
    with sessions() as session, session.begin():
        path, subject = row_scope(scope)
        set_scope(session, path, subject)
        unit = Unit(
            session=session, actor=actor, scope=scope, now=now, chain=chain_of(scope), queue=queue
        )
        yield unit
        session.flush()
        # Last, so that the county's chain lock is held for the shortest time.
        chain.append(session, unit.chain, unit._events)  # noqa: SLF001 - the unit's own module


def chain_of(scope: Scope) -> str:
    """Return the audit chain of an act: its county's, or the wider office's own."""
    match scope:
        case SystemScope():
            return SYSTEM_CHAIN
        case DivisionScope(path=path) | SubjectScope(path=path):
            return path[:COUNTY_WIDTH]


def row_scope(scope: Scope) -> tuple[str, UUID | None]:
    """Return what `set_scope` is told of a scope: a path, and the one person it is narrowed to."""
    match scope:
        case SystemScope():
            return ALL, None
        case DivisionScope(path=path):
            return path, None
        case SubjectScope(path=path, beneficiary_id=person):
            return path, person
