"""Everything a use case needs from outside, wired once in `app.container`."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session, sessionmaker

from domain.audit import Actor, ActorKind
from domain.errors import AppError, Kind
from domain.holidays import HolidayTable
from domain.ports import Clock, ObjectStore
from domain.regions import Scope, SystemName, SystemScope
from services.faces import Faces
from services.installation import Installation
from services.live_policies import LivePolicies, News, read_news
from services.unit_of_work import Unit, unit_of_work
from storage.crypto.blind_index import BlindIndex
from storage.crypto.envelope import Vault
from storage.crypto.one_time_codes import StaffSecrets
from storage.crypto.upload_seal import UploadSeals
from storage.db.repositories.people import People
from storage.jobs.queue import JobQueue

_POLICY_BOOK = Actor(kind=ActorKind.SYSTEM, id=SystemName.POLICY_BOOK)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeText:
    """A text that a person is shown before an act; its version and digest are recorded."""

    version: str
    digest: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    sessions: sessionmaker[Session]
    queue: JobQueue
    clock: Clock
    vault: Vault
    index: BlindIndex
    seals: UploadSeals
    staff_secrets: StaffSecrets
    objects: ObjectStore
    faces: Faces
    policies: LivePolicies
    holidays: HolidayTable
    notice: NoticeText
    installation: Installation

    @contextmanager
    def unit(self, actor: Actor, scope: Scope) -> Iterator[Unit]:
        """Open the one transaction of an act; see `services.unit_of_work`.

        Raises `server.unavailable` when the database is away, overloaded or out of connections.
        Whether the act was done then shows by sending the same again: every act may be repeated.
        """
        try:
            # Before, and not within: a thread that holds a connection must not wait for a second.
            self.policies.refresh_if_due(self.policy_news)
            with self._open(actor, scope) as unit:
                yield unit
        except (OperationalError, PoolTimeout) as error:
            raise AppError(Kind.UNAVAILABLE, "server.unavailable") from error

    def _open(self, actor: Actor, scope: Scope) -> AbstractContextManager[Unit]:
        return unit_of_work(
            self.sessions, actor=actor, scope=scope, now=self.clock.now(), queue=self.queue
        )

    def policy_news(self, known: int | None) -> News | None:
        """Read what counties put in the place of presets, unless there is no more than `known`."""
        with self._open(_POLICY_BOOK, SystemScope(name=SystemName.POLICY_BOOK)) as unit:
            return read_news(unit.session, known)

    def people(self, unit: Unit) -> People:
        """Return the register as `unit` may see it."""
        return People(session=unit.session, vault=self.vault, index=self.index)

    def close(self) -> None:
        """End the decoder's process and the database connections."""
        self.faces.close()
        bind = self.sessions.kw.get("bind")
        if isinstance(bind, sa.Engine):
            bind.dispose()
