"""Who may open a camera, and where everybody else is sent."""

from datetime import date, timedelta
from functools import partial

import pytest

from domain.beneficiary import EntitlementStatus, SuspensionCause
from domain.policy_values import Scheme
from services import eligibility
from services.eligibility import FAILED_LOOKUPS, Claimed
from storage.db.models.registry import DataKeyRow
from tests.acts import refusal
from tests.backend_world import id_number
from tests.certification_world import TEST, WINDOW, County, Pensioner
from tests.clock import FixedClock

OTHER_CAUSES = sorted(set(SuspensionCause) - {SuspensionCause.UNCERTIFIED})


def claim(person: Pensioner, *, name: str | None = None, address: str = "192.0.2.1") -> Claimed:
    return Claimed(id_number=person.id_number, name=name or person.name, address=address)


@pytest.fixture
def person(county: County) -> Pensioner:
    found = county.person("阿依古丽·买买提")
    county.enrol_nobody(found)
    return found


def certifies(county: County, person: Pensioner, **typed: str) -> bool:
    return eligibility.check(county.backend, claim(person, **typed)).person.id == person.id


def test_whoever_draws_a_benefit_and_has_a_reference_may_certify(
    county: County, person: Pensioner
) -> None:
    found = eligibility.check(county.backend, claim(person))
    assert found.person.id == person.id
    assert [e.scheme for e in found.entitlements] == [Scheme.RESIDENT_PENSION]


def test_a_wrong_name_and_an_unknown_number_get_one_answer(
    county: County, person: Pensioner
) -> None:
    stranger = county.person("李守田")
    nobody = Claimed(id_number=id_number(999, "19490707"), name="李守田", address="192.0.2.1")
    wrong_name = refusal(lambda: eligibility.check(county.backend, claim(person, name="李守田")))
    of_another = refusal(lambda: eligibility.check(county.backend, claim(stranger, name="周桂香")))
    unknown = refusal(lambda: eligibility.check(county.backend, nobody))
    answers = {(e.kind, e.code, tuple(e.params.items())) for e in (wrong_name, of_another, unknown)}
    assert answers == {("not_found", "person.not_found", ())}


@pytest.mark.parametrize(
    "written",
    [
        "阿依古丽买买提",
        "阿依古丽 • 买买提",
        "阿依古丽・买买提",
        "阿依古丽.买买提",
        "阿依古丽\u3000买买提",
    ],
)
def test_a_name_counts_however_its_dots_and_spaces_are_typed(
    county: County, person: Pensioner, written: str
) -> None:
    assert certifies(county, person, name=written)


def test_a_number_typed_in_full_width_with_spaces_is_understood(
    county: County, person: Pensioner
) -> None:
    wide = person.id_number.translate({ord("0") + n: ord("０") + n for n in range(10)})
    typed = Claimed(id_number=f" {wide[:6]} {wide[6:]}", name=person.name, address="192.0.2.1")
    assert eligibility.check(county.backend, typed).person.id == person.id


@pytest.mark.parametrize("cause", OTHER_CAUSES)
def test_a_stop_for_another_cause_sends_to_the_window_and_does_not_tell_the_cause(
    county: County, person: Pensioner, cause: SuspensionCause
) -> None:
    county.suspend(person, cause)
    refused = refusal(lambda: eligibility.check(county.backend, claim(person)))
    assert refused.code == "person.suspended_other_cause"
    assert refused.params["window"] == WINDOW
    assert cause.value not in str(refused.params)


def test_a_stop_for_want_of_certification_is_what_certifying_cures(
    county: County, person: Pensioner
) -> None:
    county.suspend(person, SuspensionCause.UNCERTIFIED)
    assert certifies(county, person)


def test_a_double_payment_stops_one_benefit_and_leaves_the_other_to_certify(county: County) -> None:
    person = county.person(schemes=(Scheme.RESIDENT_PENSION, Scheme.SURVIVOR_ALLOWANCE))
    county.enrol_nobody(person)
    county.suspend(person, SuspensionCause.DUPLICATE)
    assert certifies(county, person)


def test_a_death_stops_every_benefit_of_the_person(county: County) -> None:
    person = county.person(schemes=(Scheme.RESIDENT_PENSION, Scheme.SURVIVOR_ALLOWANCE))
    county.enrol_nobody(person)
    county.suspend(person, SuspensionCause.DEATH)
    refused = refusal(lambda: eligibility.check(county.backend, claim(person)))
    assert refused.code == "person.suspended_other_cause"


def test_nothing_drawn_and_nothing_left_have_nothing_to_certify(
    county: County, person: Pensioner
) -> None:
    county.set_state(person, EntitlementStatus.TERMINATED)
    nothing = county.person("李守田", schemes=())
    for whom in (person, nothing):
        refused = refusal(partial(eligibility.check, county.backend, claim(whom)))
        assert refused.code == "person.no_entitlement"


def test_without_a_reference_photo_an_officer_comes(county: County) -> None:
    person = county.person()
    refused = refusal(lambda: eligibility.check(county.backend, claim(person)))
    assert refused.code == "person.no_reference"
    assert refused.params["window"] == WINDOW


@pytest.mark.parametrize(
    ("born", "code"),
    [(date(2012, 3, 3), "person.guardian_needed"), (date(2012, 3, 2), None)],
    ids=["the day before the fourteenth birthday", "on it"],
)
def test_a_child_certifies_with_a_guardian_at_the_window_only(
    county: County, born: date, code: str | None
) -> None:
    child = county.person(schemes=(Scheme.SURVIVOR_ALLOWANCE,), born=born)
    county.enrol_nobody(child)
    if code is None:
        assert certifies(county, child)
    else:
        refused = refusal(lambda: eligibility.check(county.backend, claim(child)))
        assert (refused.code, refused.params["window"]) == (code, WINDOW)


def test_whoever_was_erased_is_nobody_we_know(county: County, person: Pensioner) -> None:
    with county.backend.unit(TEST.actor, TEST.scope) as unit:
        key = unit.session.get(DataKeyRow, person.id)
        assert key is not None
        key.wrapped, key.destroyed_at = None, unit.now
    refused = refusal(lambda: eligibility.check(county.backend, claim(person)))
    assert refused.code == "person.not_found"


def test_whoever_works_through_a_list_of_names_is_stopped_for_an_hour(
    county: County, person: Pensioner, clock: FixedClock
) -> None:
    for _ in range(FAILED_LOOKUPS):
        refused = refusal(lambda: eligibility.check(county.backend, claim(person, name="李守田")))
        assert refused.code == "person.not_found"
    refused = refusal(lambda: eligibility.check(county.backend, claim(person)))
    assert (refused.code, refused.params["retry_after_s"]) == ("rate.address", 3600)
    assert certifies(county, person, address="192.0.2.2")
    clock.advance(timedelta(hours=1))
    assert certifies(county, person)
