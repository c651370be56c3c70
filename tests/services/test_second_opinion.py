"""A county that asks for a second opinion: what is compared, what follows, and the record."""

from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from api.main import create_app
from app.demo.studio import Studio
from biometrics.engine import FaceEngine
from biometrics.models import ModelStore, Role, manifest, required_roles
from domain.decision import Outcome
from services.backend import Backend
from services.decisions import decide_attempt
from services.faces import Faces
from services.replaying import replay
from storage.db.models.certification import AttemptDecision
from tests.certification_world import County, Pensioner, rows, ruled_by, waiting_attempts
from tests.phone_world import Http, Phone

pytestmark = [
    pytest.mark.faces,
    pytest.mark.usefixtures("known_challenge"),
    pytest.mark.xdist_group("second_opinion"),
]
with_file = pytest.mark.skipif(
    not ModelStore().has(Role.SECOND),
    reason="the optional model `second` is missing: jianzai models fetch --with-second",
)


@pytest.fixture
def person(county: County, studio: Studio) -> Pensioner:
    found = county.person()
    county.enrol(found, studio.reference("p1"))
    return found


def decided(
    backend: Backend, person: Pensioner, studio: Studio
) -> tuple[Outcome | None, UUID, AttemptDecision]:
    """The right person answers the challenge."""
    phone = Phone(http=Http(create_app(backend)), backend=backend)
    phone.open(person)
    accepted = phone.hand_in("phone-try-0001", studio.selfie("p1"), phone.film(studio, "p1"))
    assert accepted.is_success, accepted.text
    attempt = waiting_attempts(backend)[-1]
    outcome = decide_attempt(backend, attempt)
    (record,) = rows(backend, AttemptDecision)
    return outcome, attempt, record


def test_nobody_asks_where_policy_says_nothing(
    county: County, person: Pensioner, studio: Studio
) -> None:
    outcome, _, record = decided(county.backend, person, studio)
    assert outcome is Outcome.PASS
    assert record.evidence["second"] is None
    assert "second" not in record.models
    assert record.inputs["limits"]["second_distance"] is None


@with_file
def test_whom_both_matchers_know_passes_and_it_comes_out_again_bit_for_bit(
    county: County, person: Pensioner, studio: Studio
) -> None:
    backend = ruled_by(county, face__second_opinion="review").backend
    outcome, attempt, record = decided(backend, person, studio)
    assert outcome is Outcome.PASS
    assert record.models["second"] == "dlib_face_recognition_resnet_model_v1@55533b28a958"
    second = {c["name"]: c for c in record.checks if c["name"].startswith("second_")}
    assert set(second) == {"second_selfie", "second_clip"}
    assert all(0 < c["value"] <= c["threshold"] == 0.6 for c in second.values())
    assert replay(backend, attempt).differences == ()


@with_file
def test_whom_the_second_matcher_takes_for_another_goes_to_a_human(
    county: County, person: Pensioner, studio: Studio
) -> None:
    near = ruled_by(county, face__second_opinion="review", face__second_distance=0.05)
    outcome, _, record = decided(near.backend, person, studio)
    assert outcome is Outcome.REVIEW
    assert record.reasons == ["second_differs"]


def test_without_its_file_who_would_pass_goes_to_a_human(
    county: County, person: Pensioner, studio: Studio, tmp_path: Path
) -> None:
    for role in required_roles():
        file = manifest()[role].file
        (tmp_path / file).symlink_to(ModelStore().path(role))
    backend = ruled_by(county, face__second_opinion="review").backend
    bare = Faces(lambda: FaceEngine(ModelStore(tmp_path)))
    try:
        outcome, _, record = decided(replace(backend, faces=bare), person, studio)
    finally:
        bare.close()
    assert outcome is Outcome.REVIEW
    assert record.reasons == ["model_missing"]
    assert "second" not in record.models
