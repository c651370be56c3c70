"""A decision keeps the rules of the day on which its pictures came in, and comes out again."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from domain.proposal import Answer
from domain.roles import Role
from services import policy_changes
from services.decisions import decide_attempt
from services.policy_changes import Wish
from services.replaying import replay
from storage.db.models.certification import AttemptDecision
from tests import case_world
from tests.backend_world import another_process
from tests.certification_world import County, Pensioner, rows, waiting_attempts
from tests.clock import FixedClock
from tests.phone_world import Phone, broken_clip, broken_photo
from tests.places import COUNTY

pytestmark = [pytest.mark.faces, pytest.mark.usefixtures("known_challenge")]


@pytest.fixture
def county(county: County) -> County:
    """A county whose book is never older than its act."""
    return County(backend=another_process(county.backend))


@pytest.fixture
def person(county: County) -> Pensioner:
    found = county.person()
    county.enrol_nobody(found)
    return found


def handed_in(person: Pensioner, phone: Phone, seed: int) -> UUID:
    phone.open(person)
    accepted = phone.hand_in(f"phone-000{seed}", broken_photo(seed), broken_clip(seed))
    assert accepted.is_success, accepted.text
    return waiting_attempts(phone.backend)[-1]


def raise_the_threshold(county: County) -> None:
    first, second = (
        case_world.add_staff(county.backend, login, role=Role.COUNTY_BUREAU, path=COUNTY)
        for login in ("first", "second")
    )
    wish = Wish(
        division=COUNTY,
        key="face.accept",
        value="0.5",
        schemes=frozenset(),
        effective_from=date(2026, 3, 3),
        effective_to=None,
        basis="本县评测 2026-02-20",
        report_digest="ab" * 32,
    )
    change = policy_changes.propose(county.backend, first, wish)
    policy_changes.answer_change(county.backend, second, change, answer=Answer.CONFIRMED, note="")


def test_what_came_in_before_is_decided_and_replayed_by_the_rules_of_its_day(
    county: County, person: Pensioner, phone: Phone, clock: FixedClock
) -> None:
    early = handed_in(person, phone, 1)
    raise_the_threshold(county)
    clock.advance(timedelta(days=1))
    late = handed_in(person, phone, 2)
    for attempt in (early, late):
        decide_attempt(county.backend, attempt)

    made = {row.attempt_id: row for row in rows(county.backend, AttemptDecision)}
    assert [made[a].inputs["limits"]["accept"] for a in (early, late)] == [0.47, 0.5]
    assert made[early].preset_digest != made[late].preset_digest
    for attempt in (early, late):
        assert replay(county.backend, attempt).is_same
