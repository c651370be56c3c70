"""Uploads over a line that is cut, that swallows answers, that goes away; and a killed browser."""

import os
import signal
import struct
from collections import Counter
from http import HTTPStatus
from itertools import count
from pathlib import Path

import numpy as np
import psutil
import pytest
from playwright.sync_api import Browser, Playwright, Route, expect

from tests.browser import chromium
from tests.browser.bad_line import REAL_BYTES_PER_S, BadLine
from tests.browser.installation import Installation
from tests.browser.marks import IN_THE_BROWSER
from tests.browser.visitor import Visitor
from tests.storage.fault_proxy import FaultProxy, Faults

pytestmark = IN_THE_BROWSER
FASTER = 40
SIX_MB = 6_000_000
COOKIES_KEPT_MS = 33_000
"""Chromium writes its cookies to the disk every 30 s; a real upload takes minutes."""
_SERIAL = count(1)


def film_of_size(clip: bytes, size: int) -> bytes:
    """A film in a file of `size` bytes: what is missing stands in an MP4 box that players skip.

    Each is another file: the same one twice would be refused, and rightly so.
    """
    filler = np.random.default_rng(next(_SERIAL)).bytes(size - len(clip) - 8)
    return clip + struct.pack(">I4s", size - len(clip), b"free") + filler


@pytest.fixture
def big_film(asked_clip: bytes) -> bytes:
    return film_of_size(asked_clip, SIX_MB)


@pytest.fixture
def small_film(asked_clip: bytes) -> bytes:
    return film_of_size(asked_clip, 3_000_000)


def choose_film(visitor: Visitor, link: str, film: bytes) -> None:
    """Nobody allows the camera, so a film is chosen as a file."""
    visitor.agrees(link)
    visitor.sees("filming")
    visitor.hands_in(film)


def test_six_megabytes_over_a_line_cut_twenty_times(
    browser: Browser, county_online: Installation, big_film: bytes
) -> None:
    """The line runs 40 times as fast as 128 kbit/s, so that the test takes a minute and not ten."""
    person, link = county_online.person()
    line = BadLine(cuts_left=20, lost_share=0.2, seed=11)
    with FaultProxy(county_online.port, line) as proxy:
        context = chromium.phone_of(browser)
        visitor = Visitor(page=context.new_page(), address=f"http://{proxy.endpoint}")
        choose_film(visitor, link, big_film)
        proxy.faults = Faults(bytes_per_s=REAL_BYTES_PER_S * FASTER, latency_s=0.01)
        visitor.sees("result", timeout=120_000)
        context.close()
    sent = Counter(act for method, act in visitor.sent if method == "PUT")
    accepted = Counter(visitor.accepted_chunks())
    assert set(accepted.values()) == {1}, "an acknowledged part was sent again"
    assert sum(sent.values()) - sum(accepted.values()) <= line.cuts + line.lost + line.swallowed
    # A part whose answer was swallowed is there: the page hears of it when it asks what is missing.
    assert len(accepted) >= SIX_MB / 262_144 - line.swallowed
    assert (line.cuts, line.lost > 0, line.swallowed > 0) == (20, True, True)
    assert county_online.attempts(person) == 1
    assert visitor.strangers == []


def test_the_network_goes_and_comes_back(
    visitor: Visitor, county_online: Installation, small_film: bytes
) -> None:
    person, link = county_online.person()

    gone: list[str] = []

    def go_away(route: Route) -> None:
        if gone:
            route.continue_()
            return
        gone.append(route.request.url)
        visitor.page.context.set_offline(True)
        route.abort("internetdisconnected")

    visitor.page.route("**/m/act/parts/video/2", go_away)
    choose_film(visitor, link, small_film)
    line = visitor.page.locator("#sending-line")
    expect(line).not_to_be_empty()
    before = set(visitor.accepted_chunks())
    assert before, "what was acknowledged before the line went"
    visitor.page.context.set_offline(False)
    visitor.sees("result")
    accepted = Counter(visitor.accepted_chunks())
    assert before <= set(accepted)
    assert set(accepted.values()) == {1}
    assert county_online.attempts(person) == 1


def browser_of(folder: Path) -> psutil.Process:
    """The main process of the browser that runs on this folder; only our own children are asked."""
    wanted = f"--user-data-dir={folder}"
    for process in psutil.Process().children(recursive=True):
        words = process.cmdline()
        if wanted in words and not any(word.startswith("--type=") for word in words):
            return process
    raise AssertionError("no browser runs on the folder")


def test_a_killed_browser_goes_on_where_it_was(
    playwright: Playwright,
    county_online: Installation,
    waiting_person: Path,
    small_film: bytes,
    tmp_path: Path,
) -> None:
    person, link = county_online.person()
    context = chromium.persistent_phone(playwright, tmp_path, waiting_person)
    visitor = Visitor(page=context.pages[0], address=county_online.address)
    visitor.page.route("**/m/act/parts/video/9", lambda route: route.abort("connectionreset"))
    choose_film(visitor, link, small_film)
    visitor.waits_for_chunks(9)
    visitor.page.wait_for_timeout(COOKIES_KEPT_MS)
    assert readable(tmp_path, b"ftyp") == [], "the film lies in the browser's storage in the clear"
    os.kill(browser_of(tmp_path).pid, signal.SIGKILL)
    before = set(visitor.accepted_chunks())
    assert before
    for lock in tmp_path.glob("Singleton*"):
        lock.unlink()

    context = chromium.persistent_phone(playwright, tmp_path, waiting_person)
    again = Visitor(page=context.pages[0], address=county_online.address)
    again.open()
    again.sees("result")
    left = set(again.accepted_chunks())
    assert left
    assert not left & before, "an acknowledged part was sent again"
    assert county_online.attempts(person) == 1
    kept = again.page.evaluate(LEFT_OVER)
    context.close()
    assert kept == 0


LEFT_OVER = """() => new Promise((resolve, reject) => {
  const asked = indexedDB.open("jianzai");
  asked.onerror = () => reject(asked.error);
  asked.onsuccess = () => {
    const store = asked.result.transaction("unsent").objectStore("unsent").count();
    store.onsuccess = () => resolve(store.result);
  };
})"""


def readable(folder: Path, needle: bytes) -> list[str]:
    """Files of the browser's storage in which `needle` stands in the clear."""
    found = [path for path in (folder / "Default" / "IndexedDB").rglob("*") if path.is_file()]
    assert found, "the browser keeps nothing"
    return [path.name for path in found if needle in path.read_bytes()]


def test_sending_twice_counts_once(
    visitor: Visitor, county_online: Installation, small_film: bytes
) -> None:
    """The server's last word is lost: the page asks again and gets the same answer."""
    person, link = county_online.person()
    swallowed: list[int] = []

    def swallow(route: Route) -> None:
        answer = route.fetch()
        if answer.status == HTTPStatus.ACCEPTED and not swallowed:
            swallowed.append(answer.status)
            route.abort("connectionreset")
        else:
            route.fulfill(response=answer)

    visitor.page.route("**/m/act/manifest", swallow)
    choose_film(visitor, link, small_film)
    visitor.sees("result")
    assert swallowed
    assert county_online.attempts(person) == 1
