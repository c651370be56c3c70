"""Two runtimes, one answer; and nothing is told to anybody."""

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.demo.studio import Studio
from biometrics.embed import cosine
from biometrics.models import ModelStore
from biometrics.reading import Nets, Reading, read_face
from biometrics.runtime import Runtime, best_runtime, runtime_id
from tests.biometrics.media import Image

pytestmark = pytest.mark.faces


@pytest.fixture(scope="module")
def openvino() -> Nets:
    return Nets(ModelStore(), runtime=Runtime.OPENVINO)


@pytest.fixture(scope="module")
def opencv() -> Nets:
    return Nets(ModelStore(), runtime=Runtime.OPENCV)


@pytest.fixture(scope="module", params=["p1", "p2", "p3"])
def portrait(request: pytest.FixtureRequest, studio: Studio) -> Image:
    picture = cv2.imdecode(np.frombuffer(studio.selfie(request.param), np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    return np.asarray(picture, np.uint8)


def read(nets: Nets, picture: Image) -> Reading:
    found = read_face(nets, picture)
    assert found is not None
    return found


def test_both_find_the_same_face_the_same_landmarks_and_the_same_person(
    openvino: Nets, opencv: Nets, portrait: Image
) -> None:
    one, other = read(openvino, portrait), read(opencv, portrait)
    assert np.abs(one.face.points - other.face.points).max() < 0.01
    assert one.face.score == pytest.approx(other.face.score, abs=1e-5)
    assert np.abs(one.mesh.points - other.mesh.points).max() < 1e-3 * one.face.size_px
    assert one.mesh.score == pytest.approx(other.mesh.score, abs=1e-3)
    aligned = openvino.embedder.aligned(one.image, one.face, one.mesh)
    assert cosine(openvino.embedder.embed(aligned), opencv.embedder.embed(aligned)) > 1 - 1e-5


def test_both_see_the_eyes_and_the_life_alike(
    openvino: Nets, opencv: Nets, portrait: Image
) -> None:
    found = read(opencv, portrait)
    eyes = [nets.eyes.both(found.image, found.mesh) for nets in (openvino, opencv)]
    assert eyes[0] == pytest.approx(eyes[1], abs=1e-4)
    assert openvino.passive is not None
    assert opencv.passive is not None
    live = [nets.passive.live(found.image, found.mesh) for nets in (openvino, opencv)]  # type: ignore[union-attr]
    assert live[0] == pytest.approx(live[1], abs=1e-4)


@pytest.mark.parametrize(("height", "width"), [(33, 57), (180, 320), (320, 181), (256, 256)])
def test_both_find_as_many_faces_in_pictures_of_any_size(
    openvino: Nets, opencv: Nets, portrait: Image, *, height: int, width: int
) -> None:
    small = cv2.resize(portrait, (max(8, width // 3), height))
    row = np.asarray(np.concatenate([small] * 3, axis=1), np.uint8)
    one, other = openvino.detector.faces(row), opencv.detector.faces(row)
    assert [face.box for face in one] == [pytest.approx(f.box, abs=0.01) for f in other]


def test_a_blank_picture_shows_no_face(openvino: Nets) -> None:
    assert openvino.detector.faces(np.full((90, 160, 3), 127, np.uint8)) == []


def test_the_same_picture_gives_the_same_bits(openvino: Nets, portrait: Image) -> None:
    one, other = read(openvino, portrait), read(openvino, portrait)
    assert (one.mesh.points == other.mesh.points).all()
    assert one.face.box == other.face.box


def test_without_openvino_opencv_does_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    assert best_runtime() is Runtime.OPENVINO
    monkeypatch.setitem(sys.modules, "openvino", None)
    assert best_runtime() is Runtime.OPENCV
    assert runtime_id(best_runtime()) == f"opencv-{cv2.__version__}"


def test_the_package_that_reports_imports_is_never_run(tmp_path: Path) -> None:
    spy = tmp_path / "openvino_telemetry"
    spy.mkdir()
    (spy / "__init__.py").write_text("raise SystemExit('it was imported')\n", encoding="utf-8")
    program = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); "
        "from biometrics.runtime import Runtime, runtime_id; print(runtime_id(Runtime.OPENVINO))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("openvino-")
