"""Links to the phone page: made and revoked by staff for people in their division, on record."""

from datetime import date, datetime, timedelta
from http import HTTPStatus
from typing import Any

import pytest
from httpx import Response

from domain.audit import AuditAction
from domain.beneficiary import EntitlementStatus
from domain.roles import Role
from services.links import LEAST_LIFE
from services.policies import LEGAL_ZONE
from storage.db.models.certification import Validity
from storage.ids import uuid7
from tests.certification_world import TEST, County, Pensioner, audited
from tests.clock import FixedClock
from tests.phone_world import Http
from tests.places import OTHER_COUNTY_VILLAGE, OTHER_VILLAGE, VILLAGE
from tests.web.page_world import erase


@pytest.fixture
def person(county: County) -> Pensioner:
    return county.person()


@pytest.fixture
def officer(county: County) -> dict[str, str]:
    return county.staff(Role.VILLAGE_OFFICER, VILLAGE).headers(county.backend)


@pytest.fixture
def stranger(county: County) -> dict[str, str]:
    return county.staff(Role.VILLAGE_OFFICER, OTHER_VILLAGE).headers(county.backend)


def make(http: Http, person: Pensioner, headers: dict[str, str]) -> Response:
    return http.ask("POST", f"/v1/people/{person.id}/links", headers=headers)


def revoke(http: Http, link_id: object, headers: dict[str, str]) -> Response:
    return http.ask("DELETE", f"/v1/links/{link_id}", headers=headers)


def listed(http: Http, person: Pensioner, headers: dict[str, str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = http.ask(
        "GET", f"/v1/people/{person.id}/links", headers=headers
    ).json()
    return found


def end_on(county: County, person: Pensioner, day: date) -> None:
    """Say that what the person draws is valid until `day`."""
    with county.backend.unit(TEST.actor, TEST.scope) as unit:
        (drawn,) = county.backend.people(unit).entitlements_of(person.id)
        unit.session.merge(
            Validity(
                entitlement_id=drawn.id,
                beneficiary_id=person.id,
                valid_until=day,
                projected_at=unit.now,
            )
        )


def test_a_link_is_shown_once_and_its_making_and_end_are_on_record(
    county: County, person: Pensioner, http: Http, officer: dict[str, str]
) -> None:
    answer = make(http, person, officer)
    assert answer.status_code == HTTPStatus.CREATED
    made = answer.json()
    assert made["path"].startswith("/m/k/")
    assert len(made["path"]) == len("/m/k/") + 43
    assert len(made["letter_code"]) == 8
    (seen,) = listed(http, person, officer)
    assert (seen["id"], seen["revoked_at"]) == (made["id"], None)
    assert not {"path", "token", "letter_code"} & set(seen)
    assert revoke(http, made["id"], officer).status_code == HTTPStatus.NO_CONTENT
    assert revoke(http, made["id"], officer).status_code == HTTPStatus.NO_CONTENT
    assert listed(http, person, officer)[0]["revoked_at"] is not None
    expected = [{"link": made["id"], "beneficiary": str(person.id)}]
    assert audited(county.backend, AuditAction.LINK_MADE) == expected
    assert audited(county.backend, AuditAction.LINK_REVOKED) == expected


def test_who_is_not_of_the_division_is_not_found_and_their_links_neither(
    county: County,
    person: Pensioner,
    http: Http,
    officer: dict[str, str],
    stranger: dict[str, str],
) -> None:
    link = make(http, person, officer).json()["id"]
    for answer in (
        make(http, person, stranger),
        http.ask("GET", f"/v1/people/{person.id}/links", headers=stranger),
        make(http, county.person(household=OTHER_COUNTY_VILLAGE), officer),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "person.not_found")
    for headers, which in ((stranger, link), (officer, uuid7())):
        answer = revoke(http, which, headers)
        assert (answer.status_code, answer.json()["code"]) == (404, "link.not_found")
    assert listed(http, person, officer)[0]["revoked_at"] is None


def test_somebody_erased_gets_no_link(
    county: County, person: Pensioner, http: Http, officer: dict[str, str]
) -> None:
    erase(county, person)
    assert make(http, person, officer).json()["code"] == "evidence.erased"


@pytest.mark.parametrize(
    ("days", "expected"),
    [(200, datetime(2026, 9, 19, tzinfo=LEGAL_ZONE)), (29, None), (-40, None), (None, None)],
    ids=["until the deadline", "the deadline is near", "overdue", "no deadline yet"],
)
def test_a_link_lives_until_the_deadline_and_at_least_thirty_days(
    county: County,
    person: Pensioner,
    http: Http,
    officer: dict[str, str],
    clock: FixedClock,
    days: int | None,
    expected: datetime | None,
) -> None:
    if days is not None:
        end_on(county, person, clock.now().date() + timedelta(days=days))
    until = datetime.fromisoformat(make(http, person, officer).json()["expires_at"])
    assert until == (expected or clock.now() + LEAST_LIFE)


def test_what_has_ended_for_good_sets_no_deadline(
    county: County,
    person: Pensioner,
    http: Http,
    officer: dict[str, str],
    clock: FixedClock,
) -> None:
    end_on(county, person, clock.now().date() + timedelta(days=200))
    county.set_state(person, EntitlementStatus.TERMINATED)
    until = datetime.fromisoformat(make(http, person, officer).json()["expires_at"])
    assert until == clock.now() + LEAST_LIFE
