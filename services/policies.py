"""Which rules are in force for a person today, and the legal day that "today" is."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from domain.policy import ResolvedPolicy
from domain.policy_values import PolicyValues, Scheme
from domain.regions import DivisionPath
from services.backend import Backend

LEGAL_ZONE = ZoneInfo("Asia/Shanghai")


def legal_day(moment: datetime) -> date:
    """Return the day that `moment` (aware) falls on where the law applies."""
    return moment.astimezone(LEGAL_ZONE).date()


def end_of_day(day: date) -> datetime:
    """Return the last second of a legal day, aware UTC: it still falls on that day."""
    return datetime.combine(day, time(23, 59, 59), LEGAL_ZONE).astimezone(UTC)


def resolved_for(
    backend: Backend, household_path: str, *, scheme: Scheme, on: date
) -> ResolvedPolicy:
    """Resolve one scheme's rules at the household's division. Raises `policy.*`."""
    return backend.policies.resolve(DivisionPath(household_path), scheme=scheme, on=on)


def common_rules(backend: Backend, household_path: str, *, on: date) -> PolicyValues:
    """Resolve the values that rule an act about whatever a person draws, or about nothing yet.

    A review, an appeal and a call are one act for all of it: any scheme's rules hold (see
    `values_for`).
    """
    return resolved_for(backend, household_path, scheme=Scheme.RESIDENT_PENSION, on=on).values


def values_for(backend: Backend, household_path: str, schemes: Sequence[Scheme]) -> PolicyValues:
    """Resolve the values that rule an act about a person who draws several benefits.

    A face, a session and a review are one act for all of them: the first entitlement's rules hold,
    and a test keeps these groups equal over the schemes of every preset.
    """
    today = legal_day(backend.clock.now())
    return resolved_for(backend, household_path, scheme=schemes[0], on=today).values
