"""A certification found false: what taking it out of the log does to each entitlement (2.9).

Nothing is stopped here: an entitlement that is overdue after it is shown to people, who decide.
A wrongful revocation is answered by certifying anew.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from domain.beneficiary import Entitlement
from domain.cycle import (
    CertificationEvent,
    EventKind,
    HoldMove,
    PolicyLookup,
    Validity,
    hold_move,
    standing,
    validity,
)
from domain.errors import AppError, Kind
from domain.ids import CertificationId


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequence:
    """One entitlement before and after. `later` are certifications that stand on their own."""

    entitlement: Entitlement
    before: Validity
    after: Validity
    later: tuple[CertificationEvent, ...]

    @property
    def hold(self) -> HoldMove:
        """Whether a hold would be open again; somebody has to decide about it."""
        return hold_move(self.before, self.after)


def revocation_of(
    event: CertificationEvent, new_id: CertificationId, *, at: datetime, on: date
) -> CertificationEvent:
    """Return the row that takes `event` out of the log. `at` is aware, `on` its legal date."""
    return CertificationEvent(
        id=new_id,
        channel=event.channel,
        captured_on=on,
        received_at=at.astimezone(UTC),
        kind=EventKind.REVOKED,
        revokes=event.id,
        evidence_count=event.evidence_count,
    )


def check_standing(
    events: Sequence[CertificationEvent], certificate: Collection[CertificationId]
) -> None:
    """Refuse to revoke what does not stand any more.

    Raises `AppError` CONFLICT `revocation.already_revoked`.
    """
    if not any(event.id in certificate for event in standing(events)):
        raise AppError(Kind.CONFLICT, "revocation.already_revoked")


def consequence(
    events: Sequence[CertificationEvent],
    revocations: Sequence[CertificationEvent],
    entitlement: Entitlement,
    *,
    policy_lookup: PolicyLookup,
    birth_date: date,
    on: date,
) -> Consequence:
    """Tell what `revocations` do to one entitlement whose log is `events`."""

    def at(log: Sequence[CertificationEvent]) -> Validity:
        return validity(log, entitlement, policy_lookup, birth_date=birth_date, on=on)

    taken_out = {event.revokes for event in revocations}
    first = min(event.captured_on for event in events if event.id in taken_out)
    later = [
        event
        for event in standing(events)
        if event.captured_on >= first and event.id not in taken_out
    ]
    return Consequence(
        entitlement=entitlement,
        before=at(events),
        after=at([*events, *revocations]),
        later=tuple(later),
    )
