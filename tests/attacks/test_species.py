"""Three of every species through the product: each is measured, and none of the attacks passes.

The material is synthetic and small; the full bench is `jianzai attacks make` with
`jianzai evaluate liveness`. Numbers 0 and 1 are portraits, number 2 is a rendered head.
"""

from dataclasses import replace

import pytest

from app.attacks.registry import SPECIES
from app.attacks.species import Expectation, Kind, Presentation
from app.attacks.stage import Setting
from biometrics.engine import Case, FaceEngine
from biometrics.fingerprint import Earlier, nearest_of, other_task, same_task
from domain.biometric import EarlierClip, FaceEvidence, MediaFault
from domain.capture import RecordingClient
from domain.decision import Decision, Outcome, decide
from domain.limits import Limits
from tests.attacks.conftest import People, Presented, Settings

pytestmark = pytest.mark.faces
NUMBERS = (0, 1, 2)
_UNDECODED = {MediaFault.UNREADABLE, MediaFault.WRONG_TYPE, MediaFault.DECODER_FAILED}


def _cases(kind: Kind) -> list[object]:
    """All numbers of each attack; of the bona fide profiles one each, three of the plain one."""
    return [
        pytest.param(name, number, marks=pytest.mark.xdist_group(f"attacks-{number}"))
        for index, (name, species) in enumerate(SPECIES.items())
        for number in NUMBERS
        if species.kind is kind
        if kind is Kind.ATTACK or name == "bona_fide_plain" or index % len(NUMBERS) == number
    ]


def _measured(
    engine: FaceEngine, people: People, setting: Setting, made: Presentation
) -> FaceEvidence:
    """Measure one case as the product does, the search among earlier clips included."""
    who = made.who or setting.sitter
    selfie, enrolled = people(who)
    asked = made.challenge or setting.challenge
    case = Case(
        references=[enrolled],
        selfie=selfie,
        clip=made.clip,
        challenge=asked,
        client=RecordingClient(user_agent=made.device.user_agent, camera_label=made.camera_label),
    )
    reading = engine.read_case(case)
    evidence = reading.evidence
    if made.earlier is None or reading.clip is None or evidence.clip is None:
        return evidence
    asks_alike = same_task if asked == setting.earlier_challenge else other_task
    earlier = engine.read_case(replace(case, clip=made.earlier)).clip
    assert earlier is not None
    assert earlier.fingerprint is not None
    assert reading.clip.fingerprint is not None
    near = nearest_of(
        reading.clip.fingerprint,
        [Earlier(fingerprint=earlier.fingerprint, asks_alike=asks_alike)],
    )
    if near is None:
        return evidence
    found = EarlierClip(
        id="earlier", likeness=near[1].likeness, by=near[1].by, shift_ms=near[1].shift_ms
    )
    return replace(evidence, clip=replace(evidence.clip, earlier=found))


def _decided(evidence: FaceEvidence) -> Decision:
    return decide(evidence, Limits(), open_leads=0, tries_left=1)


@pytest.mark.parametrize(("species", "number"), _cases(Kind.ATTACK))
def test_no_attack_passes(
    species: str,
    number: int,
    *,
    presented: Presented,
    settings: Settings,
    people: People,
    engine: FaceEngine,
) -> None:
    evidence = _measured(engine, people, settings(number), presented(species, number))
    decision = _decided(evidence)
    assert evidence.clip is not None
    assert not _UNDECODED & set(evidence.clip.faults)
    assert evidence.clip.face_fraction > 0.5, "a face is found"
    if SPECIES[species].expects is Expectation.NEVER_PASSES:
        assert decision.outcome is not Outcome.PASS, decision.checks


@pytest.mark.parametrize(("species", "number"), _cases(Kind.BONA_FIDE))
def test_no_bona_fide_is_rejected_or_unreadable(
    species: str,
    number: int,
    *,
    presented: Presented,
    settings: Settings,
    people: People,
    engine: FaceEngine,
) -> None:
    evidence = _measured(engine, people, settings(number), presented(species, number))
    assert evidence.clip is not None
    assert evidence.clip.faults == ()
    assert evidence.clip.face_fraction > 0.9
    assert _decided(evidence).outcome in (Outcome.PASS, Outcome.REVIEW, Outcome.RETRY)
