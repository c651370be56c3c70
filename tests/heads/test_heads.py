"""Rendered heads: found by the networks wherever they look, and posed as they were told."""

import numpy as np
import pytest

from app.demo.puppet import Framing, Pose
from app.demo.scenes import room
from app.heads.asset import LEFT_EYE, RIGHT_EYE, SKIN, head_asset
from app.heads.head import Head, people, rotation
from app.heads.raster import rasterise
from biometrics.mesh import mouth_openness, square_of_face, square_of_mesh
from biometrics.models import ModelStore
from biometrics.reading import Nets

FRAMING = Framing(width=640, height=480, face=0.3)
POSES = (
    Pose(),
    Pose(yaw_deg=30),
    Pose(yaw_deg=-30, pitch_deg=8),
    Pose(pitch_deg=20),
    Pose(pitch_deg=-20, yaw_deg=10),
    Pose(roll_deg=15, mouth=1.0),
    Pose(blink=1.0),
)


def head(person: str, seed: int = 3) -> Head:
    return Head(person, FRAMING, room(640, 480, seed=seed), seed=seed)


@pytest.fixture(scope="module")
def nets() -> Nets:
    return Nets(ModelStore())


@pytest.mark.faces
def test_detector_and_mesh_find_every_head_at_every_pose(nets: Nets) -> None:
    lost = []
    for person in people():
        shown = head(person)
        for pose in POSES:
            picture = shown.frame(pose)
            faces = nets.detector.faces(picture, side_px=256)
            sure = [nets.mesh.fit(picture, square_of_face(face)).score for face in faces]
            if len(sure) != 1 or sure[0] < 0.9:
                lost.append((person, pose, sure))
    assert lost == []


@pytest.mark.faces
def test_an_open_mouth_is_open_for_the_landmarks(nets: Nets) -> None:
    gaps = []
    for mouth in (0.0, 1.0):
        picture = head("asian-f-85").frame(Pose(mouth=mouth))
        first = nets.mesh.fit(picture, square_of_face(nets.detector.faces(picture)[0]))
        gaps.append(mouth_openness(nets.mesh.fit(picture, square_of_mesh(first))))
    assert gaps[0] < 0.15
    assert gaps[1] > 0.4


def test_the_same_pose_gives_the_same_bytes_and_another_number_other_grain() -> None:
    shown = head("asian-m-90")
    first = shown.frame(Pose(yaw_deg=7), number=1)
    assert np.array_equal(first, shown.frame(Pose(yaw_deg=7), number=1))
    assert np.array_equal(first, head("asian-m-90").frame(Pose(yaw_deg=7), number=1))
    assert not np.array_equal(first, shown.frame(Pose(yaw_deg=7), number=2))


def test_the_skull_turns_by_the_angle_asked_and_the_body_stays() -> None:
    shown = head("caucasian-m-60")
    rest, turned = shown.points(Pose()), shown.points(Pose(yaw_deg=20, pitch_deg=10))
    face = (rest[:, 1] < 100) & (rest[:, 2] < 40)
    eyes = np.unique(head_asset().triangles[np.isin(head_asset().part, (LEFT_EYE, RIGHT_EYE))])
    face[eyes] = False
    middle = rest[face].mean(axis=0)
    expected = (rest[face] - middle) @ rotation(20, 10, 0).T
    assert np.abs(turned[face] - turned[face].mean(axis=0) - expected).max() < 0.1
    body = rest[:, 1] > 240
    assert np.array_equal(rest[body], turned[body])


def test_positive_yaw_brings_the_nose_to_the_right_and_positive_pitch_brings_it_down() -> None:
    shown = head("asian-m-72")
    nose = int(np.argmin(shown.points(Pose())[:, 2]))
    rest = shown.points(Pose())[nose]
    assert shown.points(Pose(yaw_deg=20))[nose][0] > rest[0] + 20
    assert shown.points(Pose(pitch_deg=15))[nose][1] > rest[1] + 10


def test_blinking_brings_the_lids_together() -> None:
    asset = head_asset()
    rest = asset.shapes[0]
    shut = rest + asset.actions["eyeBlinkLeft"] + asset.actions["eyeBlinkRight"]
    lids = (asset.lids > 0.5) & (rest[:, 0] > 0)
    upper = lids & (rest[:, 1] < rest[lids, 1].mean())
    assert (shut[upper, 1] - rest[upper, 1]).mean() > 2.0


def test_noses_differ_between_people_and_none_is_flat() -> None:
    asset = head_asset()
    skin = np.unique(asset.triangles[asset.part == SKIN])
    tips = []
    for shape in asset.shapes:
        middle = shape[skin][(np.abs(shape[skin][:, 0]) < 3) & (shape[skin][:, 1] < 65)]
        cheeks = shape[skin][(np.abs(np.abs(shape[skin][:, 0]) - 35) < 5)]
        level = cheeks[(cheeks[:, 1] > 25) & (cheeks[:, 1] < 50), 2].min()
        tips.append(float(level - middle[middle[:, 1] > 20, 2].min()))
    assert min(tips) > 8.0
    assert max(tips) - min(tips) > 5.0


def test_of_two_triangles_the_nearer_is_seen_and_those_turned_away_are_not() -> None:
    corners = np.array([[[0, 0], [8, 0], [0, 8]]] * 2 + [[[0, 0], [0, 8], [8, 0]]], np.float32)
    depth = np.array([[5] * 3, [3] * 3, [1] * 3], np.float32)
    values = np.array([[[10]] * 3, [[20]] * 3, [[30]] * 3], np.float32)
    drawn = rasterise(corners, depth, values, (10, 10))
    assert set(drawn.values[:, 0]) == {20.0}
    assert len(np.unique(drawn.pixels)) == len(drawn.pixels) == 45


def test_values_run_evenly_between_the_corners() -> None:
    corners = np.array([[[0, 0], [10, 0], [0, 10]]], np.float32)
    values = np.array([[[0.0], [10.0], [0.0]]], np.float32)
    drawn = rasterise(corners, np.ones((1, 3), np.float32), values, (12, 12))
    assert np.allclose(drawn.values[:, 0], drawn.pixels % 12, atol=1e-4)
