"""Officers bring reference photos over HTTP."""

from http import HTTPStatus

import pytest
from httpx import Response

from app.demo.photos import Reference, Selfie
from app.demo.studio import Studio
from domain.roles import Role
from tests.certification_world import County, Pensioner
from tests.phone_world import Http
from tests.places import COUNTY, VILLAGE


@pytest.fixture
def officer(county: County) -> dict[str, str]:
    return county.staff(Role.VILLAGE_OFFICER, VILLAGE).headers(county.backend)


def add(
    http: Http,
    county: County,
    person: Pensioner,
    photo: bytes,
    headers: dict[str, str],
    **changed: str | None,
) -> Response:
    notice = county.backend.notice
    params = {
        "source": "id_card_chip",
        "basis": "consent",
        "text_version": notice.version,
        "text_digest": notice.digest,
        "taken_on": "2019-04-02",
    } | changed
    return http.ask(
        "POST",
        f"/v1/beneficiaries/{person.id}/references",
        params={name: text for name, text in params.items() if text is not None},
        content=photo,
        headers=headers | {"Content-Type": "image/jpeg"},
    )


@pytest.mark.faces
def test_an_officer_adds_a_photo_sees_its_provenance_and_removes_it(
    county: County, http: Http, studio: Studio, officer: dict[str, str]
) -> None:
    person = county.person()
    photo = studio.reference("p1", Reference.CHIP)
    link = f"/v1/beneficiaries/{person.id}/references"

    first = add(http, county, person, photo, officer)
    again = add(http, county, person, photo, officer)
    listed = http.ask("GET", link, headers=officer).json()

    assert (first.status_code, again.status_code) == (HTTPStatus.CREATED, HTTPStatus.OK)
    assert first.json()["reference_id"] == again.json()["reference_id"]
    assert [(item["source"], item["taken_on"], item["basis"]) for item in listed] == [
        ("id_card_chip", "2019-04-02", "consent")
    ]
    assert not {"quality", "similarity", "embedding"} & set(listed[0])

    gone = http.ask(
        "POST",
        f"/v1/references/{first.json()['reference_id']}/removal",
        json={"reason": "consent_withdrawn"},
        headers=officer,
    )
    assert gone.status_code == HTTPStatus.NO_CONTENT
    assert http.ask("GET", link, headers=officer).json()[0]["removed_at"] is not None


@pytest.mark.faces
def test_a_refused_photo_says_why(
    county: County, http: Http, studio: Studio, officer: dict[str, str]
) -> None:
    photo = studio.selfie("p1", Selfie.NO_FACE)

    answer = add(http, county, county.person(), photo, officer, source="window_capture")

    assert (answer.status_code, answer.json()["code"]) == (422, "enrolment.photo_refused")
    assert "reference_no_face" in answer.json()["params"]["reasons"]


@pytest.mark.parametrize("missing", ["basis", "text_version", "text_digest", "source"])
def test_a_photo_without_ground_or_source_is_refused(
    county: County, http: Http, officer: dict[str, str], missing: str
) -> None:
    answer = add(http, county, county.person(), b"\xff\xd8\xff", officer, **{missing: None})

    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY


def test_a_photo_over_ten_megabytes_is_refused(
    county: County, http: Http, officer: dict[str, str]
) -> None:
    answer = add(http, county, county.person(), bytes(10_000_001), officer)

    assert (answer.status_code, answer.json()["code"]) == (413, "request.too_large")


def test_an_inspector_adds_no_photo(county: County, http: Http) -> None:
    headers = county.staff(Role.INSPECTOR, COUNTY).headers(county.backend)

    answer = add(http, county, county.person(), b"x", headers)

    assert answer.status_code == HTTPStatus.FORBIDDEN
