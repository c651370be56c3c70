"""What a person, a clerk and a head do about an appeal, and how it then stands."""

from uuid import UUID

from domain.appeal import AppealChannel, AppealOutcome
from domain.beneficiary import EntitlementStatus, SuspensionCause
from domain.review import Method, Verdict
from services import appeal_answers, appeal_raising, entitlements, reviews
from services.accounts import StaffMember
from services.appeal_answers import Finding
from services.appeal_raising import WrittenDown
from services.appeal_views import AppealSeen
from services.attempt_status import AttemptStatus, status_within
from services.eligibility import Identified
from services.reviews import Ruling
from storage.db.repositories import attempts
from storage.ids import uuid7
from tests import attempt_world
from tests.acts import refusal
from tests.certification_world import TEST, County, Pensioner

FINDINGS = "换人重看，与本人照片一致"
CERTIFY = Finding(outcome=AppealOutcome.CERTIFIED, method=Method.CALL_BACK, findings=FINDINGS)
STANDS = Finding(outcome=AppealOutcome.STANDS, method=None, findings=FINDINGS)


def decided(
    county: County, by: StaffMember, person: Pensioner, verdict: Verdict, name: str = "phone-0001"
) -> UUID:
    review = attempt_world.flagged_attempt(county.backend, person.id, name)
    reviews.claim_case(county.backend, by, review)
    ruling = Ruling(verdict=verdict, method=None, findings="照片看不清楚，无法判断")
    reviews.decide(county.backend, by, review, ruling)
    return review


def holder(person: Pensioner) -> Identified:
    return Identified(person_id=person.id, household_path=person.household, ticket_id=uuid7())


def ask(county: County, person: Pensioner, statement: str = "") -> AppealSeen:
    return appeal_raising.appeal_by_ticket(county.backend, holder(person), statement)


def write(
    county: County, by: StaffMember, person: Pensioner, statement: str = "我就是本人", **more: bool
) -> UUID:
    wish = WrittenDown(
        person_id=person.id, channel=AppealChannel.WINDOW, statement=statement, **more
    )
    return appeal_raising.write_down(county.backend, by, wish)


def answer(
    county: County, by: StaffMember, appeal_id: UUID, finding: Finding = CERTIFY
) -> appeal_answers.Answered:
    return appeal_answers.answer(county.backend, by, appeal_id, finding)


def refused_to(county: County, who: StaffMember, appeal_id: UUID) -> str:
    return refusal(lambda: answer(county, who, appeal_id, STANDS)).code


def status(county: County, person: Pensioner) -> AttemptStatus:
    with county.backend.unit(TEST.actor, TEST.scope) as unit:
        found = county.backend.people(unit).load(person.id)
        attempt = attempts.newest_of(unit.session, person.id)
        assert found is not None
        assert attempt is not None
        return status_within(county.backend, unit, found, attempt)


def suspend(county: County, person: Pensioner) -> None:
    with county.backend.unit(TEST.actor, TEST.scope) as unit:
        unit.record_in(person.household)
        found = county.backend.people(unit).load(person.id)
        assert found is not None
        for entitlement in entitlements.drawn_by(county.backend, unit, found):
            entitlements.suspend(unit, entitlement, SuspensionCause.UNCERTIFIED)


def is_suspended(county: County, person: Pensioner) -> bool:
    with county.backend.unit(TEST.actor, TEST.scope) as unit:
        states = county.backend.people(unit).entitlements_of(person.id)
    return any(row.status == EntitlementStatus.SUSPENDED for row in states)
