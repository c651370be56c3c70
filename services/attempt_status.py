"""What became of a submission, for the person who made it: a state, reasons, ways on, a receipt."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.attempt import AttemptState, Channel, next_steps, tries_left
from domain.decision import Outcome
from domain.policy import AttemptRules
from domain.review import Verdict
from services.backend import Backend
from services.certification import OwnSession
from services.entitlements import drawn_by
from services.policies import values_for
from services.submissions import own_attempt
from services.unit_of_work import Unit
from storage.db.models.certification import Certification
from storage.db.repositories import attempts, certifications, sessions


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """您已于…完成认证,有效期至…: one number, and the last valid day of each benefit."""

    certificate_number: str
    certified_on: date
    valid_until: dict[str, date | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptStatus:
    """No score, no threshold: those are for the reviewer."""

    client_id: str
    state: AttemptState
    reasons: tuple[str, ...]
    channels: tuple[Channel, ...]
    tries_left: int | None
    receipt: Receipt | None


def status_of(backend: Backend, session: OwnSession, client_id: str) -> AttemptStatus:
    """Look up one of the caller's own submissions. Raises `submission.not_found`."""
    with backend.unit(session.caller.actor, session.caller.scope) as unit:
        attempt = own_attempt(unit, session.person_id, client_id)
        decision = attempts.decision_of(unit.session, attempt.id)
        state = _state(unit, attempt.id, decision.outcome if decision else None)
        return AttemptStatus(
            client_id=client_id,
            state=state,
            reasons=tuple(decision.reasons) if decision else (),
            channels=next_steps(state),
            tries_left=_tries_left(backend, unit, session.person_id)
            if state is AttemptState.RETRY
            else None,
            receipt=_receipt(unit, attempt.id, session.person_id),
        )


_VERDICTS = {
    Verdict.CERTIFIED: AttemptState.CERTIFIED,
    Verdict.ASK_AGAIN: AttemptState.ASKED_AGAIN,
    Verdict.SEND_VISIT: AttemptState.VISIT_SENT,
    Verdict.REFER_AS_LEAD: AttemptState.REFERRED,
}


def _state(unit: Unit, attempt_id: UUID, outcome: str | None) -> AttemptState:
    if outcome is None:
        return AttemptState.SUBMITTED
    if Outcome(outcome) is not Outcome.REVIEW:
        return AttemptState(outcome)
    _, verdict = attempts.review_of(unit.session, attempt_id)
    return AttemptState.IN_REVIEW if verdict is None else _VERDICTS[Verdict(verdict.outcome)]


def _tries_left(backend: Backend, unit: Unit, person_id: UUID) -> int:
    """Count the tries that are still open; the failed one that is shown counts already."""
    person = backend.people(unit).load(person_id)
    assert person is not None, "the session's own person"
    schemes = [e.scheme for e in drawn_by(backend, unit, person)]
    rules: AttemptRules = values_for(backend, person.household_path, schemes).attempt
    failed = sessions.failed_tries(unit.session, person_id)
    return tries_left(failed - 1, rules.tries_before_review)


def _receipt(unit: Unit, attempt_id: UUID, person_id: UUID) -> Receipt | None:
    rows = certifications.certificate_of_attempt(unit.session, attempt_id)
    review, _ = attempts.review_of(unit.session, attempt_id)
    if not rows and review is not None:
        rows = certifications.certificate_of_review(unit.session, review.id)
    return receipt_from(unit, rows, person_id)


def receipt_from(unit: Unit, rows: Sequence[Certification], person_id: UUID) -> Receipt | None:
    """Put together what the log says of one certificate; None when there is none."""
    if not rows or rows[0].certificate_number is None:
        return None
    return Receipt(
        certificate_number=rows[0].certificate_number,
        certified_on=rows[0].captured_on,
        valid_until=dict(certifications.validities_of(unit.session, person_id)),
    )
