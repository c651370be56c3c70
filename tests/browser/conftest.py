"""One installation, one Chromium and one set of films for all tests of the page.

Marked `xdist_group("browser")`, they run in one process. Screens are kept as pictures in
`tests/browser/seen/` (not in the repository) to be looked at.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from app.demo.script import Behaviour
from domain.challenge import Challenge
from tests.browser import camera, chromium
from tests.browser.camera import film_bytes, write_y4m
from tests.browser.installation import FACE, Installation, installed
from tests.browser.looking import SEEN
from tests.browser.visitor import Visitor


class Film(Protocol):
    """Makes the bytes of a film for `camera.js`; another seed, another take."""

    def __call__(self, person: str, behaviour: Behaviour, *, seed: int = 7) -> bytes: ...


@pytest.fixture(scope="session")
def county_online(worker_name: str) -> Iterator[Installation]:
    """A county behind a server, in a database and a home of its own."""
    chromium.program()
    with installed(worker_name) as made:
        yield made


@pytest.fixture(scope="session")
def asked(county_online: Installation) -> Challenge:
    return county_online.challenge()


@pytest.fixture(scope="session")
def film(county_online: Installation, asked: Challenge) -> Film:
    """Films of everybody before the one challenge that is asked."""
    made: dict[tuple[str, Behaviour, int], bytes] = {}

    def make(person: str, behaviour: Behaviour, *, seed: int = 7) -> bytes:
        key = person, behaviour, seed
        if key not in made:
            made[key] = film_bytes(county_online.studio, person, asked, behaviour, seed=seed)
        return made[key]

    return make


@pytest.fixture(scope="session")
def answering(film: Film) -> bytes:
    return film(FACE, Behaviour.ANSWERS)


@pytest.fixture(scope="session")
def asked_clip(county_online: Installation, asked: Challenge) -> bytes:
    """The right person's answer as a file (MP4)."""
    return county_online.studio.clip(FACE, asked, camera=camera.CAMERA, seed=7)


@pytest.fixture(scope="session")
def waiting_person(asked_clip: bytes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film for the browser's own fake camera: somebody who looks into it, again and again."""
    path = tmp_path_factory.mktemp("camera") / "waiting.y4m"
    write_y4m(path, asked_clip, most=12)
    return path


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as made:
        yield made


@pytest.fixture(scope="session")
def browser(playwright: Playwright, waiting_person: Path) -> Iterator[Browser]:
    shutil.rmtree(SEEN, ignore_errors=True)
    made = chromium.launch(playwright, waiting_person)
    yield made
    made.close()


@pytest.fixture
def visitor(browser: Browser, county_online: Installation) -> Iterator[Visitor]:
    """Somebody with a phone that was never here before."""
    context = chromium.phone_of(browser)
    made = Visitor(page=context.new_page(), address=county_online.address)
    yield made
    context.close()
    made.must_be_clean()
