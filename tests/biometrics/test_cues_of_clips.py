"""Cues of whole clips: filmed by the simulated phone, and made without it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from app.demo.clips import Camera, encode, frames_of
from app.demo.containers import Writer
from app.demo.studio import Studio
from biometrics.container import read_container
from biometrics.cues import CueGauge
from biometrics.sandbox.decoder import Decoder
from domain.capture import Cue, CueScore, injected
from domain.challenge import Action, Challenge, Step
from domain.ids import SessionId

pytestmark = pytest.mark.faces

NOW = datetime(2026, 1, 5, tzinfo=UTC)
CAMERA = Camera(width=320, height=240)
ASKED = Challenge(
    id=SessionId(UUID(int=1)),
    nonce="0123456789abcdef",
    issued_at=NOW,
    expires_at=NOW + timedelta(seconds=120),
    duration_ms=4500,
    steps=tuple(
        Step(action=action, onset_ms=800 + 1300 * number, window_ms=1000)
        for number, action in enumerate((Action.NOD, Action.OPEN_MOUTH, Action.NOD))
    ),
    needs=(),
)


@pytest.fixture(scope="module")
def filmed(studio: Studio) -> bytes:
    return studio.clip("p1", ASKED, camera=CAMERA)


def cues_of(decoder: Decoder, clip: bytes) -> tuple[CueScore, ...]:
    gauge = CueGauge()
    decoder.clip(
        clip, lambda at_ms, picture: gauge.take(at_ms, picture, None), on_detail=gauge.detail
    )
    return gauge.cues(read_container(clip), (), None)


def found(cues: tuple[CueScore, ...]) -> set[Cue]:
    return {score.cue for score in cues if score.found}


def test_a_clip_of_a_phone_shows_no_oddity(decoder: Decoder, filmed: bytes) -> None:
    cues = cues_of(decoder, filmed)
    assert found(cues) == set()
    listed = {score.cue for score in cues}
    assert {Cue.STEADY_CLOCK, Cue.REPEATED_FRAMES, Cue.NOISE_MISSING} < listed
    assert Cue.MOIRE not in listed  # nobody looks for a grid in a picture so small


def test_the_signature_of_a_tool_alone_convicts_nobody(decoder: Decoder, filmed: bytes) -> None:
    camera = replace(CAMERA, writer=Writer.TOOL)
    cues = cues_of(decoder, encode(frames_of(filmed), camera))
    assert found(cues) == {Cue.ENCODER_TAG}
    assert injected(cues) == ()


def test_a_loop_on_an_even_clock_is_taken_for_injected(decoder: Decoder, filmed: bytes) -> None:
    stretch = [picture for _, picture in frames_of(filmed)][:20]
    looped = ((round(n * 1000 / 15), stretch[n % len(stretch)]) for n in range(52))
    cues = cues_of(decoder, encode(looped, replace(CAMERA, writer=Writer.TOOL)))
    assert {Cue.ENCODER_TAG, Cue.STEADY_CLOCK, Cue.REPEATED_FRAMES} <= found(cues)
    assert len(injected(cues)) >= 3
