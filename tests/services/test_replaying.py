"""A recorded decision comes out again, to the last bit, from the stored evidence."""

from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.demo.studio import Studio
from domain.audit import AuditAction
from domain.decision import Outcome
from services.decisions import decide_attempt, give_up
from services.replaying import replay
from storage.db.models.certification import AttemptDecision, ReferencePhoto
from tests.acts import refusal
from tests.certification_world import TEST, County, Pensioner, audited, rows, waiting_attempts
from tests.phone_world import Phone, broken_clip, broken_photo

pytestmark = [pytest.mark.faces, pytest.mark.usefixtures("known_challenge")]


@pytest.fixture
def person(county: County, studio: Studio) -> Pensioner:
    found = county.person()
    county.enrol(found, studio.reference("p1"))
    return found


def handed_in(person: Pensioner, phone: Phone, studio: Studio) -> UUID:
    phone.open(person)
    accepted = phone.hand_in("phone-try-0001", studio.selfie("p1"), phone.film(studio, "p1"))
    assert accepted.is_success, accepted.text
    return waiting_attempts(phone.backend)[-1]


def broken(person: Pensioner, phone: Phone) -> UUID:
    phone.open(person)
    accepted = phone.hand_in("broken-0001", broken_photo(1), broken_clip(1))
    assert accepted.is_success, accepted.text
    return waiting_attempts(phone.backend)[-1]


def test_a_pass_comes_out_again_bit_for_bit(
    county: County, person: Pensioner, phone: Phone, studio: Studio
) -> None:
    attempt = handed_in(person, phone, studio)
    assert decide_attempt(county.backend, attempt) is Outcome.PASS
    replayed = replay(county.backend, attempt)
    assert replayed.differences == ()
    assert replayed.models_changed == {}
    assert replayed.decision.outcome is Outcome.PASS
    assert len(rows(county.backend, AttemptDecision)) == 1
    assert [e["attempt"] for e in audited(county.backend, AuditAction.ATTEMPT_REPLAYED)] == [
        str(attempt)
    ]


def test_later_photos_and_removed_ones_change_nothing(
    county: County, person: Pensioner, phone: Phone, studio: Studio
) -> None:
    attempt = handed_in(person, phone, studio)
    decide_attempt(county.backend, attempt)
    county.enrol(person, studio.reference("p1", seed=5))
    with county.backend.unit(TEST.actor, TEST.scope) as unit:
        unit.session.execute(
            sa.update(ReferencePhoto)
            .where(ReferencePhoto.source == "id_card_chip")
            .values(removed_at=unit.now + timedelta(hours=1))
        )
    assert replay(county.backend, attempt).is_same


@pytest.mark.committing
def test_a_tampered_record_shows(
    county: County, person: Pensioner, phone: Phone, owner_engine: sa.Engine
) -> None:
    attempt = broken(person, phone)
    assert decide_attempt(county.backend, attempt) is Outcome.RETRY
    with owner_engine.begin() as connection:
        connection.execute(
            sa.text(
                "update attempt_decisions set outcome = 'pass',"
                " evidence = jsonb_set(evidence, '{selfie,quality}', '0.9')"
            )
        )
    replayed = replay(county.backend, attempt)
    assert {d.at for d in replayed.differences} == {"outcome", "evidence.selfie.quality"}


def test_what_was_not_decided_by_measuring_cannot_be_replayed(
    county: County, person: Pensioner, phone: Phone
) -> None:
    attempt = broken(person, phone)
    assert refusal(lambda: replay(county.backend, attempt)).code == "decision.not_made"
    give_up(county.backend, attempt)
    assert refusal(lambda: replay(county.backend, attempt)).code == "decision.not_replayable"
    assert refusal(lambda: replay(county.backend, UUID(int=9))).code == "attempt.not_found"
