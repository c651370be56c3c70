"""What a revocation does to an entitlement, told before and found after (2.9)."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.cycle import CertificationEvent, HoldMove, State, standing, validity
from domain.errors import AppError
from domain.ids import CertificationId
from domain.revocation import Consequence, check_standing, consequence, revocation_of
from tests.domain.cycles import BORN, START, YEAR, certified, entitled

NOW = datetime(2023, 1, 10, 4, tzinfo=UTC)
TODAY = date(2023, 1, 10)


def taken_out(*events: CertificationEvent) -> list[CertificationEvent]:
    return [
        revocation_of(event, CertificationId(UUID(int=1000 + n)), at=NOW, on=TODAY)
        for n, event in enumerate(events)
    ]


def told(log: list[CertificationEvent], *revoked: CertificationEvent) -> Consequence:
    return consequence(
        log, taken_out(*revoked), entitled(), policy_lookup=YEAR, birth_date=BORN, on=TODAY
    )


def test_the_newest_gives_way_to_the_one_before_and_its_hold_would_be_open_again() -> None:
    first, newest = certified(date(2021, 8, 11)), certified(date(2022, 8, 1), number=2)
    found = told([first, newest], newest)
    assert (found.before.valid_until, found.after.valid_until) == (
        date(2023, 8, 1),
        date(2022, 8, 11),
    )
    assert (found.hold, found.later) == (HoldMove.REOPEN, ())


def test_a_later_certification_stands_on_its_own() -> None:
    false, later = certified(date(2022, 2, 1)), certified(date(2022, 8, 1), number=2)
    found = told([false, later], false)
    assert found.later == (later,)
    assert found.before.valid_until == found.after.valid_until == date(2023, 8, 1)
    assert found.hold is HoldMove.NONE


def test_what_does_not_stand_is_not_revoked_again() -> None:
    false = certified(date(2022, 2, 1))
    log = [false, *taken_out(false)]
    with pytest.raises(AppError, match=r"revocation\.already_revoked"):
        check_standing(log, {false.id})
    check_standing([false], {false.id})


days = st.dates(START, TODAY)


@given(days=st.lists(days, min_size=1, max_size=6), chosen=st.data())
def test_revoking_is_as_if_the_certification_had_never_been(
    days: list[date], chosen: st.DataObject
) -> None:
    log = [certified(day, number=n + 1) for n, day in enumerate(days)]
    false = chosen.draw(st.sampled_from(log))
    found = told(log, false)
    without = [event for event in log if event is not false]
    assert found.after == validity(without, entitled(), YEAR, birth_date=BORN, on=TODAY)
    assert found.after.valid_until <= found.before.valid_until
    assert found.hold is not HoldMove.LIFT
    assert (found.hold is HoldMove.REOPEN) == (
        found.before.state is not State.OVERDUE and found.after.state is State.OVERDUE
    )
    assert set(found.later) <= set(without)


@given(days=st.lists(days, min_size=1, max_size=4), again=st.integers(0, 400))
def test_certifying_anew_answers_a_wrongful_revocation(days: list[date], again: int) -> None:
    log = [certified(day, number=n + 1) for n, day in enumerate(days)]
    anew = certified(TODAY + timedelta(days=again), number=500)
    after = [*log, *taken_out(*log), anew]
    on = anew.captured_on
    assert standing(after) == (anew,)
    assert validity(after, entitled(), YEAR, birth_date=BORN, on=on).basis == anew.id
