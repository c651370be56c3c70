"""What anybody may read of the rules: what holds, on what ground, since when, and what waits."""

from dataclasses import replace
from datetime import date
from functools import partial
from uuid import UUID

from app.presets import load_presets
from domain.policy import PolicyBook, PolicyEntry, PolicyPreset
from domain.policy_values import Scheme
from domain.regions import DivisionPath
from domain.roles import Role
from services import policy_changes, policy_history, policy_rules
from services.accounts import StaffMember
from services.backend import Backend
from services.live_policies import LivePolicies
from tests import case_world as world
from tests.acts import code_of
from tests.places import COUNTY, OTHER_COUNTY, OTHER_TOWNSHIP, TOWNSHIP, VILLAGE
from tests.services.policy.changing import TOMORROW, change_by, confirm, pass_a_day, wish


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
        assert code_of(partial(read, who, place)) == "policy.division_unknown"
    assert code_of(lambda: read(first, "990101777")) == "policy.division_unknown"
    assert code_of(lambda: read(first, "x")) == "division.malformed"
    places = policy_rules.places_of(live, head)
    assert places == ((TOWNSHIP, "城关镇"),)
    assert [path for path, _ in policy_rules.places_of(live, first)] == [
        COUNTY,
        TOWNSHIP,
        OTHER_TOWNSHIP,
    ]
