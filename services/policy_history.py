"""What was changed in a county's policy, by whom, on what ground, and what it means."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from domain.errors import AppError, Kind
from domain.policy import PolicyBook, Provenance
from domain.policy_override import (
    OverrideDraft,
    OverrideState,
    check_fits,
    entry_of,
    state_of,
)
from domain.policy_values import Scalar, Scheme
from domain.proposal import Answer
from domain.roles import Permission, Role, may
from services.accounts import StaffMember, actor_of, scope_of
from services.backend import Backend
from services.live_policies import Put, draft_of
from services.policies import legal_day
from services.policy_changes import book_with, find
from services.unit_of_work import Unit
from storage.db.models.policy import PolicyAnswer, PolicyOverride
from storage.db.repositories import divisions, policy_overrides

MOST_WAITING = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeTold:
    """One proposal and what came of it. Names are None where the reader may not see the account.

    `value` is None for a key or a value that this version no longer has; such a change is not in
    force, whatever its `state` says.
    """

    id: UUID
    division: str
    division_name: str
    key: str
    value: Scalar | None
    schemes: tuple[str, ...]
    effective_from: date
    effective_to: date | None
    basis: str
    report_digest: str | None
    proposed_at: datetime
    proposer: str | None
    is_mine: bool
    state: OverrideState
    answer: Answer | None
    note: str
    answered_at: datetime | None
    answerer: str | None
    is_usable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What a change means on its first day: the value without it, and the rule that will hold.

    The same for all `schemes`. `wins` is False where a superior rule goes before, or one for a
    single scheme.
    """

    schemes: tuple[Scheme, ...]
    value_now: Scalar
    source_now: Provenance
    value_then: Scalar
    source_then: Provenance
    wins: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPage:
    """`next_after` is the change to go on behind; None on the last page."""

    changes: tuple[ChangeTold, ...]
    next_after: UUID | None


def history(
    backend: Backend, member: StaffMember, *, after: UUID | None, limit: int
) -> HistoryPage:
    """List the changes of one's division and below, newest first.

    Raises `policy.override_not_found` for an `after` out of scope.
    """
    with backend.unit(actor_of(member), scope_of(member)) as unit:
        if after is not None:
            find(unit, after)
        rows = policy_overrides.newest(unit.session, after=after, limit=limit + 1)
        told = _told_all(backend, unit, member, rows[:limit])
    return HistoryPage(changes=told, next_after=told[-1].id if len(rows) > limit else None)


def waiting(backend: Backend, member: StaffMember) -> tuple[ChangeTold, ...]:
    """List what waits for a second person, the next to begin first."""
    with backend.unit(actor_of(member), scope_of(member)) as unit:
        rows = policy_overrides.unanswered(unit.session, limit=MOST_WAITING)
        return _told_all(backend, unit, member, rows)


def open_change(
    backend: Backend, member: StaffMember, override_id: UUID
) -> tuple[ChangeTold, tuple[Outlook, ...]]:
    """Show one change and what it means for each scheme. Raises `policy.override_not_found`.

    There is no outlook for what this version no longer has, or what contradicts other rules.
    """
    with backend.unit(actor_of(member), scope_of(member)) as unit:
        row = policy_overrides.find(unit.session, override_id)
        if row is None:
            raise AppError(Kind.NOT_FOUND, "policy.override_not_found")
        (told,) = _told_all(backend, unit, member, [row])
        return told, _outlooks(backend, unit, row.PolicyOverride)


def count_for(backend: Backend, member: StaffMember) -> int:
    """Count what waits for this second person and can still be confirmed; 0 for other seats."""
    if not may(Role(member.role), Permission.POLICY_CHANGE):
        return 0
    found = waiting(backend, member)
    return sum(not told.is_mine and told.state is OverrideState.PENDING for told in found)


def _outlooks(backend: Backend, unit: Unit, row: PolicyOverride) -> tuple[Outlook, ...]:
    try:
        draft = draft_of(row)
        put = book_with(backend, unit).overrides
        return _compare(backend.policies.presets, put, draft, override=str(row.id))
    except (ValueError, AppError):
        return ()


def _compare(
    presets: PolicyBook, put: Sequence[Put], draft: OverrideDraft, *, override: str
) -> tuple[Outlook, ...]:
    """Set the book without a change beside the one with it, scheme by scheme.

    What was confirmed keeps its place in the order; what was not would come last.
    """
    others = [one for one in put if one[1].override != override]
    mine = [] if len(others) < len(put) else [(draft.division, entry_of(draft, override))]
    before, then = presets.with_overrides(others), presets.with_overrides([*put, *mine])
    if mine:
        check_fits(then, draft.division, since=draft.effective_from)
    seen: dict[Outlook, list[Scheme]] = {}
    for scheme in Scheme:
        if not draft.schemes or scheme in draft.schemes:
            found = _outlook(before, then, draft, scheme=scheme, override=override)
            seen.setdefault(found, []).append(scheme)
    return tuple(replace(found, schemes=tuple(schemes)) for found, schemes in seen.items())


def _outlook(
    before: PolicyBook, then: PolicyBook, draft: OverrideDraft, *, scheme: Scheme, override: str
) -> Outlook:
    on = draft.effective_from
    old = before.resolve(draft.division, scheme=scheme, on=on)
    new = then.resolve(draft.division, scheme=scheme, on=on)
    return Outlook(
        schemes=(),
        value_now=old.value(draft.key),
        source_now=old.provenance[draft.key],
        value_then=new.value(draft.key),
        source_then=new.provenance[draft.key],
        wins=new.provenance[draft.key].override == override,
    )


def _told_all(
    backend: Backend, unit: Unit, member: StaffMember, rows: Any
) -> tuple[ChangeTold, ...]:
    names = dict(divisions.names_around(unit.session, member.division_path)) if rows else {}
    today = legal_day(unit.now)
    left_out = set(backend.policies.unusable)
    return tuple(
        _told(row, names, member, today=today, usable=row.PolicyOverride.id not in left_out)
        for row in rows
    )


def _told(
    row: Any, names: dict[str, str], member: StaffMember, *, today: date, usable: bool
) -> ChangeTold:
    change: PolicyOverride = row.PolicyOverride
    answered: PolicyAnswer | None = row.PolicyAnswer
    answer = Answer(answered.answer) if answered else None
    return ChangeTold(
        id=change.id,
        division=change.division_path,
        division_name=names.get(change.division_path, change.division_path),
        key=change.key,
        value=_value_of(change),
        schemes=tuple(change.schemes),
        effective_from=change.effective_from,
        effective_to=change.effective_to,
        basis=change.basis,
        report_digest=change.report_digest,
        proposed_at=change.proposed_at,
        proposer=row.proposer,
        is_mine=change.proposed_by == member.id,
        state=state_of(
            answer,
            effective_from=change.effective_from,
            effective_to=change.effective_to,
            today=today,
        ),
        answer=answer,
        note=answered.note if answered else "",
        answered_at=answered.answered_at if answered else None,
        answerer=row.answerer,
        is_usable=usable,
    )


def _value_of(row: PolicyOverride) -> Scalar | None:
    try:
        return draft_of(row).value
    except ValueError:
        return None
