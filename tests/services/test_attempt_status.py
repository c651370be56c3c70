"""What the person is told: states, reasons to act on, tries, ways on, a receipt. Never a score."""

from datetime import date, timedelta

import pytest

from app.demo.studio import Studio
from domain.attempt import AttemptState, Channel
from domain.beneficiary import SuspensionCause
from domain.cycle import Channel as CertifiedBy
from domain.policy_values import Scheme
from domain.review import Verdict
from domain.roles import Role
from services import attempt_status, certification, validity
from services.attempt_status import AttemptStatus
from services.certification import OwnSession
from services.decisions import give_up
from services.validity import Ground
from storage.db.models.cases import Review, ReviewDecision
from tests.acts import refusal
from tests.certification_world import (
    TEST,
    WINDOW,
    County,
    Pensioner,
    decide_waiting,
    rows,
    waiting_attempts,
)
from tests.clock import FixedClock
from tests.phone_world import Phone, broken_clip, broken_photo
from tests.places import TOWNSHIP

pytestmark = [pytest.mark.faces, pytest.mark.usefixtures("known_challenge")]


@pytest.fixture
def person(county: County) -> Pensioner:
    found = county.person()
    county.enrol_nobody(found)
    return found


def own(phone: Phone) -> OwnSession:
    return certification.session_of(phone.backend, phone.token)


def try_once(person: Pensioner, phone: Phone, serial: int = 0) -> str:
    """Hand in what no decoder reads; returns the client id."""
    phone.open(person)
    client_id = f"broken-{serial:04d}"
    assert phone.hand_in(client_id, broken_photo(serial), broken_clip(serial)).is_success
    return client_id


def status(phone: Phone, client_id: str) -> AttemptStatus:
    return attempt_status.status_of(phone.backend, own(phone), client_id)


def review_as(county: County, verdict: Verdict) -> None:
    """Record what a reviewer came to."""
    clerk = county.staff(Role.TOWNSHIP_CLERK, TOWNSHIP)
    (review,) = rows(county.backend, Review)
    with county.backend.unit(TEST.actor, TEST.scope) as unit:
        unit.session.add(
            ReviewDecision(
                review_id=review.id,
                beneficiary_id=review.beneficiary_id,
                outcome=verdict.value,
                method=None,
                findings="虚构的核实情况",
                decided_at=unit.now,
                decided_by=clerk.id,
            )
        )


def certify_on_site(county: County, person: Pensioner) -> None:
    with county.backend.unit(TEST.actor, TEST.scope) as unit:
        found = county.backend.people(unit).load(person.id)
        assert found is not None
        today = date(2026, 3, 2)
        ground = Ground(channel=CertifiedBy.ON_SITE, captured_on=today)
        validity.certify(county.backend, unit, found, ground)


def test_what_waits_for_a_worker_says_that_it_was_received(person: Pensioner, phone: Phone) -> None:
    found = status(phone, try_once(person, phone))
    assert (found.state, found.channels) == (AttemptState.SUBMITTED, (Channel.NONE,))
    assert (found.reasons, found.tries_left, found.receipt) == ((), None, None)


def test_a_try_that_may_be_repeated_names_what_to_mend_and_how_often_it_may_be(
    county: County, person: Pensioner, phone: Phone, clock: FixedClock
) -> None:
    left = []
    for serial in range(3):
        client_id = try_once(person, phone, serial)
        decide_waiting(county.backend)
        left.append(status(phone, client_id).tries_left)
        clock.advance(timedelta(minutes=5))
    assert left == [2, 1, None]
    first = status(phone, "broken-0000")
    assert first.state is AttemptState.RETRY
    assert set(first.reasons) >= {"selfie_unreadable", "video_unreadable"}
    assert first.channels == (Channel.SELF, Channel.HELPER, Channel.VISIT, Channel.WINDOW)
    assert first.window is not None
    assert first.window.name == WINDOW


def test_the_third_failed_try_offers_a_human_a_visit_and_the_window(
    county: County, person: Pensioner, phone: Phone, clock: FixedClock
) -> None:
    for serial in range(3):
        try_once(person, phone, serial)
        decide_waiting(county.backend)
        clock.advance(timedelta(minutes=5))
    found = status(phone, "broken-0002")
    assert found.state is AttemptState.IN_REVIEW
    assert found.channels == (Channel.STAFF, Channel.VISIT, Channel.WINDOW)
    assert found.window is not None
    assert found.reasons == ()


def test_a_certification_by_any_channel_gives_all_tries_back(
    county: County, person: Pensioner, phone: Phone, clock: FixedClock
) -> None:
    try_once(person, phone, 0)
    decide_waiting(county.backend)
    clock.advance(timedelta(minutes=5))
    certify_on_site(county, person)
    clock.advance(timedelta(minutes=5))
    client_id = try_once(person, phone, 1)
    decide_waiting(county.backend)
    assert status(phone, client_id).tries_left == 2


def test_a_suspicion_is_not_told_beside_what_can_be_mended(
    county: County, person: Pensioner, phone: Phone
) -> None:
    county.open_lead(person)
    client_id = try_once(person, phone)
    decide_waiting(county.backend)
    told = status(phone, client_id).reasons
    assert "selfie_unreadable" in told
    assert not {"flagged_by_lead", "not_measured", "face_differs"} & set(told)


@pytest.mark.parametrize(
    ("verdict", "state"),
    [
        (Verdict.CERTIFIED, AttemptState.CERTIFIED),
        (Verdict.ASK_AGAIN, AttemptState.ASKED_AGAIN),
        (Verdict.SEND_VISIT, AttemptState.VISIT_SENT),
        (Verdict.REFER_AS_LEAD, AttemptState.REFERRED),
    ],
)
def test_a_review_shows_first_as_waiting_and_then_as_what_it_came_to(
    county: County, person: Pensioner, phone: Phone, verdict: Verdict, state: AttemptState
) -> None:
    client_id = try_once(person, phone)
    give_up(county.backend, waiting_attempts(county.backend)[0])
    assert status(phone, client_id).state is AttemptState.IN_REVIEW
    review_as(county, verdict)
    found = status(phone, client_id)
    assert (found.state, found.reasons) == (state, ())


def test_nobody_sees_another_persons_submission(
    county: County, person: Pensioner, phone: Phone
) -> None:
    client_id = try_once(person, phone)
    other = county.person("李守田")
    county.enrol_nobody(other)
    phone.open(other)
    assert refusal(lambda: status(phone, client_id)).code == "submission.not_found"
    assert refusal(lambda: status(phone, "never-sent-0001")).code == "submission.not_found"


def test_a_receipt_names_the_benefits_that_were_renewed_and_no_other(
    county: County, phone: Phone, studio: Studio
) -> None:
    person = county.person(schemes=(Scheme.RESIDENT_PENSION, Scheme.SURVIVOR_ALLOWANCE))
    county.enrol(person, studio.reference("p1"))
    county.suspend(person, SuspensionCause.DUPLICATE, scheme=Scheme.SURVIVOR_ALLOWANCE)
    phone.open(person)
    phone.hand_in("phone-try-0001", studio.selfie("p1"), phone.film(studio, "p1"))
    decide_waiting(county.backend)
    found = status(phone, "phone-try-0001")
    assert found.state is AttemptState.PASSED
    assert found.receipt is not None
    assert found.receipt.certified_on == date(2026, 3, 2)
    assert found.receipt.valid_until == {"resident_pension": date(2027, 3, 2)}
