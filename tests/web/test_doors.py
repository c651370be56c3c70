"""Every route of the phone page says who may call it, and no other site can make it do anything."""

from http import HTTPStatus
from typing import cast

import pytest

from api.main import create_app
from domain.roles import Permission
from edge.deps import permissions_of
from services.backend import Backend
from tests.certification_world import County
from tests.contract.routes import routes_of
from tests.phone_world import Http
from web.main import create_phone_app
from web.phone.cookies import DEVICE, SESSION, TICKET
from web.security import HEADERS, PAGE_HEADER
from web.site import Site

ROUTES = routes_of(create_phone_app(cast("Backend", None)))
PAGE = {PAGE_HEADER: "1"}
OWN = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def page(county: County) -> Http:
    """The whole server: what comes under `/m` goes to the phone page."""
    phone = create_phone_app(county.backend, answer_after_s=0)
    return Http(Site(api=create_app(county.backend), phone=phone, office=phone))


def test_every_route_of_the_page_declares_exactly_one_permission() -> None:
    declared = {name: permissions_of(route) for name, route in ROUTES.items()}
    assert {name for name, found in declared.items() if len(found) != 1} == set()
    assert {p for found in declared.values() for p in found} <= {
        Permission.PUBLIC,
        Permission.SELF,
    }


OWN_ROUTES = sorted(n for n, route in ROUTES.items() if permissions_of(route) == [Permission.SELF])


@pytest.mark.parametrize("name", OWN_ROUTES)
def test_what_is_the_persons_own_is_closed_without_a_cookie_and_with_a_made_up_one(
    page: Http, name: str
) -> None:
    route = ROUTES[name]
    (method,) = route.methods or set()
    assert route.path_format is not None
    path = "/m" + route.path_format.format(name="video", index=0)
    made_up = "; ".join(f"{cookie}={'x' * 43}" for cookie in (DEVICE, TICKET, SESSION))
    for cookies in ("", made_up):
        answer = page.ask(method, path, headers=PAGE | {"Cookie": cookies}, json={})
        assert answer.status_code == HTTPStatus.UNAUTHORIZED
        assert answer.json()["code"] in {"identity.needed", "session.token_unknown"}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {PAGE_HEADER: "0"},
        PAGE | {"Sec-Fetch-Site": "cross-site"},
        PAGE | {"Sec-Fetch-Site": "same-site"},
        PAGE | {"Sec-Fetch-Site": "none"},
        PAGE | {"Origin": "https://elsewhere.example"},
        PAGE | {"Origin": "null"},
        PAGE | {"Sec-Fetch-Site": "cross-site", "Origin": "http://test"},
        OWN | {"Origin": "http://test"},
    ],
    ids=str,
)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_an_act_that_another_site_asks_for_is_refused(
    page: Http, method: str, headers: dict[str, str]
) -> None:
    answer = page.ask(method, "/m/act/who", headers=headers, json={})
    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert answer.json()["code"] == "request.cross_site"
    assert answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    "headers",
    [PAGE, PAGE | OWN, PAGE | {"Origin": "http://TEST"}, PAGE | OWN | {"Origin": "null"}],
    ids=str,
)
def test_an_act_of_our_own_page_gets_past_that_door(page: Http, headers: dict[str, str]) -> None:
    answer = page.ask("POST", "/m/act/nowhere", headers=headers)
    assert answer.json()["code"] == "request.no_such_route"


def test_what_the_page_answers_may_run_and_send_nothing_elsewhere(page: Http) -> None:
    answer = page.ask("GET", "/m/nowhere")
    assert answer.headers["permissions-policy"] == "camera=(self), microphone=()"
    for name in ("Referrer-Policy", "X-Content-Type-Options", "Cache-Control"):
        assert answer.headers[name] == HEADERS[name]
    policy = HEADERS["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "http" not in policy
    assert {part.split()[0] for part in policy.split("; ")} >= {
        "default-src",
        "script-src",
        "connect-src",
        "form-action",
        "frame-ancestors",
        "base-uri",
    }


def test_who_opens_the_bare_address_comes_to_the_page(page: Http) -> None:
    for path in ("/", "/m"):
        answer = page.ask("GET", path)
        assert (answer.status_code, answer.headers["location"]) == (HTTPStatus.FOUND, "/m/")
    assert page.ask("GET", "/v1/health/live").status_code == HTTPStatus.OK
    assert page.ask("GET", "/v1/m/").json()["code"] == "request.no_such_route"
    assert page.ask("POST", "/").status_code == HTTPStatus.NOT_FOUND
