"""Staff look people up and correct them over HTTP, inside their own division."""

from http import HTTPStatus

import pytest

from domain.regions import DivisionPath
from domain.roles import Role
from tests.backend_world import id_number
from tests.certification_world import County
from tests.phone_world import Http
from tests.places import COUNTY, TOWNSHIP, VILLAGE

OFFICE = DivisionPath("990101101")


@pytest.fixture
def officer(county: County) -> dict[str, str]:
    return county.staff(Role.VILLAGE_OFFICER, VILLAGE).headers(county.backend)


def test_a_search_answers_masked(county: County, http: Http, officer: dict[str, str]) -> None:
    person = county.person()

    answer = http.ask(
        "POST", "/v1/beneficiaries/search", json={"id_number": person.id_number}, headers=officer
    )

    assert answer.status_code == HTTPStatus.OK
    assert answer.json()["id"] == str(person.id)
    assert person.id_number not in answer.text
    assert person.name not in answer.text
    assert person.phone not in answer.text


def test_the_page_of_a_person_in_another_township_is_not_found(county: County, http: Http) -> None:
    person = county.person()
    headers = county.staff(Role.TOWNSHIP_CLERK, OFFICE).headers(county.backend)

    page = http.ask("GET", f"/v1/beneficiaries/{person.id}", headers=headers)
    found = http.ask(
        "POST", "/v1/beneficiaries/search", json={"id_number": person.id_number}, headers=headers
    )

    assert [page.status_code, found.status_code] == [HTTPStatus.NOT_FOUND] * 2
    assert page.json()["code"] == found.json()["code"] == "person.not_found"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("990101500101001", "id_number.fifteen_digits"),
        (id_number(1)[:-1] + "?", "id_number.malformed"),
    ],
)
def test_a_number_that_cannot_be_is_refused_by_name(
    http: Http, officer: dict[str, str], given: str, code: str
) -> None:
    answer = http.ask(
        "POST", "/v1/beneficiaries/search", json={"id_number": given}, headers=officer
    )

    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert given not in answer.text


def test_an_officer_corrects_a_phone(county: County, http: Http, officer: dict[str, str]) -> None:
    person = county.person()

    answer = http.ask(
        "PUT",
        f"/v1/beneficiaries/{person.id}/phone",
        json={"phone": "13911112222", "reason": "found_on_visit"},
        headers=officer,
    )

    assert answer.status_code == HTTPStatus.OK
    assert answer.json()["phone"] == "*******2222"
    assert answer.json()["changes"][0]["reason"] == "found_on_visit"


def test_a_wrong_phone_is_refused_with_words(
    county: County, http: Http, officer: dict[str, str]
) -> None:
    person = county.person()

    answer = http.ask(
        "PUT",
        f"/v1/beneficiaries/{person.id}/phone",
        json={"phone": "not-a-phone", "reason": "found_on_visit"},
        headers=officer,
    )

    assert (answer.status_code, answer.json()["code"]) == (422, "person.phone_malformed")
    assert answer.json()["say"]


def test_an_inspector_reads_and_changes_nothing(county: County, http: Http) -> None:
    person = county.person()
    headers = county.staff(Role.INSPECTOR, COUNTY).headers(county.backend)

    page = http.ask("GET", f"/v1/beneficiaries/{person.id}", headers=headers)
    change = http.ask(
        "PUT",
        f"/v1/beneficiaries/{person.id}/phone",
        json={"phone": "13911112222", "reason": "typing_error"},
        headers=headers,
    )

    assert page.status_code == HTTPStatus.OK
    assert (change.status_code, change.json()["code"]) == (403, "permission.denied")


def test_nobody_reads_the_register_without_signing_in(county: County, http: Http) -> None:
    person = county.person()

    assert http.ask("GET", f"/v1/beneficiaries/{person.id}").status_code == 401
    assert TOWNSHIP.startswith(COUNTY)
