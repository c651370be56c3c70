"""Where an attempt stands: what the machine decided, what a reviewer did, what an appeal did."""

from collections.abc import Sequence
from uuid import UUID

from domain.appeal import AppealOutcome
from domain.attempt import AttemptState
from domain.decision import Outcome
from domain.review import Verdict
from services.unit_of_work import Unit
from storage.db.models.certification import Certification
from storage.db.repositories import appeals, attempts, certifications

_VERDICTS = {
    Verdict.CERTIFIED: AttemptState.CERTIFIED,
    Verdict.ASK_AGAIN: AttemptState.ASKED_AGAIN,
    Verdict.SEND_VISIT: AttemptState.VISIT_SENT,
    Verdict.REFER_AS_LEAD: AttemptState.REFERRED,
}
_UPHELD = {
    AppealOutcome.CERTIFIED: AttemptState.CERTIFIED,
    AppealOutcome.ASK_AGAIN: AttemptState.ASKED_AGAIN,
    AppealOutcome.SEND_VISIT: AttemptState.VISIT_SENT,
}
_CERTIFIED = frozenset({AttemptState.PASSED, AttemptState.CERTIFIED})


def state_of(unit: Unit, attempt_id: UUID) -> AttemptState:
    """Return the state of one attempt; an appeal that was upheld has the last word.

    What certified and was found false since counts as asked again.
    """
    upheld = appeals.upheld_of_attempt(unit.session, attempt_id)
    state = _decided(unit, attempt_id) if upheld is None else _UPHELD[AppealOutcome(upheld.outcome)]
    if state not in _CERTIFIED:
        return state
    rows = certificate_of(unit, attempt_id)
    is_false = bool(rows) and not still_standing(unit, rows)
    return AttemptState.ASKED_AGAIN if is_false else state


def certificate_of(unit: Unit, attempt_id: UUID) -> list[Certification]:
    """Return what the log got from an attempt: by the machine, a reviewer, or an appeal."""
    rows = certifications.certificate_of_attempt(unit.session, attempt_id)
    review, _ = attempts.review_of(unit.session, attempt_id)
    if review is not None:
        rows += certifications.certificate_of_review(unit.session, review.id)
    upheld = appeals.upheld_of_attempt(unit.session, attempt_id)
    if upheld is not None:
        rows += certifications.certificate_of_appeal(unit.session, upheld.appeal_id)
    return rows


def still_standing(unit: Unit, rows: Sequence[Certification]) -> list[Certification]:
    """Return the certifications that were not found false since: only those give a receipt."""
    revoked = certifications.revoked_among(unit.session, [row.id for row in rows])
    return [row for row in rows if row.id not in revoked]


def _decided(unit: Unit, attempt_id: UUID) -> AttemptState:
    decision = attempts.decision_of(unit.session, attempt_id)
    if decision is None:
        return AttemptState.SUBMITTED
    if Outcome(decision.outcome) is not Outcome.REVIEW:
        return AttemptState(decision.outcome)
    _, verdict = attempts.review_of(unit.session, attempt_id)
    return AttemptState.IN_REVIEW if verdict is None else _VERDICTS[Verdict(verdict.outcome)]
