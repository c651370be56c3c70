"""A county behind a real server and a real worker, for browsers to meet."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import httpx

from app import container
from app.demo.studio import Studio
from app.settings import Settings
from app.speech.failures import NoSynthesizer
from app.speech.making import make
from app.speech.texts import read_texts
from app.speech.voices import voices
from domain.challenge import Challenge, from_json
from services import links
from services.backend import Backend
from storage.db.repositories import divisions
from tests import db_server
from tests.backend_world import add_places
from tests.certification_world import TEST, County, Pensioner
from tests.db_server import Database
from tests.e2e import server
from tests.e2e.database import Observer
from tests.e2e.server import Command
from tests.e2e.stage import environment
from tests.places import TOWNSHIP

FACE = "p1"
OTHER = "p2"


@dataclass(slots=True, kw_only=True)
class Installation:
    """What the tests of one run share: addresses, people, eyes on the database."""

    folder: Path
    database: Database
    address: str
    backend: Backend
    eye: Observer
    commands: list[Command] = field(default_factory=list)
    studio: Studio = field(default_factory=Studio.open)
    _serial: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    def person(self, **facts: Any) -> tuple[Pensioner, str]:
        """Enrol somebody with the face of `FACE`; their link, below the server's address."""
        county = County(backend=self.backend)
        person = county.person(name=f"虚构{next(self._serial)}", **facts)
        county.enrol(person, self.studio.reference(FACE, seed=1))
        return person, self.link(person)

    def link(self, person: Pensioner) -> str:
        return f"/m/k/{links.make_link(self.backend, TEST, person.id).token}"

    def challenge(self) -> Challenge:
        """What the server asks everybody for: chance was taken out of it."""
        person, _ = self.person()
        opened = httpx.post(f"{self.address}/v1/sessions", json=self._wanted(person))
        assert opened.is_success, opened.text
        return from_json(opened.json()["challenge"])

    def _wanted(self, person: Pensioner) -> dict[str, Any]:
        notice = self.backend.notice
        consent = {"text_version": notice.version, "text_digest": notice.digest}
        return {"claim": person.claim, "device_id": "challenge-of-the-run", "consent": consent}

    def attempts(self, person: Pensioner) -> int:
        return self.eye.count("select count(*) from attempts where beneficiary_id = %s", person.id)


@contextmanager
def installed(worker_name: str) -> Iterator[Installation]:
    """Migrate a database of its own, start server and worker on it, put the places in."""
    with ExitStack() as stack:
        folder = stack.enter_context(server.home())
        speak(folder)
        database = db_server.empty_database(worker_name, "browser")
        stack.callback(db_server.drop_database, database)
        env = environment(folder, database)
        migrated = Command(folder, env, "migrate")
        assert migrated.child.wait(server.START_S) == 0, migrated.said()
        settings = Settings(home=folder, app_database_url=database.app_url)
        backend = container.build_backend(settings, database.app_url)
        stack.callback(backend.close)
        eye = Observer(database)
        stack.callback(eye.close)
        port = server.free_port()
        made = Installation(
            folder=folder,
            database=database,
            address=f"http://127.0.0.1:{port}",
            backend=backend,
            eye=eye,
        )
        add_places(backend)
        open_window(backend)
        serve(made, stack, env)
        yield made


def serve(made: Installation, stack: ExitStack, env: Mapping[str, str]) -> None:
    pace = {"JIANZAI_WORKER_HEARTBEAT_S": "1", "JIANZAI_WORKER_STALLED_AFTER_S": "10"}
    frozen = "tests.browser.frozen"
    served = Command(made.folder, env, "serve", "--port", made.port, program=frozen)
    stack.callback(served.close)
    worker = Command(made.folder, {**env, **pace}, "worker")
    stack.callback(worker.close)
    made.commands += [served, worker]
    server.wait_until_ready(made.address, served)
    worker.waits_to_hear("the worker is ready")


def open_window(backend: Backend) -> None:
    with backend.unit(TEST.actor, TEST.scope) as unit:
        township = divisions.get(unit.session, TOWNSHIP)
        assert township is not None
        township.window_address, township.window_hours = "城关镇一号（虚构）", "工作日 9:00-17:00"


def speak(folder: Path) -> None:
    """Prompts of the quick voice; without its program the page is silent, as in the field."""
    try:
        make(voices()["zh_CN-espeak"], read_texts(), folder, print, force=False)
    except NoSynthesizer as reason:
        print(reason)  # noqa: T201 - shown when a test fails
