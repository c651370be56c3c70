"""Depth from parallax: made-up heads and prints in pixels, and a rendered head."""

from dataclasses import replace

import numpy as np
import pytest

from app.demo.held_photo import HeldPhoto
from app.demo.puppet import Framing, Light, Pose
from app.demo.scenes import room
from app.heads.head import Head
from biometrics.detector import Image
from biometrics.face_view import FaceView, face_view
from biometrics.mesh import square_of_face, square_of_mesh
from biometrics.models import ModelStore
from biometrics.parallax import FLATTEST, depth_of, measure_depth
from biometrics.reading import Nets
from domain.biometric import Depth
from tests.biometrics.films import HEAD, SHEETS, Skin, Species, Way, film

CLEAR, SMOOTH = Skin(), Skin(grain=2.5, quality=30)
SMALL, NOISY = Skin(grain=5, shrunk=2, quality=40), Skin(grain=3, noise=6, quality=40)
OUT_AND_BACK = (0.0, 0.0, 0.0, 0.3, 0.6, 0.8, 1.0, 0.7, 0.35)
NOD = (0.5, 1.0, 0.4, 0.0, -0.5, -1.0, -0.5)


def turning(most_deg: float) -> list[Way]:
    return [(most_deg * way * part, 0.0) for way in (1, -1) for part in OUT_AND_BACK]


def nodding(most_deg: float) -> list[Way]:
    return [(0.0, most_deg * part) for part in NOD]


def depth(species: Species, ways: list[Way], *, seed: int, skin: Skin) -> Depth:
    """The landmarks tell the turn of a head, a degree off, whatever is shown."""
    told = np.array(ways) + np.random.default_rng(seed).normal(0, 1, (len(ways), 2))
    return measure_depth(film(species, ways, seed=seed, skin=skin), told[:, 0], told[:, 1])


def certain(found: Depth) -> float:
    assert found.ratio is not None
    return found.ratio


@pytest.mark.parametrize("skin", [CLEAR, SMOOTH, SMALL, NOISY])
def test_no_print_flat_or_bent_shows_the_depth_of_a_nose(skin: Skin) -> None:
    """14 prints on each kind of picture, turned by 15 to 28 degrees, every other one nodding."""
    passed = []
    for number in range(14):
        species = SHEETS[number % len(SHEETS)]
        ways = turning(15 + number) + (nodding(15) if number % 2 else [])
        found = certain(depth(species, ways, seed=number, skin=skin))
        passed += [(species, number, found)] if found >= 1.0 else []
    assert passed == []


def test_flat_prints_on_clear_pictures_are_found_flat() -> None:
    found = [depth(SHEETS[0], turning(20), seed=seed, skin=CLEAR).most for seed in range(5)]
    assert all(most is not None and most < 1.0 for most in found)


@pytest.mark.parametrize("nose_mm", [9, 12, 16, 22])
def test_every_nose_stands_out_on_clear_pictures(nose_mm: float) -> None:
    """From the flattest in East Asia (9 mm)."""
    head = replace(HEAD, nose_mm=nose_mm)
    assert certain(depth(head, turning(18), seed=int(nose_mm), skin=CLEAR)) > 2.0


@pytest.mark.parametrize("skin", [SMOOTH, SMALL])
@pytest.mark.parametrize("nose_mm", [14, 18])
def test_a_usual_nose_stands_out_of_smooth_compressed_and_small_pictures(
    nose_mm: float, skin: Skin
) -> None:
    head, ways = replace(HEAD, nose_mm=nose_mm), turning(18) + nodding(15)
    assert certain(depth(head, ways, seed=int(nose_mm), skin=skin)) > 1.0


@pytest.mark.parametrize("skin", [SMOOTH, SMALL])
def test_the_flattest_nose_on_poor_pictures_is_in_doubt_but_not_called_flat(skin: Skin) -> None:
    found = depth(replace(HEAD, nose_mm=9), turning(18) + nodding(15), seed=1, skin=skin)
    assert found.most is not None
    assert found.most >= 1.0


def test_a_nod_shows_the_nose_of_who_cannot_turn() -> None:
    ways = [(0.0, 0.0)] * 3 + nodding(16)
    assert certain(depth(HEAD, ways, seed=3, skin=CLEAR)) > 1.5
    assert certain(depth(SHEETS[0], ways, seed=3, skin=CLEAR)) < 0.5


def test_when_one_side_shows_a_nose_and_the_other_none_it_is_not_a_nose() -> None:
    turn = np.sin(np.radians([20.0, 22.0, 25.0, -20.0, -22.0, -25.0]))
    good = depth_of(FLATTEST * 2 * turn, turn, pairs=6, span_deg=50)
    half = depth_of(FLATTEST * 2 * np.maximum(turn, 0), turn, pairs=6, span_deg=50)
    assert good.ratio == pytest.approx(2.0)
    assert good.follows == pytest.approx(1.0)
    assert half.ratio is not None
    assert half.ratio < 0.2


def test_without_a_turn_nothing_is_said() -> None:
    still = np.zeros(5)
    assert measure_depth([], np.zeros(0), np.zeros(0)).ratio is None
    assert measure_depth([None] * 5, np.array([0.0, 10, 20, 0, -20]), still).ratio is None
    assert depth(HEAD, [(0.0, 0.0)] * 5, seed=1, skin=CLEAR).ratio is None


def test_pictures_with_nothing_to_follow_say_nothing() -> None:
    """The landmarks alone would say that it is a head."""
    ways = turning(20)
    bare = [replace(view, patch=np.full_like(view.patch, 128)) for view in film_of(ways)]
    grainy = [
        replace(view, patch=np.random.default_rng(n).integers(0, 255, (192, 192), np.uint8))
        for n, view in enumerate(film_of(ways))
    ]
    yaw, pitch = np.array(ways).T
    assert measure_depth(bare, yaw, pitch).ratio is None
    assert measure_depth(grainy, yaw, pitch).ratio is None


def film_of(ways: list[Way]) -> list[FaceView]:
    return film(HEAD, ways, seed=1, skin=CLEAR)


@pytest.mark.faces
def test_a_rendered_head_has_depth_and_its_picture_on_paper_has_none() -> None:
    nets, framing = Nets(ModelStore()), Framing(width=640, height=480, face=0.3)
    wall, light = room(640, 480, seed=1), Light()
    head = Head("asian-m-72", framing, wall, seed=1, light=light)
    portrait = head.frame(Pose())[20:440, 150:490]
    paper = HeldPhoto(portrait, framing, wall, light=light, seed=1)
    shown = depth_of_pictures(nets, [head.frame(Pose(yaw_deg=way)) for way in SWING])
    flat = depth_of_pictures(nets, [paper.frame(Pose(yaw_deg=way)) for way in SWING])
    assert shown > 1.5
    assert flat < 0.5


SWING = (0.0, 0.0, 0.0, 0.0, 6.0, 12.0, 16.0, 20.0, 12.0, 0.0, -6.0, -12.0, -16.0, -20.0, -8.0)


def depth_of_pictures(nets: Nets, pictures: list[Image]) -> float:
    """With the true turn: of paper the landmarks tell too little of one to compare anything."""
    face = nets.detector.faces(pictures[0])[0]
    square, meshes = square_of_face(face), []
    for picture in pictures:
        meshes.append(nets.mesh.fit(picture, square))
        square = square_of_mesh(meshes[-1])
    views = [
        face_view(66.0 * n, p, m) for n, (p, m) in enumerate(zip(pictures, meshes, strict=True))
    ]
    return certain(measure_depth(views, np.array(SWING), np.zeros(len(SWING))))
