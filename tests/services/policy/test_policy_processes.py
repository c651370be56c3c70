"""Rules among processes: at once, at the start, after a time, from another version."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.exc import OperationalError

from app.presets import load_book
from domain.policy_values import Scalar, Scheme
from domain.proposal import Answer
from services import policy_changes, policy_rules
from services.accounts import StaffMember
from services.backend import Backend
from services.live_policies import LivePolicies
from storage.db.models.policy import PolicyAnswer, PolicyOverride
from storage.ids import uuid7
from tests import case_world as world
from tests.acts import together
from tests.backend_world import another_process
from tests.case_world import SYSTEM
from tests.places import COUNTY, VILLAGE
from tests.services.policy.changing import (
    DIGEST,
    TOMORROW,
    bureau,
    change_by,
    confirm,
    minutes,
    pass_a_day,
    told,
    wish,
)

# -- what another version left behind ---------------------------------------------------------


def left_behind(backend: Backend, by: tuple[StaffMember, StaffMember], **values: Any) -> UUID:
    """Store a confirmed override that this version would not have let through."""
    row: dict[str, Any] = {
        "id": uuid7(),
        "division_path": COUNTY,
        "key": "review.claim_minutes",
        "value": {"value": 20},
        "schemes": [],
        "effective_from": TOMORROW,
        "effective_to": None,
        "basis": "老版本",
        "report_digest": None,
        "proposed_at": backend.clock.now(),
        "proposed_by": by[0].id,
    }
    with backend.unit(SYSTEM.actor, SYSTEM.scope) as unit:
        unit.session.add(PolicyOverride(**(row | values)))
        unit.session.flush()
        answer = PolicyAnswer(
            override_id=(row | values)["id"],
            answer="confirmed",
            note="",
            answered_at=backend.clock.now(),
            answered_by=by[1].id,
        )
        unit.session.add(answer)
    found: UUID = (row | values)["id"]
    return found


@pytest.mark.parametrize(
    "values",
    [
        {"key": "review.gone"},
        {"value": {"value": "20"}},
        {"schemes": ["gone"]},
        {"key": "face.accept", "value": {"value": 0.1}},
    ],
)
def test_an_override_that_this_version_has_no_place_for_is_left_out_and_named(
    live: Backend, first: StaffMember, second: StaffMember, values: dict[str, Any]
) -> None:
    stale = left_behind(live, (first, second), **values)
    good = change_by(live, first, second, value="40")
    pass_a_day(live)
    assert minutes(live) == 40
    assert live.policies.unusable == (stale,)
    assert not told(live, first, stale).is_usable
    assert told(live, first, good).is_usable
    rules = policy_rules.rules_of(
        live, first, division=COUNTY, scheme=Scheme.RESIDENT_PENSION, on=None
    )
    assert rules.unusable == 1


# -- at the same time --------------------------------------------------------------------------


@pytest.mark.committing
def test_of_two_who_answer_at_once_one_is_heard(
    live: Backend, first: StaffMember, second: StaffMember
) -> None:
    third = bureau(live, "third")
    change = policy_changes.propose(live, first, wish())

    def send_back() -> None:
        policy_changes.answer_change(
            live, third, change, answer=Answer.RETURNED, note="文号不对,请更正"
        )

    found = together([lambda: confirm(live, second, change), send_back])
    assert sorted(found, key=str) == [None, "proposal.already_answered"]
    assert len(world.audited(live, "policy.answered")) == 1


@pytest.mark.committing
def test_of_two_that_contradict_each_other_one_is_confirmed(
    live: Backend, first: StaffMember, second: StaffMember
) -> None:
    third = bureau(live, "third")
    accept, review = (
        policy_changes.propose(live, first, wish(key=key, value=value, report_digest=DIGEST))
        for key, value in (("face.accept", "0.40"), ("face.review", "0.42"))
    )
    found = together([lambda: confirm(live, second, accept), lambda: confirm(live, third, review)])
    assert sorted(found, key=str) == [None, "policy.contradiction"]


@pytest.mark.committing
def test_no_act_of_a_process_that_begins_is_ruled_by_the_presets_alone(
    live: Backend, first: StaffMember, second: StaffMember
) -> None:
    change_by(live, first, second)
    pass_a_day(live)
    begun = another_process(live)
    values: list[Scalar] = together([lambda: minutes(begun)] * 8)
    assert values == [20] * 8


def test_a_book_is_read_anew_only_after_its_time(
    backend: Backend, first: StaffMember, second: StaffMember
) -> None:
    live = replace(backend, policies=LivePolicies(load_book(), fresh_s=3600.0))
    assert minutes(live) == 30
    change_by(live, first, second)
    pass_a_day(live)
    assert [minutes(live), minutes(another_process(live))] == [30, 20]


def test_when_the_news_cannot_be_read_the_act_is_refused_and_the_next_one_reads_them(
    live: Backend, first: StaffMember, second: StaffMember
) -> None:
    change_by(live, first, second)
    policies = LivePolicies(load_book())

    def broken(_known: int | None) -> None:
        raise OperationalError("select", None, Exception("gone"))

    with pytest.raises(OperationalError):
        policies.refresh_if_due(broken)
    policies.refresh_if_due(live.policy_news)
    found = policies.resolve(VILLAGE, scheme=Scheme.RESIDENT_PENSION, on=TOMORROW)
    assert found.value("review.claim_minutes") == 20
