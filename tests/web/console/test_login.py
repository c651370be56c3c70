"""In and out of the console: two factors, a lock, no way around."""

from datetime import timedelta
from http import HTTPStatus

import pytest

from domain.roles import Role
from services.accounts import IDLE_LOCK
from storage.crypto.one_time_codes import code_at
from tests.certification_world import PASSWORD, Account, County
from tests.clock import FixedClock
from tests.places import TOWNSHIP, VILLAGE
from tests.web.office import HTMX, Office, Page
from web.console.session import COOKIE


@pytest.fixture
def clerk(county: County) -> Account:
    return county.staff(Role.TOWNSHIP_CLERK, TOWNSHIP, login="clerk.wang", name="王经办")


@pytest.fixture
def officer(county: County) -> Account:
    return county.staff(Role.VILLAGE_OFFICER, VILLAGE, login="officer.li", name="李协办")


def sign_in(office: Office, login: str, password: str = PASSWORD) -> Page:
    return office.submit(office.get("/login"), "/login", login=login, password=password)


def test_who_is_not_signed_in_is_asked_to_and_comes_back_to_where_he_wanted(
    office: Office, officer: Account
) -> None:
    asked = office.get("/?village=990101100001")
    assert asked.answer.headers["location"] == "/office/login?next=%2F%3Fvillage%3D990101100001"

    door = office.follow(asked)
    answer = office.submit(door, "/login", login=officer.login, password=PASSWORD)

    assert answer.answer.headers["location"] == "/office/?village=990101100001"
    assert "今日" in office.follow(answer).text


def test_a_wrong_password_says_so_and_keeps_the_login(office: Office, officer: Account) -> None:
    answer = sign_in(office, officer.login, "wrong-password")

    assert answer.status == HTTPStatus.UNAUTHORIZED
    assert "用户名或密码不对" in answer.text
    assert answer.value("/login", "login") == officer.login
    assert "wrong-password" not in answer.answer.text


def test_after_ten_wrong_passwords_the_door_says_when_to_come_back(
    office: Office, officer: Account
) -> None:
    for _ in range(10):
        sign_in(office, officer.login, "wrong-password")

    answer = sign_in(office, officer.login)

    assert answer.status == HTTPStatus.TOO_MANY_REQUESTS
    assert "登录次数太多" in answer.text


def test_a_reviewer_sets_the_second_factor_up_and_is_in(
    office: Office, clerk: Account, county: County
) -> None:
    door = office.follow(office.follow(sign_in(office, clerk.login)))
    assert "第一次登录，请先绑定验证器" in door.text
    assert door.soup.find("svg") is not None
    secret = door.soup.find("code", {"class": "secret"})
    assert secret is not None

    code = code_at(secret.get_text().replace(" ", ""), county.backend.clock.now())
    answer = office.submit(door, "/code", code=f"{code[:3]} {code[3:]}")

    assert "王经办" in office.follow(answer).text


@pytest.mark.parametrize("path", ["/", "/me", "/watermark.svg"])
def test_half_a_session_opens_nothing(office: Office, clerk: Account, path: str) -> None:
    sign_in(office, clerk.login)

    answer = office.get(path)

    assert answer.answer.headers["location"].startswith("/office/code")


def test_a_wrong_code_says_so(office: Office, clerk: Account) -> None:
    door = office.follow(office.follow(sign_in(office, clerk.login)))

    answer = office.submit(door, "/code", code="000000")

    assert answer.status == HTTPStatus.UNAUTHORIZED
    assert "验证码不对" in answer.text


def test_once_set_up_the_secret_is_shown_to_nobody(
    office: Office, clerk: Account, county: County, clock: FixedClock
) -> None:
    door = office.follow(office.follow(sign_in(office, clerk.login)))
    secret = door.soup.find("code", {"class": "secret"})
    assert secret is not None
    plain = secret.get_text().replace(" ", "")
    office.submit(door, "/code", code=code_at(plain, county.backend.clock.now()))

    elsewhere = Office(county=county)
    door = elsewhere.follow(elsewhere.follow(sign_in(elsewhere, clerk.login)))

    assert door.soup.find("code", {"class": "secret"}) is None
    assert door.soup.find("svg") is None


def test_a_screen_that_nobody_touched_is_locked_and_opens_with_the_password(
    office: Office, officer: Account, clock: FixedClock
) -> None:
    sign_in(office, officer.login)
    clock.advance(IDLE_LOCK + timedelta(seconds=1))

    locked = office.get("/?x=1")
    assert locked.answer.headers["location"] == "/office/lock?next=%2F%3Fx%3D1"
    door = office.follow(locked)
    assert "王" not in door.text or "李协办" in door.text
    wrong = office.submit(door, "/lock", password="wrong-password")
    assert wrong.status == HTTPStatus.UNAUTHORIZED
    opened = office.submit(door, "/lock", password=PASSWORD)

    assert "今日" in office.follow(opened).text


def test_who_works_is_not_locked(office: Office, officer: Account, clock: FixedClock) -> None:
    sign_in(office, officer.login)
    for _ in range(4):
        clock.advance(IDLE_LOCK - timedelta(seconds=1))
        assert office.get("/").status == HTTPStatus.OK


def test_the_lock_over_an_open_page_loads_nothing_anew(
    office: Office, officer: Account, clock: FixedClock
) -> None:
    sign_in(office, officer.login)
    page = office.get("/")
    clock.advance(IDLE_LOCK + timedelta(seconds=1))

    answer = office.submit(page, "/lock", password=PASSWORD)

    assert answer.status == HTTPStatus.NO_CONTENT
    assert office.get("/").status == HTTPStatus.OK


def test_signing_out_ends_the_session_and_says_so(office: Office, officer: Account) -> None:
    sign_in(office, officer.login)
    token = office.cookies[COOKIE]

    answer = office.submit(office.get("/"), "/logout")

    assert COOKIE not in office.cookies
    assert "已经退出" in office.follow(answer).text
    office.cookies[COOKIE] = token
    assert office.get("/").answer.headers["location"].startswith("/office/login")


def test_htmx_is_sent_to_the_door_as_a_whole(office: Office) -> None:
    answer = office.part("/")

    assert answer.answer.headers["HX-Redirect"].startswith("/office/login")


def test_a_form_without_its_token_is_refused(office: Office, officer: Account) -> None:
    sign_in(office, officer.login)

    answer = office.post("/logout", [("csrf", "0" * 64)])

    assert answer.status == HTTPStatus.FORBIDDEN
    assert office.get("/").status == HTTPStatus.OK


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}],
)
def test_another_site_cannot_post(
    office: Office, officer: Account, headers: dict[str, str]
) -> None:
    sign_in(office, officer.login)
    page = office.get("/")

    answer = office.submit(page, "/logout", headers=headers)

    assert answer.status == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize(
    "wanted", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere", "javascript:x"]
)
def test_the_way_back_never_leads_elsewhere(office: Office, officer: Account, wanted: str) -> None:
    fields = [("login", officer.login), ("password", PASSWORD), ("next", wanted)]

    answer = office.post("/login", fields)

    assert answer.answer.headers["location"].startswith("/office/")


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(
    office: Office, officer: Account
) -> None:
    answer = sign_in(office, officer.login)

    cookie = answer.answer.headers["set-cookie"]
    assert {"HttpOnly", "SameSite=strict", "Path=/office"} <= set(cookie.split("; "))


def test_pages_are_never_kept_and_run_their_own_scripts_only(
    office: Office, officer: Account
) -> None:
    sign_in(office, officer.login)

    headers = office.get("/").answer.headers

    assert headers["cache-control"] == "no-store"
    assert "script-src 'self'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


def test_the_watermark_names_who_looks(office: Office, county: County) -> None:
    odd = county.staff(Role.VILLAGE_OFFICER, VILLAGE, login="odd", name="<b>甲&乙</b>")
    seat = office.as_(odd)

    drawn = seat.get("/watermark.svg").answer

    assert drawn.headers["content-type"] == "image/svg+xml"
    assert "&lt;b&gt;甲&amp;乙&lt;/b&gt; odd 2026-03-02 09:00" in drawn.text


def test_an_address_that_is_none_says_so(office: Office, officer: Account) -> None:
    seat = office.as_(officer)

    assert seat.get("/nowhere").status == HTTPStatus.NOT_FOUND
    part = seat.ask("GET", "/nowhere", headers=HTMX)
    assert part.answer.headers["HX-Retarget"] == "#said"
