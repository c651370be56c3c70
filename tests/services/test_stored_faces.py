"""The live count of persons whose faces are stored, and the day from which it has to be filed."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from domain.audit import AuditAction
from domain.face_filing import FilingStage
from domain.regions import DivisionPath
from domain.roles import Role
from services import evidence, stored_faces
from services.accounts import StaffMember
from services.stored_faces import StoredFaces
from storage.db.models.registry import DataKeyRow
from tests.certification_world import TEST, County, Pensioner, audited, member
from tests.clock import FixedClock
from tests.places import COUNTY, OTHER_COUNTY, OTHER_COUNTY_VILLAGE, VILLAGE


def stored(county: County, household: DivisionPath = VILLAGE) -> Pensioner:
    person = county.person(household=household)
    county.enrol_nobody(person)
    return person


def erase(county: County, person: Pensioner) -> None:
    with county.backend.unit(TEST.actor, TEST.scope) as unit:
        unit.session.execute(
            sa.update(DataKeyRow)
            .where(DataKeyRow.beneficiary_id == person.id)
            .values(wrapped=None, destroyed_at=unit.now)
        )


def count(county: County, by: StaffMember) -> StoredFaces:
    return stored_faces.count_faces(county.backend, by)


def small(monkeypatch: pytest.MonkeyPatch, alarm: int, filing: int) -> None:
    """Let the duty begin at a number that a test can reach."""
    monkeypatch.setattr("domain.face_filing.ALARM_AT", alarm)
    monkeypatch.setattr("domain.face_filing.FILING_AT", filing)
    monkeypatch.setattr(stored_faces, "FILING_AT", filing)
    monkeypatch.setattr("domain.face_filing.reached_on.__defaults__", (filing,))


def test_persons_are_counted_and_not_pictures(county: County) -> None:
    by = member(county)
    person = stored(county)
    evidence.store(
        county.backend, TEST, person.id, content=b"another picture", media_type="image/jpeg"
    )
    county.person()  # registered, no face
    assert count(county, by).filing.persons == 1


def test_a_person_who_was_erased_does_not_count(county: County) -> None:
    by = member(county)
    stored(county)
    erase(county, stored(county))
    assert count(county, by).filing.persons == 1


def test_a_county_sees_its_own_number_and_the_whole_as_a_number_only(county: County) -> None:
    stored(county)
    stored(county, OTHER_COUNTY_VILLAGE)
    stored(county, OTHER_COUNTY_VILLAGE)
    found = count(county, member(county))
    assert [(each.county, each.name, each.persons) for each in found.counties] == [
        (COUNTY, "石桥县", 1)
    ]
    assert found.filing.persons == 3


def test_an_inspector_sees_the_counties_below(county: County) -> None:
    stored(county)
    stored(county, OTHER_COUNTY_VILLAGE)
    found = count(county, member(county, Role.INSPECTOR, DivisionPath("9901")))
    assert [each.county for each in found.counties] == [COUNTY, OTHER_COUNTY]


def test_the_duty_begins_on_the_day_of_the_person_who_made_the_number_full(
    county: County, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    small(monkeypatch, alarm=2, filing=3)
    stored(county)
    assert count(county, member(county)).filing.stage is FilingStage.BELOW
    stored(county)
    assert count(county, member(county)).filing.stage is FilingStage.NEAR
    clock.advance(timedelta(days=1))
    stored(county, OTHER_COUNTY_VILLAGE)
    clock.advance(timedelta(days=2))
    stored(county)
    judged = count(county, member(county)).filing
    assert (judged.stage, judged.reached_on) == (FilingStage.DUE, date(2026, 3, 3))
    # From 4 March 28 working days to Friday, 10 April less 6 April, which is closed; two more.
    assert judged.deadline is not None
    assert judged.deadline.day == date(2026, 4, 15)


def test_the_duty_stays_when_persons_are_erased(
    county: County, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    small(monkeypatch, alarm=1, filing=2)
    people = [stored(county), stored(county)]
    clock.advance(timedelta(days=1))
    for person in people:
        erase(county, person)
    judged = count(county, member(county)).filing
    assert (judged.persons, judged.stage) == (0, FilingStage.DUE)
    assert judged.reached_on == date(2026, 3, 2)


def test_a_number_that_never_stood_at_once_begins_no_duty(
    county: County, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    small(monkeypatch, alarm=1, filing=2)
    erase(county, stored(county))
    clock.advance(timedelta(days=1))
    stored(county)
    judged = count(county, member(county)).filing
    assert (judged.persons, judged.reached_on) == (1, None)


def test_a_picture_taken_in_the_evening_counts_for_the_legal_day(
    county: County, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    small(monkeypatch, alarm=1, filing=1)
    clock.set(clock.now().replace(hour=16, minute=1))  # one minute into 3 March in Shanghai
    stored(county)
    assert count(county, member(county)).filing.reached_on == date(2026, 3, 3)


def test_who_takes_the_summary_is_on_record(county: County) -> None:
    by = member(county)
    stored(county)
    stored_faces.take_summary(county.backend, by)
    assert audited(county.backend, AuditAction.FILING_EXPORTED) == [
        {"persons": 1, "stage": "below"}
    ]
