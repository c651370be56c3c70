"""Whatever a reviewer may be shown has its words."""

import re
from collections.abc import Mapping
from inspect import getsource
from typing import Any

import pytest

from domain import advice, decision, home_visit
from domain.beneficiary import EntitlementStatus, KeyGroup, SuspensionCause
from domain.capture import Cue
from domain.challenge import Action
from domain.cycle import State
from domain.decision import Outcome
from domain.enrolment import Source
from domain.home_visit import ID_CARD_PART, PERSON_PARTS, REQUIRED_PARTS, VisitOutcome, VisitReason
from domain.reasons import Reason
from domain.review_grounds import VerdictGround
from domain.urgency import Urgency
from edge.timeline import ACTIONS
from services.review_context import Tie
from services.reviews import ReviewState
from web.console import case_words, check_words

_NAMED = re.compile(r'(?:name=|_at_least\(|_match\(|_anchored\(|_count\(|_second\()\s*"([a-z_]+)"')
CHINESE = re.compile("[一-鿿]")


def names_in_the_rules() -> set[str]:
    """Every name of a check that stands written in the rules."""
    return {name for module in (decision, advice) for name in _NAMED.findall(getsource(module))}


def test_the_rules_name_the_checks_that_this_test_looks_for() -> None:
    assert {"clip_match", "stillness", "light_follows", "second_clip"} <= names_in_the_rules()


@pytest.mark.parametrize(
    "name",
    [
        *sorted(names_in_the_rules()),
        *(f"cue_{cue}" for cue in Cue),
        *(f"step_{n}_{action}" for n in (1, 12) for action in Action),
        *(f"{part}_match" for part in (*PERSON_PARTS, ID_CARD_PART)),
    ],
)
def test_every_check_has_its_words(name: str) -> None:
    found = check_words.words_of(name)
    assert found is not None
    assert CHINESE.search(found.title)
    assert CHINESE.search(found.about) or "1" in found.about


def test_no_words_are_kept_for_a_check_that_is_gone() -> None:
    assert set(check_words.CHECKS) == names_in_the_rules() | {f"cue_{cue}" for cue in Cue}


@pytest.mark.parametrize("reason", [*Reason, *VisitReason])
def test_every_reason_has_its_words(reason: Reason | VisitReason) -> None:
    assert CHINESE.search(case_words.reason(reason.value))
    assert reason.value in case_words.reasons()


@pytest.mark.parametrize(
    ("said", "members"),
    [
        (case_words.URGENCIES, Urgency),
        (case_words.URGENCY_MARKS, Urgency),
        (case_words.GROUNDS, VerdictGround),
        (case_words.KEY_GROUPS, KeyGroup),
        (case_words.SOURCES, Source),
        (case_words.TIES, Tie),
        (case_words.STATES, State),
        (case_words.STATE_MARKS, State),
        (case_words.BENEFITS, EntitlementStatus),
        (case_words.CAUSES, SuspensionCause),
        (case_words.OUTCOMES, {*Outcome, *VisitOutcome}),
        (case_words.CASE_STATES, ReviewState),
        (case_words.PARTS, {*REQUIRED_PARTS, *PERSON_PARTS, "selfie", "video"}),
        (ACTIONS, Action),
    ],
)
def test_every_member_of_a_set_has_its_word_and_nothing_else(
    said: Mapping[Any, str], members: Any
) -> None:
    assert set(said) == set(members)


@pytest.mark.parametrize(
    ("check", "measured", "wanted"),
    [
        ({"name": "clip_match", "value": 0.314, "threshold": 0.45}, "0.31", "不低于 0.45"),
        ({"name": "stillness", "value": 0.3, "threshold": 0.6}, "0.30", "不高于 0.60"),
        ({"name": "face_fraction", "value": 0.5, "threshold": 0.8}, "50%", "不低于 80%"),
        ({"name": "steps", "value": 2, "threshold": 3}, "2", "不低于 3"),
        ({"name": "recorded_live", "value": 0, "threshold": None}, "否", "应为是"),
        ({"name": "open_leads", "value": 2, "threshold": None}, "2", "应为 0"),
        ({"name": "models", "value": 0, "threshold": None}, "0", "应有"),
        ({"name": "depth", "value": None, "threshold": 1.2}, "测不出", "不低于 1.20"),
    ],
)
def test_a_check_says_what_was_measured_and_what_is_asked(
    check: dict[str, Any], measured: str, wanted: str
) -> None:
    said = check_words.said(check | {"ok": False})

    assert (said.measured, said.wanted) == (measured, wanted)


def test_the_rules_of_visits_name_their_checks_as_parts() -> None:
    assert 'f"{name}_match"' in getsource(home_visit)
