"""When a certification may teach a face, and what an attacker gains who teaches ten times."""

import math
from dataclasses import replace
from datetime import date, timedelta
from random import Random  # noqa: TID251 - seeded

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.decision import Decision, Outcome, decide
from domain.gallery import Candidate, GrowthRules, Learnt, NotLearnt, leaned, may_learn
from domain.limits import Limits
from domain.reasons import Reason
from tests.domain.evidence import CLIP, GOOD, SELFIE

DAY = date(2026, 3, 2)
ACCEPT = Limits().accept
RULES = GrowthRules()
PASSED = Decision(outcome=Outcome.PASS, reasons=(Reason.FACE_MATCHES,), checks=())
STRONG = Candidate(selfie_to_anchor=0.72, clip_to_anchor=0.66, quality=0.8, cues_found=0, on=DAY)


def learnt(days_ago: int, to_anchor: float = 0.70) -> Learnt:
    return Learnt(added_on=DAY - timedelta(days=days_ago), to_anchor=to_anchor)


def asked(candidate: Candidate = STRONG, *before: Learnt) -> NotLearnt | None:
    return may_learn(PASSED, candidate, accept=ACCEPT, before=before, rules=RULES)


def test_a_strong_certification_is_learnt() -> None:
    assert asked() is None
    assert asked(STRONG, learnt(90), learnt(200)) is None


@pytest.mark.parametrize(
    ("candidate", "why"),
    [
        (replace(STRONG, selfie_to_anchor=ACCEPT + 0.09), NotLearnt.NOT_STRONG),
        (replace(STRONG, selfie_to_anchor=None), NotLearnt.NOT_STRONG),
        (replace(STRONG, selfie_to_anchor=math.nan), NotLearnt.NOT_STRONG),
        (replace(STRONG, clip_to_anchor=ACCEPT + 0.09), NotLearnt.NOT_STRONG),
        (replace(STRONG, clip_to_anchor=None), NotLearnt.NOT_STRONG),
        (replace(STRONG, quality=0.39), NotLearnt.QUALITY),
        (replace(STRONG, quality=None), NotLearnt.QUALITY),
        (replace(STRONG, cues_found=1), NotLearnt.CUES),
    ],
)
def test_what_is_not_strong_is_not_learnt(candidate: Candidate, why: NotLearnt) -> None:
    assert asked(candidate) is why


def test_a_review_teaches_nothing() -> None:
    reviewed = replace(PASSED, outcome=Outcome.REVIEW)
    why = may_learn(reviewed, STRONG, accept=ACCEPT, before=(), rules=RULES)
    assert why is NotLearnt.NOT_PASSED


def test_at_most_one_a_quarter_and_three_in_all() -> None:
    assert asked(STRONG, learnt(89)) is NotLearnt.TOO_SOON
    assert asked(STRONG, learnt(400), learnt(300), learnt(200)) is NotLearnt.FULL


def test_a_new_face_is_never_less_like_the_anchor_than_those_before() -> None:
    assert asked(STRONG, learnt(100, to_anchor=0.76)) is NotLearnt.AWAY_FROM_ANCHOR
    assert asked(STRONG, learnt(100, to_anchor=0.74)) is None


Vector = list[float]


def unit(raw: Vector) -> Vector:
    size = math.sqrt(sum(x * x for x in raw))
    return [x / size for x in raw]


def dot(a: Vector, b: Vector) -> float:
    return sum(x * y for x, y in zip(a, b, strict=True))


def at_cosine(anchor: Vector, towards: Vector, cosine: float) -> Vector:
    """The face nearest to `towards` that is exactly so like `anchor`: the attacker's best morph."""
    away = unit([t - dot(anchor, towards) * a for a, t in zip(anchor, towards, strict=True)])
    sine = math.sqrt(1 - cosine * cosine)
    return [cosine * a + sine * w for a, w in zip(anchor, away, strict=True)]


def impostor_case(face: Vector, anchor: Vector, gallery: list[Vector]) -> Decision:
    best = max(dot(face, known) for known in (anchor, *gallery))
    to_anchor = dot(face, anchor)
    evidence = replace(
        GOOD,
        selfie=replace(SELFIE, similarity=best, similarity_to_anchor=to_anchor),
        clip=replace(CLIP, similarity=best, similarity_to_anchor=to_anchor),
    )
    return decide(evidence, Limits(), open_leads=0, tries_left=2)


@settings(deadline=None)  # a busy machine is no finding
@given(seed=st.integers(0, 10_000), likeness=st.floats(-0.2, 0.32))
def test_ten_poisoned_submissions_do_not_let_the_attacker_in(seed: int, likeness: float) -> None:
    """The attacker owns a perfect morphing tool and sends the worst face that is still learnt."""
    chance = Random(seed)
    anchor = unit([chance.gauss(0, 1) for _ in range(128)])
    stranger = unit([chance.gauss(0, 1) for _ in range(128)])
    attacker = at_cosine(anchor, stranger, likeness)
    gallery: list[Vector] = []
    before: list[Learnt] = []
    for quarter in range(10):
        sent = at_cosine(anchor, attacker, ACCEPT + RULES.margin + 1e-9)
        now = DAY + timedelta(days=91 * quarter)
        scores = dot(sent, anchor)
        candidate = replace(STRONG, selfie_to_anchor=scores, clip_to_anchor=scores, on=now)
        if may_learn(PASSED, candidate, accept=ACCEPT, before=before, rules=RULES) is None:
            gallery.append(sent)
            before.append(Learnt(added_on=now, to_anchor=scores))
    assert len(gallery) == RULES.most
    # The tool did its work: by the learnt faces alone the attacker would be accepted ...
    if likeness > 0:
        assert max(dot(attacker, known) for known in gallery) >= ACCEPT
    # ... and is found out, because nothing learnt stands in for the anchor.
    decision = impostor_case(attacker, anchor, gallery)
    assert decision.outcome is Outcome.REVIEW
    assert {Reason.LEARNT_ONLY, Reason.FACE_DIFFERS} & set(decision.reasons)


def test_without_the_anchor_rule_the_same_attack_would_succeed() -> None:
    """The simulation above can fail: it does as soon as learnt faces may stand alone."""
    chance = Random(7)
    anchor = unit([chance.gauss(0, 1) for _ in range(128)])
    attacker = at_cosine(anchor, unit([chance.gauss(0, 1) for _ in range(128)]), 0.2)
    sent = at_cosine(anchor, attacker, ACCEPT + RULES.margin)
    best = dot(attacker, sent)
    blind = replace(
        GOOD,
        selfie=replace(SELFIE, similarity=best, similarity_to_anchor=best),
        clip=replace(CLIP, similarity=best, similarity_to_anchor=best),
    )
    assert decide(blind, Limits(), open_leads=0, tries_left=2).outcome is Outcome.PASS


@pytest.mark.parametrize("change", [{"margin": -0.1}, {"days": 0}, {"most": -1}, {"drift": 1.0}])
def test_rules_that_mean_nothing_are_refused(change: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="growth"):
        GrowthRules(**change)  # type: ignore[arg-type]


def test_a_pass_leans_when_an_anchor_alone_would_not_have_done() -> None:
    match = {"name": "selfie_match", "value": 0.7, "threshold": 0.45}
    assert leaned([match, {"name": "selfie_anchor", "value": 0.44, "threshold": 0.33}])
    assert not leaned([match, {"name": "selfie_anchor", "value": 0.45, "threshold": 0.33}])
    assert not leaned([match])
