"""Appeals over HTTP: by the session's holder, and written down by staff in any channel."""

from http import HTTPStatus
from typing import Any

import pytest

from domain.appeal import AppealChannel
from domain.review import Verdict
from domain.roles import Role
from services import decisions, reviews
from services.reviews import Ruling
from storage.db.models.cases import Appeal, Review
from tests import case_world
from tests.certification_world import County, Pensioner, rows, waiting_attempts
from tests.phone_world import Http, Phone, broken_clip, broken_photo
from tests.places import OTHER_TOWNSHIP, TOWNSHIP, VILLAGE


@pytest.fixture
def person(county: County) -> Pensioner:
    found = county.person()
    county.enrol_nobody(found)
    return found


@pytest.fixture
def asked_again(county: County, phone: Phone, person: Pensioner) -> None:
    """The phone handed something in, and a reviewer asked for another try."""
    phone.open(person)
    phone.hand_in("phone-0001", broken_photo(1), broken_clip(1))
    (attempt,) = waiting_attempts(county.backend)
    decisions.give_up(county.backend, attempt)
    (review,) = rows(county.backend, Review)
    clerk = case_world.add_staff(county.backend, "first")
    reviews.claim_case(county.backend, clerk, review.id)
    ruling = Ruling(verdict=Verdict.ASK_AGAIN, method=None, findings="照片看不清楚")
    reviews.decide(county.backend, clerk, review.id, ruling)


def own(phone: Phone) -> dict[str, str]:
    return {"Authorization": f"Bearer {phone.token}"}


ADDRESS = "/v1/submissions/phone-0001/appeal"


@pytest.mark.usefixtures("asked_again")
def test_the_holder_of_the_session_asks_again_and_the_status_says_so(
    http: Http, phone: Phone
) -> None:
    status = "/v1/submissions/phone-0001"
    assert http.ask("GET", status, headers=own(phone)).json()["may_appeal"] is True
    made = http.ask("POST", ADDRESS, headers=own(phone), json={})
    assert made.status_code == HTTPStatus.CREATED
    assert made.json()["answer_by"] == "2026-03-09"
    again = http.ask("POST", ADDRESS, headers=own(phone), json={})
    assert again.json() == made.json()
    shown = http.ask("GET", status, headers=own(phone)).json()
    assert (shown["may_appeal"], shown["appeal"]) == (False, made.json())


@pytest.mark.usefixtures("asked_again")
def test_nobody_appeals_for_a_submission_of_somebody_else(http: Http, county: County) -> None:
    other = county.person("李守田")
    county.enrol_nobody(other)
    stranger = Phone(http=http, backend=county.backend)
    stranger.open(other)
    answer = http.ask("POST", ADDRESS, headers=own(stranger), json={})
    assert (answer.status_code, answer.json()["code"]) == (
        HTTPStatus.NOT_FOUND,
        "submission.not_found",
    )
    assert rows(county.backend, Appeal) == []


def test_what_is_not_decided_yet_is_not_contested(
    http: Http, phone: Phone, person: Pensioner
) -> None:
    phone.open(person)
    phone.hand_in("phone-0001", broken_photo(1), broken_clip(1))
    answer = http.ask("POST", ADDRESS, headers=own(phone), json={})
    assert (answer.status_code, answer.json()["code"]) == (
        HTTPStatus.CONFLICT,
        "appeal.nothing_found",
    )


def taken_down(person: Pensioner, **changed: object) -> dict[str, Any]:
    said = {"beneficiary_id": str(person.id), "channel": "letter", "statement": "来信说是本人"}
    return said | changed


@pytest.mark.parametrize("channel", AppealChannel)
def test_staff_take_it_down_in_any_channel(
    http: Http, county: County, person: Pensioner, channel: AppealChannel
) -> None:
    headers = county.staff(Role.VILLAGE_OFFICER, VILLAGE).headers(county.backend)
    body = taken_down(person, channel=channel.value)
    made = http.ask("POST", "/v1/appeals", headers=headers, json=body)
    assert made.status_code == HTTPStatus.CREATED
    again = http.ask("POST", "/v1/appeals", headers=headers, json=body)
    assert again.json() == made.json()
    (row,) = rows(county.backend, Appeal)
    assert (str(row.id), row.channel) == (made.json()["appeal_id"], channel.value)


def test_out_of_ones_division_there_is_nobody_to_write_it_down_for(
    http: Http, county: County, person: Pensioner
) -> None:
    headers = county.staff(Role.TOWNSHIP_CLERK, OTHER_TOWNSHIP).headers(county.backend)
    answer = http.ask("POST", "/v1/appeals", headers=headers, json=taken_down(person))
    assert (answer.status_code, answer.json()["code"]) == (
        HTTPStatus.NOT_FOUND,
        "person.not_found",
    )


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"channel": "pigeon"}, "request.invalid"),
        ({"statement": ""}, "appeal.statement_required"),
        ({"statement": "字" * 2001}, "request.invalid"),
        ({"beneficiary_id": "nobody"}, "request.invalid"),
        ({"more": 1}, "request.invalid"),
    ],
)
def test_a_malformed_wish_is_refused(
    http: Http, county: County, person: Pensioner, changed: dict[str, object], code: str
) -> None:
    headers = county.staff(Role.TOWNSHIP_CLERK, TOWNSHIP).headers(county.backend)
    body = taken_down(person, **changed)
    answer = http.ask("POST", "/v1/appeals", headers=headers, json=body)
    assert (answer.status_code, answer.json()["code"]) == (HTTPStatus.UNPROCESSABLE_ENTITY, code)
    assert rows(county.backend, Appeal) == []
