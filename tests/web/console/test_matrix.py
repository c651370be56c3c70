"""Every route of the console x every role x every place: the door, the scope, and nothing said.

What lies out of one's division is not there (404), whatever one would do with it; what one's role
has no part in is refused (403); and no answer to either names the person.
"""

from http import HTTPStatus

import pytest

from domain.regions import DivisionPath
from domain.roles import MARKERS, Permission, Role, may
from tests.certification_world import Account, County
from tests.web.console.matrix_world import FOREIGN, OWN, TYPED, Everything, everything
from tests.web.console.routes import FREE, ROUTES, STAFF_ROUTES, ConsoleRoute
from tests.web.office import HTMX, Office, Page
from web.console.session import COOKIE, csrf_of

ABOUT_OBJECTS = tuple(r for r in STAFF_ROUTES if r.is_about_an_object)
ENDING = {"/me/password", "/logout"}
PUBLIC = {"/login", "/static/{asked}/{name:path}"}


@pytest.fixture
def world(county: County) -> Everything:
    return everything(county)


def ask(seat: Office, route: ConsoleRoute, world: Everything) -> Page:
    """Ask as a page of the console would, with a form that would do."""
    path = route.address(world.ids)
    if route.method == "GET":
        return seat.get(path)
    return seat.post(path, [("csrf", csrf_of(seat.cookies.get(COOKIE, ""))), *TYPED])


class Seat:
    """Somebody who signs in again only when a route has ended the session: that takes its time."""

    def __init__(self, office: Office, account: Account) -> None:
        self._office = office
        self._account = account
        self._now = office.as_(account)

    def ask(self, route: ConsoleRoute, world: Everything) -> Page:
        answer = ask(self._now, route, world)
        if COOKIE not in self._now.cookies or route.path in ENDING:
            self._now = self._office.as_(self._account)
        return answer


def says_nothing(answer: Page, world: Everything) -> bool:
    """Whether an answer is silent about the person."""
    person = world.person
    return not any(
        one in answer.answer.text for one in (person.name, person.id_number, person.phone)
    )


def test_every_route_declares_exactly_one_permission() -> None:
    assert [r.path for r in ROUTES if len(r.permissions) != 1] == []
    assert len(ROUTES) > 50


def test_only_the_door_and_files_are_open_to_strangers() -> None:
    assert {r.path for r in ROUTES if set(r.permissions) & MARKERS} == PUBLIC


def test_every_parameter_of_an_address_is_tried(world: Everything) -> None:
    named = {name for r in ROUTES for name in r.parameters} - FREE
    assert named <= set(world.ids), named - set(world.ids)


def test_a_stranger_is_sent_to_the_door(county: County, world: Everything) -> None:
    stranger = Office(county=county)
    for route in STAFF_ROUTES:
        answer = ask(stranger, route, world)
        assert answer.status == HTTPStatus.SEE_OTHER, route.path
        assert answer.answer.headers["location"].startswith("/office/login"), route.path


@pytest.mark.parametrize("role", Role)
def test_a_role_gets_past_the_door_of_what_it_may_do_only(
    office: Office, world: Everything, role: Role
) -> None:
    account = world.county.staff(role, OWN[role])
    seat = Seat(office, account)
    for route in STAFF_ROUTES:
        if route.permission is Permission.SIGNED_IN:
            continue
        answer = seat.ask(route, world)
        denied = "permission.denied" in answer.answer.text
        assert denied is not may(role, route.permission), (route.method, route.path, answer.status)
        assert answer.status < HTTPStatus.INTERNAL_SERVER_ERROR, (route.path, answer.text)
        if denied:
            assert answer.status == HTTPStatus.FORBIDDEN
            assert says_nothing(answer, world), route.path


@pytest.mark.parametrize(
    ("role", "place"),
    [(role, place) for role, places in FOREIGN.items() for place in places],
    ids=str,
)
def test_what_lies_elsewhere_is_not_there(
    office: Office, world: Everything, role: Role, place: DivisionPath
) -> None:
    seat = Seat(office, world.county.staff(role, place))
    for route in ABOUT_OBJECTS:
        if not may(role, route.permission):
            continue
        answer = seat.ask(route, world)
        assert answer.status == HTTPStatus.NOT_FOUND, (route.method, route.path, answer.text)
        assert says_nothing(answer, world), route.path


@pytest.mark.parametrize("bad", ["0", "x" * 300, "01a2022e-0000-7000-8000-000000000000", "%00"])
def test_an_id_that_is_none_is_refused_in_words(
    office: Office, world: Everything, bad: str
) -> None:
    seat = office.seat(Role.COUNTY_BUREAU, OWN[Role.COUNTY_BUREAU])
    for route in ABOUT_OBJECTS:
        if route.method != "GET" or not may(Role.COUNTY_BUREAU, route.permission):
            continue
        broken = dict.fromkeys(world.ids, bad)
        answer = seat.get(route.address(broken))
        refused = {HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY}
        assert answer.status in refused, (route.path, answer.status)
        assert "编号" in answer.text, route.path


def test_pages_and_parts_of_pages_say_the_same(office: Office, world: Everything) -> None:
    seat = office.seat(Role.TOWNSHIP_HEAD, OWN[Role.TOWNSHIP_HEAD])
    lists = [r for r in STAFF_ROUTES if r.method == "GET" and not r.parameters]
    for route in lists:
        if not may(Role.TOWNSHIP_HEAD, route.permission):
            continue
        whole = seat.get(route.path)
        part = seat.ask("GET", route.path, headers=HTMX)
        if whole.status != HTTPStatus.OK:  # a door that is behind one already
            continue
        assert part.status == HTTPStatus.OK, route.path
        if "text/html" in whole.answer.headers["content-type"]:
            assert part.soup.find("header", {"class": "side"}) is None, route.path
