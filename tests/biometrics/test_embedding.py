"""Embeddings: what a picture may go through without becoming another person."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from app.demo.studio import Studio
from biometrics.embed import Crops, Embedding, cosine
from biometrics.engine import FaceEngine
from biometrics.models import ModelStore
from biometrics.photo import judge_picture
from biometrics.reading import Nets, read_face
from tests.biometrics import media
from tests.biometrics.media import Image

pytestmark = pytest.mark.faces


@pytest.fixture(scope="session")
def nets() -> Nets:
    return Nets(ModelStore())


@pytest.fixture(scope="session")
def portrait(studio: Studio) -> Image:
    return decoded(studio.selfie("p1"))


def decoded(photo: bytes) -> Image:
    found = cv2.imdecode(np.frombuffer(photo, np.uint8), cv2.IMREAD_COLOR)
    assert found is not None
    return np.asarray(found, np.uint8)


def embedded(nets: Nets, picture: Image) -> Embedding:
    found = judge_picture(nets, picture).embedding
    assert found is not None
    return found


def compressed(picture: Image, quality: int) -> Image:
    return decoded(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes())


def lit(picture: Image, factor: float) -> Image:
    return np.asarray(cv2.convertScaleAbs(picture, alpha=factor), np.uint8)


def rolled(picture: Image, degrees: float) -> Image:
    height, width = picture.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    return np.asarray(cv2.warpAffine(picture, turn, (width, height)), np.uint8)


@pytest.mark.parametrize(
    ("change", "least"),
    [
        (lambda picture: compressed(picture, 95), 0.98),
        (lambda picture: compressed(picture, 75), 0.96),
        (lambda picture: compressed(picture, 50), 0.93),
        (lambda picture: lit(picture, 0.8), 0.97),
        (lambda picture: lit(picture, 1.2), 0.90),
        (lambda picture: rolled(picture, 10), 0.90),
        (lambda picture: rolled(picture, -10), 0.90),
    ],
    ids=["jpeg 95", "jpeg 75", "jpeg 50", "darker", "brighter", "roll 10", "roll -10"],
)
def test_a_small_change_of_the_picture_moves_the_embedding_little(
    nets: Nets, portrait: Image, change: Callable[[Image], Image], least: float
) -> None:
    assert cosine(embedded(nets, portrait), embedded(nets, change(portrait))) >= least


STORED: dict[int, Callable[[Image], Image]] = {
    1: lambda upright: upright,
    2: lambda upright: upright[:, ::-1],
    3: lambda upright: upright[::-1, ::-1],
    4: lambda upright: upright[::-1],
    5: lambda upright: upright.transpose(1, 0, 2),
    6: lambda upright: np.asarray(np.rot90(upright, 1), np.uint8),
    7: lambda upright: upright[::-1, ::-1].transpose(1, 0, 2),
    8: lambda upright: np.asarray(np.rot90(upright, 3), np.uint8),
}
"""How the sensor stores an upright picture, by EXIF orientation."""


@pytest.mark.parametrize("orientation", STORED)
def test_all_eight_exif_orientations_give_the_same_embedding(
    engine: FaceEngine, portrait: Image, orientation: int
) -> None:
    """The same but for the rounding of JPEG, whose blocks lie another way."""
    fine = [cv2.IMWRITE_JPEG_QUALITY, 100, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, 0x111111]
    stored = np.ascontiguousarray(STORED[orientation](portrait))
    jpeg = cv2.imencode(".jpg", stored, fine)[1].tobytes()
    template = engine.template(media.with_exif_turn(jpeg, orientation))
    plain = engine.template(cv2.imencode(".jpg", portrait, fine)[1].tobytes())
    assert template.embedding is not None
    assert plain.embedding is not None
    assert cosine(template.embedding, plain.embedding) > 0.997
    assert template.faults == plain.faults


def test_a_face_and_its_mirror_image_are_embedded_alike(nets: Nets, portrait: Image) -> None:
    """The mean over both is the same whichever of them the picture shows."""
    reading = read_face(nets, portrait)
    assert reading is not None
    aligned = nets.embedder.aligned(reading.image, reading.face, reading.mesh)
    mirrored = np.asarray(cv2.flip(aligned, 1), np.uint8)
    both = [nets.embedder.embed_crops(crop, Crops.MIRRORED) for crop in (aligned, mirrored)]
    assert cosine(*both) == pytest.approx(1, abs=1e-5)
    assert cosine(nets.embedder.embed(aligned), nets.embedder.embed(mirrored)) < 0.999


@pytest.mark.parametrize("person", ["p1", "p2", "p3"])
def test_the_face_of_a_tiny_picture_is_found_where_it_is_in_the_large_one(
    studio: Studio, nets: Nets, person: str
) -> None:
    large = decoded(studio.reference(person))
    scale = 126 / max(large.shape[:2])
    tiny = cv2.resize(large, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    points, goal = (nets.detector.faces(np.asarray(p, np.uint8))[0].points for p in (tiny, large))
    eyes_px = float(np.linalg.norm(goal[1] - goal[0]))
    away_px = np.abs(points / scale - goal).mean()
    assert away_px < 0.03 * eyes_px


def test_a_large_face_is_shrunk_without_passing_over_pixels(nets: Nets, portrait: Image) -> None:
    """Each pixel of the crop is a mean: single bright pixels do not come and go."""
    large = np.asarray(cv2.resize(portrait, None, fx=3, fy=3), np.uint8)
    noise = np.random.default_rng(5).integers(-40, 41, large.shape)
    noisy = np.clip(large.astype(np.int16) + noise, 0, 255).astype(np.uint8)
    reading = read_face(nets, large)
    assert reading is not None
    clean, dirty = (
        nets.embedder.aligned(picture, reading.face, reading.mesh) for picture in (large, noisy)
    )
    left = float(np.std(clean.astype(np.int16) - dirty))
    assert left < 0.5 * float(noise.std())
