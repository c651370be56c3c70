"""Ink takes colour away; light, exposure and the next minute do not take so much."""

import cv2
import numpy as np
import pytest

from app.attacks.prints import printed
from app.demo.studio import Studio
from biometrics.cues.paleness import colour_of, pale_colours
from biometrics.models import ModelStore
from biometrics.reading import Nets, read_face
from tests.biometrics.media import Image

pytestmark = pytest.mark.faces


@pytest.fixture(scope="module", params=["p1", "p2"])
def face(request: pytest.FixtureRequest, studio: Studio) -> Image:
    nets = Nets(ModelStore(), passive=False)
    picture = cv2.imdecode(np.frombuffer(studio.selfie(request.param), np.uint8), cv2.IMREAD_COLOR)
    found = read_face(nets, np.asarray(picture, np.uint8))
    assert found is not None
    return nets.embedder.aligned(found.image, found.face, found.mesh)


def lack(face: Image, changed: Image) -> tuple[float, bool]:
    """How much colour is missing, and whether that is held against the clip."""
    cue = pale_colours([(100.0, changed)], colour_of(face))
    assert cue is not None
    return cue.value, cue.found


def test_the_same_face_lacks_nothing(face: Image) -> None:
    assert lack(face, face) == (0.0, False)


def test_ink_on_paper_in_a_grey_room_is_paler(face: Image) -> None:
    print_ = printed(face, 1).astype(np.float64)
    value, found = lack(face, np.asarray(0.55 * print_ + 45, np.uint8))
    assert found, value


@pytest.mark.parametrize("factor", [0.6, 0.8, 1.2])
def test_another_exposure_is_no_print(face: Image, factor: float) -> None:
    assert not lack(face, np.asarray(cv2.convertScaleAbs(face, alpha=factor), np.uint8))[1]


@pytest.mark.parametrize("balance", [(0.92, 1.0, 1.08), (1.08, 1.0, 0.92)])
def test_another_white_balance_is_no_print(
    face: Image, balance: tuple[float, float, float]
) -> None:
    warmer = np.clip(face * np.array(balance), 0, 255).astype(np.uint8)
    value, found = lack(face, warmer)
    assert not found, value


def test_one_pale_picture_of_three_is_no_print(face: Image) -> None:
    grey = np.repeat(face.mean(axis=2, keepdims=True), 3, axis=2).astype(np.uint8)
    cue = pale_colours([(0.0, face), (500.0, grey), (900.0, face)], colour_of(face))
    assert cue is not None
    assert not cue.found
    assert cue.at_ms == 500


def test_nothing_is_said_without_a_selfie_or_without_colour_in_it(face: Image) -> None:
    grey = np.full_like(face, 90)
    assert pale_colours([(0.0, face)], None) is None
    assert pale_colours([(0.0, face)], colour_of(grey)) is None
    assert pale_colours([], colour_of(face)) is None
