"""The clock of a certification: when it starts, how long it runs, which rules it runs by."""

from datetime import date

import pytest

from domain.calendar import MonthArithmetic, Quarter
from domain.cycle import State
from domain.policy_values import RenewalModel
from tests.domain.cycles import INJURY, NEW_RULES, START, certified, rules, stand

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
        pytest.param(
            MonthArithmetic.INCLUSIVE_MONTH, 12, date(2020, 5, 18), date(2021, 4, 30), id="CQ"
        ),
        pytest.param(
            MonthArithmetic.FOLLOWING_MONTH_END, 12, date(2023, 6, 9), date(2024, 6, 30), id="GD"
        ),
        pytest.param(MonthArithmetic.DAYS_365, 12, date(2023, 11, 29), date(2024, 11, 28), id="FJ"),
        pytest.param(MonthArithmetic.EXACT_DAY, 6, date(2021, 8, 31), date(2022, 2, 28), id="6m"),
        pytest.param(MonthArithmetic.EXACT_DAY, 12, date(2024, 2, 29), date(2025, 2, 28), id="12m"),
        pytest.param(
            MonthArithmetic.BIRTHDAY_MONTH, 12, date(2021, 8, 1), date(2022, 8, 31), id="GY"
        ),
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
