"""Cues read from the file, its clock, the client and the reactions: tables and edges."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biometrics.container_facts import ContainerFacts, ContainerKind
from biometrics.cues.client import container_unlike_client, size_unlike_client, virtual_camera
from biometrics.cues.reaction import prompt_reaction
from biometrics.cues.timing import steady_clock
from biometrics.cues.writer import encoder_tag
from domain.biometric import StepGrade, StepScore
from domain.capture import RecordingClient
from domain.challenge import Action

CHROME = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/126.0.0.0 Mobile Safari/537.36"
)
FIREFOX = "Mozilla/5.0 (Android 14; Mobile; rv:128.0) Gecko/128.0 Firefox/128.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Mobile Safari/604.1"
NEW_IPHONE = IPHONE.replace("17_5", "18_4")
WECHAT = CHROME + " MicroMessenger/8.0.49"
WEBM = ContainerFacts(kind=ContainerKind.WEBM, codec="v_vp8", width=640, height=480)
MP4 = ContainerFacts(kind=ContainerKind.MP4, codec="avc1", width=640, height=480)


def value(score: object) -> float | None:
    return None if score is None else score.value  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "writer",
    [
        "Lavf62.12.102",
        "Lavc61.19.100 libx264",
        "x264 - core 164 r3095 baee400 - H.264/MPEG-4 AVC codec",
        "HandBrake 1.8.1 2024062200",
        "OBS Studio 30.1",
        "CapCut",
        "剪映 5.0",
    ],
)
def test_a_tool_that_signed_is_found(writer: str) -> None:
    score = encoder_tag(replace(MP4, writers=("VideoHandler", writer)))
    assert score.found


@pytest.mark.parametrize(
    "writers", [(), ("Chrome",), ("VideoHandle", "SoundHandle"), ("Core Media Video",)]
)
def test_what_phones_write_is_no_tool(writers: tuple[str, ...]) -> None:
    assert not encoder_tag(replace(MP4, writers=writers)).found


@pytest.mark.parametrize(
    ("agent", "facts", "odd"),
    [
        (CHROME, replace(WEBM, muxer="Chrome"), 0.0),
        (CHROME, replace(WEBM, muxer="Lavf62.12.102"), 1.0),
        (CHROME, replace(MP4, handler="VideoHandle"), 0.0),
        (CHROME, replace(MP4, handler="Core Media Video"), 1.0),
        (FIREFOX, replace(WEBM, muxer="QTmuxingAppLibWebM-0.0.1"), 0.0),
        (FIREFOX, replace(WEBM, muxer="Chrome"), 1.0),
        (IPHONE, replace(MP4, handler="Core Media Video"), 0.0),
        (IPHONE, replace(MP4, handler="VideoHandler"), 1.0),
        (IPHONE, WEBM, 1.0),
        (NEW_IPHONE, WEBM, 0.0),
        (WECHAT, replace(MP4, handler="VideoHandler"), None),
        ("okhttp/4.12.0", WEBM, None),
        ("", WEBM, None),
        (CHROME, ContainerFacts(), None),
    ],
)
def test_a_file_is_held_against_what_its_client_writes(
    agent: str, facts: ContainerFacts, odd: float | None
) -> None:
    score = container_unlike_client(facts, RecordingClient(user_agent=agent))
    assert value(score) == odd


@pytest.mark.parametrize(
    ("label", "found"),
    [
        ("OBS Virtual Camera", True),
        ("ManyCam Video Source", True),
        ("Dummy video device (0x0000)", True),
        ("e2eSoft VCam", True),
        ("虚拟摄像头", True),
        ("camera2 1, facing front", False),
        ("Front Camera", False),
        ("前置相机", False),
        ("FaceTime HD Camera", False),
        ("HP TrueVision HD Observer", False),  # not every "obs" is that program
    ],
)
def test_cameras_of_software_are_known_by_their_label(label: str, found: bool) -> None:  # noqa: FBT001
    score = virtual_camera(RecordingClient(camera_label=label))
    assert score is not None
    assert score.found is found


def test_without_a_label_nothing_is_said_of_the_camera() -> None:
    assert virtual_camera(None) is None
    assert virtual_camera(RecordingClient(user_agent=CHROME)) is None


@pytest.mark.parametrize(
    ("size", "odd"), [((640, 480), 0.0), ((720, 1280), 0.0), ((854, 480), 1.0), ((96, 96), 1.0)]
)
def test_a_size_that_no_camera_has_is_found(size: tuple[int, int], odd: float) -> None:
    facts = replace(WEBM, width=size[0], height=size[1])
    assert value(size_unlike_client(facts, RecordingClient(user_agent=CHROME))) == odd


def test_without_a_client_no_size_is_odd() -> None:
    assert size_unlike_client(replace(WEBM, width=854), None) is None


def with_times(times: list[float], tick_ms: float) -> ContainerFacts:
    return replace(WEBM, times_ms=tuple(sorted(times)), tick_ms=tick_ms)


@pytest.mark.parametrize("hertz", [15, 24, 25, 29.97, 30])
@pytest.mark.parametrize("tick_ms", [1.0, 1 / 90])
def test_an_even_clock_is_found_behind_its_rounding(hertz: float, tick_ms: float) -> None:
    times = [round(number * 1000 / hertz / tick_ms) * tick_ms for number in range(100)]
    score = steady_clock(with_times(times, tick_ms))
    assert score is not None
    assert score.found


def test_an_even_clock_is_found_when_frames_are_missing() -> None:
    times = [round(number * 1000 / 30) for number in range(140) if number % 17]
    score = steady_clock(with_times([float(at) for at in times], 1.0))
    assert score is not None
    assert score.found


@given(
    seed=st.integers(0, 2**32 - 1), unsteady_ms=st.floats(1.2, 8.0), fps=st.sampled_from([15, 30])
)
def test_a_clock_that_is_off_by_more_than_a_millisecond_is_a_cameras(
    seed: int, unsteady_ms: float, fps: int
) -> None:
    stray = np.random.default_rng(seed).normal(0, unsteady_ms, 90)
    times = np.round(np.arange(90) * 1000 / fps + stray).tolist()
    score = steady_clock(with_times(times, 1.0))
    assert score is not None
    assert not score.found


def test_a_clock_too_coarse_to_see_is_not_judged() -> None:
    times = [number * 20 * 1000 / 600 for number in range(100)]
    assert steady_clock(with_times(times, 1000 / 600)) is None


def test_a_few_frames_are_not_judged() -> None:
    assert steady_clock(with_times([0.0, 33.0, 67.0], 1.0)) is None


def step(onset_ms: int, began_ms: int | None, grade: StepGrade = StepGrade.SEEN) -> StepScore:
    """Make a step whose movement is at its farthest 400 ms after it began."""
    at_ms = None if began_ms is None else began_ms + 400
    return StepScore(
        action=Action.NOD,
        grade=grade,
        strength=1.2,
        onset_ms=onset_ms,
        at_ms=at_ms,
        began_ms=began_ms,
    )


def test_two_movements_begun_right_at_their_prompts_are_too_soon() -> None:
    score = prompt_reaction([step(800, 850), step(2200, 2260), step(3600, 4300)])
    assert score is not None
    assert score.found
    assert score.at_ms == 850


def test_one_early_beginning_may_be_chance() -> None:
    score = prompt_reaction([step(800, 850), step(2200, 2860), step(3600, 4300)])
    assert score is not None
    assert not score.found


def test_the_same_delay_four_times_is_no_persons() -> None:
    score = prompt_reaction(
        [
            step(at, at + 610 + wobble)
            for at, wobble in ((800, 0), (2200, 12), (3500, 5), (4900, 19))
        ]
    )
    assert score is not None
    assert score.found


def test_the_same_delay_three_times_is_not_enough() -> None:
    score = prompt_reaction([step(at, at + 610) for at in (800, 2200, 3500)])
    assert score is not None
    assert not score.found


def test_steps_that_were_not_seen_say_nothing_of_reactions() -> None:
    missing = StepGrade.MISSING
    assert prompt_reaction([step(800, None, missing), step(2200, None, missing)]) is None
