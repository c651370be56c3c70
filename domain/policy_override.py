"""A county puts its own value in place of a preset's: one proposes it, another confirms (G13).

It begins on a later day than it is confirmed on, so that no act of the past changes its rules. A
threshold of faces or liveness rests on an evaluation of the county's own photos
(docs/calibration.md). What a superior authority ruled still wins (漾濞办法 十三).
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from domain.errors import AppError, Kind
from domain.policy import PolicyBook, PolicyEntry
from domain.policy_values import PolicyValues, Scalar, Scheme
from domain.proposal import Answer
from domain.regions import DivisionPath, Level, contains, level_of
from domain.roles import Permission, Role, may

SHORTEST_BASIS = 4
LONGEST_BASIS = 500
MEASURED = ("face.", "liveness.")
"""Groups of keys whose values nobody may change without having measured."""
BY_SCHEME = "cycle."
"""The group that may differ between the schemes of one person."""
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
_TOO_HIGH = frozenset({Level.PROVINCE, Level.PREFECTURE})


class OverrideState(StrEnum):
    """Where an override stands on a day."""

    PENDING = "pending"
    SCHEDULED = "scheduled"
    IN_FORCE = "in_force"
    ENDED = "ended"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"  # its day came before a second person did


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideDraft:
    """A value that is to hold for a division and all below it, from a day to a day inclusive.

    `schemes` empty means all; `report_digest` is the SHA-256 of an evaluation's `report.json`.
    """

    division: DivisionPath
    key: str
    value: Scalar
    schemes: frozenset[Scheme]
    effective_from: date
    effective_to: date | None
    basis: str
    report_digest: str | None


def check_reach(role: Role, seat: DivisionPath, division: DivisionPath) -> None:
    """Refuse who may not change policy there: the bureau only, in its own county.

    Raises `AppError` FORBIDDEN `permission.denied`, NOT_FOUND `policy.division_unknown`.
    """
    if not may(role, Permission.POLICY_CHANGE):
        raise AppError(Kind.FORBIDDEN, "permission.denied")
    if not contains(seat, division) or level_of(division) in _TOO_HIGH:
        raise AppError(Kind.NOT_FOUND, "policy.division_unknown")


def check_draft(draft: OverrideDraft, *, today: date) -> None:
    """Refuse a draft that is incomplete, or that would begin too early.

    Raises `AppError` INVALID `policy.basis_required`, `policy.basis_too_long`,
    `policy.schemes_inseparable`, `policy.begins_too_early`, `policy.ends_before_it_begins`,
    `policy.report_required` or `policy.report_malformed`.
    """
    if len(draft.basis.strip()) < SHORTEST_BASIS:
        raise AppError(Kind.INVALID, "policy.basis_required", at_least=SHORTEST_BASIS)
    if len(draft.basis) > LONGEST_BASIS:
        raise AppError(Kind.INVALID, "policy.basis_too_long", at_most=LONGEST_BASIS)
    if draft.schemes and not draft.key.startswith(BY_SCHEME):
        raise AppError(Kind.INVALID, "policy.schemes_inseparable", key=draft.key)
    _check_days(draft, earliest=today + timedelta(days=1))
    _check_report(draft)


def _check_days(draft: OverrideDraft, *, earliest: date) -> None:
    if draft.effective_from < earliest:
        raise AppError(Kind.INVALID, "policy.begins_too_early", earliest=earliest.isoformat())
    if draft.effective_to is not None and draft.effective_to < draft.effective_from:
        raise AppError(Kind.INVALID, "policy.ends_before_it_begins")


def _check_report(draft: OverrideDraft) -> None:
    if draft.report_digest is None:
        if draft.key.startswith(MEASURED):
            raise AppError(Kind.INVALID, "policy.report_required", key=draft.key)
    elif _DIGEST.fullmatch(draft.report_digest) is None:
        raise AppError(Kind.INVALID, "policy.report_malformed")


def check_still_ahead(effective_from: date, *, today: date) -> None:
    """Refuse to confirm what should have begun. Raises `AppError` CONFLICT `policy.day_passed`."""
    if effective_from <= today:
        raise AppError(Kind.CONFLICT, "policy.day_passed")


def entry_of(draft: OverrideDraft, override: str) -> PolicyEntry:
    """Return the rule that `draft` states. Raises ValueError for a value its key cannot have."""
    return PolicyEntry(
        key=draft.key,
        value=draft.value,
        effective_from=draft.effective_from,
        effective_to=draft.effective_to,
        basis=draft.basis,
        schemes=draft.schemes,
        override=override,
    )


def check_fits(book: PolicyBook, region: DivisionPath, *, since: date) -> None:
    """Refuse a book whose values contradict each other in a region, or below it, from a day on.

    Raises `AppError` INVALID `policy.contradiction`, and what `PolicyBook.resolve` raises.
    """
    places = {region, *(DivisionPath(r) for r in book.regions if r.startswith(region))}
    for place in sorted(places):
        for scheme in Scheme:
            for on in (day for day in book.days_of_change(place) if day >= since):
                _check_together(book, place, scheme=scheme, on=on)


def _check_together(book: PolicyBook, place: DivisionPath, *, scheme: Scheme, on: date) -> None:
    try:
        values = book.resolve(place, scheme=scheme, on=on).values
    except ValueError as error:
        raise AppError(
            Kind.INVALID, "policy.contradiction", division=place, on=on.isoformat()
        ) from error
    if fault := _unanswerable(values):
        raise AppError(
            Kind.INVALID, "policy.contradiction", division=place, on=on.isoformat(), keys=fault
        )


def _unanswerable(values: PolicyValues) -> list[str]:
    """Name two keys that nobody can meet together; empty when there are none."""
    if values.liveness.steps > values.challenge.steps:
        return ["liveness.steps", "challenge.steps"]
    if values.liveness.distinct_actions > values.liveness.steps:
        return ["liveness.distinct_actions", "liveness.steps"]
    if values.review.target_working_days > values.review.clock_working_days:
        return ["review.target_working_days", "review.clock_working_days"]
    return []


def state_of(
    answer: Answer | None, *, effective_from: date, effective_to: date | None, today: date
) -> OverrideState:
    """Tell where an override stands today."""
    if answer is Answer.RETURNED:
        return OverrideState.RETURNED
    if answer is Answer.WITHDRAWN:
        return OverrideState.WITHDRAWN
    if answer is None:
        return OverrideState.PENDING if today < effective_from else OverrideState.LAPSED
    if today < effective_from:
        return OverrideState.SCHEDULED
    ended = effective_to is not None and effective_to < today
    return OverrideState.ENDED if ended else OverrideState.IN_FORCE
