"""Staff sign in, open accounts below their seat, and are out the moment they should be."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import pytest

from domain.roles import Role
from storage.crypto.one_time_codes import code_at
from tests.certification_world import PASSWORD, Account, County
from tests.phone_world import Http
from tests.places import COUNTY, TOWNSHIP, VILLAGE

NOON = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
"""Where the clock of these tests stands."""


@pytest.fixture
def bureau(county: County) -> Account:
    return county.staff(Role.COUNTY_BUREAU, COUNTY, login="bureau.li")


def half_signed_in(http: Http, login: str = "bureau.li") -> dict[str, str]:
    answer = http.ask("POST", "/v1/staff/sessions", json={"login": login, "password": PASSWORD})
    assert answer.status_code == HTTPStatus.CREATED
    return {"Authorization": f"Bearer {answer.json()['token']}"}


def signed_in(http: Http, login: str = "bureau.li") -> dict[str, str]:
    """The first session of an account sets the second factor up."""
    headers = half_signed_in(http, login)
    offered = http.ask("POST", "/v1/staff/sessions/current/factor", headers=headers)
    if offered.status_code != HTTPStatus.CREATED:
        return headers
    code = code_at(offered.json()["secret"], NOON)
    shown = http.ask(
        "POST", "/v1/staff/sessions/current/code", headers=headers, json={"code": code}
    )
    assert shown.status_code == HTTPStatus.NO_CONTENT, shown.text
    return headers


def officer(**changed: Any) -> dict[str, Any]:
    return {
        "login": "officer.zhao",
        "display_name": "虚构",
        "role": "village_officer",
        "division": VILLAGE,
        "password": PASSWORD,
    } | changed


def test_signing_in_says_who_one_is_and_signing_out_ends_it(http: Http, bureau: Account) -> None:
    headers = signed_in(http)
    me = http.ask("GET", "/v1/staff/me", headers=headers).json()
    assert (me["login"], me["role"], me["division"]) == ("bureau.li", "county_bureau", COUNTY)
    gone = http.ask("DELETE", "/v1/staff/sessions/current", headers=headers)
    assert gone.status_code == HTTPStatus.NO_CONTENT
    after = http.ask("GET", "/v1/staff/me", headers=headers)
    assert (after.status_code, after.json()["code"]) == (
        HTTPStatus.UNAUTHORIZED,
        "auth.session_expired",
    )


def test_signing_out_everywhere_ends_every_session(http: Http, bureau: Account) -> None:
    first, second = signed_in(http), half_signed_in(http)
    http.ask("DELETE", "/v1/staff/sessions", headers=first)
    for headers in (first, second):
        answer = http.ask("GET", "/v1/staff/me", headers=headers)
        assert answer.json()["code"] == "auth.session_expired"


def test_the_lock_is_a_429_that_says_when_to_come_back(http: Http, bureau: Account) -> None:
    wrong = {"login": "bureau.li", "password": "wrong-password"}
    for _ in range(10):
        answer = http.ask("POST", "/v1/staff/sessions", json=wrong)
        assert (answer.status_code, answer.json()["code"]) == (
            HTTPStatus.UNAUTHORIZED,
            "auth.failed",
        )
    locked = http.ask("POST", "/v1/staff/sessions", json=wrong | {"password": PASSWORD})
    assert (locked.status_code, locked.json()["code"]) == (
        HTTPStatus.TOO_MANY_REQUESTS,
        "auth.locked",
    )
    assert locked.headers["retry-after"] == "900"


def test_the_county_opens_and_closes_an_officers_account(http: Http, bureau: Account) -> None:
    headers = signed_in(http)
    created = http.ask("POST", "/v1/staff", headers=headers, json=officer())
    assert created.status_code == HTTPStatus.CREATED
    of_officer = half_signed_in(http, "officer.zhao")
    closed = http.ask("DELETE", f"/v1/staff/{created.json()['id']}", headers=headers)
    assert closed.status_code == HTTPStatus.NO_CONTENT
    after = http.ask("GET", "/v1/staff/me", headers=of_officer)
    assert after.json()["code"] == "auth.session_expired"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"role": "county_bureau", "division": COUNTY}, "permission.denied"),
        ({"division": "990102100001"}, "permission.denied"),
        ({"division": "abc"}, "division.malformed"),
        ({"division": "990101100999"}, "division.unknown"),
        ({"login": "bureau.li"}, "staff.login_taken"),
        ({"password": "short"}, "request.invalid"),
        ({"role": "king"}, "request.invalid"),
        ({"login": "有空格 的"}, "request.invalid"),
    ],
)
def test_an_account_out_of_place_is_refused(
    http: Http, bureau: Account, changed: dict[str, str], code: str
) -> None:
    answer = http.ask("POST", "/v1/staff", headers=signed_in(http), json=officer(**changed))
    assert answer.json()["code"] == code
    assert PASSWORD not in answer.text


def test_a_clerk_opens_no_accounts_and_a_stranger_is_asked_to_sign_in(
    http: Http, county: County
) -> None:
    county.staff(Role.TOWNSHIP_CLERK, TOWNSHIP, login="clerk.wang")
    answer = http.ask("POST", "/v1/staff", headers=signed_in(http, "clerk.wang"), json=officer())
    assert (answer.status_code, answer.json()["code"]) == (
        HTTPStatus.FORBIDDEN,
        "permission.denied",
    )
    stranger = http.ask("POST", "/v1/staff", json=officer())
    assert (stranger.status_code, stranger.json()["code"]) == (
        HTTPStatus.UNAUTHORIZED,
        "auth.required",
    )


def test_a_pensioners_token_is_no_officers_token_and_the_other_way_round(
    http: Http, county: County, bureau: Account
) -> None:
    person = county.person()
    county.enrol_nobody(person)
    notice = county.backend.notice
    opened = http.ask(
        "POST",
        "/v1/sessions",
        json={
            "claim": person.claim,
            "device_id": "phone-00000001",
            "consent": {"text_version": notice.version, "text_digest": notice.digest},
        },
    )
    own = {"Authorization": f"Bearer {opened.json()['token']}"}
    assert http.ask("GET", "/v1/staff/me", headers=own).json()["code"] == "auth.session_expired"
    status = http.ask("GET", "/v1/submissions/phone-try-0001", headers=signed_in(http))
    assert status.json()["code"] == "session.token_unknown"


def test_a_password_alone_opens_nothing_to_a_reviewer(http: Http, county: County) -> None:
    county.staff(Role.TOWNSHIP_CLERK, TOWNSHIP, login="clerk.wang")
    headers = half_signed_in(http, "clerk.wang")
    refused = http.ask("GET", "/v1/reviews", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (
        HTTPStatus.FORBIDDEN,
        "auth.second_factor_needed",
    )
    assert http.ask("GET", "/v1/staff/me", headers=headers).status_code == HTTPStatus.OK


def test_the_password_is_given_again(http: Http, bureau: Account) -> None:
    headers = signed_in(http)
    path = "/v1/staff/sessions/current/confirmation"
    wrong = http.ask("POST", path, headers=headers, json={"password": "wrong-password"})
    assert wrong.json()["code"] == "auth.failed"
    right = http.ask("POST", path, headers=headers, json={"password": PASSWORD})
    assert right.status_code == HTTPStatus.NO_CONTENT
