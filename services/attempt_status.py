"""What became of a submission, for the person who made it: a state, reasons, ways on, a receipt."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.attempt import AttemptState, Channel, next_steps
from domain.reasons import Reason, Standing, standing
from services.appeal_views import AppealSeen, may_appeal, shown_with
from services.attempt_states import certificate_of, state_of, still_standing
from services.backend import Backend
from services.certification import OwnSession
from services.eligibility import Window, window_of
from services.entitlements import drawn_by
from services.policies import values_for
from services.submissions import own_attempt
from services.unit_of_work import Unit
from storage.db.models.certification import Attempt, Certification
from storage.db.repositories import attempts, certifications, sessions
from storage.db.repositories.people import Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """您已于…完成认证,有效期至…: one number, and the last valid day of each benefit."""

    certificate_number: str
    certified_on: date
    valid_until: dict[str, date | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptStatus:
    """No score, no threshold: those are for the reviewer.

    `reasons` are those the person can act on, the first one decided; a suspicion is not told.
    `window` is the counter nearest to where the person lives, when one is known. `appeal` is the
    one that is open, or the last about this submission.
    """

    client_id: str
    state: AttemptState
    reasons: tuple[str, ...]
    channels: tuple[Channel, ...]
    tries_left: int | None
    window: Window | None
    receipt: Receipt | None
    may_appeal: bool
    appeal: AppealSeen | None


def status_of(backend: Backend, session: OwnSession, client_id: str) -> AttemptStatus:
    """Look up one of the caller's own submissions. Raises `submission.not_found`."""
    with backend.unit(session.caller.actor, session.caller.scope) as unit:
        attempt = own_attempt(unit, session.person_id, client_id)
        person = backend.people(unit).load(session.person_id)
        assert person is not None, "the session's own person"
        return status_within(backend, unit, person, attempt)


def status_within(backend: Backend, unit: Unit, person: Person, attempt: Attempt) -> AttemptStatus:
    """Say what became of one attempt of `person`, in the caller's unit."""
    decision = attempts.decision_of(unit.session, attempt.id)
    state = state_of(unit, attempt.id)
    kept = still_standing(unit, certificate_of(unit, attempt.id))
    again = state is AttemptState.RETRY
    return AttemptStatus(
        client_id=attempt.client_id,
        state=state,
        reasons=_to_act_on(decision.reasons) if decision and again else (),
        channels=next_steps(state),
        tries_left=_tries_left(backend, unit, person) if again else None,
        window=window_of(unit, person.residence_path),
        receipt=receipt_from(unit, kept, person.id),
        may_appeal=may_appeal(unit, attempt),
        appeal=shown_with(unit, attempt),
    )


def _to_act_on(reasons: Sequence[str]) -> tuple[str, ...]:
    """Leave out doubts and suspicions that came along with what another try can mend."""
    return tuple(r for r in reasons if standing([Reason(r)]) is Standing.AGAIN)


def _tries_left(backend: Backend, unit: Unit, person: Person) -> int:
    """Count the tries that are still open; the failed one that is shown counts already."""
    schemes = [e.scheme for e in drawn_by(backend, unit, person)]
    rules = values_for(backend, person.household_path, schemes).attempt
    return max(0, rules.tries_before_review - sessions.failed_tries(unit.session, person.id))


def receipt_from(unit: Unit, rows: Sequence[Certification], person_id: UUID) -> Receipt | None:
    """Put together what the log says of one certificate; None when there is none."""
    if not rows or rows[0].certificate_number is None:
        return None
    renewed = {row.entitlement_id for row in rows}
    ends = certifications.ends_of(unit.session, person_id)
    return Receipt(
        certificate_number=rows[0].certificate_number,
        certified_on=rows[0].captured_on,
        valid_until={end.scheme: end.day for end in ends if end.entitlement_id in renewed},
    )
