"""Two of the bureau change a county's policy, and every process follows from the day on."""

from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest

from domain.policy_override import OverrideState
from domain.policy_values import Scheme
from domain.proposal import Answer
from domain.regions import DivisionPath
from domain.roles import Role
from services import policy_changes, policy_history, policy_rules
from services.accounts import StaffMember
from services.backend import Backend
from services.policies import legal_day
from storage.ids import uuid7
from tests import case_world as world
from tests.acts import code_of
from tests.backend_world import another_process
from tests.clock import FixedClock
from tests.places import COUNTY, OTHER_COUNTY, OTHER_TOWNSHIP, TOWNSHIP, VILLAGE
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

# -- two people ------------------------------------------------------------------------------


def test_a_confirmed_change_rules_from_its_day_in_every_process(
    live: Backend, first: StaffMember, second: StaffMember
) -> None:
    elsewhere = another_process(live)
    assert minutes(elsewhere) == 30
    change = policy_changes.propose(live, first, wish())
    pass_a_day(live)
    assert [minutes(live), minutes(elsewhere)] == [30, 30]

    pass_a_day(live, -1)
    confirm(live, second, change)
    assert [minutes(live), minutes(elsewhere)] == [30, 30]
    pass_a_day(live)
    assert [minutes(live), minutes(elsewhere)] == [20, 20]


def test_every_step_is_in_the_countys_trail(
    live: Backend, first: StaffMember, second: StaffMember
) -> None:
    change = change_by(live, first, second)
    (proposed,) = world.audited(live, "policy.proposed")
    (answered,) = world.audited(live, "policy.answered")
    assert proposed.details == {
        "override": str(change),
        "division": COUNTY,
        "key": "review.claim_minutes",
        "effective_from": "2026-03-03",
    }
    assert answered.details == {
        "override": str(change),
        "key": "review.claim_minutes",
        "answer": "confirmed",
    }
    assert (proposed.actor, answered.actor) == (f"staff:{first.id}", f"staff:{second.id}")
    assert {proposed.chain, answered.chain} == {COUNTY}


def test_nobody_confirms_or_returns_the_own_proposal(
    live: Backend, first: StaffMember, second: StaffMember
) -> None:
    change = policy_changes.propose(live, first, wish())
    for answer in (Answer.CONFIRMED, Answer.RETURNED):
        act = partial(
            policy_changes.answer_change, live, first, change, answer=answer, note="自己看过了"
        )
        assert code_of(act) == "proposal.own"
    confirm(live, second, change)


def test_only_who_proposed_withdraws(
    live: Backend, first: StaffMember, second: StaffMember
) -> None:
    change = policy_changes.propose(live, first, wish())

    def withdraw(who: StaffMember) -> None:
        policy_changes.answer_change(live, who, change, answer=Answer.WITHDRAWN, note="")

    assert code_of(lambda: withdraw(second)) == "proposal.not_yours"
    withdraw(first)
    assert told(live, second, change).state is OverrideState.WITHDRAWN
    assert code_of(lambda: confirm(live, second, change)) == "proposal.already_answered"
    pass_a_day(live)
    assert minutes(live) == 30


def test_a_return_says_why(live: Backend, first: StaffMember, second: StaffMember) -> None:
    change = policy_changes.propose(live, first, wish())

    def send_back(note: str) -> None:
        policy_changes.answer_change(live, second, change, answer=Answer.RETURNED, note=note)

    assert code_of(lambda: send_back("  不 ")) == "proposal.note_required"
    assert code_of(lambda: send_back("不" * 2001)) == "proposal.note_too_long"
    send_back(" 依据的文号不对 ")
    seen = told(live, first, change)
    assert (seen.state, seen.note) == (OverrideState.RETURNED, "依据的文号不对")
    assert (seen.is_mine, told(live, second, change).is_mine) == (True, False)


def test_who_confirms_has_just_given_the_password(
    live: Backend, first: StaffMember, second: StaffMember
) -> None:
    change = policy_changes.propose(live, first, wish())
    for late in (
        replace(second, confirmed_at=None),
        replace(second, confirmed_at=live.clock.now() - timedelta(minutes=16)),
    ):
        assert code_of(partial(confirm, live, late, change)) == "auth.confirmation_needed"
    assert told(live, second, change).state is OverrideState.PENDING


def test_what_was_not_confirmed_in_time_lapses(
    live: Backend, first: StaffMember, second: StaffMember
) -> None:
    change = policy_changes.propose(live, first, wish())
    pass_a_day(live)
    fresh = replace(second, confirmed_at=live.clock.now())
    assert code_of(lambda: confirm(live, fresh, change)) == "policy.day_passed"
    assert told(live, second, change).state is OverrideState.LAPSED
    policy_changes.answer_change(
        live, second, change, answer=Answer.RETURNED, note="请换个日期再提"
    )


def test_tomorrow_is_tomorrow_in_shanghai(
    live: Backend, clock: FixedClock, first: StaffMember
) -> None:
    clock.set(clock.now().replace(hour=16))  # past midnight of 3 March in Shanghai
    assert legal_day(clock.now()) == TOMORROW
    assert code_of(lambda: policy_changes.propose(live, first, wish())) == "policy.begins_too_early"


# -- where -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "division", [OTHER_COUNTY, "99", "9901", "990102100", "990101999", "990101100099"]
)
def test_a_place_out_of_reach_is_not_found(
    live: Backend, first: StaffMember, division: str
) -> None:
    refused = code_of(lambda: policy_changes.propose(live, first, wish(division=division)))
    assert refused == "policy.division_unknown"


@pytest.mark.parametrize("division", ["", "九九", "99010", "990101; drop table staff"])
def test_a_place_that_is_none_is_refused(live: Backend, first: StaffMember, division: str) -> None:
    refused = code_of(lambda: policy_changes.propose(live, first, wish(division=division)))
    assert refused in {"division.malformed", "policy.division_unknown"}


def test_another_countys_change_is_not_found(
    live: Backend, first: StaffMember, second: StaffMember
) -> None:
    stranger = bureau(live, "stranger", OTHER_COUNTY)
    change = policy_changes.propose(live, first, wish())
    for act in (
        lambda: confirm(live, stranger, change),
        lambda: policy_history.open_change(live, stranger, change),
        lambda: policy_history.history(live, stranger, after=change, limit=5),
        lambda: confirm(live, second, uuid7()),
    ):
        assert code_of(act) == "policy.override_not_found"
    assert policy_history.waiting(live, stranger) == ()
    assert policy_history.history(live, stranger, after=None, limit=5).changes == ()


@pytest.mark.parametrize(
    ("role", "place"),
    [
        (Role.COUNTY_ADMIN, COUNTY),
        (Role.INSPECTOR, COUNTY),
        (Role.TOWNSHIP_HEAD, TOWNSHIP),
        (Role.VILLAGE_OFFICER, VILLAGE),
    ],
)
def test_who_is_not_of_the_bureau_reads_and_changes_nothing(
    live: Backend, first: StaffMember, role: Role, place: DivisionPath
) -> None:
    reader = world.add_staff(live, "reader", role=role, path=place)
    change = policy_changes.propose(live, first, wish())
    assert code_of(lambda: policy_changes.propose(live, reader, wish())) == "permission.denied"
    assert code_of(lambda: confirm(live, reader, change)) == "permission.denied"
    rules = policy_rules.rules_of(live, reader, division=place, scheme=Scheme.WORK_INJURY, on=None)
    assert rules.groups["cycle"][0].value == 3


def test_a_township_has_its_own_value(
    live: Backend, first: StaffMember, second: StaffMember
) -> None:
    change_by(live, first, second, division=TOWNSHIP)
    pass_a_day(live)
    assert [minutes(live, VILLAGE), minutes(live, OTHER_TOWNSHIP)] == [20, 30]


# -- what ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"key": "review.nothing"}, "policy.key_unknown"),
        ({"value": "twenty"}, "policy.value_malformed"),
        ({"value": "1000"}, "policy.value_out_of_range"),
        ({"basis": "依据"}, "policy.basis_required"),
        ({"schemes": frozenset({Scheme.WORK_INJURY})}, "policy.schemes_inseparable"),
        ({"effective_to": date(2026, 3, 2)}, "policy.ends_before_it_begins"),
        ({"key": "face.accept", "value": "0.5"}, "policy.report_required"),
        (
            {"key": "face.accept", "value": "0.5", "report_digest": "abc"},
            "policy.report_malformed",
        ),
        (
            {"key": "face.accept", "value": "0.31", "report_digest": DIGEST},
            "policy.contradiction",
        ),
    ],
)
def test_what_cannot_be_put_into_force_is_not_even_proposed(
    live: Backend, first: StaffMember, changed: dict[str, Any], refusal: str
) -> None:
    assert code_of(lambda: policy_changes.propose(live, first, wish(**changed))) == refusal
    assert policy_history.waiting(live, first) == ()


def test_a_threshold_rests_on_the_digest_of_an_evaluation(
    live: Backend, first: StaffMember, second: StaffMember
) -> None:
    change = change_by(
        live, first, second, key="face.accept", value="0.5", report_digest=f" {DIGEST.upper()} "
    )
    assert told(live, second, change).report_digest == DIGEST
    pass_a_day(live)
    minutes(live)
    found = live.policies.resolve(VILLAGE, scheme=Scheme.RESIDENT_PENSION, on=TOMORROW)
    assert (found.values.face.accept, found.provenance["face.accept"].override) == (
        0.5,
        str(change),
    )


def test_what_a_pending_change_would_contradict_by_then_is_not_confirmed(
    live: Backend, first: StaffMember, second: StaffMember
) -> None:
    """Each is well by itself: accept down to 0.40, review up to 0.42."""
    accept, review = (
        policy_changes.propose(live, first, wish(key=key, value=value, report_digest=DIGEST))
        for key, value in (("face.accept", "0.40"), ("face.review", "0.42"))
    )
    confirm(live, second, accept)
    assert code_of(lambda: confirm(live, second, review)) == "policy.contradiction"
    change, outlook = policy_history.open_change(live, second, review)
    assert (change.state, outlook) == (OverrideState.PENDING, ())
