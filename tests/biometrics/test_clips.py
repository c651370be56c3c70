"""Liveness clips end to end: decoded, followed, scored and decided, on made-up faces."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from app.demo.clips import Camera, Codec, encode, time_stamps
from app.demo.script import Behaviour
from app.demo.studio import Studio
from biometrics.clip import Asked
from biometrics.embed import Embedding
from biometrics.engine import FaceEngine
from biometrics.known import Known
from domain.biometric import ClipMeasure, MediaFault, StepGrade
from domain.challenge import Action, Challenge, Step
from domain.decision import Outcome, decide
from domain.ids import SessionId
from domain.limits import Limits
from domain.reasons import Reason
from tests.biometrics import media

pytestmark = pytest.mark.faces

NOW = datetime(2026, 1, 5, tzinfo=UTC)
UPRIGHT_MP4 = Camera(width=480, height=640, codec=Codec.MP4_H264, rotated=True)
LOW = Camera(width=320, height=240)


def challenge(*actions: Action) -> Challenge:
    steps = tuple(
        Step(action=action, onset_ms=800 + 1400 * number, window_ms=1000)
        for number, action in enumerate(actions)
    )
    return Challenge(
        id=SessionId(UUID(int=1)),
        nonce="0123456789abcdef",
        issued_at=NOW,
        expires_at=NOW + timedelta(seconds=120),
        duration_ms=steps[-1].end_ms + 200,
        steps=steps,
        needs=(),
    )


TURNS = challenge(Action.TURN_LEFT, Action.OPEN_MOUTH, Action.TURN_RIGHT)
EYES = challenge(Action.NOD, Action.BLINK, Action.TURN_RIGHT)


@pytest.fixture(scope="module")
def selfies(studio: Studio) -> dict[str, bytes]:
    return {person: studio.selfie(person) for person in ("p1", "p2", "p3")}


def measured(
    engine: FaceEngine,
    enrolled: dict[str, Embedding],
    *,
    clip: bytes,
    asked: Challenge,
    person: str = "p1",
) -> ClipMeasure:
    known = Known(anchors=[enrolled[person]])
    wanted = Asked(challenge=asked, known=known, selfie=enrolled[person])
    return engine.measure_clip(clip, wanted).measure


@pytest.mark.parametrize(
    ("person", "asked", "camera"),
    [
        ("p1", TURNS, Camera()),
        ("p1", EYES, UPRIGHT_MP4),
        ("p2", EYES, Camera(codec=Codec.WEBM_VP9)),
        ("p2", TURNS, UPRIGHT_MP4),
        ("p3", TURNS, Camera(jitter=0.6)),
        ("p3", EYES, Camera()),
    ],
)
def test_the_right_person_who_answers_passes(
    engine: FaceEngine,
    studio: Studio,
    enrolled: dict[str, Embedding],
    selfies: dict[str, bytes],
    *,
    person: str,
    asked: Challenge,
    camera: Camera,
) -> None:
    clip = studio.clip(person, asked, camera=camera)
    evidence = engine.measure_case([enrolled[person]], selfies[person], clip, challenge=asked)
    decision = decide(evidence, Limits(), open_leads=0, tries_left=1)
    assert decision.reasons == (Reason.FACE_MATCHES,)
    assert decision.outcome is Outcome.PASS


@pytest.mark.parametrize("person", ["p1", "p2", "p3"])
def test_someone_else_who_answers_is_reviewed(
    engine: FaceEngine,
    studio: Studio,
    enrolled: dict[str, Embedding],
    selfies: dict[str, bytes],
    person: str,
) -> None:
    clip = studio.clip(person, TURNS, behaviour=Behaviour.OTHER)
    evidence = engine.measure_case([enrolled[person]], selfies[person], clip, challenge=TURNS)
    assert evidence.clip is not None
    assert [step.grade for step in evidence.clip.steps] == [StepGrade.SEEN] * 3
    decision = decide(evidence, Limits(), open_leads=0, tries_left=1)
    assert decision.outcome is Outcome.REVIEW
    assert Reason.FACE_DIFFERS in decision.reasons


@pytest.mark.parametrize(
    "behaviour",
    [
        Behaviour.STILL,
        Behaviour.TILTED_PHOTO,
        Behaviour.NO_RESPONSE,
        Behaviour.WRONG_ORDER,
        Behaviour.REVERSED,
    ],
)
@pytest.mark.parametrize("asked", [TURNS, EYES], ids=["turns", "eyes"])
def test_nothing_but_the_asked_movements_passes(
    engine: FaceEngine,
    studio: Studio,
    enrolled: dict[str, Embedding],
    selfies: dict[str, bytes],
    *,
    behaviour: Behaviour,
    asked: Challenge,
) -> None:
    clip = studio.clip("p3", asked, behaviour=behaviour)
    evidence = engine.measure_case([enrolled["p3"]], selfies["p3"], clip, challenge=asked)
    assert decide(evidence, Limits(), open_leads=0, tries_left=1).outcome is not Outcome.PASS


def test_the_wrong_order_is_named(
    engine: FaceEngine, studio: Studio, enrolled: dict[str, Embedding]
) -> None:
    clip = studio.clip("p1", TURNS, behaviour=Behaviour.WRONG_ORDER)
    found = measured(engine, enrolled, clip=clip, asked=TURNS)
    assert found.unasked_actions
    assert StepGrade.SEEN not in [step.grade for step in found.steps]


@pytest.mark.parametrize("person", ["p1", "p2", "p3"])
def test_small_slow_trembling_movements_are_never_missing(
    engine: FaceEngine, studio: Studio, enrolled: dict[str, Embedding], person: str
) -> None:
    clip = studio.clip(person, EYES, behaviour=Behaviour.ELDERLY_SLOW)
    found = measured(engine, enrolled, clip=clip, asked=EYES, person=person)
    assert {step.grade for step in found.steps} <= {StepGrade.SEEN, StepGrade.WEAK}
    assert found.unasked_actions == ()


def test_the_left_of_the_challenge_is_the_persons_own_left(
    engine: FaceEngine, studio: Studio, enrolled: dict[str, Embedding]
) -> None:
    left = challenge(Action.TURN_LEFT, Action.OPEN_MOUTH, Action.TURN_LEFT)
    right = challenge(Action.TURN_RIGHT, Action.OPEN_MOUTH, Action.TURN_RIGHT)
    found = measured(engine, enrolled, clip=studio.clip("p1", left), asked=right)
    assert [step.grade for step in found.steps] == [
        StepGrade.MISSING,
        StepGrade.SEEN,
        StepGrade.MISSING,
    ]
    assert found.unasked_actions == (Action.TURN_LEFT,)


def test_a_clip_that_ends_before_its_challenge_is_too_short(
    engine: FaceEngine, studio: Studio, enrolled: dict[str, Embedding]
) -> None:
    longer = challenge(
        Action.TURN_LEFT, Action.OPEN_MOUTH, Action.TURN_RIGHT, Action.NOD, Action.OPEN_MOUTH
    )
    found = measured(engine, enrolled, clip=studio.clip("p1", TURNS), asked=longer)
    assert found.faults == (MediaFault.TOO_SHORT,)
    assert found.steps[-1].grade is StepGrade.UNSEEN


def test_five_frames_a_second_are_too_few_to_judge_timing(
    engine: FaceEngine, studio: Studio, enrolled: dict[str, Embedding]
) -> None:
    clip = studio.clip("p1", TURNS, camera=Camera(fps=5))
    found = measured(engine, enrolled, clip=clip, asked=TURNS)
    assert MediaFault.TOO_FEW_FRAMES in found.faults


def test_a_clip_without_a_face_says_so_and_grades_nothing_as_missing(
    engine: FaceEngine, enrolled: dict[str, Embedding]
) -> None:
    times = time_stamps(LOW, TURNS.duration_ms, seed=1)
    wall = encode(((at, media.noise(320, 240, seed=at)) for at in times), LOW)
    found = measured(engine, enrolled, clip=wall, asked=TURNS)
    assert found.faults == (MediaFault.NO_FACE,)
    assert found.similarity is None
    assert {step.grade for step in found.steps} == {StepGrade.UNSEEN}


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"a text file named .webm", MediaFault.WRONG_TYPE),
        (media.FFCONCAT, MediaFault.WRONG_TYPE),
        (b"\x1a\x45\xdf\xa3webm" + bytes(100), MediaFault.UNREADABLE),
    ],
)
def test_hostile_media_are_a_fault_and_never_an_error(
    engine: FaceEngine, enrolled: dict[str, Embedding], content: bytes, fault: MediaFault
) -> None:
    found = measured(engine, enrolled, clip=content, asked=TURNS)
    assert found.faults == (fault,)
    assert found.similarity is None
    assert found.steps == ()


def test_a_clip_without_its_challenge_proves_nothing(
    engine: FaceEngine, studio: Studio, enrolled: dict[str, Embedding], selfies: dict[str, bytes]
) -> None:
    clip = studio.clip("p1", TURNS)
    evidence = engine.measure_case([enrolled["p1"]], selfies["p1"], clip, challenge=None)
    assert evidence.clip is None
    assert evidence.clip_without_challenge


def test_the_same_clip_is_measured_the_same_twice(
    engine: FaceEngine, studio: Studio, enrolled: dict[str, Embedding]
) -> None:
    clip = studio.clip("p1", TURNS)
    first = measured(engine, enrolled, clip=clip, asked=TURNS)
    assert measured(engine, enrolled, clip=clip, asked=TURNS) == first


def test_evidence_names_every_model_and_the_decoder(engine: FaceEngine) -> None:
    always = {"detector", "embedder", "mesh", "eyes", "decoder", "runtime", "calibration"}
    assert set(engine.models()) in (always, always | {"passive"})
