"""Somebody at a phone: opens the page, reads, taps, and is filmed."""

from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, FilePayload, Page, Request, Response, Route, expect

from tests.browser.camera import SCRIPT

PATIENCE_MS = 60_000
DECISION_MS = 120_000
expect.set_options(timeout=PATIENCE_MS)  # a busy machine is no finding


@dataclass(kw_only=True)
class Visitor:
    """One page of one phone. `sent` and `answered` are its requests below `/m/act/`."""

    page: Page
    address: str
    sent: list[tuple[str, str]] = field(default_factory=list)
    answered: list[tuple[str, str, int]] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    mute: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.on("request", self._asked)
        self.page.on("response", self._got)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._said)

    def _asked(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in {"http", "https", "ws"} and not request.url.startswith(self.address):
            self.strangers.append(request.url)
        if address.path.startswith("/m/act/"):
            self.sent.append((request.method, address.path.removeprefix("/m/act/")))

    def _got(self, response: Response) -> None:
        path = urlsplit(response.url).path
        if path.startswith("/m/act/"):
            act = path.removeprefix("/m/act/")
            self.answered.append((response.request.method, act, response.status))
        if path.endswith(".mp3") and response.status >= HTTPStatus.BAD_REQUEST:
            self.mute.append(path)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.errors.append(message.text)

    def must_be_clean(self) -> None:
        """No script failed, the policy stopped nothing, nobody else was asked, no prompt lacks."""
        assert self.errors == []
        assert self.mute == []
        assert self.strangers == []

    def stands_before(self, film: bytes) -> None:
        """Put a film before the camera. Before the page is opened."""

        def serve(route: Route) -> None:
            route.fulfill(body=film, content_type="application/octet-stream")

        self.page.route("**/m/test-film", serve)
        self.page.add_init_script(path=SCRIPT)

    def moves_anew(self, film: bytes) -> None:
        """Put another take before the camera of the page that is open."""
        self.page.unroute("**/m/test-film")
        self.page.route("**/m/test-film", lambda route: route.fulfill(body=film))
        self.page.evaluate("jianzaiFilm.take = null")

    def open(self, path: str = "/m/") -> None:
        self.page.goto(self.address + path)

    def sees(self, screen: str, *, timeout: float = PATIENCE_MS) -> None:
        expect(self.page.locator(f"#{screen}")).to_be_visible(timeout=timeout)

    def taps(self, element: str) -> None:
        self.page.locator(f"#{element}").click()

    def reads(self, element: str) -> str:
        return self.page.locator(f"#{element}").inner_text()

    def agrees(self, link: str) -> None:
        """From the link to the camera, as most people go: it is me, I agree."""
        self.open(link)
        self.sees("hello")
        self.taps("hello-yes")
        self.sees("consent")
        self.taps("consent-agree")

    def starts(self) -> None:
        """Start the recording, at once or when the page offers to start all the same."""
        start = self.page.locator("#camera-start")
        expect(start).to_be_enabled()
        start.click()
        asking = self.page.locator("#asked")
        for _ in range(40):
            if asking.is_visible():
                return
            self.page.wait_for_timeout(500)
            if start.is_visible() and start.is_enabled():
                start.click()
        expect(asking).to_be_visible()

    def films(self) -> None:
        self.sees("camera")
        self.starts()
        # On loopback the sending may be over before anybody looks.
        over = self.page.locator("#sending:visible, #result:visible")
        expect(over.first).to_be_visible(timeout=PATIENCE_MS)

    def hands_in(self, film: bytes) -> None:
        """Choose a film as a file, as the phone's own camera would have made it."""
        chosen: FilePayload = {"name": "film.mp4", "mimeType": "video/mp4", "buffer": film}
        self.page.locator("#filming-video").set_input_files(chosen)

    def waits_for_chunks(self, count: int) -> None:
        """Wait until the server has acknowledged so many parts."""
        for _ in range(int(PATIENCE_MS / 200)):
            if len(self.accepted_chunks()) >= count:
                return
            self.page.wait_for_timeout(200)
        raise AssertionError(f"only {len(self.accepted_chunks())} parts were accepted")

    def waits_for(self, *titles: str) -> str:
        """Wait for a decision; the verdict's picture says which."""
        picture = self.page.locator("#result-picture")
        self.sees("result")
        for _ in range(int(DECISION_MS / 500)):
            shown = (picture.get_attribute("src") or "").rpartition("/")[2]
            if shown and shown != "wait.svg":
                assert shown.removesuffix(".svg") in titles, self.reads("result")
                return shown.removesuffix(".svg")
            self.page.wait_for_timeout(500)
        raise AssertionError(f"no decision: {self.reads('result')}")

    def accepted_chunks(self) -> list[str]:
        return [
            act for _, act, status in self.answered if _is_chunk(act) and status == HTTPStatus.OK
        ]


def _is_chunk(act: str) -> bool:
    return act.startswith("parts/")
