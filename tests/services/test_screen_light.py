"""A county that asks for colours on the screen: who gets them, what they bring, and the record."""

from dataclasses import replace
from uuid import UUID

import pytest

from api.main import create_app
from app.demo.studio import Studio
from domain.challenge import Challenge, from_json
from domain.decision import Outcome
from domain.light import Light
from services.decisions import decide_attempt
from services.replaying import replay
from storage.db.models.certification import AttemptDecision
from tests.certification_world import County, Pensioner, rows, ruled_by, waiting_attempts
from tests.lit_clips import lit_clip
from tests.phone_world import Http, Phone

pytestmark = [
    pytest.mark.faces,
    pytest.mark.usefixtures("known_challenge"),
    pytest.mark.xdist_group("screen_light"),
]


@pytest.fixture
def person(county: County, studio: Studio) -> Pensioner:
    found = county.person()
    county.enrol(found, studio.reference("p1"))
    return found


def phone_under(county: County, rule: str) -> Phone:
    backend = ruled_by(county, challenge__light=rule).backend
    return Phone(http=Http(create_app(backend)), backend=backend)


def asked(phone: Phone) -> Challenge:
    return from_json(phone.challenge)


def filmed(phone: Phone, studio: Studio) -> bytes:
    """The right person answers the movements, in the room's light alone."""
    return studio.clip("p1", replace(asked(phone), light=None))


def decided(phone: Phone, studio: Studio, clip: bytes) -> tuple[Outcome | None, UUID]:
    accepted = phone.hand_in("phone-try-0001", studio.selfie("p1"), clip)
    assert accepted.is_success, accepted.text
    attempt = waiting_attempts(phone.backend)[-1]
    return decide_attempt(phone.backend, attempt), attempt


def of_another_day(light: Light) -> Light:
    """The same moments, the colours in the opposite order."""
    colours = [s.colour for s in reversed(light.segments)]
    pairs = zip(light.segments, colours, strict=True)
    return Light(segments=tuple(replace(s, colour=c) for s, c in pairs))


@pytest.mark.parametrize(
    ("rule", "needs", "expected"),
    [
        ("off", [], False),
        ("shown", [], True),
        ("required", [], True),
        ("shown", ["no_flash"], False),
        ("required", ["no_flash", "seated"], False),
    ],
)
def test_colours_are_asked_for_by_policy_and_never_of_who_wants_none(
    county: County, person: Pensioner, rule: str, needs: list[str], *, expected: bool
) -> None:
    phone = phone_under(county, rule)
    assert phone.open(person, needs=needs).is_success
    assert (asked(phone).light is not None) is expected


def test_a_session_of_a_county_that_says_nothing_shows_no_colours(
    person: Pensioner, phone: Phone
) -> None:
    phone.open(person)
    assert "light" not in phone.challenge


def test_the_right_person_before_the_screen_passes_and_it_comes_out_again_bit_for_bit(
    county: County, person: Pensioner, studio: Studio
) -> None:
    phone = phone_under(county, "required")
    phone.open(person)
    light = asked(phone).light
    assert light is not None
    outcome, attempt = decided(phone, studio, lit_clip(filmed(phone, studio), light))
    assert outcome is Outcome.PASS
    (record,) = rows(phone.backend, AttemptDecision)
    assert record.inputs["limits"]["light_required"] is True
    assert record.evidence["clip"]["light"]["correlation"] >= 0.9
    named = {c["name"]: c["ok"] for c in record.checks if c["name"].startswith("light_")}
    assert named == {"light_seen": True, "light_follows": True, "light_ratio": True}
    assert replay(phone.backend, attempt).differences == ()


def test_colours_of_another_day_go_to_a_human_who_is_told_what_was_off_and_when(
    county: County, person: Pensioner, studio: Studio
) -> None:
    phone = phone_under(county, "shown")
    phone.open(person)
    light = asked(phone).light
    assert light is not None
    clip = lit_clip(filmed(phone, studio), of_another_day(light))
    assert decided(phone, studio, clip)[0] is Outcome.REVIEW
    (record,) = rows(phone.backend, AttemptDecision)
    assert record.reasons[0] == "light_contradicts"
    (follows,) = [c for c in record.checks if c["name"] == "light_follows"]
    assert follows["value"] < 0.35 < follows["threshold"]
    assert follows["at_ms"] in {s.from_ms for s in light.segments}


@pytest.mark.parametrize(
    ("rule", "needs", "outcome", "reasons"),
    [
        ("shown", [], Outcome.PASS, ["face_matches"]),
        ("required", [], Outcome.REVIEW, ["light_unseen"]),
        ("required", ["no_flash"], Outcome.PASS, ["face_matches"]),
    ],
)
def test_colours_that_cannot_be_told_harm_nobody_unless_policy_requires_them(
    county: County,
    person: Pensioner,
    studio: Studio,
    rule: str,
    needs: list[str],
    outcome: Outcome,
    reasons: list[str],
) -> None:
    phone = phone_under(county, rule)
    phone.open(person, needs=needs)
    assert decided(phone, studio, filmed(phone, studio))[0] is outcome
    (record,) = rows(phone.backend, AttemptDecision)
    assert record.reasons == reasons
