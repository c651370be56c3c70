"""A strong certification teaches one face, and what rested on a wrong face goes to a human."""

from uuid import UUID

import pytest
import sqlalchemy as sa

from app.demo.studio import Studio
from domain.decision import Outcome
from domain.enrolment import Source
from domain.policy_values import Scalar
from domain.reasons import Reason
from services.decisions import decide_attempt
from services.enrolment import RemovalReason, remove_reference
from storage.db.models.cases import Review
from storage.db.models.certification import Certification, ReferencePhoto
from tests.certification_world import TEST, County, Pensioner, rows, ruled_by, waiting_attempts
from tests.phone_world import Phone

pytestmark = [pytest.mark.faces, pytest.mark.usefixtures("known_challenge")]
LEARNT = Source.STRONG_SELF_CERTIFICATION.value
LEANED_SQL = """
update attempt_decisions set checks = (
  select jsonb_agg(case when c->>'name' = 'selfie_anchor'
                        then jsonb_set(c, '{value}', '0.40') else c end)
  from jsonb_array_elements(checks) c)
"""


@pytest.fixture
def person(county: County, studio: Studio) -> Pensioner:
    found = county.person()
    county.enrol(found, studio.reference("p1"))
    return found


def certified(county: County, person: Pensioner, phone: Phone, studio: Studio) -> UUID:
    phone.open(person)
    clip = phone.film(studio, "p1")
    accepted = phone.hand_in("phone-try-0001", studio.selfie("p1"), clip)
    assert accepted.is_success, accepted.text
    attempt = waiting_attempts(phone.backend)[-1]
    assert decide_attempt(county.backend, attempt) is Outcome.PASS
    return attempt


def references(county: County, source: str) -> list[ReferencePhoto]:
    return [r for r in rows(county.backend, ReferencePhoto) if r.source == source]


def standing(county: County, source: str) -> int:
    return sum(row.removed_at is None for row in references(county, source))


def test_a_strong_certification_adds_its_selfie_beside_the_anchor(
    county: County, person: Pensioner, phone: Phone, studio: Studio
) -> None:
    certified(county, person, phone, studio)
    (learnt,) = references(county, LEARNT)
    (anchor,) = [r for r in rows(county.backend, ReferencePhoto) if r.source != LEARNT]
    assert learnt.evidence_id != anchor.evidence_id
    assert learnt.source_rank > anchor.source_rank


@pytest.mark.parametrize(
    "rules", [{"face__growth_most": 0}, {"face__growth_margin": 0.54}], ids=["off", "margin"]
)
def test_policy_can_make_learning_rarer_or_stop_it(
    county: County, person: Pensioner, phone: Phone, studio: Studio, rules: dict[str, Scalar]
) -> None:
    certified(ruled_by(county, **rules), person, phone, studio)
    assert references(county, LEARNT) == []


def test_without_an_anchor_nothing_learnt_is_compared(
    county: County, person: Pensioner, phone: Phone, studio: Studio
) -> None:
    certified(county, person, phone, studio)
    (anchor,) = [r for r in rows(county.backend, ReferencePhoto) if r.source != LEARNT]
    accepted = phone_again(person, phone, studio)
    remove_reference(county.backend, TEST, anchor.id, RemovalReason.OUTDATED)
    assert standing(county, LEARNT) == 1
    assert decide_attempt(county.backend, accepted) is Outcome.REVIEW
    (review,) = rows(county.backend, Review)
    assert Reason.NO_REFERENCE.value in review.reasons
    assert phone.open(person).json()["code"] == "person.no_reference"


def phone_again(person: Pensioner, phone: Phone, studio: Studio) -> UUID:
    phone.open(person)
    handed = phone.hand_in(
        "phone-try-0002", studio.selfie("p1", seed=3), phone.film(studio, "p1", seed=3)
    )
    assert handed.is_success, handed.text
    return waiting_attempts(phone.backend)[-1]


def test_an_anchor_of_another_person_takes_with_it_what_was_learnt_beside_it(
    county: County, person: Pensioner, phone: Phone, studio: Studio
) -> None:
    certified(county, person, phone, studio)
    (anchor,) = [r for r in rows(county.backend, ReferencePhoto) if r.source != LEARNT]
    remove_reference(county.backend, TEST, anchor.id, RemovalReason.WRONG_PERSON)
    assert standing(county, LEARNT) == 0


@pytest.mark.committing
def test_a_pass_that_leaned_on_a_wrong_face_is_looked_at_and_stands_until_then(
    county: County,
    person: Pensioner,
    phone: Phone,
    studio: Studio,
    owner_engine: sa.Engine,
) -> None:
    attempt = certified(county, person, phone, studio)
    with owner_engine.begin() as connection:
        connection.execute(sa.text(LEANED_SQL))
    (anchor,) = [r for r in rows(county.backend, ReferencePhoto) if r.source != LEARNT]
    remove_reference(county.backend, TEST, anchor.id, RemovalReason.UNDER_SUSPICION)
    (review,) = rows(county.backend, Review)
    assert (review.attempt_id, review.reasons) == (attempt, [Reason.LEARNT_ONLY.value])
    assert [row.kind for row in rows(county.backend, Certification)] == ["certified"]
    remove_reference(county.backend, TEST, anchor.id, RemovalReason.UNDER_SUSPICION)
    assert len(rows(county.backend, Review)) == 1
