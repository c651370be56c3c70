"""A small part of `benchmarks/metamorphic.py`: what may not change a decision, and what must."""

import numpy as np
import pytest

from app.demo.studio import Studio
from biometrics.engine import FaceEngine
from domain.decision import Outcome
from domain.reasons import Reason
from tests.robustness import media
from tests.robustness.cases import PEOPLE, Case, case_of, decided, measured
from tests.robustness.transforms import ANOTHER_DEED, ORIENTATIONS, SAME_PERSON_SAME_DEED, Transform

pytestmark = pytest.mark.faces

BASES = (0, 5)
LARGE_BASE = 1
OF_CLIPS = [t for t in SAME_PERSON_SAME_DEED if not t.name.startswith("exif") and not t.needs_large]
SMALLER = [t for t in SAME_PERSON_SAME_DEED if t.name in ("480p", "360p")]
JPEG_ROUNDING = 0.02


def small(studio: Studio, number: int) -> Case:
    return case_of(studio, number, width=480, height=360, fps=30)


def large(studio: Studio, number: int) -> Case:
    return case_of(studio, number, width=960, height=720, fps=15)


def named(transform: Transform) -> str:
    return transform.name


@pytest.mark.parametrize("transform", OF_CLIPS, ids=named)
@pytest.mark.parametrize("number", BASES)
def test_who_passes_passes_whatever_light_recorder_or_sound(
    engine: FaceEngine, studio: Studio, transform: Transform, number: int
) -> None:
    case = transform.of(small(studio, number))
    assert decided(measured(engine, case)).reasons == (Reason.FACE_MATCHES,)


@pytest.mark.parametrize("transform", SMALLER, ids=named)
def test_who_passes_passes_with_fewer_pixels(
    engine: FaceEngine, studio: Studio, transform: Transform
) -> None:
    case = transform.of(large(studio, LARGE_BASE))
    assert decided(measured(engine, case)).reasons == (Reason.FACE_MATCHES,)


@pytest.mark.parametrize("number", [*BASES, LARGE_BASE])
def test_the_cases_pass_before_they_are_transformed(
    engine: FaceEngine, studio: Studio, number: int
) -> None:
    case = large(studio, number) if number == LARGE_BASE else small(studio, number)
    assert decided(measured(engine, case)).reasons == (Reason.FACE_MATCHES,)


@pytest.mark.parametrize("transform", ANOTHER_DEED, ids=named)
@pytest.mark.parametrize("number", BASES)
def test_who_does_something_else_does_not_pass(
    engine: FaceEngine, studio: Studio, transform: Transform, number: int
) -> None:
    case = transform.of(small(studio, number))
    assert decided(measured(engine, case)).outcome is not Outcome.PASS


@pytest.mark.parametrize("person", PEOPLE)
def test_a_photo_is_the_same_whichever_way_it_lies_in_its_file(
    engine: FaceEngine, studio: Studio, person: str
) -> None:
    photo = studio.selfie(person)
    upright = engine.template(photo)
    assert upright.embedding is not None
    for orientation in ORIENTATIONS:
        lying = engine.template(media.lying(photo, orientation))
        assert lying.embedding is not None
        assert np.array_equal(lying.embedding, upright.embedding), orientation
        assert (lying.faults, lying.quality, lying.pose, lying.rotation_deg) == (
            upright.faults,
            upright.quality,
            upright.pose,
            0,
        )


@pytest.mark.parametrize("person", PEOPLE)
def test_a_jpeg_that_lies_on_its_side_differs_by_no_more_than_rounding(
    engine: FaceEngine, studio: Studio, person: str
) -> None:
    photo, record = studio.selfie(person), studio.reference(person)
    upright = engine.measure_photo(photo, [record])
    assert upright.similarity is not None
    for orientation in ORIENTATIONS:
        lying = engine.measure_photo(media.lying_as_jpeg(photo, orientation), [record])
        assert lying.similarity == pytest.approx(upright.similarity, abs=JPEG_ROUNDING)
        assert (lying.faults, lying.rotation_deg) == ((), 0)
