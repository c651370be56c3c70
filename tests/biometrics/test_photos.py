"""One photo: the face found whichever way up, every fault by its own name, the person known."""

import cv2
import numpy as np
import pytest

from app.demo.photos import Reference, Selfie
from app.demo.studio import Studio
from biometrics.embed import Embedding, cosine
from biometrics.engine import FaceEngine
from domain.biometric import MediaFault
from tests.biometrics import media
from tests.biometrics.media import Image

pytestmark = pytest.mark.faces

PEOPLE = ("p1", "p2", "p3")
ACCEPT = 0.45
SOUND = (Selfie.GOOD, Selfie.CLOSED_EYES, Selfie.EXIF_ROTATED, Selfie.IN_BED)
FAULTY = {
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


def picture(photo: bytes) -> Image:
    decoded = cv2.imdecode(np.frombuffer(photo, np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    return np.asarray(decoded, np.uint8)


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("variant", SOUND)
def test_a_sound_selfie_matches_its_own_reference_and_no_other(
    engine: FaceEngine,
    studio: Studio,
    enrolled: dict[str, Embedding],
    person: str,
    variant: Selfie,
) -> None:
    template = engine.template(studio.selfie(person, variant))
    assert template.faults == ()
    assert template.embedding is not None
    matches = {other: cosine(template.embedding, kept) for other, kept in enrolled.items()}
    assert matches.pop(person) >= ACCEPT
    assert max(matches.values()) < 0.33


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize(("variant", "fault"), FAULTY.items())
def test_every_fault_has_its_own_name(
    engine: FaceEngine, studio: Studio, person: str, variant: Selfie, fault: MediaFault
) -> None:
    assert engine.template(studio.selfie(person, variant)).faults == (fault,)


@pytest.mark.parametrize("person", PEOPLE)
def test_a_chip_photo_of_102_by_126_pixels_is_a_usable_reference(
    engine: FaceEngine, studio: Studio, person: str
) -> None:
    chip = studio.reference(person, Reference.CHIP)
    assert picture(chip).shape[:2] == (126, 102)
    template = engine.template(chip)
    assert template.faults == ()
    measured = engine.measure_photo(studio.selfie(person), [chip])
    assert measured.similarity is not None
    assert measured.similarity >= ACCEPT


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_a_photo_taken_any_way_up_is_turned_upright(
    engine: FaceEngine, studio: Studio, enrolled: dict[str, Embedding], turns: int
) -> None:
    lying = np.ascontiguousarray(np.rot90(picture(studio.selfie("p3")), turns))
    template = engine.template(media.encoded(lying))
    assert template.rotation_deg == 90 * turns
    assert template.faults == ()
    assert template.embedding is not None
    assert cosine(template.embedding, enrolled["p3"]) >= ACCEPT


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_exif_orientation_changes_nothing(
    engine: FaceEngine, studio: Studio, orientation: int
) -> None:
    turns = {1: 0, 3: 2, 6: 1, 8: 3}[orientation]
    stored = np.ascontiguousarray(np.rot90(picture(studio.selfie("p2")), turns))
    template = engine.template(media.with_exif_turn(media.encoded(stored), orientation))
    plain = engine.template(media.encoded(picture(studio.selfie("p2"))))
    assert template.rotation_deg == 0
    assert template.embedding is not None
    assert plain.embedding is not None
    assert cosine(template.embedding, plain.embedding) > 0.98


def test_closed_eyes_are_seen_and_are_no_fault(engine: FaceEngine, studio: Studio) -> None:
    for person in PEOPLE:
        assert engine.template(studio.selfie(person, Selfie.CLOSED_EYES)).closed_eyes
        assert not engine.template(studio.selfie(person)).closed_eyes


def test_the_best_of_several_references_counts(
    engine: FaceEngine, studio: Studio, enrolled: dict[str, Embedding]
) -> None:
    selfie = studio.selfie("p1")
    alone = engine.measure_photo(selfie, [enrolled["p1"]]).similarity
    both = engine.measure_photo(selfie, [enrolled["p2"], enrolled["p1"]]).similarity
    assert alone is not None
    assert both == alone


def test_without_a_usable_reference_there_is_no_similarity(
    engine: FaceEngine, studio: Studio
) -> None:
    measured = engine.measure_photo(studio.selfie("p1"), [b"no photo", b""])
    assert measured.similarity is None
    assert measured.faults == ()


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"no photo", MediaFault.WRONG_TYPE),
        (b"", MediaFault.UNREADABLE),
        (media.jpeg_that_claims(32000, 32000), MediaFault.TOO_LARGE),
        (media.encoded(media.noise(640, 480)), MediaFault.NO_FACE),
        (media.encoded(np.full((480, 640, 3), 128, np.uint8)), MediaFault.NOT_A_PHOTO),
        (media.encoded(media.noise(640, 480) // 12), MediaFault.TOO_DARK),
    ],
    ids=["text", "empty", "bomb", "noise", "flat", "dark noise"],
)
def test_a_picture_without_a_person_has_its_own_fault_and_no_embedding(
    engine: FaceEngine, content: bytes, fault: MediaFault
) -> None:
    template = engine.template(content)
    assert template.faults == (fault,)
    assert template.embedding is None


def test_the_kept_crop_is_a_small_upright_jpeg_without_metadata(
    engine: FaceEngine, studio: Studio
) -> None:
    crop = engine.template(studio.selfie("p1", Selfie.IN_BED)).crop_jpeg
    assert crop is not None
    assert b"Exif" not in crop
    assert max(picture(crop).shape[:2]) <= 320
    again = engine.template(crop)
    assert again.rotation_deg == 0
    assert again.embedding is not None


def test_a_portrait_alone_is_the_one_that_the_whole_reading_keeps(
    engine: FaceEngine, studio: Studio
) -> None:
    photo = studio.reference("p1")
    assert engine.portrait(photo) == engine.template(photo).crop_jpeg
    assert engine.portrait(b"no photo") is None


def test_an_embedding_is_a_unit_vector_of_128_numbers(
    engine: FaceEngine, studio: Studio, enrolled: dict[str, Embedding]
) -> None:
    assert enrolled["p1"].shape == (128,)
    assert enrolled["p1"].dtype == np.float32
    assert float(np.linalg.norm(enrolled["p1"])) == pytest.approx(1, abs=1e-5)
    repeated = engine.template(studio.reference("p1")).embedding
    assert repeated is not None
    assert np.array_equal(repeated, enrolled["p1"])


@pytest.mark.parametrize("quality", [95, 75, 50])
def test_compression_does_not_lose_the_person(
    engine: FaceEngine, studio: Studio, enrolled: dict[str, Embedding], quality: int
) -> None:
    again = cv2.imencode(".jpg", picture(studio.selfie("p1")), [cv2.IMWRITE_JPEG_QUALITY, quality])[
        1
    ]
    measured = engine.measure_photo(again.tobytes(), [enrolled["p1"]])
    assert measured.faults == ()
    assert measured.similarity is not None
    assert measured.similarity >= ACCEPT


@pytest.mark.parametrize("person", PEOPLE)
def test_visit_photos_match_and_the_doorway_has_no_face(
    engine: FaceEngine, studio: Studio, enrolled: dict[str, Embedding], person: str
) -> None:
    photos = studio.visit_photos(person)
    for part in ("person", "person_with_id_card"):
        measured = engine.measure_photo(photos[part], [enrolled[person]])
        assert measured.similarity is not None
        assert measured.similarity >= ACCEPT
    assert engine.template(photos["doorway"]).faults == (MediaFault.NO_FACE,)
