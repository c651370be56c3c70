"""The studio's clips and photos are what they are called, in the eyes of the product's engine."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.demo.cast import ROLES, Cast
from app.demo.clips import Camera, Codec
from app.demo.library import ClipLibrary
from app.demo.photos import Reference, Selfie
from app.demo.script import Behaviour
from app.demo.studio import Studio
from biometrics.clip import Asked
from biometrics.engine import FaceEngine
from biometrics.known import Known
from biometrics.models import ModelStore
from domain.biometric import MediaFault, StepGrade
from domain.challenge import Challenge

pytestmark = pytest.mark.faces
PEOPLE = sorted(ROLES)
UPRIGHT = Camera(width=720, height=1280, fps=15, codec=Codec.MP4_H264, jitter=0.4, rotated=True)


@pytest.fixture(scope="session")
def engine(home: Path) -> Iterator[FaceEngine]:
    with FaceEngine(ModelStore(home / "models")) as engine:
        yield engine


def _grades(
    engine: FaceEngine, clip: bytes, challenge: Challenge, reference: bytes
) -> tuple[list[StepGrade], float]:
    face = engine.template(reference).embedding
    assert face is not None
    asked = Asked(challenge=challenge, known=Known(anchors=[face]), selfie=None)
    measure = engine.measure_clip(clip, asked).measure
    assert measure.faults == ()
    assert measure.similarity is not None
    return [step.grade for step in measure.steps], measure.similarity


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("camera", [Camera(), UPRIGHT], ids=["webm", "mp4"])
def test_an_answer_is_seen_step_by_step_and_matches_the_chip_photo(
    person: str, camera: Camera, studio: Studio, engine: FaceEngine, challenge: Challenge
) -> None:
    clip = studio.clip(person, challenge, camera=camera, seed=2)
    chip = studio.reference(person, Reference.CHIP)
    grades, similarity = _grades(engine, clip, challenge, chip)
    assert grades == [StepGrade.SEEN] * len(challenge.steps)
    assert similarity >= 0.45


@pytest.mark.parametrize(
    "behaviour",
    [Behaviour.STILL, Behaviour.TILTED_PHOTO, Behaviour.NO_RESPONSE, Behaviour.WRONG_ORDER],
)
def test_who_does_not_do_what_was_asked_is_not_seen_doing_it(
    behaviour: Behaviour, studio: Studio, engine: FaceEngine, challenge: Challenge
) -> None:
    clip = studio.clip("p2", challenge, behaviour=behaviour, seed=2)
    grades, _ = _grades(engine, clip, challenge, studio.reference("p2"))
    assert StepGrade.SEEN not in grades


@pytest.mark.parametrize("person", PEOPLE)
def test_another_persons_answer_does_not_match(
    person: str, studio: Studio, engine: FaceEngine, challenge: Challenge
) -> None:
    clip = studio.clip(person, challenge, behaviour=Behaviour.OTHER, seed=2)
    _, similarity = _grades(engine, clip, challenge, studio.reference(person))
    assert similarity < 0.33


FAULTS = {
    Selfie.DARK: MediaFault.TOO_DARK,
    Selfie.BRIGHT: MediaFault.TOO_BRIGHT,
    Selfie.BLURRED: MediaFault.BLURRED,
    Selfie.TURNED_AWAY: MediaFault.TURNED_AWAY,
    Selfie.SMALL: MediaFault.FACE_TOO_SMALL,
    Selfie.TWO_FACES: MediaFault.SEVERAL_FACES,
    Selfie.HALF_FACE: MediaFault.HALF_FACE,
    Selfie.DRAWING: MediaFault.NOT_A_PHOTO,
    Selfie.NO_FACE: MediaFault.NO_FACE,
}


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize(("variant", "fault"), FAULTS.items())
def test_a_bad_selfie_has_the_fault_it_is_named_for(
    person: str, variant: Selfie, fault: MediaFault, studio: Studio, engine: FaceEngine
) -> None:
    assert fault in engine.measure_photo(studio.selfie(person, variant), []).faults


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("variant", [v for v in Selfie if v not in FAULTS])
def test_a_usable_selfie_matches_the_chip_photo(
    person: str, variant: Selfie, studio: Studio, engine: FaceEngine
) -> None:
    if variant is Selfie.OTHER_PHOTO and not ROLES[person].others:
        with pytest.raises(ValueError, match="no other photo"):
            studio.selfie(person, variant)
        return
    chip = studio.reference(person, Reference.CHIP)
    measure = engine.measure_photo(studio.selfie(person, variant), [chip])
    assert measure.faults == ()
    assert measure.similarity is not None
    assert measure.similarity >= 0.45


@pytest.mark.parametrize("person", PEOPLE)
def test_a_visit_brings_two_matching_photos_and_a_doorway_with_nobody(
    person: str, studio: Studio, engine: FaceEngine
) -> None:
    photos = studio.visit_photos(person)
    measured = {
        part: engine.measure_photo(photo, [studio.reference(person)])
        for part, photo in photos.items()
    }
    assert measured["doorway"].faults == (MediaFault.NO_FACE,)
    for part in ("person", "person_with_id_card"):
        assert measured[part].similarity is not None, part
        assert (measured[part].similarity or 0) >= 0.45, part


def test_a_clip_is_made_once_and_then_kept(
    cast: Cast, challenge: Challenge, tmp_path: Path
) -> None:
    made = Studio(cast, ClipLibrary(tmp_path)).clip("p1", challenge)
    kept = [path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()]
    assert Studio(cast, ClipLibrary(tmp_path)).clip("p1", challenge) == made
    assert kept == [path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()]


def test_an_attack_is_staged_before_the_challenge_that_was_asked(
    studio: Studio, engine: FaceEngine, challenge: Challenge
) -> None:
    clip = studio.attack("p2", "print_bent_80_vertical", challenge, seed=1)
    grades, similarity = _grades(engine, clip, challenge, studio.reference("p2"))
    assert StepGrade.SEEN in grades, "it is turned as asked"
    assert similarity > 0.3


def test_a_recaptured_clip_is_made_of_the_one_that_was_sent(
    studio: Studio, engine: FaceEngine, challenge: Challenge
) -> None:
    sent = studio.clip("p1", challenge, seed=4)
    again = studio.attack("p1", "own_clip_recaptured", challenge, seed=4, earlier=sent)
    grades, _ = _grades(engine, again, challenge, studio.reference("p1"))
    assert StepGrade.SEEN in grades
    assert again != sent


def test_an_unknown_attack_is_refused(studio: Studio, challenge: Challenge) -> None:
    with pytest.raises(KeyError):
        studio.attack("p1", "wax_figure", challenge)
