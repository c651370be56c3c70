"""Two of the bureau change a county's policy, and every process follows from the day on."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.exc import OperationalError

from app.presets import load_book, load_presets
from domain.errors import AppError
from domain.policy import PolicyBook, PolicyEntry, PolicyPreset
from domain.policy_override import OverrideState
from domain.policy_values import Scalar, Scheme
from domain.proposal import Answer
from domain.regions import DivisionPath
from domain.roles import Role
from services import policy_changes, policy_history, policy_rules
from services.accounts import StaffMember
from services.backend import Backend
from services.live_policies import LivePolicies
from services.policies import legal_day, values_for
from services.policy_changes import Wish
from storage.db.models.policy import PolicyAnswer, PolicyOverride
from storage.ids import uuid7
from tests import case_world as world
from tests.case_world import COUNTY, OTHER_TOWNSHIP, SYSTEM, TOWNSHIP, VILLAGE
from tests.certification_world import together
from tests.clock import FixedClock

OTHER_COUNTY = DivisionPath("990102")
TOMORROW = date(2026, 3, 3)
DIGEST = "ab" * 32


@pytest.fixture
def live(backend: Backend) -> Backend:
    """A process whose book is never older than its act."""
    return another_process(backend)


def another_process(backend: Backend) -> Backend:
    return replace(backend, policies=LivePolicies(load_book(), fresh_s=0.0))


@pytest.fixture
def first(backend: Backend) -> StaffMember:
    return bureau(backend, "first")


@pytest.fixture
def second(backend: Backend) -> StaffMember:
    return bureau(backend, "second")


def bureau(backend: Backend, login: str, county: DivisionPath = COUNTY) -> StaffMember:
    return world.add_staff(backend, login, role=Role.COUNTY_BUREAU, path=county)


def wish(**changed: Any) -> Wish:
    base = Wish(
        division=COUNTY,
        key="review.claim_minutes",
        value="20",
        schemes=frozenset(),
        effective_from=TOMORROW,
        effective_to=None,
        basis="石社保〔2026〕3号 二",
        report_digest="",
    )
    return replace(base, **changed)


def confirm(backend: Backend, by: StaffMember, change: UUID) -> None:
    policy_changes.answer_change(backend, by, change, answer=Answer.CONFIRMED, note="")


def change_by(backend: Backend, first: StaffMember, second: StaffMember, **changed: Any) -> UUID:
    """Propose and confirm."""
    change = policy_changes.propose(backend, first, wish(**changed))
    confirm(backend, second, change)
    return change


def minutes(backend: Backend, place: str = VILLAGE) -> int:
    with backend.unit(SYSTEM.actor, SYSTEM.scope):
        return values_for(backend, place, [Scheme.RESIDENT_PENSION]).review.claim_minutes


def pass_a_day(backend: Backend, days: int = 1) -> None:
    clock = backend.clock
    assert isinstance(clock, FixedClock)
    clock.advance(timedelta(days=days))


def code(act: Callable[[], object]) -> str:
    with pytest.raises(AppError) as refused:
        act()
    return refused.value.code


def told(backend: Backend, who: StaffMember, change: UUID) -> policy_history.ChangeTold:
    return policy_history.open_change(backend, who, change)[0]


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
        assert code(act) == "proposal.own"
    confirm(live, second, change)


def test_only_who_proposed_withdraws(
    live: Backend, first: StaffMember, second: StaffMember
) -> None:
    change = policy_changes.propose(live, first, wish())

    def withdraw(who: StaffMember) -> None:
        policy_changes.answer_change(live, who, change, answer=Answer.WITHDRAWN, note="")

    assert code(lambda: withdraw(second)) == "proposal.not_yours"
    withdraw(first)
    assert told(live, second, change).state is OverrideState.WITHDRAWN
    assert code(lambda: confirm(live, second, change)) == "proposal.already_answered"
    pass_a_day(live)
    assert minutes(live) == 30


def test_a_return_says_why(live: Backend, first: StaffMember, second: StaffMember) -> None:
    change = policy_changes.propose(live, first, wish())

    def send_back(note: str) -> None:
        policy_changes.answer_change(live, second, change, answer=Answer.RETURNED, note=note)

    assert code(lambda: send_back("  不 ")) == "proposal.note_required"
    assert code(lambda: send_back("不" * 2001)) == "proposal.note_too_long"
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
        assert code(partial(confirm, live, late, change)) == "auth.confirmation_needed"
    assert told(live, second, change).state is OverrideState.PENDING


def test_what_was_not_confirmed_in_time_lapses(
    live: Backend, first: StaffMember, second: StaffMember
) -> None:
    change = policy_changes.propose(live, first, wish())
    pass_a_day(live)
    fresh = replace(second, confirmed_at=live.clock.now())
    assert code(lambda: confirm(live, fresh, change)) == "policy.day_passed"
    assert told(live, second, change).state is OverrideState.LAPSED
    policy_changes.answer_change(
        live, second, change, answer=Answer.RETURNED, note="请换个日期再提"
    )


def test_tomorrow_is_tomorrow_in_shanghai(
    live: Backend, clock: FixedClock, first: StaffMember
) -> None:
    clock.set(clock.now().replace(hour=16))  # past midnight of 3 March in Shanghai
    assert legal_day(clock.now()) == TOMORROW
    assert code(lambda: policy_changes.propose(live, first, wish())) == "policy.begins_too_early"


# -- where -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "division", [OTHER_COUNTY, "99", "9901", "990102100", "990101999", "990101100099"]
)
def test_a_place_out_of_reach_is_not_found(
    live: Backend, first: StaffMember, division: str
) -> None:
    refused = code(lambda: policy_changes.propose(live, first, wish(division=division)))
    assert refused == "policy.division_unknown"


@pytest.mark.parametrize("division", ["", "九九", "99010", "990101; drop table staff"])
def test_a_place_that_is_none_is_refused(live: Backend, first: StaffMember, division: str) -> None:
    refused = code(lambda: policy_changes.propose(live, first, wish(division=division)))
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
        assert code(act) == "policy.override_not_found"
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
    assert code(lambda: policy_changes.propose(live, reader, wish())) == "permission.denied"
    assert code(lambda: confirm(live, reader, change)) == "permission.denied"
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
    assert code(lambda: policy_changes.propose(live, first, wish(**changed))) == refusal
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
    assert code(lambda: confirm(live, second, review)) == "policy.contradiction"
    change, outlook = policy_history.open_change(live, second, review)
    assert (change.state, outlook) == (OverrideState.PENDING, ())


# -- reading ---------------------------------------------------------------------------------


def rule(backend: Backend, who: StaffMember, key: str, on: date) -> policy_rules.RuleTold:
    rules = policy_rules.rules_of(
        backend, who, division=COUNTY, scheme=Scheme.RESIDENT_PENSION, on=on
    )
    return next(one for group in rules.groups.values() for one in group if one.key == key)


def test_a_rule_is_told_with_its_clause_and_the_preset_it_stands_for(
    live: Backend, first: StaffMember, second: StaffMember
) -> None:
    change = change_by(live, first, second)
    before = rule(live, first, "review.claim_minutes", date(2026, 3, 2))
    after = rule(live, first, "review.claim_minutes", TOMORROW)
    assert (before.value, before.replaced, before.source.region) == (30, None, "national")
    assert (after.value, after.source.override) == (20, str(change))
    assert after.source.basis == "石社保〔2026〕3号 二"
    assert after.replaced is not None
    assert (after.replaced[0], after.replaced[1].region) == (30, "national")


def test_an_outlook_shows_the_value_now_and_then(
    live: Backend, first: StaffMember, second: StaffMember
) -> None:
    change = policy_changes.propose(live, first, wish())
    seen, outlook = policy_history.open_change(live, second, change)
    assert (seen.value, seen.division_name, seen.proposer) == (20, "石桥县", "虚构")
    assert [(o.value_now, o.value_then, o.wins) for o in outlook] == [(30, 20, True)]
    assert outlook[0].schemes == tuple(Scheme)
    confirm(live, second, change)
    again = policy_history.open_change(live, second, change)[1]
    assert {(o.value_now, o.value_then) for o in again} == {(30, 20)}


def test_an_outlook_says_where_a_superior_rule_goes_before(
    backend: Backend, first: StaffMember, second: StaffMember
) -> None:
    above = PolicyEntry(
        key="review.claim_minutes",
        value=25,
        effective_from=date(2024, 1, 1),
        basis="省厅规定",
        superior=True,
    )
    province = PolicyPreset(region=DivisionPath("99"), name="虚构省", entries=(above,))
    book = PolicyBook([*load_presets(), province])
    live = replace(backend, policies=LivePolicies(book, fresh_s=0.0))
    change = change_by(live, first, second)
    _, outlook = policy_history.open_change(live, second, change)
    assert {(o.value_now, o.value_then, o.wins) for o in outlook} == {(25, 25, False)}
    found = rule(live, first, "review.claim_minutes", TOMORROW)
    assert (found.value, found.source.region, found.replaced) == (25, "99", None)
    assert found.lost is not None
    assert (found.lost.loser_value, found.lost.loser.override) == (20, str(change))


def test_an_outlook_for_one_scheme_leaves_the_others_out(
    live: Backend, first: StaffMember, second: StaffMember
) -> None:
    change = policy_changes.propose(
        live,
        first,
        wish(key="cycle.months", value="4", schemes=frozenset({Scheme.WORK_INJURY})),
    )
    (outlook,) = policy_history.open_change(live, second, change)[1]
    assert (outlook.schemes, outlook.value_now, outlook.value_then) == (
        (Scheme.WORK_INJURY,),
        3,
        4,
    )


def test_an_outlook_for_all_shows_whom_a_rule_of_its_own_leaves_out(
    live: Backend, first: StaffMember, second: StaffMember
) -> None:
    change = policy_changes.propose(live, first, wish(key="cycle.months", value="6"))
    most, injury = policy_history.open_change(live, second, change)[1]
    assert (len(most.schemes), most.value_now, most.value_then, most.wins) == (5, 12, 6, True)
    assert (injury.schemes, injury.value_then, injury.wins) == ((Scheme.WORK_INJURY,), 3, False)


def test_what_waits_is_counted_for_those_who_can_confirm_it(
    live: Backend, first: StaffMember, second: StaffMember
) -> None:
    head = world.add_staff(live, "head", role=Role.TOWNSHIP_HEAD, path=TOWNSHIP)
    policy_changes.propose(live, first, wish())
    counts = [policy_history.count_for(live, who) for who in (first, second, head)]
    assert counts == [0, 1, 0]
    pass_a_day(live)
    assert policy_history.count_for(live, second) == 0


def test_the_values_of_today_are_told_once_for_all_that_share_them(
    live: Backend, first: StaffMember
) -> None:
    (minutes_now,) = policy_rules.current(live, first, "review.claim_minutes")
    assert (minutes_now.value, minutes_now.schemes) == (30, tuple(Scheme))
    months = policy_rules.current(live, first, "cycle.months")
    assert [(v.value, len(v.schemes)) for v in months] == [(12, 5), (3, 1)]


def test_the_history_goes_from_page_to_page_without_a_gap(
    live: Backend, first: StaffMember
) -> None:
    made = [policy_changes.propose(live, first, wish(value=str(20 + n))) for n in range(5)]
    seen: list[UUID] = []
    after: UUID | None = None
    while True:
        page = policy_history.history(live, first, after=after, limit=2)
        seen += [change.id for change in page.changes]
        after = page.next_after
        if after is None:
            break
    assert seen == made[::-1]
    assert [change.id for change in policy_history.waiting(live, first)] == made


def test_rules_are_read_within_ones_own_scope_only(live: Backend, first: StaffMember) -> None:
    head = world.add_staff(live, "head", role=Role.TOWNSHIP_HEAD, path=TOWNSHIP)

    def read(who: StaffMember, place: str) -> object:
        return policy_rules.rules_of(
            live, who, division=place, scheme=Scheme.RESIDENT_PENSION, on=None
        )

    read(head, VILLAGE)
    for who, place in (
        (head, COUNTY),
        (head, OTHER_TOWNSHIP),
        (first, OTHER_COUNTY),
        (first, "99"),
    ):
        assert code(partial(read, who, place)) == "policy.division_unknown"
    assert code(lambda: read(first, "990101777")) == "policy.division_unknown"
    assert code(lambda: read(first, "x")) == "division.malformed"
    places = policy_rules.places_of(live, head)
    assert places == ((TOWNSHIP, "城关镇"),)
    assert [path for path, _ in policy_rules.places_of(live, first)] == [
        COUNTY,
        TOWNSHIP,
        OTHER_TOWNSHIP,
    ]


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
