"""What another photo on record may change: a person's own score upwards, nobody else's at all."""

import pytest

from app.demo.photos import Reference, Selfie
from app.demo.studio import Studio
from biometrics.engine import Case, FaceEngine
from tests.robustness.cases import PEOPLE, case_of, measured

pytestmark = pytest.mark.faces

SYMMETRIC = 1e-6


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("variant", [Reference.PHOTO, Reference.CHIP, Reference.SCANNED])
def test_two_photos_are_as_alike_whichever_of_them_is_on_record(
    engine: FaceEngine, studio: Studio, person: str, variant: Reference
) -> None:
    one, other = studio.selfie(person), studio.reference(person, variant)
    there, back = engine.measure_photo(one, [other]), engine.measure_photo(other, [one])
    assert there.similarity is not None
    assert back.similarity == pytest.approx(there.similarity, abs=SYMMETRIC)


def test_two_people_are_as_unlike_whichever_of_them_is_on_record(
    engine: FaceEngine, studio: Studio
) -> None:
    there = engine.measure_photo(studio.selfie("p1"), [studio.reference("p2")])
    back = engine.measure_photo(studio.reference("p2"), [studio.selfie("p1")])
    assert there.similarity is not None
    assert back.similarity == pytest.approx(there.similarity, abs=SYMMETRIC)


@pytest.mark.parametrize("person", PEOPLE)
def test_one_more_genuine_reference_never_lowers_a_photos_score(
    engine: FaceEngine, studio: Studio, person: str
) -> None:
    photos = [studio.reference(person, variant) for variant in Reference]
    on_record = [engine.template(photo).embedding for photo in photos]
    usable = [embedding for embedding in on_record if embedding is not None]
    assert len(usable) == len(photos)
    for variant in (Selfie.GOOD, Selfie.IN_BED):
        selfie = studio.selfie(person, variant)
        scores = [
            engine.measure_photo(selfie, usable[:count]).similarity or -1.0
            for count in range(1, len(usable) + 1)
        ]
        assert scores[0] > 0.0
        assert scores == sorted(scores)


def test_one_more_genuine_reference_never_lowers_a_clips_score(
    engine: FaceEngine, studio: Studio
) -> None:
    case = case_of(studio, 0, width=480, height=360, fps=30)
    photos = [case.reference, studio.reference("p1", Reference.CHIP)]
    found = [
        engine.measure_case(
            photos[:count], case.selfie, case.clip.content, challenge=case.challenge
        )
        for count in (1, 2)
    ]
    few, more = (evidence.clip for evidence in found)
    assert few is not None
    assert more is not None
    assert (more.similarity or -1.0) >= (few.similarity or 2.0)
    assert (more.similarity_to_anchor or -1.0) >= (few.similarity_to_anchor or 2.0)
    assert more.similarity_to_selfie == few.similarity_to_selfie


def test_more_photos_of_one_person_change_nothing_for_another(
    engine: FaceEngine, studio: Studio
) -> None:
    """The engine is one and the same; whatever it kept of A would show in B's evidence."""
    of_b = case_of(studio, 2, width=480, height=360, fps=30)
    before = measured(engine, of_b)
    of_a = Case(
        references=[studio.reference("p1", variant) for variant in Reference],
        learnt=[studio.selfie("p1", Selfie.OTHER_PHOTO), studio.selfie("p1", Selfie.IN_BED)],
        selfie=studio.selfie("p1"),
        clip=None,
        challenge=None,
    )
    assert engine.read_case(of_a).evidence.references == len(Reference)
    assert measured(engine, of_b) == before
