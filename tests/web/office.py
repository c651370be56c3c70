"""Somebody at the console, without a network between: signs in, reads pages, fills in forms.

Pages are read as a browser reads them: forms are found in the page, hidden fields go along.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urljoin

from bs4 import BeautifulSoup, Tag
from httpx import ASGITransport, AsyncClient, Response

from domain.regions import DivisionPath
from domain.roles import Role
from tests.certification_world import PASSWORD, Account, County
from tests.signed_in import token_of
from web.console.app import create_console_app
from web.console.session import COOKIE
from web.site import OFFICE, Site

BASE = "http://test"
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


@dataclass(slots=True, kw_only=True)
class Page:
    """One answer, and what stands in it."""

    answer: Response
    soup: BeautifulSoup

    @property
    def status(self) -> int:
        return self.answer.status_code

    @property
    def text(self) -> str:
        """What a person reads."""
        return " ".join(self.soup.get_text(" ").split())

    def form(self, action: str) -> Tag:
        """The one form that goes to an address that ends so."""
        found = [f for f in self.soup.find_all("form") if str(f.get("action", "")).endswith(action)]
        assert len(found) == 1, [f.get("action") for f in self.soup.find_all("form")]
        return found[0]

    def value(self, action: str, name: str) -> str:
        """What a field of a form holds."""
        element = self.form(action).select_one(f"[name='{name}']")
        assert element is not None, name
        return next(iter(_value(element)), "")

    def links(self) -> list[str]:
        return [str(a["href"]) for a in self.soup.find_all("a", href=True)]


@dataclass(slots=True, kw_only=True)
class Office:
    """One browser. `headers` go with every request: give `HTMX` to ask as htmx does."""

    county: County
    cookies: dict[str, str] = field(default_factory=dict)
    _app: Site = field(init=False)

    def __post_init__(self) -> None:
        console = create_console_app(self.county.backend)
        self._app = Site(api=console, phone=console, office=console)

    def as_(self, account: Account) -> "Office":
        """Sit down as somebody who has signed in, second factor included."""
        token = token_of(self.county.backend, account.login, PASSWORD)
        return Office(county=self.county, cookies={COOKIE: token})

    def seat(self, role: Role, division: DivisionPath) -> "Office":
        """Sit down as somebody new."""
        return self.as_(self.county.staff(role, division))

    def get(self, path: str, **headers: str) -> Page:
        return self.ask("GET", path, headers=headers)

    def part(self, path: str) -> Page:
        """Ask as htmx does."""
        return self.ask("GET", path, headers=HTMX)

    def follow(self, page: Page) -> Page:
        """Go where an answer sends the browser."""
        assert page.status == 303, (page.status, page.text)
        return self.get(page.answer.headers["location"])

    def submit(
        self,
        page: Page,
        action: str,
        *,
        headers: dict[str, str] | None = None,
        **typed: object,
    ) -> Page:
        """Fill in a form of a page and send it, with what it holds already."""
        form = page.form(action)
        fields = [*_held(form, typed), *_typed(typed)]
        return self.post(str(form["action"]), fields, headers=headers)

    def post(
        self,
        path: str,
        fields: list[tuple[str, str]],
        *,
        headers: dict[str, str] | None = None,
    ) -> Page:
        sent = {"Content-Type": "application/x-www-form-urlencoded"} | (headers or {})
        content = urlencode(fields).encode()
        return self.ask("POST", path, headers=sent, content=content)

    def ask(self, method: str, path: str, **how: Any) -> Page:
        address = path if path.startswith(OFFICE) else OFFICE + path
        answer = asyncio.run(self._send(method, address, **how))
        for name, value in answer.cookies.items():
            self.cookies[name] = value
        for line in answer.headers.get_list("set-cookie"):
            if "Max-Age=0" in line:
                self.cookies.pop(line.partition("=")[0], None)
        return Page(answer=answer, soup=BeautifulSoup(answer.text, "html.parser"))

    async def _send(self, method: str, path: str, **how: Any) -> Response:
        transport = ASGITransport(self._app)
        async with AsyncClient(transport=transport, base_url=BASE, cookies=self.cookies) as http:
            return await http.request(method, urljoin(BASE, path), **how)


def _held(form: Tag, typed: dict[str, object]) -> list[tuple[str, str]]:
    """What a form would send untouched, without what is typed over."""
    found = []
    for element in form.find_all(["input", "textarea", "select"]):
        name = str(element.get("name", ""))
        if not name or name in typed:
            continue
        found += [(name, value) for value in _value(element)]
    return found


def _value(element: Tag) -> list[str]:
    if element.name == "textarea":
        return [element.get_text()]
    if element.name == "select":
        options = element.find_all("option")
        chosen = [o for o in options if o.has_attr("selected")] or options[:1]
        return [str(o.get("value", o.get_text())) for o in chosen]
    kind = element.get("type", "text")
    if kind in {"checkbox", "radio"}:
        return [str(element.get("value", "on"))] if element.has_attr("checked") else []
    if kind in {"submit", "button"}:
        return []
    return [str(element.get("value", ""))]


def _typed(typed: dict[str, object]) -> list[tuple[str, str]]:
    fields = []
    for name, value in typed.items():
        values = value if isinstance(value, list | tuple) else [value]
        fields += [(name, str(one)) for one in values if one is not None]
    return fields
