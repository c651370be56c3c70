"""The optional learned look at single pictures."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from app.demo.studio import Studio
from biometrics.models import ModelMissing, ModelStore, Role
from biometrics.passive import Passive, widened
from biometrics.reading import Nets, read_face


@pytest.mark.parametrize(
    ("low", "size"),
    [
        ((300, 200), (60, 80)),
        ((0, 0), (100, 120)),
        ((500, 300), (200, 300)),
        ((-30, 460), (80, 60)),
    ],
)
def test_the_widened_box_stays_inside_the_picture(
    low: tuple[int, int], size: tuple[int, int]
) -> None:
    picture = np.zeros((480, 640, 3), np.uint8)
    crop = widened(picture, np.array(low, np.float64), np.array(size, np.float64))
    assert min(crop.shape[:2]) > 1
    assert crop.shape[0] <= 480
    assert crop.shape[1] <= 640


def test_a_box_in_the_middle_is_widened_to_its_full_measure() -> None:
    picture = np.zeros((480, 640, 3), np.uint8)
    crop = widened(picture, np.array([300.0, 200.0]), np.array([60.0, 80.0]))
    assert crop.shape[:2] == pytest.approx((216, 162), abs=1)


def test_without_its_file_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing):
        Passive(ModelStore(tmp_path))


@pytest.mark.faces
def test_a_selfie_scores_as_live(studio: Studio) -> None:
    store = ModelStore()
    if not store.has(Role.PASSIVE):
        pytest.skip("the optional model is not there")
    picture = cv2.imdecode(np.frombuffer(studio.selfie("p1"), np.uint8), cv2.IMREAD_COLOR)
    reading = read_face(Nets(store), np.asarray(picture, np.uint8))
    assert reading is not None
    assert Passive(store).live(reading.image, reading.mesh) > 0.5
