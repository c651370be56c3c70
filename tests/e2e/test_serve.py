"""`jianzai serve` as a newcomer runs it: one pass over HTTP, and nothing left behind."""

import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from app import container
from app.demo.studio import Studio
from app.settings import Settings
from domain.challenge import from_json
from storage.ids import uuid7
from tests.backend_world import add_places
from tests.certification_world import County, Pensioner
from tests.e2e import server
from tests.e2e.phones import PATIENCE_S, SELFIE, VIDEO, Phone
from tests.e2e.server import Command, ended, postgres_of, until, wait_until_ready
from tests.e2e.stage import CAMERA, FACE

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.faces,
    pytest.mark.slow,
    pytest.mark.xdist_group("serve"),
]


class Installation:
    """A home with an embedded database, and the commands that run in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.env = {
            "JIANZAI_HOME": str(folder),
            "JIANZAI_WORKER_HEARTBEAT_S": "1",
            "JIANZAI_WORKER_STALLED_AFTER_S": "4",
        }
        self.port = server.free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.commands: list[Command] = []

    def run(self, *arguments: object, **env: str) -> Command:
        command = Command(self.folder, {**self.env, **env}, *arguments)
        self.commands.append(command)
        return command

    def serve(self) -> Command:
        command = self.run("serve", "--port", self.port)
        wait_until_ready(self.address, command)
        return command

    def everything(self) -> list[psutil.Process]:
        """All processes that live for this installation: ours, the database's, the decoder's."""
        alive = [c for c in self.commands if c.child.poll() is None]
        return [p for c in alive for p in c.family()] + postgres_of(self.folder)

    def worker_of(self, served: Command) -> psutil.Process:
        def workers() -> list[psutil.Process]:
            return [p for p in served.family() if "worker" in p.cmdline()]

        until(workers, "the server's worker")
        return workers()[0]


@pytest.fixture
def installation() -> Iterator[Installation]:
    with server.home() as folder:
        made = Installation(folder)
        yield made
        left = made.everything()
        for command in made.commands:
            command.close()
        for process in left:  # one that a test had suspended could not hear that its parent is gone
            with suppress(psutil.NoSuchProcess):
                process.resume()
        left = postgres_of(folder)
        if left:  # a killed server's: the next start would have joined it
            left[0].send_signal(signal.SIGINT)
            until(lambda: ended(left), "the database of a failed test ended")


def register(installation: Installation) -> Pensioner:
    """Put one person with a reference photo in, beside the running server."""
    settings = Settings(home=installation.folder)
    with container.database(settings) as where:
        backend = container.build_backend(settings, where.app_url)
        try:
            add_places(backend)
            person = County(backend=backend).person()
            County(backend=backend).enrol(person, Studio.open().reference(FACE, seed=1))
        finally:
            backend.close()
    return person


def open_session(address: str, person: Pensioner) -> tuple[dict[str, str], dict[str, Any]]:
    """Do what the page does before the camera opens; return headers and the session."""
    told = httpx.post(f"{address}/v1/eligibility", json=person.claim)
    assert told.status_code == HTTPStatus.OK, told.text
    notice = told.json()["notice"]
    device = "phone-of-the-e2e-test"
    wanted = {
        "claim": person.claim,
        "device_id": device,
        "consent": {"text_version": notice["version"], "text_digest": notice["digest"]},
    }
    opened = httpx.post(f"{address}/v1/sessions", json=wanted)
    assert opened.status_code == HTTPStatus.CREATED, opened.text
    session: dict[str, Any] = opened.json()
    return {"Authorization": f"Bearer {session['token']}", "Device-Id": device}, session


def certify(address: str, person: Pensioner) -> Phone:
    """Answer the challenge that the server drew, and hand it in."""
    headers, session = open_session(address, person)
    studio = Studio.open()
    film = studio.clip(FACE, from_json(session["challenge"]), camera=CAMERA, seed=7)
    phone = Phone(
        address=address,
        person=person,
        session_id=session["session_id"],
        client_id=str(uuid7()),
        headers=headers,
        content={SELFIE: studio.selfie(FACE, seed=3), VIDEO: film},
        captured_at=datetime.now(UTC).isoformat(),  # noqa: TID251 - a phone's own clock
    )
    phone.hand_in()
    return phone


def decided(phone: Phone) -> dict[str, Any]:
    until(lambda: phone.status()["state"] != "submitted", "a decision", PATIENCE_S)
    return phone.status()


def test_one_person_certifies_and_nothing_is_left_when_the_server_stops(
    installation: Installation,
) -> None:
    served = installation.serve()
    status = decided(certify(installation.address, register(installation)))
    assert status["state"] == "pass", status
    assert status["receipt"]["valid_until"].keys() == {"resident_pension"}
    running = installation.everything()
    names = {p.name() for p in running}
    assert "postgres" in names
    assert len([p for p in running if p.name().startswith("python")]) >= 3
    assert served.stop() == 0
    assert ended(running)
    assert installation.run("audit", "verify").child.wait(60) == 0
    assert (installation.folder / "audit-anchors.jsonl").stat().st_size > 0


def test_a_killed_server_takes_its_worker_along_and_the_next_one_goes_on(
    installation: Installation,
) -> None:
    killed = installation.serve()
    phone = certify(installation.address, register(installation))
    helpers = [p for p in killed.family() if p.pid != killed.pid]
    database = postgres_of(installation.folder)
    killed.kill()
    until(lambda: ended(helpers), "worker and decoder ended after their server", 20)
    assert not ended(database)
    began = time.monotonic()
    served = installation.serve()
    assert time.monotonic() - began < 20
    assert decided(phone)["state"] == "pass"
    running = installation.everything()
    assert served.stop(signal.SIGINT) == 0
    assert ended([*running, *database])


def test_a_machine_that_went_down_comes_up_with_all_that_was_acknowledged(
    installation: Installation,
) -> None:
    killed = installation.serve()
    person = register(installation)
    installation.worker_of(killed).suspend()
    phone = certify(installation.address, person)
    everything = installation.everything()
    for process in everything:
        process.kill()
    until(lambda: ended(everything), "all is down")
    killed.child.wait()
    served = installation.serve()
    assert decided(phone)["state"] == "pass"
    assert served.stop() == 0


def test_a_worker_that_dies_is_replaced(installation: Installation) -> None:
    served = installation.serve()
    first = installation.worker_of(served)
    first.kill()
    until(lambda: ended([first]), "the worker is gone")
    assert installation.worker_of(served).pid != first.pid
    running = installation.everything()
    assert served.stop() == 0
    assert ended(running)


def test_the_last_to_leave_stops_the_embedded_database(installation: Installation) -> None:
    served = installation.serve()
    worker = installation.run("worker")
    worker.waits_to_hear("the worker is ready")
    assert served.stop() == 0
    database = postgres_of(installation.folder)
    assert database
    assert not ended(database)
    assert worker.stop() == 0
    assert ended(database)


@pytest.mark.parametrize("after_s", [1.0, 3.0])
def test_a_stop_in_the_middle_of_a_first_start_leaves_nothing(
    installation: Installation, after_s: float
) -> None:
    served = installation.run("serve", "--port", installation.port)
    time.sleep(after_s)
    running = installation.everything()
    code = served.stop()
    assert code in {0, -signal.SIGTERM}, served.said()  # while Python itself still starts
    assert ended(running)
    assert not postgres_of(installation.folder)


def test_a_taken_port_is_one_line_and_starts_nothing(installation: Installation) -> None:
    with server.listening() as port:
        refused = installation.run("serve", "--port", port)
        assert refused.child.wait(60) == 1
    assert refused.said().startswith(f"error: port {port} on 127.0.0.1 is taken")
    assert refused.said().count("\n") == 1
    assert not (installation.folder / "postgres").exists()


def test_missing_models_name_the_command_that_brings_them(installation: Installation) -> None:
    (installation.folder / "models").unlink()
    refused = installation.run("serve", "--port", installation.port)
    assert refused.child.wait(60) == 1
    assert "run `jianzai models fetch`" in refused.said()
    assert refused.said().count("\n") == 1


def test_a_lost_key_ring_stops_the_start_and_is_never_made_anew(
    installation: Installation,
) -> None:
    served = installation.serve()
    register(installation)
    assert served.stop() == 0
    ring = installation.folder / "keyring.json"
    ring.unlink()
    refused = installation.run("serve", "--port", installation.port)
    assert refused.child.wait(60) == 1
    assert f"the key ring {ring} is missing" in refused.said()
    assert not ring.exists()
    assert not postgres_of(installation.folder)
