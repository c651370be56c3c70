"""A county under a real server and real workers, all of which may be killed at any moment."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import sqlalchemy as sa

from api.main import create_app
from app import container
from app.demo.clips import Camera, Codec
from app.demo.studio import Studio
from app.settings import Settings
from services.backend import Backend
from storage.ids import uuid7
from tests import db_server, phone_world
from tests.backend_world import add_places
from tests.certification_world import County
from tests.db_server import Database
from tests.e2e import server
from tests.e2e.database import Observer
from tests.e2e.phones import SELFIE, VIDEO, Phone, one_of_a_kind
from tests.e2e.server import Command

CAMERA = Camera(width=640, height=480, fps=15, codec=Codec.MP4_H264, jitter=0.3)
FACE = "p1"


@dataclass(slots=True, kw_only=True)
class Stage:
    """Commands, phones and eyes of one run."""

    folder: Path
    database: Database
    env: Mapping[str, str]
    address: str
    backend: Backend
    eye: Observer
    server: Command
    workers: list[Command] = field(default_factory=list)
    phones: list[Phone] = field(default_factory=list)
    studio: Studio = field(default_factory=Studio.open)
    _serial: Iterator[int] = field(default_factory=lambda: count(1))

    @classmethod
    @contextmanager
    def set_up(cls, worker_name: str) -> "Iterator[Stage]":
        """Migrate a database of its own as an installation does, and start the server on it."""
        with ExitStack() as stack:
            folder = stack.enter_context(server.home())
            database = db_server.empty_database(worker_name, "kills")
            stack.callback(db_server.drop_database, database)
            env = environment(folder, database)
            migrated = Command(folder, env, "migrate")
            assert migrated.child.wait(server.START_S) == 0, migrated.said()
            settings = Settings(home=folder, app_database_url=database.app_url)
            backend = container.build_backend(settings, database.app_url)
            stack.callback(backend.close)
            eye = Observer(database)
            stack.callback(eye.close)
            eye.forgets_clips()
            port = server.free_port()
            stage = cls(
                folder=folder,
                database=database,
                env=env,
                address=f"http://127.0.0.1:{port}",
                backend=backend,
                eye=eye,
                server=Command(folder, env, "serve", "--port", port),
            )
            stack.callback(stage.close)
            add_places(backend)
            server.wait_until_ready(stage.address, stage.server)
            yield stage

    def close(self) -> None:
        for command in (self.server, *self.workers):
            command.close()

    def phone(self) -> Phone:
        """Enrol one more person, and open a session for their phone.

        The challenge is always the same one (the caller took chance away), so that one film
        answers all; each phone's file of it differs in its bytes.
        """
        serial = next(self._serial)
        county = County(backend=self.backend)
        person = county.person(name=f"虚构{serial}")
        county.enrol(person, self.studio.reference(FACE, seed=1))
        page = phone_world.Phone(
            http=phone_world.Http(create_app(self.backend)),
            backend=self.backend,
            device_id=f"phone-{serial:08}",
        )
        opened = page.open(person)
        assert opened.is_success, opened.text
        film = page.film(self.studio, FACE, camera=CAMERA, seed=7)
        phone = Phone(
            address=self.address,
            person=person,
            session_id=str(opened.json()["session_id"]),
            client_id=str(uuid7()),
            headers=page.headers,
            content={SELFIE: self.studio.selfie(FACE, seed=3), VIDEO: one_of_a_kind(film, serial)},
            captured_at=datetime.now(UTC).isoformat(),  # noqa: TID251 - a phone's own clock
        )
        self.phones.append(phone)
        return phone

    def kill_server(self) -> None:
        self.server.kill()

    def restart_server(self) -> None:
        """Start it again where it was, while the phones keep asking."""
        port = self.address.rpartition(":")[2]
        self.server = Command(self.folder, self.env, "serve", "--port", port)

    def start_worker(self, stalled_after_s: float) -> Command:
        """Start a worker that takes over the cases of workers dead for so long."""
        pace = {
            "JIANZAI_WORKER_HEARTBEAT_S": "0.5",
            "JIANZAI_WORKER_STALLED_AFTER_S": str(stalled_after_s),
        }
        worker = Command(self.folder, {**self.env, **pace}, "worker")
        self.workers.append(worker)
        return worker


def environment(folder: Path, database: Database) -> dict[str, str]:
    password = sa.make_url(database.app_url).password
    given = {
        "JIANZAI_HOME": str(folder),
        "JIANZAI_DATABASE_URL": database.owner_url,
        "JIANZAI_APP_DATABASE_URL": database.app_url,
    }
    return given | ({"JIANZAI_APP_DATABASE_PASSWORD": str(password)} if password else {})
