"""Where an attempt stands: what the machine decided, what a reviewer did, what an appeal did."""

from uuid import UUID

from domain.appeal import AppealOutcome
from domain.attempt import AttemptState
from domain.decision import Outcome
from domain.review import Verdict
from services.unit_of_work import Unit
from storage.db.repositories import appeals, attempts

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


def state_of(unit: Unit, attempt_id: UUID) -> AttemptState:
    """Return the state of one attempt; an appeal that was upheld has the last word."""
    upheld = appeals.upheld_of_attempt(unit.session, attempt_id)
    if upheld is not None:
        return _UPHELD[AppealOutcome(upheld.outcome)]
    decision = attempts.decision_of(unit.session, attempt_id)
    if decision is None:
        return AttemptState.SUBMITTED
    if Outcome(decision.outcome) is not Outcome.REVIEW:
        return AttemptState(decision.outcome)
    _, verdict = attempts.review_of(unit.session, attempt_id)
    return AttemptState.IN_REVIEW if verdict is None else _VERDICTS[Verdict(verdict.outcome)]
