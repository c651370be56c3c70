"""The log of a cycle: what is an act, what is undone, and what arrives late or twice."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from uuid import UUID

import pytest

from domain.cycle import Channel, EventKind, HoldMove, State, hold_move, standing
from domain.errors import AppError
from domain.ids import CertificationId
from tests.domain.cycles import START, certified, revoked, stand

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
