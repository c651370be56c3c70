"""Answering an appeal: by a different person, once, with all that follows in the same commit."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from domain.appeal import CHANNELS, AppealOutcome, check_answer, check_other_person
from domain.audit import AuditAction, staff_behind
from domain.errors import AppError, Kind
from domain.ids import StaffId
from domain.review import Method
from domain.roles import Permission
from domain.visit_request import SentBy
from services import validity
from services.accounts import StaffMember, actor_of, check_confirmed, scope_of
from services.acts import shown_alive
from services.appeal_views import visit_of
from services.backend import Backend
from services.eligibility import refuse_blocked
from services.entitlements import drawn_by
from services.independence import is_helper, staff_of
from services.policies import legal_day
from services.proposal_records import check_acting
from services.shown import open_known
from services.unit_of_work import Unit
from services.validity import Certified, Ground
from services.visit_requests import send_visit
from storage.db.models.cases import Appeal
from storage.db.repositories import appeals, certifications, reviews


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What the one who looked again found."""

    outcome: AppealOutcome
    method: Method | None
    findings: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What came of it. `certified` is there when the appeal was upheld to the full."""

    outcome: AppealOutcome
    certified: Certified | None


def answer(backend: Backend, answerer: StaffMember, appeal_id: UUID, finding: Finding) -> Answered:
    """Answer an appeal, once.

    Raises `permission.denied`, `appeal.not_found`, `appeal.already_answered`,
    `appeal.not_independent`, `review.*` for an incomplete answer, and to certify
    `auth.confirmation_needed` and what `eligibility.refuse_blocked` raises.
    """
    check_answer(finding.outcome, finding.method, finding.findings)
    with backend.unit(actor_of(answerer), scope_of(answerer)) as unit:
        check_acting(unit, answerer, Permission.APPEAL_ANSWER)
        appeal = find_open(unit, appeal_id)
        check_answerer(backend, unit, answerer, appeal=appeal)
        if finding.outcome is AppealOutcome.CERTIFIED:
            check_confirmed(answerer, unit.now)
        _record(unit, appeal, answerer, finding=finding)
        return Answered(
            outcome=finding.outcome, certified=_follow_up(backend, unit, appeal, finding=finding)
        )


def find(unit: Unit, appeal_id: UUID) -> Appeal:
    """Return an appeal in scope; what joined one is part of it. Raises `appeal.not_found`."""
    row = appeals.get(unit.session, appeal_id)
    if row is None or row.joins_id is not None:
        raise AppError(Kind.NOT_FOUND, "appeal.not_found")
    return row


def find_open(unit: Unit, appeal_id: UUID) -> Appeal:
    """Return an unanswered appeal, its person's turn taken. Raises `appeal.already_answered`."""
    row = find(unit, appeal_id)
    certifications.lock_entitlements(unit.session, row.beneficiary_id)
    if appeals.answer_of(unit.session, appeal_id) is not None:
        raise AppError(Kind.CONFLICT, "appeal.already_answered")
    return row


def check_answerer(backend: Backend, unit: Unit, answerer: StaffMember, *, appeal: Appeal) -> None:
    """Refuse who had a hand in it. Raises `appeal.not_independent`."""
    involved = involved_in(unit, appeal)
    person_id, attempt_id = appeal.beneficiary_id, appeal.attempt_id
    if is_helper(backend, unit, answerer, person_id=person_id, attempt_id=attempt_id):
        involved |= {StaffId(answerer.id)}
    check_other_person(StaffId(answerer.id), involved)


def involved_in(unit: Unit, appeal: Appeal) -> frozenset[StaffId]:
    """Name the staff who decided, seconded or handed in what the appeal is against, or wrote it.

    Who takes an appeal down must not answer it: one hand could ask and grant.
    """
    review = reviews.get(unit.session, appeal.review_id) if appeal.review_id else None
    verdict = reviews.decision_of(unit.session, review.id) if review else None
    handed_in = staff_of(unit, attempt_id=appeal.attempt_id, visit_id=visit_of(unit, appeal))
    others = appeals.hands_on(unit.session, appeal.beneficiary_id)
    others |= {verdict.decided_by} if verdict else set()
    parts = appeals.parts_of(unit.session, appeal.id)
    written = {by for part in parts if (by := staff_behind(part.raised_by)) is not None}
    return handed_in | written | {StaffId(staff) for staff in others}


def _record(unit: Unit, appeal: Appeal, answerer: StaffMember, *, finding: Finding) -> None:
    row: dict[str, Any] = {
        "appeal_id": appeal.id,
        "beneficiary_id": appeal.beneficiary_id,
        "outcome": finding.outcome.value,
        "method": finding.method.value if finding.method else None,
        "findings": finding.findings.strip(),
        "answered_at": unit.now,
        "answered_by": answerer.id,
    }
    if not appeals.record_answer(unit.session, row):
        raise AppError(Kind.CONFLICT, "appeal.already_answered")
    unit.audit(
        AuditAction.APPEAL_ANSWERED,
        appeal=str(appeal.id),
        beneficiary=str(appeal.beneficiary_id),
        outcome=row["outcome"],
        method=row["method"],
    )


def _follow_up(
    backend: Backend, unit: Unit, appeal: Appeal, *, finding: Finding
) -> Certified | None:
    match finding.outcome:
        case AppealOutcome.CERTIFIED:
            assert finding.method is not None, "checked: who certifies names a method"
            return _certify(backend, unit, appeal, method=finding.method)
        case AppealOutcome.SEND_VISIT:
            reason, person_id = SentBy.APPEAL, appeal.beneficiary_id
            send_visit(backend, unit, person_id, reason=reason, appeal=str(appeal.id))
        case AppealOutcome.ASK_AGAIN:
            pass  # the tries count from here anew: `sessions.failed_tries`
        case AppealOutcome.STANDS:
            pass
    return None


def _certify(backend: Backend, unit: Unit, appeal: Appeal, *, method: Method) -> Certified:
    person = open_known(backend, unit, appeal.beneficiary_id)
    refuse_blocked(drawn_by(backend, unit, person))
    return validity.certify(backend, unit, person, _ground(unit, appeal, method))


def _ground(unit: Unit, appeal: Appeal, method: Method) -> Ground:
    """Rest on the act that the appeal is about, as a review does; or on today, by its method."""
    attempt_id, visit_id = appeal.attempt_id, visit_of(unit, appeal)
    if attempt_id is None and visit_id is None:
        channel, day = CHANNELS[method], legal_day(unit.now)
    else:
        channel, day = shown_alive(unit, attempt_id=attempt_id, visit_id=visit_id)
    return Ground(channel=channel, captured_on=day, appeal_id=appeal.id)
