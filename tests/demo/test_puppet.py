"""What the product's own models see in the puppet: the bounds that every portrait must keep."""

from itertools import pairwise

import cv2
import numpy as np
import pytest

from app.demo.cast import ROLES, Cast
from app.demo.photos import Reference
from app.demo.puppet import Framing, Light, Pose, Puppet
from app.demo.reading import Image
from app.demo.scenes import room
from app.demo.studio import Studio
from biometrics.embed import Embedding, cosine
from biometrics.mesh import mouth_openness
from biometrics.pose import neutral_shape, relative_pose
from biometrics.reading import Nets, Reading, read_face

pytestmark = pytest.mark.faces
PEOPLE = sorted(ROLES)
FRAMING = Framing(width=640, height=480, face=0.26)
_YAWS = (-31, -20, -10, 0, 10, 20, 31)


@pytest.fixture(scope="session", params=PEOPLE)
def puppet(request: pytest.FixtureRequest, cast: Cast) -> Puppet:
    rig = cast.rig(ROLES[request.param].moves)
    return Puppet(rig, FRAMING, room(640, 480, seed=1), light=Light(), seed=1)


def _seen(nets: Nets, picture: Image) -> Reading:
    reading = read_face(nets, picture)
    assert reading is not None
    return reading


def _yaws(nets: Nets, puppet: Puppet) -> list[float]:
    meshes = [_seen(nets, puppet.frame(Pose(yaw_deg=yaw))).mesh for yaw in _YAWS]
    neutral = neutral_shape([meshes[3]])
    return [relative_pose(mesh, neutral).yaw for mesh in meshes]


def test_turning_left_reads_as_left_and_rises_with_the_turn(nets: Nets, puppet: Puppet) -> None:
    read = _yaws(nets, puppet)
    assert all(later > earlier for earlier, later in pairwise(read))
    assert read[0] < -13
    assert read[-1] > 13


def test_a_nod_reads_as_chin_down(nets: Nets, puppet: Puppet) -> None:
    neutral = neutral_shape([_seen(nets, puppet.frame(Pose())).mesh])
    down = _seen(nets, puppet.frame(Pose(pitch_deg=20))).mesh
    assert relative_pose(down, neutral).pitch > 11.5


@pytest.mark.parametrize("degrees", [-24, -12, 12, 24])
def test_a_tilt_reads_as_a_tilt(nets: Nets, puppet: Puppet, degrees: int) -> None:
    neutral = neutral_shape([_seen(nets, puppet.frame(Pose())).mesh])
    tilted = relative_pose(_seen(nets, puppet.frame(Pose(roll_deg=degrees))).mesh, neutral)
    assert abs(tilted.roll - degrees) <= 2
    assert abs(tilted.yaw) < 4


@pytest.mark.parametrize(
    ("view", "yaw", "pitch"),
    [((26, 0), -13, 0), ((-26, 0), 13, 0), ((0, 26), 0, 14.5), ((0, -26), 0, -10)],
)
def test_a_phone_carried_around_a_still_face_reads_as_a_face_that_turns(
    nets: Nets, puppet: Puppet, view: tuple[float, float], yaw: float, pitch: float
) -> None:
    neutral = neutral_shape([_seen(nets, puppet.frame(Pose())).mesh])
    read = relative_pose(_seen(nets, puppet.frame(Pose(view=view))).mesh, neutral)
    assert read.yaw / yaw >= 1 if yaw else abs(read.yaw) < 5
    assert read.pitch / pitch >= 1 if pitch else abs(read.pitch) < 5


def test_the_wall_passes_by_when_the_phone_goes_around(puppet: Puppet) -> None:
    """A head that turns leaves it where it is."""
    corner = np.s_[:120, -120:]
    still = puppet.frame(Pose())[corner]
    assert np.array_equal(puppet.frame(Pose(yaw_deg=20))[corner], still)
    assert not np.array_equal(puppet.frame(Pose(view=(20, 0)))[corner], still)


def test_shut_lids_halve_the_eye_that_the_iris_model_sees(nets: Nets, puppet: Puppet) -> None:
    def openness(pose: Pose) -> float:
        reading = _seen(nets, puppet.frame(pose))
        return nets.eyes.both(reading.image, reading.mesh)

    half, shut = openness(Pose(blink=0.5)), openness(Pose(blink=1.0))
    assert shut < half < openness(Pose())
    assert shut <= 0.5 * openness(Pose())


def test_an_open_mouth_reads_at_least_twice_as_open(nets: Nets, puppet: Puppet) -> None:
    closed = mouth_openness(_seen(nets, puppet.frame(Pose())).mesh)
    opened = mouth_openness(_seen(nets, puppet.frame(Pose(mouth=1.0))).mesh)
    assert opened >= 2 * closed
    assert opened - closed > 0.15


def test_the_same_pose_gives_the_same_pixels(puppet: Puppet) -> None:
    pose = Pose(yaw_deg=9, blink=0.4, mouth=0.3)
    assert np.array_equal(puppet.frame(pose, number=3), puppet.frame(pose, number=3))


@pytest.fixture(scope="session")
def enrolled(studio: Studio, nets: Nets) -> dict[str, Embedding]:
    def embedding(person: str) -> Embedding:
        picture = _decoded(studio.reference(person, Reference.PHOTO))
        reading = _seen(nets, picture)
        return nets.embedder.embed(nets.embedder.aligned(reading.image, reading.face))

    return {person: embedding(person) for person in PEOPLE}


def _decoded(photo: bytes) -> Image:
    picture = cv2.imdecode(np.frombuffer(photo, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    return np.asarray(picture, np.uint8)


@pytest.mark.parametrize("person", PEOPLE)
def test_a_moving_face_stays_its_own_and_nobody_elses(
    person: str, cast: Cast, nets: Nets, enrolled: dict[str, Embedding]
) -> None:
    rig = cast.rig(ROLES[person].moves)
    puppet = Puppet(rig, FRAMING, room(640, 480, seed=1), light=Light(), seed=1)
    for pose in (Pose(), Pose(yaw_deg=15), Pose(yaw_deg=-15), Pose(blink=1.0), Pose(mouth=0.6)):
        reading = _seen(nets, puppet.frame(pose))
        seen = nets.embedder.embed(nets.embedder.aligned(reading.image, reading.face))
        assert cosine(seen, enrolled[person]) >= 0.5
        assert max(cosine(seen, enrolled[o]) for o in PEOPLE if o != person) <= 0.3
