"""A county changes policy: one member of the bureau proposes a value, another confirms it.

Who confirms reads what the value is now, what it will be and what it rests on, and gives the
password again. What was answered stays as it is; to change one's mind is a new proposal.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.audit import AuditAction
from domain.errors import AppError, Kind
from domain.ids import StaffId
from domain.policy import PolicyBook
from domain.policy_bounds import parse_value
from domain.policy_override import (
    OverrideDraft,
    check_draft,
    check_fits,
    check_reach,
    check_still_ahead,
    entry_of,
)
from domain.policy_values import Scheme
from domain.proposal import Answer, Proposal, check_note, settle
from domain.regions import DivisionPath, county_of
from domain.roles import Permission, Role, may
from services.accounts import StaffMember, actor_of, check_confirmed, scope_of
from services.backend import Backend
from services.live_policies import Put, confirmed_in, draft_of
from services.policies import legal_day
from services.unit_of_work import Unit
from storage.db.models.policy import PolicyOverride
from storage.db.repositories import divisions, policy_overrides
from storage.ids import uuid7


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody wants to change, `value` as it was typed. No `schemes` means all."""

    division: str
    key: str
    value: str
    schemes: frozenset[Scheme]
    effective_from: date
    effective_to: date | None
    basis: str
    report_digest: str


def propose(backend: Backend, member: StaffMember, wish: Wish) -> UUID:
    """Put a change before a second person. Raises `policy.*`, `permission.denied`."""
    division = DivisionPath(wish.division)
    check_reach(Role(member.role), DivisionPath(member.division_path), division)
    draft = _draft(wish, division)
    with backend.unit(actor_of(member), scope_of(member)) as unit:
        check_draft(draft, today=legal_day(unit.now))
        if divisions.get(unit.session, division) is None:
            raise AppError(Kind.NOT_FOUND, "policy.division_unknown")
        policy_overrides.lock(unit.session, county_of(division))
        row = _row(unit, member, draft)
        _trial(backend, unit, draft, row.id)
        policy_overrides.add(unit.session, row)
        unit.audit(
            AuditAction.POLICY_PROPOSED,
            override=str(row.id),
            division=division,
            key=draft.key,
            effective_from=draft.effective_from.isoformat(),
        )
        return row.id


def _draft(wish: Wish, division: DivisionPath) -> OverrideDraft:
    return OverrideDraft(
        division=division,
        key=wish.key,
        value=parse_value(wish.key, wish.value),
        schemes=wish.schemes,
        effective_from=wish.effective_from,
        effective_to=wish.effective_to,
        basis=wish.basis.strip(),
        report_digest=wish.report_digest.strip().lower() or None,
    )


def _row(unit: Unit, member: StaffMember, draft: OverrideDraft) -> PolicyOverride:
    return PolicyOverride(
        id=uuid7(),
        division_path=draft.division,
        key=draft.key,
        value={"value": draft.value},
        schemes=sorted(draft.schemes),
        effective_from=draft.effective_from,
        effective_to=draft.effective_to,
        basis=draft.basis,
        report_digest=draft.report_digest,
        proposed_at=unit.now,
        proposed_by=member.id,
    )


def _trial(backend: Backend, unit: Unit, draft: OverrideDraft, override: UUID) -> PolicyBook:
    """Return the book as it would be. Raises `policy.contradiction` where it cannot be."""
    book = book_with(backend, unit, (draft.division, entry_of(draft, str(override))))
    check_fits(book, draft.division, since=draft.effective_from)
    return book


def book_with(backend: Backend, unit: Unit, *more: Put) -> PolicyBook:
    """Read what is confirmed in this very transaction: the process's book may be seconds old."""
    presets = backend.policies.presets
    found = confirmed_in(
        presets,
        policy_overrides.confirmed(unit.session),
        known=backend.policies.book.overrides,
    )
    return presets.with_overrides([*found.overrides, *more])


def answer_change(
    backend: Backend, member: StaffMember, override_id: UUID, *, answer: Answer, note: str
) -> None:
    """Confirm or return another's proposal, or withdraw one's own; once, for good.

    Raises `permission.denied`, `policy.override_not_found`, `proposal.*`; to confirm also
    `auth.confirmation_needed`, `policy.day_passed`, `policy.contradiction`.
    """
    if not may(Role(member.role), Permission.POLICY_CHANGE):
        raise AppError(Kind.FORBIDDEN, "permission.denied")
    check_note(answer, note)
    with backend.unit(actor_of(member), scope_of(member)) as unit:
        row = find(unit, override_id)
        policy_overrides.lock(unit.session, county_of(DivisionPath(row.division_path)))
        settle(_proposal(unit, row), answer, by=StaffId(member.id))
        if answer is Answer.CONFIRMED:
            check_confirmed(member, unit.now)
            check_still_ahead(row.effective_from, today=legal_day(unit.now))
            _trial(backend, unit, _still_valid(row), row.id)
        _record(unit, member, row, answer=answer, note=note)


def _still_valid(row: PolicyOverride) -> OverrideDraft:
    try:
        return draft_of(row)
    except ValueError as error:
        raise AppError(Kind.INVALID, "policy.key_unknown") from error


def find(unit: Unit, override_id: UUID) -> PolicyOverride:
    row = policy_overrides.get(unit.session, override_id)
    if row is None:
        raise AppError(Kind.NOT_FOUND, "policy.override_not_found")
    return row


def _proposal(unit: Unit, row: PolicyOverride) -> Proposal:
    found = policy_overrides.answer_of(unit.session, row.id)
    return Proposal(
        proposed_by=StaffId(row.proposed_by),
        involved=frozenset(),
        answer=Answer(found.answer) if found else None,
    )


def _record(
    unit: Unit, member: StaffMember, row: PolicyOverride, *, answer: Answer, note: str
) -> None:
    stored = policy_overrides.record_answer(
        unit.session,
        {
            "override_id": row.id,
            "answer": answer.value,
            "note": note.strip(),
            "answered_at": unit.now,
            "answered_by": member.id,
        },
    )
    if not stored:
        raise AppError(Kind.CONFLICT, "proposal.already_answered")
    unit.audit(AuditAction.POLICY_ANSWERED, override=str(row.id), key=row.key, answer=answer.value)
