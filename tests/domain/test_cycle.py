from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.beneficiary import Entitlement
from domain.calendar import MonthArithmetic, Quarter
from domain.cycle import (
    CertificationEvent,
    Channel,
    EventKind,
    HoldMove,
    PolicyLookup,
    State,
    Validity,
    hold_move,
    standing,
    validity,
)
from domain.errors import AppError
from domain.ids import BeneficiaryId, CertificationId, EntitlementId
from domain.light import LightRule
from domain.policy import PolicyBook, PolicyEntry, PolicyPreset, ResolvedPolicy
from domain.policy_values import KEYS, RenewalModel, Scalar, Scheme
from domain.regions import DivisionPath
from domain.second_opinion import SecondOpinion

COUNTY = DivisionPath("990101")
BORN = date(1946, 8, 20)
START = date(2021, 1, 1)
NEW_RULES = date(2021, 11, 1)
A = MonthArithmetic
DEFAULTS: dict[type, Scalar] = {
    int: 1,
    float: 0.5,
    bool: False,
    MonthArithmetic: A.EXACT_DAY,
    LightRule: LightRule.OFF,
    RenewalModel: RenewalModel.ROLLING,
    SecondOpinion: SecondOpinion.OFF,
}
SPECIAL: dict[str, Scalar] = {"face.review": 0.4, "liveness.light_contradicts": 0.4}


def book(changes: Sequence[tuple[date, dict[str, Scalar]]]) -> PolicyBook:
    """A county whose rules change on the given days; the first set holds from the beginning."""
    base = {key: DEFAULTS[kind] for key, kind in KEYS.items()} | SPECIAL
    days = [date(2000, 1, 1), *(day for day, _ in changes[1:])]
    ends = [day - timedelta(days=1) for day in days[1:]]
    entries = [
        PolicyEntry(key=k, value=v, effective_from=since, effective_to=until, basis="test")
        for (_, own), since, until in zip(changes, days, [*ends, None], strict=True)
        for k, v in (base | own).items()
    ]
    return PolicyBook([PolicyPreset(region=COUNTY, name="test", entries=tuple(entries))])


def rules(*changes: tuple[date, dict[str, Scalar]], **values: Scalar) -> PolicyLookup:
    cycle = {f"cycle.{name}": value for name, value in values.items()}
    resolved = book(changes or [(date(2000, 1, 1), cycle)])

    def lookup(on: date) -> ResolvedPolicy:
        return resolved.resolve(COUNTY, scheme=Scheme.RESIDENT_PENSION, on=on)

    return lookup


YEAR = rules(months=12, due_soon_months=3)
INJURY = rules(months=3, quarterly=True)


def certified(
    captured_on: date,
    *,
    number: int = 1,
    received_on: date | None = None,
    channel: Channel = Channel.APP_SELF,
) -> CertificationEvent:
    day = received_on or captured_on
    return CertificationEvent(
        id=CertificationId(UUID(int=number)),
        channel=channel,
        captured_on=captured_on,
        received_at=datetime(day.year, day.month, day.day, 4, tzinfo=UTC),
        evidence_count=1,
    )


def revoked(target: int, *, on: date, number: int = 99) -> CertificationEvent:
    return replace(
        certified(on, number=number, channel=Channel.OFFICIAL),
        kind=EventKind.REVOKED,
        revokes=CertificationId(UUID(int=target)),
    )


def entitled(started_on: date = START) -> Entitlement:
    return Entitlement(
        id=EntitlementId(UUID(int=1)),
        beneficiary_id=BeneficiaryId(UUID(int=1)),
        scheme=Scheme.RESIDENT_PENSION,
        division=COUNTY,
        started_on=started_on,
    )


def stand(
    *events: CertificationEvent,
    on: date = date(2023, 1, 1),
    policy: PolicyLookup = YEAR,
    started_on: date = START,
) -> Validity:
    return validity(events, entitled(started_on), policy, birth_date=BORN, on=on)


# 2.2 rolling


def test_each_certification_restarts_the_clock() -> None:
    first = certified(date(2021, 8, 11))
    again = certified(date(2022, 3, 1), number=2)
    assert stand(first).valid_until == date(2022, 8, 11)
    assert stand(first, again).valid_until == date(2023, 3, 1)
    assert stand(first, again).basis == again.id


@pytest.mark.parametrize("renewal", RenewalModel)
def test_every_renewal_model_restarts_at_the_certification(renewal: RenewalModel) -> None:
    policy = rules(months=12, renewal=renewal)
    assert stand(certified(date(2021, 8, 11)), policy=policy).valid_until == date(2022, 8, 11)


# 2.3 month arithmetic


@pytest.mark.parametrize(
    ("arithmetic", "months", "day", "end"),
    [
        pytest.param(A.INCLUSIVE_MONTH, 12, date(2020, 5, 18), date(2021, 4, 30), id="CQ"),
        pytest.param(A.FOLLOWING_MONTH_END, 12, date(2023, 6, 9), date(2024, 6, 30), id="GD"),
        pytest.param(A.DAYS_365, 12, date(2023, 11, 29), date(2024, 11, 28), id="FJ"),
        pytest.param(A.EXACT_DAY, 6, date(2021, 8, 31), date(2022, 2, 28), id="6m"),
        pytest.param(A.EXACT_DAY, 12, date(2024, 2, 29), date(2025, 2, 28), id="12m"),
        pytest.param(A.BIRTHDAY_MONTH, 12, date(2021, 8, 1), date(2022, 8, 31), id="GY"),
    ],
)
def test_golden_dates_come_out_of_the_log(
    arithmetic: MonthArithmetic, months: int, day: date, end: date
) -> None:
    policy = rules(months=months, arithmetic=arithmetic)
    found = stand(certified(day), policy=policy, started_on=date(2018, 1, 1), on=day)
    assert found.valid_until == end


# 2.4 work injury: two tests


def test_both_quarters_served_but_the_cycle_missed() -> None:
    found = stand(
        certified(date(2022, 1, 5)),
        certified(date(2022, 6, 28), number=2),
        policy=INJURY,
        started_on=date(2021, 12, 1),
        on=date(2022, 7, 1),
    )
    assert found.missed_deadlines == (date(2022, 4, 5),)
    assert found.unserved_quarters == ()
    assert found.state is State.CURRENT


def test_a_quarter_without_a_certification_is_flagged() -> None:
    found = stand(
        certified(date(2022, 3, 31)),
        certified(date(2022, 7, 1), number=2),
        policy=INJURY,
        started_on=date(2022, 1, 10),
        on=date(2022, 7, 1),
    )
    assert found.unserved_quarters == (Quarter(2022, 2),)


def test_the_running_quarter_is_not_flagged_until_it_is_over() -> None:
    acts = (certified(date(2022, 3, 31)),)
    for on, flagged in ((date(2022, 6, 30), ()), (date(2022, 7, 1), (Quarter(2022, 2),))):
        found = stand(*acts, policy=INJURY, started_on=date(2022, 1, 10), on=on)
        assert found.unserved_quarters == flagged


def test_the_quarter_test_is_asked_only_where_policy_asks_for_it() -> None:
    assert stand(on=date(2030, 1, 1)).unserved_quarters == ()


def test_quarters_before_the_rule_are_not_flagged() -> None:
    policy = rules(
        (date(2000, 1, 1), {"cycle.months": 12}),
        (NEW_RULES, {"cycle.months": 3, "cycle.quarterly": True}),
    )
    found = stand(policy=policy, on=date(2022, 4, 1))
    assert found.unserved_quarters == (Quarter(2022, 1),)


# 2.5 first clock


def test_without_a_certification_the_clock_starts_with_the_entitlement() -> None:
    found = stand(on=date(2021, 6, 1))
    assert (found.valid_until, found.basis, found.channel) == (date(2022, 1, 1), None, None)
    assert found.counted_from == START


def test_a_certification_before_the_entitlement_does_not_count() -> None:
    assert stand(certified(date(2020, 12, 31))).basis is None


def test_not_even_when_older_rules_would_have_given_it_longer() -> None:
    policy = rules((date(2000, 1, 1), {"cycle.months": 12}), (NEW_RULES, {"cycle.months": 3}))
    found = stand(certified(date(2021, 10, 31)), policy=policy, started_on=date(2021, 11, 15))
    assert (found.valid_until, found.basis) == (date(2022, 2, 15), None)


def test_a_certification_on_the_first_day_is_the_basis() -> None:
    act = certified(START)
    assert stand(act).basis == act.id
    assert stand(act).missed_deadlines == (date(2022, 1, 1),)


# 2.6 channel and evidence


@pytest.mark.parametrize("channel", Channel)
def test_every_channel_certifies(channel: Channel) -> None:
    found = stand(certified(date(2022, 3, 1), channel=channel))
    assert (found.channel, found.state) == (channel, State.DUE_SOON)


def test_a_certification_without_evidence_cannot_exist() -> None:
    with pytest.raises(AppError) as refused:
        replace(certified(START), evidence_count=0)
    assert refused.value.code == "cycle.evidence_missing"


def test_an_act_in_the_future_cannot_exist() -> None:
    with pytest.raises(AppError) as refused:
        certified(date(2022, 3, 2), received_on=date(2022, 3, 1))
    assert refused.value.code == "cycle.captured_in_future"


def test_the_day_is_that_of_shanghai() -> None:
    evening = datetime(2022, 2, 28, 16, 0, tzinfo=UTC)
    act = replace(certified(date(2022, 2, 28)), captured_on=date(2022, 3, 1), received_at=evening)
    assert act.captured_on == date(2022, 3, 1)
    with pytest.raises(AppError):
        replace(act, received_at=evening - timedelta(seconds=1))


def test_a_time_without_its_zone_cannot_exist() -> None:
    for zone in (None, timezone(timedelta(hours=8))):
        with pytest.raises(ValueError, match="aware UTC"):
            replace(certified(START), received_at=datetime(2022, 1, 1, tzinfo=zone))


def test_a_revocation_names_what_it_revokes_and_nothing_else_does() -> None:
    for change in ({"kind": EventKind.REVOKED}, {"revokes": CertificationId(UUID(int=7))}):
        with pytest.raises(AppError) as refused:
            replace(certified(START), **change)
        assert refused.value.code == "cycle.revokes_nothing"


# 2.7 and 2.9 holds


def test_certifying_lifts_a_hold() -> None:
    day = date(2022, 4, 12)
    before, after = stand(on=day), stand(certified(day), on=day)
    assert (before.state, after.state) == (State.OVERDUE, State.CURRENT)
    assert hold_move(before, after) is HoldMove.LIFT


def test_revoking_the_newest_restores_the_previous_and_reopens_the_hold() -> None:
    first = certified(date(2021, 8, 11))
    newest = certified(date(2022, 8, 1), number=2)
    day = date(2022, 9, 1)
    before = stand(first, newest, on=day)
    after = stand(first, newest, revoked(2, on=day), on=day)
    assert (before.valid_until, after.valid_until) == (date(2023, 8, 1), date(2022, 8, 11))
    assert after == stand(first, on=day)
    assert hold_move(before, after) is HoldMove.REOPEN


def test_revoking_the_only_certification_restores_the_first_clock() -> None:
    day = date(2021, 9, 1)
    assert stand(certified(date(2021, 8, 11)), revoked(1, on=day), on=day) == stand(on=day)


def test_revoking_an_older_certification_changes_nothing_now() -> None:
    acts = (certified(date(2021, 8, 11)), certified(date(2022, 3, 1), number=2))
    after = stand(*acts, revoked(1, on=date(2022, 4, 1)))
    assert after.valid_until == stand(*acts).valid_until
    assert hold_move(stand(*acts), after) is HoldMove.NONE


def test_a_revocation_that_arrives_first_waits_for_what_it_names() -> None:
    early = revoked(1, on=date(2021, 8, 12))
    assert stand(early).basis is None
    assert stand(early, certified(date(2021, 8, 11))).basis is None


def test_a_revocation_is_not_revoked() -> None:
    acts = [
        certified(date(2021, 8, 11)),
        revoked(1, on=date(2021, 9, 1), number=2),
        revoked(2, on=date(2021, 9, 2), number=3),
    ]
    with pytest.raises(AppError) as refused:
        standing(acts)
    assert refused.value.code == "cycle.revokes_revocation"


# 2.8 order of arrival


def test_a_visit_synced_late_does_not_shorten_validity() -> None:
    app_pass = certified(date(2022, 5, 10))
    visit = certified(
        date(2022, 5, 5), number=2, received_on=date(2022, 5, 20), channel=Channel.HOME_VISIT
    )
    assert stand(app_pass, visit).valid_until == date(2023, 5, 10)
    assert stand(app_pass, visit).basis == app_pass.id


def test_an_event_that_arrives_twice_counts_once() -> None:
    act = certified(date(2022, 5, 10))
    assert stand(act, act) == stand(act)


def test_one_id_with_two_contents_is_refused() -> None:
    with pytest.raises(AppError) as refused:
        stand(certified(date(2022, 5, 10)), certified(date(2022, 5, 11)))
    assert refused.value.code == "cycle.event_conflict"


# policy of the day of the act


def test_each_certification_is_counted_by_the_policy_of_its_own_day() -> None:
    policy = rules((date(2000, 1, 1), {"cycle.months": 12}), (NEW_RULES, {"cycle.months": 6}))
    assert stand(certified(date(2021, 10, 31)), policy=policy).valid_until == date(2022, 10, 31)
    assert stand(certified(NEW_RULES), policy=policy).valid_until == date(2022, 5, 1)


def test_a_new_shorter_cycle_never_takes_back_what_was_given() -> None:
    policy = rules((date(2000, 1, 1), {"cycle.months": 12}), (NEW_RULES, {"cycle.months": 6}))
    old, new = certified(date(2021, 10, 31)), certified(date(2021, 11, 2), number=2)
    found = stand(old, new, policy=policy)
    assert (found.valid_until, found.basis) == (date(2022, 10, 31), old.id)
    assert found.policy_digest == policy(date(2021, 10, 31)).digest


# states


@pytest.mark.parametrize(
    ("on", "state"),
    [
        (date(2022, 5, 10), State.CURRENT),
        (date(2022, 5, 11), State.DUE_SOON),
        (date(2022, 8, 11), State.DUE_SOON),
        (date(2022, 8, 12), State.OVERDUE),
    ],
)
def test_the_reminder_window_holds_today_and_the_last_day(on: date, state: State) -> None:
    found = stand(certified(date(2021, 8, 11)), on=on)
    assert found.state is state
    assert found.missed_deadlines == ((date(2022, 8, 11),) if state is State.OVERDUE else ())


def test_a_certification_on_the_last_valid_day_is_in_time() -> None:
    acts = (certified(date(2021, 8, 11)), certified(date(2022, 8, 11), number=2))
    assert stand(*acts).missed_deadlines == ()


def test_a_longer_certification_covers_a_gap_after_a_shorter_one() -> None:
    policy = rules((date(2000, 1, 1), {"cycle.months": 12}), (NEW_RULES, {"cycle.months": 3}))
    days = (date(2021, 10, 31), date(2021, 11, 2), date(2022, 6, 1))
    acts = [certified(day, number=n) for n, day in enumerate(days)]
    assert stand(*acts, policy=policy, on=date(2022, 7, 1)).missed_deadlines == ()


def test_acts_after_the_day_do_not_change_how_it_stood_then() -> None:
    later = certified(date(2022, 3, 1))
    assert stand(later, on=date(2022, 2, 1)) == stand(on=date(2022, 2, 1))


def test_an_entitlement_that_has_not_begun_is_not_overdue() -> None:
    assert stand(on=date(2020, 6, 1)).state is State.CURRENT


# properties


@st.composite
def logs(draw: st.DrawFn) -> list[CertificationEvent]:
    days = draw(st.lists(st.dates(date(2020, 6, 1), date(2023, 6, 1)), max_size=7))
    acts = [
        certified(day, number=n, received_on=day + timedelta(days=draw(st.integers(0, 60))))
        for n, day in enumerate(days)
    ]
    targets = draw(st.lists(st.integers(0, 8), max_size=3))
    undone = [revoked(t, on=date(2023, 7, 1), number=50 + n) for n, t in enumerate(targets)]
    return acts + undone


MIXED = rules(
    (date(2000, 1, 1), {"cycle.months": 12, "cycle.arithmetic": A.INCLUSIVE_MONTH}),
    (NEW_RULES, {"cycle.months": 3, "cycle.quarterly": True}),
)
DAYS = st.dates(date(2020, 1, 1), date(2024, 12, 31))


@given(st.data(), logs(), DAYS)
def test_any_order_of_arrival_gives_one_state(
    data: st.DataObject, log: list[CertificationEvent], on: date
) -> None:
    shuffled = data.draw(st.permutations([*log, *log[:2]]))
    assert stand(*shuffled, on=on, policy=MIXED) == stand(*log, on=on, policy=MIXED)


@given(logs(), st.dates(date(2020, 6, 1), date(2023, 6, 1)), DAYS)
def test_one_more_certification_never_shortens_validity(
    log: list[CertificationEvent], day: date, on: date
) -> None:
    more = stand(*log, certified(day, number=40), on=on, policy=MIXED)
    assert more.valid_until >= stand(*log, on=on, policy=MIXED).valid_until


@given(logs(), st.dates(START, date(2023, 6, 1)))
def test_revoking_a_new_certification_undoes_exactly_it(
    log: list[CertificationEvent], day: date
) -> None:
    on = date(2023, 8, 1)
    undone = [*log, certified(day, number=40), revoked(40, on=on)]
    assert stand(*undone, on=on, policy=MIXED) == stand(*log, on=on, policy=MIXED)


@given(logs(), DAYS)
def test_validity_is_overdue_exactly_after_its_last_day(
    log: list[CertificationEvent], on: date
) -> None:
    found = stand(*log, on=on, policy=MIXED)
    assert (found.state is State.OVERDUE) == (on > found.valid_until)
    assert found.valid_until >= stand(on=on, policy=MIXED).valid_until
