"""Every key, value and state of policy has its words."""

from enum import StrEnum

from domain.policy_override import OverrideState
from domain.policy_values import GROUPS, KEYS
from domain.proposal import Answer
from web.console import policy_words


def test_every_key_value_and_state_has_its_words() -> None:
    assert set(policy_words.KEYS) == set(KEYS)
    assert set(policy_words.GROUPS) == set(GROUPS)
    assert set(policy_words.STATES) == set(OverrideState)
    assert set(policy_words.ANSWERS) == set(Answer)
    for key, kind in KEYS.items():
        if kind is bool:
            assert set(policy_words.CHOICES[key]) == {"true", "false"}
        elif issubclass(kind, StrEnum):
            assert set(policy_words.CHOICES[key]) == {member.value for member in kind}


def test_a_key_that_is_no_more_is_shown_as_it_is() -> None:
    assert policy_words.title("review.gone") == "review.gone"
    assert policy_words.shown("review.gone", 7) == "7"
    assert policy_words.shown("review.claim_minutes", None) == "—"
