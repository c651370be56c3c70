"""Asking that a result be looked at again: by the own phone, or written down by staff.

One appeal is open for a person at a time. What is said later joins it, and what was said already
is kept once, so a request that is sent twice gets the same answer twice.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.appeal import AppealChannel, adds_anything, check_contestable, check_statement
from domain.audit import AuditAction
from domain.errors import AppError, Kind
from services.accounts import StaffMember, actor_of, scope_of
from services.appeal_views import AppealSeen, newest_result, seen, unanswered_state
from services.backend import Backend
from services.certification import OwnSession
from services.eligibility import Identified
from services.policies import common_rules, legal_day
from services.review_clock import end_of_working_days
from services.submissions import own_attempt
from services.unit_of_work import Unit
from storage.db.models.cases import Appeal
from storage.db.models.certification import Attempt
from storage.db.repositories import appeals, attempts, certifications
from storage.ids import uuid7


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenDown:
    """What a member of staff brings: for whom, by which channel, in which words.

    `against_newest` is False for an appeal against how matters stand, not against one result.
    """

    person_id: UUID
    channel: AppealChannel
    statement: str
    against_newest: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """What the person asks; against neither of the two: against how matters stand."""

    channel: AppealChannel
    statement: str
    attempt_id: UUID | None
    review_id: UUID | None


def appeal_by_ticket(backend: Backend, holder: Identified, statement: str = "") -> AppealSeen:
    """Ask again from the phone page, about what was handed in last.

    Raises `appeal.nothing_found` where nothing stands against the person, and
    `appeal.statement_too_long`.
    """
    with backend.unit(holder.caller.actor, holder.caller.scope) as unit:
        attempt = attempts.newest_of(unit.session, holder.person_id)
        return _raise_own(backend, unit, holder.person_id, attempt=attempt, statement=statement)


def appeal_by_session(
    backend: Backend, session: OwnSession, client_id: str, statement: str = ""
) -> AppealSeen:
    """Ask again about one submission. Raises as `appeal_by_ticket`, and `submission.not_found`."""
    with backend.unit(session.caller.actor, session.caller.scope) as unit:
        attempt = own_attempt(unit, session.person_id, client_id)
        return _raise_own(backend, unit, session.person_id, attempt=attempt, statement=statement)


def _raise_own(
    backend: Backend, unit: Unit, person_id: UUID, *, attempt: Attempt | None, statement: str
) -> AppealSeen:
    check_statement(AppealChannel.PHONE_PAGE, statement)
    certifications.lock_entitlements(unit.session, person_id)
    if appeals.open_of(unit.session, person_id) is None:
        check_contestable(unanswered_state(unit, attempt))
    review = attempts.review_of(unit.session, attempt.id)[0] if attempt else None
    wish = _Wish(
        channel=AppealChannel.PHONE_PAGE,
        statement=statement,
        attempt_id=attempt.id if attempt else None,
        review_id=review.id if review else None,
    )
    return seen(unit, _take_down(backend, unit, person_id, wish=wish))


def write_down(backend: Backend, clerk: StaffMember, brought: WrittenDown) -> UUID:
    """Take an appeal down for somebody of the own division; returns the one that is open.

    Raises `person.not_found`, `appeal.statement_required`, `appeal.statement_too_long`.
    """
    check_statement(brought.channel, brought.statement)
    with backend.unit(actor_of(clerk), scope_of(clerk)) as unit:
        if not backend.people(unit).is_visible(brought.person_id):
            raise AppError(Kind.NOT_FOUND, "person.not_found")
        certifications.lock_entitlements(unit.session, brought.person_id)
        against = newest_result(unit, brought.person_id) if brought.against_newest else None
        wish = _Wish(
            channel=brought.channel,
            statement=brought.statement,
            attempt_id=against.attempt_id if against else None,
            review_id=against.review_id if against else None,
        )
        return _take_down(backend, unit, brought.person_id, wish=wish).id


def _take_down(backend: Backend, unit: Unit, person_id: UUID, *, wish: _Wish) -> Appeal:
    """Open an appeal, or join the one that is open; returns the one that is open."""
    first = appeals.open_of(unit.session, person_id)
    if first is None:
        due_at = _due_at(backend, unit, person_id)
        return _add(unit, person_id, wish=wish, due_at=due_at, first=None)
    known = [part.statement for part in appeals.parts_of(unit.session, first.id)]
    if adds_anything(wish.statement, known):
        _add(unit, person_id, wish=wish, due_at=first.due_at, first=first)
    return first


def _add(
    unit: Unit, person_id: UUID, *, wish: _Wish, due_at: datetime, first: Appeal | None
) -> Appeal:
    row = Appeal(
        id=uuid7(),
        beneficiary_id=person_id,
        attempt_id=wish.attempt_id,
        review_id=wish.review_id,
        channel=wish.channel.value,
        statement=wish.statement.strip(),
        raised_at=unit.now,
        raised_by=str(unit.actor),
        due_at=due_at,
        joins_id=first.id if first else None,
    )
    appeals.add(unit.session, row)
    unit.audit(
        AuditAction.APPEAL_RAISED,
        appeal=str(row.id),
        beneficiary=str(person_id),
        channel=row.channel,
        attempt=str(row.attempt_id) if row.attempt_id else None,
        review=str(row.review_id) if row.review_id else None,
        joins=str(first.id) if first else None,
    )
    return row


def _due_at(backend: Backend, unit: Unit, person_id: UUID) -> datetime:
    household = backend.people(unit).household_of(person_id)
    assert household is not None, "who appeals is in scope"
    rules = common_rules(backend, household, on=legal_day(unit.now))
    return end_of_working_days(backend, unit.now, rules.appeal.answer_working_days)
