"""The second matcher says what dlib says, and tells made-up people's portraits apart."""

import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.demo.portraits import catalogue, default_home, named, portrait_bytes
from biometrics.detector import Face, FaceDetector, Image
from biometrics.models import ModelStore
from biometrics.second.chip import CHIP_POINTS, face_chip
from biometrics.second.matcher import SecondMatcher, SecondUnavailable

pytestmark = pytest.mark.faces

PORTRAITS = [portrait.file for portrait in catalogue()]


@pytest.fixture(scope="session")
def detector() -> FaceDetector:
    return FaceDetector(ModelStore())


def _picture(file: str) -> Image:
    content = portrait_bytes(named(file), default_home() / "portraits")
    return np.asarray(cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR), np.uint8)


def _face(detector: FaceDetector, picture: Image) -> Face:
    return detector.faces_tight(picture)[0]


def _chip(detector: FaceDetector, picture: Image) -> Image:
    return face_chip(picture, _face(detector, picture).points.astype(np.float64))


@pytest.mark.parametrize("file", PORTRAITS)
def test_a_chip_is_described_as_dlib_describes_it(
    matcher: SecondMatcher, detector: FaceDetector, weights: Path, file: str
) -> None:
    dlib = pytest.importorskip("dlib", reason="the optional extra `dlib` is not installed")
    chip = _chip(detector, _picture(file))
    of_dlib = dlib.face_recognition_model_v1(str(weights)).compute_face_descriptor(
        np.ascontiguousarray(chip[:, :, ::-1])
    )
    assert np.abs(matcher.describe_chip(chip) - np.array(of_dlib)).max() <= 1e-5


def test_portraits_of_one_person_are_nearer_than_those_of_two(
    matcher: SecondMatcher, detector: FaceDetector
) -> None:
    described = {}
    for file in PORTRAITS:
        picture = _picture(file)
        described[file] = matcher.describe(picture, _face(detector, picture))
    same: list[float] = []
    other: list[float] = []
    for number, left in enumerate(PORTRAITS):
        for right in PORTRAITS[number + 1 :]:
            apart = matcher.distance(described[left], described[right])
            (same if named(left).person == named(right).person else other).append(apart)
    assert max(same) < 0.6 < min(other)


def test_the_same_face_is_described_the_same_twice(
    matcher: SecondMatcher, detector: FaceDetector
) -> None:
    chip = _chip(detector, _picture(PORTRAITS[0]))
    assert np.array_equal(matcher.describe_chip(chip), matcher.describe_chip(chip))


def test_the_eyes_come_to_lie_level_however_the_head_was_held(detector: FaceDetector) -> None:
    picture = _picture("p3-suit.png")
    points = _face(detector, picture).points.astype(np.float64)
    middle = points.mean(axis=0)
    tilt = np.asarray(cv2.getRotationMatrix2D((float(middle[0]), float(middle[1])), 25.0, 1.0))
    tilted = np.asarray(cv2.warpAffine(picture, tilt, picture.shape[1::-1]), np.uint8)
    moved = points @ tilt[:, :2].T + tilt[:, 2]
    upright, turned = face_chip(picture, points), face_chip(tilted, moved)
    inner = slice(30, 120)
    assert np.abs(upright[inner, inner].astype(int) - turned[inner, inner]).mean() < 4.0


def test_a_chip_of_a_large_photo_is_smoothed_before_it_is_made_small() -> None:
    stripes = np.zeros((1800, 1800, 3), np.uint8)
    stripes[:, ::2] = 255
    chip = face_chip(stripes, CHIP_POINTS * 12.0)
    assert chip[20:130, 20:130].astype(float).std() < 10.0


@pytest.mark.parametrize("at", [(50.0, 50.0), (-40.0, 3000.0)])
def test_points_that_are_no_face_give_some_chip_and_no_error(at: tuple[float, float]) -> None:
    picture = np.full((100, 100, 3), 90, np.uint8)
    assert face_chip(picture, np.array([at] * 5)).shape == (150, 150, 3)


def test_without_the_extra_the_matcher_names_it(
    weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "biometrics.second.graph", raising=False)
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(SecondUnavailable, match="install the extra `second-opinion`"):
        SecondMatcher(ModelStore(weights.parent))
