"""Bona fide cases to transform: the studio's people, each before the camera of a phone."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import numpy as np

from app.demo.clips import Camera, Codec
from app.demo.studio import Studio
from biometrics.engine import FaceEngine
from domain.biometric import FaceEvidence
from domain.challenge import Action, Challenge, Pace, make_challenge
from domain.decision import Decision, decide
from domain.ids import SessionId
from domain.limits import Limits
from tests.robustness.media import Clip

PEOPLE = ("p1", "p2", "p3")
_BRIEF = Pace(steps=3, spacing_ms=1000, window_ms=1000, slack_ms=200)
_WHEN = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
_SIDED = {Action.TURN_LEFT, Action.TURN_RIGHT, Action.TILT_LEFT, Action.TILT_RIGHT}
_CODECS = (Codec.MP4_H264, Codec.WEBM_VP8, Codec.WEBM_VP9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What one person hands in, and what was asked."""

    reference: bytes
    selfie: bytes
    clip: Clip
    challenge: Challenge


def sided_challenge(number: int) -> Challenge:
    """Draw three steps or, with a blink, four, of which one at least is to a side."""
    chance = np.random.default_rng([number, 51])
    while True:
        drawn = make_challenge(
            draw=lambda bound: int(chance.integers(bound)),
            needs=(),
            at=_WHEN,
            ttl_s=120,
            nonce=f"metamorphic-{number:08d}",
            challenge_id=SessionId(UUID(int=number + 1)),
            pace=_BRIEF,
        )
        if any(step.action in _SIDED for step in drawn.steps):
            return drawn


def case_of(studio: Studio, number: int, *, width: int, height: int, fps: int) -> Case:
    """Film case `number`: another person, room, light, challenge and codec than the one before."""
    person, challenge = PEOPLE[number % len(PEOPLE)], sided_challenge(number)
    codec = _CODECS[number // len(PEOPLE) % len(_CODECS)]
    camera = Camera(width=width, height=height, fps=fps, codec=codec)
    return Case(
        reference=studio.reference(person),
        selfie=studio.selfie(person, seed=number),
        clip=Clip(
            content=studio.clip(person, challenge, camera=camera, seed=100 + number),
            camera=camera,
        ),
        challenge=challenge,
    )


def measured(engine: FaceEngine, case: Case) -> FaceEvidence:
    return engine.measure_case(
        [case.reference], case.selfie, case.clip.content, challenge=case.challenge
    )


def decided(evidence: FaceEvidence) -> Decision:
    return decide(evidence, Limits(), open_leads=0, tries_left=1)
