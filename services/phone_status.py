"""What the phone page shows a person: whether the camera is open to them, and how matters stand."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from domain.attempt import AttemptState
from domain.beneficiary import mask_name
from domain.errors import AppError, Kind
from domain.id_number import mask
from services import visit_requests
from services.attempt_status import AttemptStatus, status_within
from services.backend import Backend
from services.eligibility import Identified, Window, check_person, holder_of, window_of
from services.links import earliest_end
from services.policies import legal_day
from services.review_clock import promised_by
from services.unit_of_work import Unit
from services.visit_requests import VisitAsked
from storage.db.models.certification import Attempt
from storage.db.repositories import attempts, divisions
from storage.db.repositories.people import Person

OFFICE_DIGITS = (9, 6)  # the township reviews; its county where no township is registered


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPlan:
    """Who looks at a case, and by which day."""

    office: str
    by: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneStatus:
    """The latest submission. `digests`: part -> SHA-256 of what was received."""

    status: AttemptStatus
    review: ReviewPlan | None
    digests: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class WhoSeen:
    """A person as the own phone shows them: masked, with the obstacle instead of a dead end.

    `due_on` is the first last day of what they draw, past or to come; `valid_until` is the same day
    while it has not passed.
    """

    masked_name: str
    masked_number: str
    obstacle: AppError | None
    due_on: date | None
    valid_until: date | None
    window: Window | None
    latest: PhoneStatus | None
    visit: VisitAsked | None


def who_is(backend: Backend, holder: Identified) -> WhoSeen:
    """Return what the holder of a ticket sees first. Raises `identity.needed` when erased."""
    person = holder_of(backend, holder)
    obstacle = _obstacle(backend, person)
    with backend.unit(holder.caller.actor, holder.caller.scope) as unit:
        due_on = earliest_end(backend, unit, person.id)
        is_running = due_on is not None and due_on >= legal_day(unit.now)
        return WhoSeen(
            masked_name=mask_name(person.name),
            masked_number=mask(person.id_number),
            obstacle=obstacle,
            due_on=due_on,
            valid_until=due_on if is_running else None,
            window=window_of(unit, person.residence_path),
            latest=_latest(backend, unit, person),
            visit=visit_requests.newest_request(unit, person),
        )


def _obstacle(backend: Backend, person: Person) -> AppError | None:
    """Ask before any camera opens; a refusal is what the person has to hear, not an end."""
    try:
        check_person(backend, person)
    except AppError as refusal:
        if refusal.kind is Kind.UNAVAILABLE:
            raise
        return refusal
    return None


def latest_status(backend: Backend, holder: Identified) -> PhoneStatus:
    """Look up what was handed in last. Raises `submission.not_found`, `identity.needed`."""
    person = holder_of(backend, holder)
    with backend.unit(holder.caller.actor, holder.caller.scope) as unit:
        found = _latest(backend, unit, person)
    if found is None:
        raise AppError(Kind.NOT_FOUND, "submission.not_found")
    return found


def _latest(backend: Backend, unit: Unit, person: Person) -> PhoneStatus | None:
    attempt = attempts.newest_of(unit.session, person.id)
    if attempt is None:
        return None
    status = status_within(backend, unit, person, attempt)
    received = attempts.parts_of(unit.session, attempt.id)
    return PhoneStatus(
        status=status,
        review=_plan(backend, unit, person, attempt=attempt)
        if status.state is AttemptState.IN_REVIEW
        else None,
        digests={name: part.sha256 for name, part in received.items()},
    )


def _plan(backend: Backend, unit: Unit, person: Person, *, attempt: Attempt) -> ReviewPlan | None:
    review, _ = attempts.review_of(unit.session, attempt.id)
    if review is None:
        return None
    return ReviewPlan(office=_office(unit, person.household_path), by=promised_by(backend, review))


def _office(unit: Unit, path: str) -> str:
    found = (divisions.get(unit.session, path[:digits]) for digits in OFFICE_DIGITS)
    return next((office.name for office in found if office is not None), "")
