"""The validity engine: from an append-only log of certifications to the last valid day.

The log is a set: any order of arrival, and any event twice, gives one state (requirements 2.8).
Validity is the latest of the ends of all certifications that stand, so one that arrives late, or a
shorter cycle of a newer policy, never shortens it; a revocation takes one out and the previous end
is back (2.9). Each certification is counted by the policy in force on its own day.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from typing import assert_never

from domain.beneficiary import Entitlement
from domain.calendar import Quarter, add_months, valid_until
from domain.errors import AppError, Kind
from domain.ids import CertificationId
from domain.policy import ResolvedPolicy
from domain.policy_values import CycleRules, RenewalModel

_SHANGHAI = timezone(timedelta(hours=8))  # no summer time since 1991, so no zone database needed


class Channel(StrEnum):
    """How a person was seen to be alive; every certification has exactly one (2.6)."""

    DATA_MATCH = "data_match"
    APP_SELF = "app_self"
    HELPER = "helper"
    ON_SITE = "on_site"
    HOME_VISIT = "home_visit"
    COMMUNITY_EVENT = "community_event"
    REMOTE = "remote"
    OFFICIAL = "official"


class EventKind(StrEnum):
    """What an event of the log says."""

    CERTIFIED = "certified"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificationEvent:
    """One row of the log.

    Raises `cycle.evidence_missing`, `cycle.captured_in_future` and `cycle.revokes_nothing`: such a
    row must never be written.
    """

    id: CertificationId
    channel: Channel
    captured_on: date  # legal date of the act, Asia/Shanghai
    received_at: datetime  # aware UTC
    kind: EventKind = EventKind.CERTIFIED
    revokes: CertificationId | None = None
    evidence_count: int  # evidence objects or match records

    def __post_init__(self) -> None:
        if self.received_at.tzinfo is not UTC:
            raise ValueError("received_at is aware UTC")
        if self.evidence_count < 1:
            raise AppError(Kind.INVALID, "cycle.evidence_missing")
        if self.captured_on > self.received_at.astimezone(_SHANGHAI).date():
            raise AppError(Kind.INVALID, "cycle.captured_in_future")
        if (self.kind is EventKind.REVOKED) != (self.revokes is not None):
            raise AppError(Kind.INVALID, "cycle.revokes_nothing")


class State(StrEnum):
    """Where an entitlement stands on a day."""

    CURRENT = "current"
    DUE_SOON = "due_soon"  # inside the reminder window, today and the last day included (8.1)
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Validity:
    """Where one entitlement stands, and on what. A flag is for people to read: it stops nothing."""

    valid_until: date
    state: State
    basis: CertificationId | None  # None: counted from the start of the entitlement (2.5)
    channel: Channel | None
    counted_from: date
    policy_digest: str  # of the policy that counted `valid_until`
    missed_deadlines: tuple[date, ...]  # last valid days that passed without a certification
    unserved_quarters: tuple[Quarter, ...]  # past quarters without one, where policy asks (2.4)


class HoldMove(StrEnum):
    """What a change of validity means for a benefit that is held back for want of certification."""

    NONE = "none"
    LIFT = "lift"
    REOPEN = "reopen"


PolicyLookup = Callable[[date], ResolvedPolicy]
"""The policy of one entitlement (its division and scheme) in force on a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Span:
    """A certification (or the start) with the last day that it gives."""

    start: date
    end: date
    event: CertificationEvent | None
    digest: str

    @property
    def rank(self) -> tuple[date, date, bool, str]:
        """Order by end; ties fall to the later act, then to an event, then to its id."""
        return self.end, self.start, self.event is not None, str(self.event and self.event.id)


def validity(
    events: Iterable[CertificationEvent],
    entitlement: Entitlement,
    policy_lookup: PolicyLookup,
    *,
    birth_date: date,
    on: date,
) -> Validity:
    """Where an entitlement stands on a day, by what is known of acts up to that day.

    Acts before the entitlement began do not count. `birth_date` is the beneficiary's. Raises what
    the look-up raises, `cycle.event_conflict` when one id carries two contents, and
    `cycle.revokes_revocation`: a wrongful revocation is answered by certifying anew.
    """
    counted = [e for e in standing(events) if entitlement.started_on <= e.captured_on <= on]
    acts = [(entitlement.started_on, None), *((e.captured_on, e) for e in counted)]
    spans = [
        _span(day, event, policy=policy_lookup(day), birth_date=birth_date) for day, event in acts
    ]
    best = max(spans, key=lambda span: span.rank)
    rules = policy_lookup(on).values.cycle
    return Validity(
        valid_until=best.end,
        state=_state(best.end, on, rules),
        basis=None if best.event is None else best.event.id,
        channel=None if best.event is None else best.event.channel,
        counted_from=best.start,
        policy_digest=best.digest,
        missed_deadlines=_missed(spans, on),
        unserved_quarters=_unserved(spans, policy_lookup, on) if rules.quarterly else (),
    )


def standing(events: Iterable[CertificationEvent]) -> tuple[CertificationEvent, ...]:
    """Certifications that stand, in order of their day: each once, without the revoked ones.

    A revocation may arrive before the certification that it names.
    """
    log: dict[CertificationId, CertificationEvent] = {}
    for event in events:
        if log.setdefault(event.id, event) != event:
            raise AppError(Kind.CONFLICT, "cycle.event_conflict", event=str(event.id))
    revoked = {event.revokes for event in log.values()}
    for event in log.values():
        if event.kind is EventKind.REVOKED and event.id in revoked:
            raise AppError(Kind.CONFLICT, "cycle.revokes_revocation", event=str(event.id))
    left = (e for e in log.values() if e.kind is EventKind.CERTIFIED and e.id not in revoked)
    return tuple(sorted(left, key=lambda event: (event.captured_on, str(event.id))))


def hold_move(before: Validity, after: Validity) -> HoldMove:
    """Tell what a new event did to a hold: lifted by certifying (2.7), re-opened by revoking (2.9).

    The caller carries it out in the unit of work that stores the event.
    """
    was, now = before.state is State.OVERDUE, after.state is State.OVERDUE
    if was == now:
        return HoldMove.NONE
    return HoldMove.REOPEN if now else HoldMove.LIFT


def _span(
    day: date, event: CertificationEvent | None, *, policy: ResolvedPolicy, birth_date: date
) -> _Span:
    end = _restart(policy.values.cycle, day, birth_date)
    return _Span(start=day, end=end, event=event, digest=policy.digest)


def _restart(rules: CycleRules, day: date, birth_date: date) -> date:
    """Restart at the act, as every renewal model of the sources does; a fixed window would not."""
    match rules.renewal:
        case RenewalModel.ROLLING | RenewalModel.EVERY_N_MONTHS | RenewalModel.SERVICE_PERIOD:
            return valid_until(rules.arithmetic, day, months=rules.months, birth_date=birth_date)
        case _:  # pragma: no cover - mypy proves the match exhaustive
            assert_never(rules.renewal)


def _state(end: date, on: date, rules: CycleRules) -> State:
    if on > end:
        return State.OVERDUE
    return State.DUE_SOON if end <= add_months(on, rules.due_soon_months) else State.CURRENT


def _missed(spans: Collection[_Span], on: date) -> tuple[date, ...]:
    """Walk the acts in order; a deadline is missed when the next act comes after it."""
    first, *later = sorted(spans, key=lambda span: (span.start, span.event is not None))
    missed, end = [], first.end
    for span in later:
        if span.start > end:
            missed.append(end)
        end = max(end, span.end)
    return tuple(missed) if on <= end else (*missed, end)


def _unserved(
    spans: Collection[_Span], policy_lookup: PolicyLookup, on: date
) -> tuple[Quarter, ...]:
    """Past quarters without an act that the policy of their first day asked to have one.

    The quarter of the start counts as served by the approval, the running one is not over.
    """
    served = {Quarter.of(span.start) for span in spans}
    quarter, unserved = min(served), []
    while quarter.last_day < on:
        asked = quarter not in served and policy_lookup(quarter.first_day).values.cycle.quarterly
        if asked:
            unserved.append(quarter)
        quarter = quarter.next()
    return tuple(unserved)
