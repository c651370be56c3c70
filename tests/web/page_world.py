"""One phone's page, as far as who it is goes: the cookies it was given, and what it asks."""

from dataclasses import dataclass, field
from typing import Any

from httpx import Response

from services.links import LinkMade, make_link
from storage.db.models.registry import DataKeyRow
from tests.certification_world import TEST, County, Pensioner
from tests.phone_world import Http
from web.main import create_phone_app
from web.security import PAGE_HEADER
from web.site import Site

WAIT_S = 0.0


@dataclass(slots=True)
class Page:
    """What a browser does: it keeps the cookies and sends them back, and says that it is ours."""

    county: County
    address: str = "http://test"
    jar: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, act: str, **how: Any) -> Response:
        phone = create_phone_app(self.county.backend, answer_after_s=WAIT_S)
        http = Http(Site(api=phone, phone=phone, office=phone))
        cookies = "; ".join(f"{name}={value}" for name, value in self.jar.items())
        headers = {PAGE_HEADER: "1", "Cookie": cookies} | how.pop("headers", {})
        answer = http.ask(method, f"{self.address}/m/act/{act}", headers=headers, **how)
        for cookie in answer.headers.get_list("set-cookie"):
            name, _, rest = cookie.partition("=")
            self.jar[name] = rest.partition(";")[0].strip('"')
            if not self.jar[name]:
                del self.jar[name]
        return answer

    def enter(self, link: LinkMade) -> Response:
        return self.ask("POST", "who", json={"link": link.token})

    def prove(self, id_number: str, value: str, kind: str = "phone") -> Response:
        proof = {"kind": kind, "value": value}
        return self.ask("POST", "who", json={"id_number": id_number, "proof": proof})

    def who(self) -> Response:
        return self.ask("GET", "who")


def link_of(county: County, person: Pensioner) -> LinkMade:
    return make_link(county.backend, TEST, person.id)


def code(answer: Response) -> str:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return str(answer.json()["code"])


def erase(county: County, person: Pensioner) -> None:
    """Destroy the person's key, as an erasure by law does."""
    with county.backend.unit(TEST.actor, TEST.scope) as unit:
        key = unit.session.get(DataKeyRow, person.id)
        assert key is not None
        key.wrapped, key.destroyed_at = None, unit.now
