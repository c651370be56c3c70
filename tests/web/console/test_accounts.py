"""Accounts at the console: listed, opened and closed; one's own; villages without an officer."""

import re
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest

from domain.audit import AuditAction
from domain.roles import Permission, Role, may
from services import accounts
from services.accounts import CONFIRMED_FOR
from storage.crypto.one_time_codes import code_at
from storage.db.models.accounts import Staff
from storage.ids import uuid7
from tests.certification_world import PASSWORD, Account, County, audited, rows
from tests.clock import FixedClock
from tests.places import COUNTY, OTHER_COUNTY, OTHER_COUNTY_VILLAGE, TOWNSHIP, VILLAGE
from tests.web.console.seats import SEATS
from tests.web.office import HTMX, Office, Page

NEW = "quite-another-one"


@pytest.fixture
def desk(office: Office, bureau: Account) -> Office:
    return office.as_(bureau)


@pytest.fixture
def officer(county: County) -> Account:
    return county.staff(Role.VILLAGE_OFFICER, VILLAGE, login="officer.li", name="李协办")


def opened(desk: Office, **typed: Any) -> Page:
    given = {
        "display_name": "新协办",
        "login": "new.officer",
        "role": "village_officer",
        "place": VILLAGE,
    }
    return desk.submit(desk.get("/staff/new"), "/staff/new", **(given | typed))


def names(page: Page) -> list[str]:
    return [row.get_text(" ", strip=True) for row in page.soup.select("tbody th")]


def is_closed(county: County, account: Account) -> bool:
    (row,) = rows(county.backend, Staff, id=account.id)
    return row.disabled_at is not None


@pytest.mark.parametrize("role", list(Role))
def test_the_pages_open_for_the_seats_that_hold_their_permission(
    office: Office, county: County, role: Role, bureau: Account
) -> None:
    seat = office.seat(role, SEATS[role])
    wanted = {
        "/staff": Permission.STAFF_READ,
        f"/staff/{bureau.id}": Permission.STAFF_READ,
        "/staff/new": Permission.STAFF_CREATE,
        "/me": Permission.SIGNED_IN,
        "/villages": Permission.SIGNED_IN,
    }
    for path, permission in wanted.items():
        status = seat.get(path).status
        if not may(role, permission):
            assert status == HTTPStatus.FORBIDDEN, path
        elif path.endswith(str(bureau.id)) and SEATS[role] != COUNTY:
            assert status == HTTPStatus.NOT_FOUND, path
        else:
            assert status == HTTPStatus.OK, path
    for act in ("close", "unbind", "sign-out"):
        answer = seat.post(f"/staff/{bureau.id}/{act}", [("csrf", "x")])
        assert answer.status == HTTPStatus.FORBIDDEN


def test_the_list_narrows_by_filters_that_survive_a_reload(
    desk: Office, county: County, officer: Account
) -> None:
    county.staff(Role.TOWNSHIP_CLERK, TOWNSHIP, name="王经办")
    county.staff(Role.COUNTY_BUREAU, OTHER_COUNTY, name="邻县乙")
    assert names(desk.get("/staff")) == ["县局甲", "王经办", "李协办"]
    page = desk.get("/staff?role=village_officer&state=open&place=990101100&login=off")
    assert names(page) == ["李协办"]
    form = page.form("/staff")
    assert [o["value"] for o in form.select("option[selected]")] == [
        "village_officer",
        "990101100",
        "open",
    ]
    assert page.value("/staff", "login") == "off"
    assert "没有符合的账号" in desk.get("/staff?state=closed").text
    assert "没有符合的账号" in desk.get(f"/staff?place={OTHER_COUNTY}").text


@pytest.mark.parametrize(
    "query",
    [
        "role=x",
        "place=abc",
        "place=%27+or+1%3D1",
        "after=1",
        "login=%00",
        "login=" + "a" * 65,
    ],
)
def test_a_filter_that_means_nothing_is_refused_in_words(desk: Office, query: str) -> None:
    page = desk.get(f"/staff?{query}")
    assert page.status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert page.soup.select_one(".refusal, [role=alert]") is not None


def test_an_opened_account_shows_its_password_this_once_and_works(
    desk: Office, county: County
) -> None:
    page = opened(desk)
    assert page.status == HTTPStatus.OK
    secret = page.soup.select_one("code.secret")
    assert secret is not None
    password = secret.get_text()
    assert accounts.sign_in(county.backend, "new.officer", password).member.login == "new.officer"
    (row,) = rows(county.backend, Staff, login="new.officer")
    shown = desk.get(f"/staff/{row.id}")
    assert password not in shown.answer.text
    assert password not in str(audited(county.backend, AuditAction.STAFF_CREATED))


@pytest.mark.parametrize(
    ("typed", "say"),
    [
        ({"login": "张三"}, "登录名只能用"),
        ({"login": "bureau"}, "已有人用"),
        ({"place": TOWNSHIP}, "没有办理这一项的权限"),
        ({"place": OTHER_COUNTY_VILLAGE}, "没有办理这一项的权限"),
        ({"place": "990101100999"}, "没有这个行政区划"),
        ({"place": "x"}, "行政区划代码不对"),
        ({"role": "inspector"}, "没有办理这一项的权限"),
        ({"role": "county_bureau", "place": COUNTY}, "没有办理这一项的权限"),
        ({"role": "root"}, "编号 request.invalid · role"),
        ({"display_name": " "}, "编号 request.invalid · display_name"),
        ({"display_name": "x" * 41}, "编号 request.invalid · display_name"),
    ],
)
def test_what_is_refused_says_why_and_keeps_what_was_typed(
    desk: Office, county: County, typed: dict[str, str], say: str
) -> None:
    page = opened(desk, **typed)
    assert page.status in range(400, 500)
    assert say in page.text
    if "display_name" not in typed:
        assert page.value("/staff/new", "display_name") == "新协办"
    assert len(rows(county.backend, Staff)) == 1


def test_a_name_with_markup_is_shown_as_it_was_typed(desk: Office) -> None:
    nasty = "<img src=x onerror=alert(1)>"
    opened(desk, display_name=nasty)
    page = desk.get("/staff")
    assert nasty in names(page)
    assert page.soup.select("tbody img") == []


def test_a_village_leads_to_the_form_with_its_seat_filled_in(desk: Office, county: County) -> None:
    page = desk.get("/villages")
    assert "共 4 个村（社区）没有协办员" in page.text
    (link,) = (each for each in page.links() if f"place={VILLAGE}" in each)
    form = desk.get(link)
    assert form.value("/staff/new", "place") == VILLAGE
    assert form.value("/staff/new", "role") == "village_officer"
    opened(desk)
    assert "共 3 个村（社区）没有协办员" in desk.get("/villages").text


def test_who_may_not_open_accounts_is_told_who_does(office: Office) -> None:
    page = office.seat(Role.TOWNSHIP_HEAD, TOWNSHIP).get("/villages")
    assert "由县社保局或县系统管理员开通" in page.text
    assert not [each for each in page.links() if "/staff/new" in each]


def test_a_closed_account_is_out_at_once_and_stays_in_the_list(
    desk: Office, office: Office, county: County, officer: Account
) -> None:
    seat = office.as_(officer)
    page = desk.get(f"/staff/{officer.id}")
    done = desk.submit(page, f"/staff/{officer.id}/close")
    assert "账号已停用" in desk.follow(done).text
    assert seat.get("/").answer.headers["location"].startswith("/office/login")
    after = desk.get(f"/staff/{officer.id}")
    assert after.soup.select("form[action$='/close']") == []
    assert names(desk.get("/staff?state=closed")) == ["李协办"]


def bind(county: County, clerk: Account) -> Office:
    """Sign in as somebody does for the first time, up to the code of the authenticator."""
    seat = Office(county=county)
    door = seat.submit(seat.get("/login"), "/login", login=clerk.login, password=PASSWORD)
    door = seat.follow(seat.follow(door))
    secret = door.soup.select_one("code.secret")
    assert secret is not None
    code = code_at(secret.get_text().replace(" ", ""), county.backend.clock.now())
    seat.submit(door, "/code", code=code)
    return seat


def test_a_lost_phone_is_unbound_and_bound_anew(desk: Office, county: County) -> None:
    clerk = county.staff(Role.TOWNSHIP_CLERK, TOWNSHIP, login="clerk.wang", name="王经办")
    assert desk.get(f"/staff/{clerk.id}").soup.select("form[action$='/unbind']") == []
    seat = bind(county, clerk)
    page = desk.get(f"/staff/{clerk.id}")
    done = desk.submit(page, f"/staff/{clerk.id}/unbind")
    assert "验证器已解除" in desk.follow(done).text
    assert seat.get("/").answer.headers["location"].startswith("/office/login")
    again = desk.post(f"/staff/{clerk.id}/unbind", [("csrf", csrf(page))])
    assert again.status == HTTPStatus.CONFLICT
    assert bind(county, clerk).get("/").status == HTTPStatus.OK


def csrf(page: Page) -> str:
    element = page.soup.select_one("input[name=csrf]")
    assert element is not None
    return str(element["value"])


def test_ending_the_sessions_of_an_account_leaves_the_account(
    desk: Office, office: Office, officer: Account
) -> None:
    seat = office.as_(officer)
    page = desk.get(f"/staff/{officer.id}")
    assert "1 处登录着" in page.text
    done = desk.submit(page, f"/staff/{officer.id}/sign-out")
    assert "已结束 1 处登录" in desk.follow(done).text
    assert seat.get("/").answer.headers["location"].startswith("/office/login")
    assert office.as_(officer).get("/").status == HTTPStatus.OK


@pytest.mark.parametrize("act", ["close", "unbind", "sign-out"])
def test_an_account_out_of_sight_is_not_there(desk: Office, county: County, act: str) -> None:
    stranger = county.staff(Role.VILLAGE_OFFICER, OTHER_COUNTY_VILLAGE)
    token = csrf(desk.get("/staff/new"))
    for target in (stranger.id, uuid7()):
        assert desk.get(f"/staff/{target}").status == HTTPStatus.NOT_FOUND
        answer = desk.post(f"/staff/{target}/{act}", [("csrf", token)])
        assert answer.status == HTTPStatus.NOT_FOUND
    assert desk.get("/staff/x").status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert not is_closed(county, stranger)


@pytest.mark.parametrize("act", ["close", "unbind", "sign-out"])
def test_nobody_closes_the_own_account_or_an_equals(
    desk: Office, county: County, bureau: Account, act: str
) -> None:
    colleague = county.staff(Role.COUNTY_BUREAU, COUNTY)
    for whom in (bureau, colleague):
        page = desk.get(f"/staff/{whom.id}")
        assert "由上级管理" in page.text
        answer = desk.post(f"/staff/{whom.id}/{act}", [("csrf", csrf(page))])
        assert answer.status == HTTPStatus.FORBIDDEN
        assert not is_closed(county, whom)


def test_after_a_while_the_password_is_asked_for_again(
    desk: Office, county: County, officer: Account, clock: FixedClock
) -> None:
    page = desk.get(f"/staff/{officer.id}")
    desk.get("/")
    for _ in range(2):
        clock.advance(CONFIRMED_FOR - timedelta(minutes=5))
        desk.get("/")
    unasked = desk.submit(page, f"/staff/{officer.id}/close")
    assert unasked.status == HTTPStatus.FORBIDDEN
    assert "这一步要再输一次密码" in unasked.text
    wrong = desk.submit(unasked, f"/staff/{officer.id}/close", password="wrong")
    assert wrong.status == HTTPStatus.UNAUTHORIZED
    assert not is_closed(county, officer)
    desk.submit(wrong, f"/staff/{officer.id}/close", password=PASSWORD)
    assert is_closed(county, officer)


def test_without_the_forms_token_nothing_happens(
    desk: Office, county: County, officer: Account
) -> None:
    for path in (f"/staff/{officer.id}/close", "/staff/new", "/me/password"):
        assert desk.post(path, [("csrf", "0" * 64)]).status == HTTPStatus.FORBIDDEN
    assert not is_closed(county, officer)


def test_the_own_page_shows_where_one_is_signed_in(office: Office, officer: Account) -> None:
    seat = office.as_(officer)
    office.as_(officer)
    page = seat.get("/me")
    table = page.soup.select("table.list tbody tr")
    assert len(table) == 2
    assert sum("本次登录" in row.get_text() for row in table) == 1


def change(seat: Office, old: str = PASSWORD, new: str = NEW, again: str | None = None) -> Page:
    return seat.submit(
        seat.get("/me"), "/me/password", old=old, new=new, again=new if again is None else again
    )


def test_a_changed_password_counts_at_once_and_other_screens_are_out(
    office: Office, county: County, officer: Account
) -> None:
    seat, elsewhere = office.as_(officer), office.as_(officer)
    assert "其他 1 处登录已结束" in seat.follow(change(seat)).text
    assert seat.get("/").status == HTTPStatus.OK
    assert elsewhere.get("/").answer.headers["location"].startswith("/office/login")
    accounts.sign_in(county.backend, officer.login, NEW)


@pytest.mark.parametrize(
    ("typed", "status", "say"),
    [
        ({"old": "wrong"}, HTTPStatus.UNAUTHORIZED, "用户名或密码不对"),
        ({"new": "short"}, HTTPStatus.UNPROCESSABLE_ENTITY, "密码太短了"),
        ({"new": PASSWORD}, HTTPStatus.UNPROCESSABLE_ENTITY, "不能和旧密码"),
        ({"again": NEW + "x"}, HTTPStatus.UNPROCESSABLE_ENTITY, "两次输入的新密码不一样"),
    ],
)
def test_a_password_that_is_not_taken_says_why_and_no_password_comes_back(
    office: Office,
    county: County,
    officer: Account,
    typed: dict[str, str],
    status: HTTPStatus,
    say: str,
) -> None:
    page = change(office.as_(officer), **typed)
    assert page.status == status
    assert say in page.text
    assert NEW not in page.answer.text
    accounts.sign_in(county.backend, officer.login, PASSWORD)


def test_one_leaves_everywhere_from_the_own_page(office: Office, officer: Account) -> None:
    seat, elsewhere = office.as_(officer), office.as_(officer)
    page = seat.get("/me")
    (form,) = [f for f in page.soup.select("form") if f.select_one("[name=everywhere]")]
    fields = [(str(i["name"]), str(i.get("value", ""))) for i in form.select("input[name]")]
    seat.post(str(form["action"]), fields)
    assert elsewhere.get("/").answer.headers["location"].startswith("/office/login")


def test_htmx_gets_the_content_only(desk: Office) -> None:
    for path in ("/staff", "/villages", "/me"):
        part = desk.ask("GET", path, headers=HTMX)
        assert part.status == HTTPStatus.OK
        assert part.soup.select("nav[aria-label='主菜单']") == []
        assert part.soup.select_one("h1") is not None


def test_the_own_page_never_shows_a_session_token(office: Office, officer: Account) -> None:
    seat = office.as_(officer)
    page = seat.get("/me")
    assert not any(value in page.answer.text for value in seat.cookies.values())
    assert not re.search(r"[0-9a-f]{64}(?!\")", page.answer.text)
