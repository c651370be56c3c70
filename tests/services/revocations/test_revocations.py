"""A certification found false: what hangs on it is told before, and gone after, in one commit."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from domain.beneficiary import EntitlementStatus, SuspensionCause
from domain.cycle import Channel, HoldMove, State
from domain.proposal import Answer, ProposalKind
from domain.review import Verdict
from domain.roles import Role
from services import home_visits, proposals, review_cases, reviews, revocations
from services.accounts import StaffMember
from services.attempt_status import status_within
from services.backend import Backend
from services.home_visits import VisitState
from services.proposals import Reply
from services.reviews import Ruling
from storage.db.models.cases import Appeal, Proposal, ProposalAnswer, Review
from storage.db.models.certification import Attempt, Certification, ReferencePhoto
from storage.db.models.registry import EntitlementState
from storage.db.repositories import attempts
from storage.ids import uuid7
from tests import attempt_world
from tests import case_world as world
from tests.acts import code_of
from tests.case_world import SYSTEM
from tests.places import COUNTY
from tests.services.reviewing import CERTIFY, advance, rows
from tests.services.revocations.revoking import (
    BOTH,
    GROUNDS,
    confirm,
    hanging,
    learn_from,
    passed,
    propose,
)

# what hangs on it


def test_before_anybody_decides_each_entitlement_is_told_now_and_then(
    backend: Backend, head: StaffMember, person: UUID
) -> None:
    first = passed(backend, person, "phone-0001")
    before = world.valid_until(backend, person)
    advance(backend, days=100)
    number = passed(backend, person, "phone-0002")
    found = revocations.hanging_on(backend, head, person, number)
    assert (found.certificate_number, found.masked_name) == (number, "王*试")
    assert (found.channel, found.captured_on) == (Channel.APP_SELF, date(2026, 6, 10))
    assert {one.scheme: one.after for one in found.touched} == before
    assert {one.scheme: one.before for one in found.touched} == world.valid_until(backend, person)
    assert {one.hold for one in found.touched} == {HoldMove.NONE}
    assert (found.photos, found.leaning, found.proposal_id) == (0, 0, None)
    (later,) = {one.later for one in revocations.hanging_on(backend, head, person, first).touched}
    assert [one.certificate_number for one in later] == [number]


def test_a_hold_that_would_be_open_again_and_what_was_resumed_are_shown(
    backend: Backend, head: StaffMember, clerk: StaffMember, person: UUID
) -> None:
    world.suspend(backend, person, SuspensionCause.UNCERTIFIED)
    advance(backend, days=200)  # the first clock has run out
    number = passed(backend, person, "phone-0001")
    found = revocations.hanging_on(backend, head, person, number)
    for one in found.touched:
        assert (one.before_state, one.after_state) == (State.CURRENT, State.OVERDUE)
        assert (one.hold, one.was_resumed) == (HoldMove.REOPEN, True)
        assert one.status is EntitlementStatus.ACTIVE
    confirm(backend, clerk, propose(backend, head, person, number))
    (record,) = world.audited(backend, "certification.revoked")
    assert len(record.details["reopened"]) == len(BOTH)


def test_no_benefit_is_stopped_by_a_revocation(
    backend: Backend, head: StaffMember, clerk: StaffMember, person: UUID
) -> None:
    world.suspend(backend, person, SuspensionCause.UNCERTIFIED)
    advance(backend, days=200)
    number = passed(backend, person, "phone-0001")
    states = len(rows(backend, EntitlementState))
    confirm(backend, clerk, propose(backend, head, person, number))
    assert len(rows(backend, EntitlementState)) == states
    assert len(world.audited(backend, "entitlement.suspended")) == len(BOTH)


# to revoke


def test_a_proposal_to_revoke_does_nothing_yet(
    backend: Backend, head: StaffMember, person: UUID
) -> None:
    number = passed(backend, person, "phone-0001")
    until = world.valid_until(backend, person)
    proposal = propose(backend, head, person, number)
    assert world.valid_until(backend, person) == until
    (row,) = rows(backend, Proposal)
    assert (row.kind, row.certificate_number, row.grounds) == (
        ProposalKind.REVOKE_CERTIFICATION,
        number,
        GROUNDS,
    )
    assert {one["scheme"] for one in row.facts["entitlements"]} == set(BOTH)
    assert revocations.hanging_on(backend, head, person, number).proposal_id == proposal
    assert code_of(lambda: propose(backend, head, person, number)) == "proposal.already_open"


def test_confirmed_every_entitlement_of_the_number_falls_back_in_one_commit(
    backend: Backend, head: StaffMember, clerk: StaffMember, person: UUID
) -> None:
    passed(backend, person, "phone-0001")
    before = world.valid_until(backend, person)
    advance(backend, days=100)
    number = passed(backend, person, "phone-0002")
    proposal = propose(backend, head, person, number)
    told = {one.scheme: one.after for one in hanging(backend, head, person, number)}
    confirm(backend, clerk, proposal)
    assert world.valid_until(backend, person) == before == told
    revoked = rows(backend, Certification, kind="revoked")
    falsely = rows(backend, Certification, certificate_number=number)
    assert {row.revokes_id for row in revoked} == {row.id for row in falsely}
    assert len(revoked) == len(BOTH)
    assert {row.recorded_by for row in revoked} == {f"staff:{clerk.id}"}
    (record,) = world.audited(backend, "certification.revoked")
    assert (record.details["certificate"], record.details["proposal"]) == (number, str(proposal))
    assert code_of(lambda: hanging(backend, head, person, number)) == "revocation.already_revoked"
    assert code_of(lambda: propose(backend, head, person, number)) == "revocation.already_revoked"


def test_returned_nothing_is_revoked_and_it_may_be_proposed_again(
    backend: Backend, head: StaffMember, clerk: StaffMember, person: UUID
) -> None:
    number = passed(backend, person, "phone-0001")
    until = world.valid_until(backend, person)
    proposal = propose(backend, head, person, number)
    proposals.answer(backend, clerk, proposal, Reply(answer=Answer.RETURNED, note="请先上门"))
    assert world.valid_until(backend, person) == until
    confirm(backend, clerk, propose(backend, head, person, number))
    assert world.valid_until(backend, person) != until


def test_a_later_certification_stands_on_its_own(
    backend: Backend, head: StaffMember, clerk: StaffMember, person: UUID
) -> None:
    falsely = passed(backend, person, "phone-0001")
    advance(backend, days=30)
    passed(backend, person, "phone-0002")
    until = world.valid_until(backend, person)
    confirm(backend, clerk, propose(backend, head, person, falsely))
    assert world.valid_until(backend, person) == until


def test_a_wrongful_revocation_is_answered_by_certifying_anew(
    backend: Backend, head: StaffMember, clerk: StaffMember, person: UUID
) -> None:
    number = passed(backend, person, "phone-0001")
    until = world.valid_until(backend, person)
    confirm(backend, clerk, propose(backend, head, person, number))
    assert world.valid_until(backend, person) != until
    case = attempt_world.flagged_attempt(backend, person, "phone-0002")
    reviews.claim_case(backend, clerk, case)
    assert reviews.decide(backend, clerk, case, CERTIFY).certified is not None
    assert world.valid_until(backend, person) == until


def test_whose_certification_was_revoked_is_asked_to_certify_anew_and_has_no_receipt(
    backend: Backend, head: StaffMember, clerk: StaffMember, person: UUID
) -> None:
    number = passed(backend, person, "phone-0001")
    assert status(backend, person, "phone-0001") == ("pass", number)
    confirm(backend, clerk, propose(backend, head, person, number))
    assert status(backend, person, "phone-0001") == ("ask_again", None)


def status(backend: Backend, person: UUID, client_id: str) -> tuple[str, str | None]:
    with backend.unit(SYSTEM.actor, SYSTEM.scope) as unit:
        attempt = attempts.by_client_id(unit.session, client_id)
        found = backend.people(unit).load(person)
        assert attempt is not None
        assert found is not None
        said = status_within(backend, unit, found, attempt)
    return said.state.value, said.receipt.certificate_number if said.receipt else None


def test_a_visit_whose_certification_was_revoked_reads_so_too(
    backend: Backend, head: StaffMember, clerk: StaffMember, person: UUID
) -> None:
    officer = world.officer(backend)
    case = world.flagged_visit(backend, officer, person, "visit-0001")
    reviews.claim_case(backend, clerk, case)
    certified = reviews.decide(backend, clerk, case, CERTIFY).certified
    assert certified is not None
    bureau = world.add_staff(backend, "bureau", role=Role.COUNTY_BUREAU, path=COUNTY)
    confirm(backend, bureau, propose(backend, head, person, certified.certificate_number))
    found = home_visits.status_of(backend, officer, "visit-0001")
    assert (found.state, found.receipt) == (VisitState.ASKED_AGAIN, None)
    assert review_cases.open_case(backend, head, case).verdict is not None


# photos that came with it


def test_a_photo_that_was_learnt_from_it_is_never_compared_again(
    backend: Backend, head: StaffMember, clerk: StaffMember, person: UUID
) -> None:
    enrolled = attempt_world.enrol_unread(backend, person, world.JPEG + b"enrolled", None)
    number = passed(backend, person, "phone-0001")
    learnt = learn_from(backend, person, "phone-0001")
    passed(backend, person, "phone-0002")
    other = learn_from(backend, person, "phone-0002")
    assert revocations.hanging_on(backend, head, person, number).photos == 1
    confirm(backend, clerk, propose(backend, head, person, number))
    standing = rows(backend, ReferencePhoto, removed_at=None)
    assert {row.evidence_id for row in standing} >= {enrolled}
    assert {row.id for row in standing} - {other} == {
        row.id for row in standing if row.evidence_id == enrolled
    }
    (record,) = world.audited(backend, "reference.removed")
    assert (record.details["reference"], record.details["reason"]) == (
        str(learnt),
        "certification_revoked",
    )


def test_a_pass_that_leaned_on_what_was_learnt_is_looked_at_by_a_human(
    backend: Backend, head: StaffMember, clerk: StaffMember, person: UUID
) -> None:
    number = passed(backend, person, "phone-0001", leans=True)
    learn_from(backend, person, "phone-0001")
    advance(backend, days=1)
    passed(backend, person, "phone-0002", leans=True)
    assert revocations.hanging_on(backend, head, person, number).leaning == 1
    confirm(backend, clerk, propose(backend, head, person, number))
    (review,) = rows(backend, Review)
    (leaning,) = [row for row in rows(backend, Attempt) if row.client_id == "phone-0002"]
    assert review.attempt_id == leaning.id


# an open appeal


@pytest.mark.parametrize("kind", ProposalKind)
def test_while_an_appeal_is_open_nothing_that_harms_is_confirmed(
    backend: Backend, head: StaffMember, clerk: StaffMember, person: UUID, kind: ProposalKind
) -> None:
    if kind is ProposalKind.REVOKE_CERTIFICATION:
        proposal = propose(backend, head, person, passed(backend, person, "phone-0001"))
    else:
        case = attempt_world.flagged_attempt(backend, person, "phone-0001")
        reviews.claim_case(backend, head, case)
        refer = Ruling(verdict=Verdict.REFER_AS_LEAD, method=None, findings=GROUNDS)
        referred = reviews.decide(backend, head, case, refer).proposal_id
        assert referred is not None
        proposal = referred
    with backend.unit(SYSTEM.actor, SYSTEM.scope) as unit:
        appeal = Appeal(
            id=uuid7(),
            beneficiary_id=person,
            channel="telephone",
            statement="我还健在，请再核对",
            raised_at=unit.now,
            raised_by="system:test",
            due_at=unit.now + timedelta(days=3),
        )
        unit.session.add(appeal)
    assert code_of(lambda: confirm(backend, clerk, proposal)) == "appeal.open"
    assert rows(backend, ProposalAnswer) == []
    proposals.answer(backend, clerk, proposal, Reply(answer=Answer.RETURNED, note="先答复申诉"))
