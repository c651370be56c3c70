"""Every channel certifies in one way: log, projection, hold and record move together."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Event

import pytest

from domain.audit import AuditAction
from domain.beneficiary import EntitlementStatus, SuspensionCause
from domain.cycle import Channel
from domain.policy_values import Scheme
from services import validity
from services.validity import Certified, CertifiedNothing, Ground
from storage.db.models.certification import Certification, Validity
from storage.db.models.registry import EntitlementState
from storage.ids import uuid7
from tests.certification_world import (
    TEST,
    County,
    Pensioner,
    audited,
    rows,
    valid_until,
    wait_for_a_lock,
)
from tests.clock import FixedClock

TODAY = date(2026, 3, 2)
THREE = (Scheme.RESIDENT_PENSION, Scheme.SURVIVOR_ALLOWANCE, Scheme.WORK_INJURY)


@pytest.fixture
def certify(county: County) -> Callable[[Pensioner], Certified]:
    def act(person: Pensioner, on: date = TODAY, channel: Channel = Channel.ON_SITE) -> Certified:
        with county.backend.unit(TEST.actor, TEST.scope) as unit:
            found = county.backend.people(unit).load(person.id)
            assert found is not None
            ground = Ground(channel=channel, captured_on=on)
            return validity.certify(county.backend, unit, found, ground)

    return act


Certify = Callable[..., Certified]


def test_one_certification_renews_every_benefit_that_one_can_renew(
    county: County, certify: Certify
) -> None:
    person = county.person(schemes=THREE)
    county.suspend(person, SuspensionCause.UNCERTIFIED, scheme=Scheme.RESIDENT_PENSION)
    county.suspend(person, SuspensionCause.DUPLICATE, scheme=Scheme.SURVIVOR_ALLOWANCE)
    certified = certify(person)
    assert set(certified.valid_until) == {"resident_pension", "work_injury"}
    assert valid_until(county.backend, person) == certified.valid_until | {
        "survivor_allowance": None
    }
    log = rows(county.backend, Certification, beneficiary_id=person.id)
    assert {row.certificate_number for row in log} == {certified.certificate_number}
    assert {(row.channel, row.captured_on) for row in log} == {("on_site", TODAY)}
    assert len(log) == 2


def test_a_hold_for_want_of_certification_is_lifted_and_no_other(
    county: County, certify: Certify
) -> None:
    person = county.person(schemes=THREE)
    county.suspend(person, SuspensionCause.UNCERTIFIED, scheme=Scheme.RESIDENT_PENSION)
    county.suspend(person, SuspensionCause.NO_CARD, scheme=Scheme.SURVIVOR_ALLOWANCE)
    certify(person)
    assert states(county, person) == {
        "resident_pension": ("active", None),
        "survivor_allowance": ("suspended", "no_card"),
        "work_injury": ("active", None),
    }
    lifted = rows(county.backend, EntitlementState, beneficiary_id=person.id, status="active")
    assert [row.recorded_by for row in lifted] == [str(TEST.actor)]
    assert len(audited(county.backend, AuditAction.ENTITLEMENT_RESUMED)) == 1


def states(county: County, person: Pensioner) -> dict[str, tuple[str, str | None]]:
    with county.backend.unit(TEST.actor, TEST.scope) as unit:
        found = county.backend.people(unit).entitlements_of(person.id)
        return {row.scheme: (row.status, row.cause) for row in found}


def test_the_record_names_certificate_channel_and_every_last_day(
    county: County, certify: Certify
) -> None:
    person = county.person(schemes=THREE[:2])
    certified = certify(person)
    (event,) = audited(county.backend, AuditAction.CERTIFICATION_RECORDED)
    assert event == {
        "beneficiary": str(person.id),
        "certificate": certified.certificate_number,
        "channel": "on_site",
        "valid_until": ["resident_pension=2027-03-02", "survivor_allowance=2027-03-02"],
    }


def test_a_visit_that_arrives_late_does_not_shorten_the_validity(
    county: County, certify: Certify, clock: FixedClock
) -> None:
    person = county.person()
    clock.advance(timedelta(days=30))
    certify(person, date(2026, 3, 20))
    certify(person, date(2026, 3, 5), Channel.HOME_VISIT)
    assert valid_until(county.backend, person) == {"resident_pension": date(2027, 3, 20)}
    assert len(rows(county.backend, Certification, beneficiary_id=person.id)) == 2


@pytest.mark.parametrize("status", [EntitlementStatus.TERMINATED, EntitlementStatus.SUSPENDED])
def test_certifying_what_cannot_be_certified_is_an_error_and_leaves_nothing(
    county: County, certify: Certify, status: EntitlementStatus
) -> None:
    person = county.person()
    cause = SuspensionCause.NO_CARD if status is EntitlementStatus.SUSPENDED else None
    county.set_state(person, status, cause)
    with pytest.raises(CertifiedNothing):
        certify(person)
    assert rows(county.backend, Certification) == []
    assert rows(county.backend, Validity) == []


@pytest.mark.committing
def test_certifications_of_one_person_take_turns(county: County, certify: Certify) -> None:
    person = county.person(schemes=THREE)
    written, go_on = Event(), Event()

    def first() -> None:
        with county.backend.unit(TEST.actor, TEST.scope) as unit:
            found = county.backend.people(unit).load(person.id)
            assert found is not None
            ground = Ground(channel=Channel.ON_SITE, captured_on=TODAY)
            validity.certify(county.backend, unit, found, ground)
            unit.session.flush()
            written.set()
            assert go_on.wait(60)

    with ThreadPoolExecutor(2) as pool:
        newest = pool.submit(first)
        assert written.wait(60)
        older = pool.submit(certify, person, TODAY - timedelta(days=9))
        wait_for_a_lock(county.backend)
        go_on.set()
        newest.result()
        older.result()
    assert len(rows(county.backend, Certification)) == 2 * len(THREE)
    assert valid_until(county.backend, person) == {
        "resident_pension": date(2027, 3, 2),
        "survivor_allowance": date(2027, 3, 2),
        "work_injury": date(2026, 6, 2),
    }


def test_a_certificate_number_can_be_read_out_and_is_not_met_twice() -> None:
    numbers = {validity.certificate_number(TODAY, uuid7()) for _ in range(20_000)}
    assert len(numbers) == 20_000
    assert all(re.fullmatch(r"JZ20260302[0-9]{12}", number) for number in numbers)
