"""What harms a person takes a second one who had no part in it, and takes effect in one commit."""

from datetime import timedelta
from uuid import UUID

import pytest

from domain.attempt import AttemptState, Channel
from domain.proposal import Answer, ProposalKind
from domain.review import Verdict
from domain.roles import Role
from services import home_visits, proposals, review_cases, reviews
from services.accounts import StaffMember
from services.attempt_status import status_within
from services.backend import Backend
from services.home_visits import VisitState
from services.proposals import Reply
from services.reviews import ReviewState
from storage.db.models.cases import Lead, Proposal, ProposalAnswer, ReviewDecision
from storage.db.repositories import attempts
from tests import attempt_world
from tests import case_world as world
from tests.acts import code_of, together
from tests.case_world import SYSTEM
from tests.services.proposing import CONFIRM, GROUNDS, REFER, RETURN, refer
from tests.services.reviewing import CERTIFY, advance, queue_of, rows

# to propose


def test_a_referral_waits_for_a_second_person_and_does_nothing_yet(
    backend: Backend, clerk: StaffMember, officer: StaffMember, case: UUID, proposal: UUID
) -> None:
    assert rows(backend, Lead) == []
    assert rows(backend, ReviewDecision) == []
    (row,) = rows(backend, Proposal)
    assert (row.id, row.kind, row.review_id, row.proposed_by) == (
        proposal,
        ProposalKind.REFER_AS_LEAD,
        case,
        clerk.id,
    )
    assert (row.grounds, row.facts["involved"]) == (GROUNDS, [str(officer.id)])
    (record,) = world.audited(backend, "proposal.made")
    assert record.details["review"] == str(case)
    assert len(world.audited(backend, "review.released")) == 1


def test_a_proposed_case_is_in_nobodys_queue_and_nobodys_claim(
    backend: Backend, clerk: StaffMember, head: StaffMember, case: UUID, proposal: UUID
) -> None:
    assert queue_of(backend, clerk) == queue_of(backend, head) == []
    for who in (clerk, head):
        acts = (
            lambda: reviews.claim_case(backend, who, case),  # noqa: B023 - called at once
            lambda: reviews.release_case(backend, who, case),  # noqa: B023 - called at once
            lambda: reviews.decide(backend, who, case, REFER),  # noqa: B023 - called at once
        )
        assert [code_of(act) for act in acts] == ["review.proposed"] * 3
    found = review_cases.open_case(backend, head, case)
    assert (found.state, found.claimed_until, found.verdict) == (ReviewState.PROPOSED, None, None)


def test_whose_case_was_proposed_reads_that_it_is_in_review(
    backend: Backend, officer: StaffMember, proposal: UUID
) -> None:
    status = home_visits.status_of(backend, officer, "visit-0001")
    assert status.state is VisitState.IN_REVIEW


def test_who_sent_it_by_phone_reads_no_word_of_a_suspicion(
    backend: Backend, clerk: StaffMember, person: UUID
) -> None:
    refer(backend, clerk, attempt_world.flagged_attempt(backend, person, "phone-0001"))
    with backend.unit(SYSTEM.actor, SYSTEM.scope) as unit:
        attempt = attempts.by_client_id(unit.session, "phone-0001")
        found = backend.people(unit).load(person)
        assert attempt is not None
        assert found is not None
        status = status_within(backend, unit, found, attempt)
    assert (status.state, status.reasons) == (AttemptState.IN_REVIEW, ())
    assert Channel.STAFF in status.channels


# to answer


def test_confirmed_it_is_decision_lead_and_record_in_one_commit(
    backend: Backend,
    clerk: StaffMember,
    head: StaffMember,
    officer: StaffMember,
    case: UUID,
    proposal: UUID,
    person: UUID,
) -> None:
    advance(backend, hours=1)
    awake = world.confirmed(backend, head)
    assert proposals.answer(backend, awake, proposal, CONFIRM) is Answer.CONFIRMED
    (decision,) = rows(backend, ReviewDecision)
    assert (decision.outcome, decision.decided_by, decision.findings) == (
        Verdict.REFER_AS_LEAD,
        clerk.id,
        GROUNDS,
    )
    assert (decision.proposal_id, decision.confirmed_at) == (proposal, awake.confirmed_at)
    assert decision.decided_at == backend.clock.now()
    (lead,) = rows(backend, Lead)
    assert (lead.beneficiary_id, lead.closed_at) == (person, None)
    with backend.unit(SYSTEM.actor, SYSTEM.scope) as unit:
        assert attempts.open_leads(unit.session, person) == 1
    assert world.audited(backend, "lead.opened")[0].details["review"] == str(case)
    assert world.audited(backend, "proposal.answered")[0].details["answer"] == "confirmed"
    (decided,) = world.audited(backend, "review.decided")
    assert decided.details["by"] == str(clerk.id)
    assert home_visits.status_of(backend, officer, "visit-0001").state is VisitState.REFERRED
    assert review_cases.open_case(backend, head, case).state is ReviewState.REFERRED
    assert queue_of(backend, head) == []


def test_returned_it_waits_again_with_the_note_for_the_next_reviewer(
    backend: Backend, clerk: StaffMember, head: StaffMember, case: UUID, proposal: UUID
) -> None:
    proposals.answer(backend, head, proposal, RETURN)
    assert queue_of(backend, clerk) == [case]
    assert rows(backend, Lead) == []
    (settled,) = review_cases.open_case(backend, clerk, case).proposals
    assert (settled.answer, settled.note, settled.grounds) == (
        Answer.RETURNED,
        RETURN.note,
        GROUNDS,
    )
    assert (settled.proposed_by, settled.answered_by) == (clerk.id, head.id)
    reviews.claim_case(backend, head, case)
    assert reviews.decide(backend, head, case, CERTIFY).certified is not None


def test_to_return_without_a_word_is_refused(
    backend: Backend, head: StaffMember, proposal: UUID
) -> None:
    silent = Reply(answer=Answer.RETURNED, note=" ")
    assert code_of(lambda: proposals.answer(backend, head, proposal, silent)) == (
        "proposal.note_required"
    )


def test_a_case_may_be_proposed_again_after_it_was_returned(
    backend: Backend, clerk: StaffMember, head: StaffMember, case: UUID, proposal: UUID
) -> None:
    proposals.answer(backend, head, proposal, RETURN)
    again = refer(backend, head, case)
    assert code_of(lambda: proposals.answer(backend, head, again, CONFIRM)) == "proposal.own"
    proposals.answer(backend, clerk, again, CONFIRM)
    (decision,) = rows(backend, ReviewDecision)
    assert (decision.decided_by, decision.proposal_id) == (head.id, again)


def test_to_answer_asks_for_the_password_again(
    backend: Backend, head: StaffMember, proposal: UUID
) -> None:
    advance(backend, minutes=16)
    for reply in (CONFIRM, RETURN):
        assert code_of(lambda: proposals.answer(backend, head, proposal, reply)) == (  # noqa: B023 - called at once
            "auth.confirmation_needed"
        )
    assert rows(backend, ProposalAnswer) == []


# to withdraw


def test_a_proposal_taken_back_puts_the_case_into_the_queue(
    backend: Backend, clerk: StaffMember, head: StaffMember, case: UUID, proposal: UUID
) -> None:
    assert code_of(lambda: proposals.withdraw(backend, head, proposal)) == "proposal.not_yours"
    advance(backend, hours=1)
    proposals.withdraw(backend, clerk, proposal, note="本人已来窗口")
    assert queue_of(backend, head) == [case]
    assert code_of(lambda: proposals.answer(backend, head, proposal, CONFIRM)) == (
        "proposal.already_answered"
    )
    assert code_of(lambda: proposals.withdraw(backend, clerk, proposal)) == (
        "proposal.already_answered"
    )
    assert rows(backend, Lead) == []


# races


@pytest.mark.committing
def test_of_many_answers_at_once_one_counts(backend: Backend) -> None:
    clerk, head, case = township(backend)
    others = [world.add_staff(backend, f"second-{n}") for n in range(2)]
    proposal = refer(backend, clerk, case)
    answers = together(
        [
            lambda: proposals.answer(backend, head, proposal, CONFIRM).value,
            lambda: proposals.answer(backend, others[0], proposal, RETURN).value,
            lambda: proposals.answer(backend, others[1], proposal, CONFIRM).value,
            lambda: withdrawn(backend, clerk, proposal),
        ]
    )
    assert answers.count("proposal.already_answered") == 3
    (given,) = rows(backend, ProposalAnswer)
    assert given.answer in answers
    confirmed = given.answer == Answer.CONFIRMED
    assert len(rows(backend, Lead)) == len(rows(backend, ReviewDecision)) == int(confirmed)


@pytest.mark.committing
def test_a_referral_sent_twice_at_once_is_proposed_once(backend: Backend) -> None:
    clerk, _, case = township(backend)
    reviews.claim_case(backend, clerk, case)
    answers = together([lambda: reviews.decide(backend, clerk, case, REFER).state.value] * 3)
    assert sorted(answers) == ["proposed", *["review.proposed"] * 2]
    assert len(rows(backend, Proposal)) == 1


@pytest.mark.committing
def test_who_claims_while_a_proposal_is_returned_gets_the_case_or_a_word(
    backend: Backend,
) -> None:
    clerk, head, case = township(backend)
    other = world.add_staff(backend, "other")
    proposal = refer(backend, clerk, case)
    answers = together(
        [
            lambda: proposals.answer(backend, head, proposal, RETURN).value,
            lambda: reviews.claim_case(backend, other, case).isoformat(),
        ]
    )
    assert answers[0] == "returned"
    until = backend.clock.now() + timedelta(minutes=30)
    assert answers[1] in {until.isoformat(), "review.proposed"}


def withdrawn(backend: Backend, by: StaffMember, proposal: UUID) -> str:
    proposals.withdraw(backend, by, proposal)
    return "withdrawn"


def township(backend: Backend) -> tuple[StaffMember, StaffMember, UUID]:
    """Clerk, head, and a flagged visit."""
    person = world.add_person(backend, 1)
    case = world.flagged_visit(backend, world.officer(backend), person, "visit-0001")
    clerk = world.add_staff(backend, "clerk")
    return clerk, world.add_staff(backend, "head", role=Role.TOWNSHIP_HEAD), case
