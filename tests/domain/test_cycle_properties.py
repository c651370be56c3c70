"""What holds of every log of certifications and revocations."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import MonthArithmetic
from domain.cycle import CertificationEvent, State
from tests.domain.cycles import NEW_RULES, START, certified, revoked, rules, stand


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
    (date(2000, 1, 1), {"cycle.months": 12, "cycle.arithmetic": MonthArithmetic.INCLUSIVE_MONTH}),
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
