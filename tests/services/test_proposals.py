"""What harms a person takes a second one who had no part in it, and takes effect in one commit."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Thread
from typing import TypeVar
from uuid import UUID

import pytest
import sqlalchemy as sa

from domain.attempt import AttemptState, Channel
from domain.errors import AppError
from domain.proposal import Answer, ProposalKind
from domain.regions import DivisionPath
from domain.review import Method, Verdict
from domain.roles import Role
from services import accounts, home_visits, proposals, review_cases, reviews
from services.accounts import StaffMember
from services.attempt_status import status_within
from services.backend import Backend
from services.home_visits import VisitState
from services.proposals import Reply, Shelf
from services.reviews import ReviewState, Ruling
from storage.db.models.cases import Lead, Proposal, ProposalAnswer, ReviewDecision
from storage.db.models.registry import DataKeyRow
from storage.db.repositories import attempts
from storage.ids import uuid7
from tests import case_world as world
from tests.case_world import COUNTY, OTHER_TOWNSHIP, SYSTEM

Row = TypeVar("Row")
GROUNDS = "照片与本人明显不符，邻居称已搬走"
REFER = Ruling(verdict=Verdict.REFER_AS_LEAD, method=None, findings=GROUNDS)
CERTIFY = Ruling(verdict=Verdict.CERTIFIED, method=Method.CALL_BACK, findings="已电话核实本人健在")
CONFIRM = Reply(answer=Answer.CONFIRMED, note="")
RETURN = Reply(answer=Answer.RETURNED, note="请先打电话给本人核实")


@pytest.fixture
def officer(backend: Backend) -> StaffMember:
    return world.officer(backend)


@pytest.fixture
def clerk(backend: Backend) -> StaffMember:
    return world.add_staff(backend, "clerk")


@pytest.fixture
def head(backend: Backend) -> StaffMember:
    return world.add_staff(backend, "head", role=Role.TOWNSHIP_HEAD)


@pytest.fixture
def person(backend: Backend) -> UUID:
    return world.add_person(backend, 1)


@pytest.fixture
def case(backend: Backend, officer: StaffMember, person: UUID) -> UUID:
    return world.flagged_visit(backend, officer, person, "visit-0001")


@pytest.fixture
def proposal(backend: Backend, clerk: StaffMember, case: UUID) -> UUID:
    """The clerk proposes to refer the case."""
    return refer(backend, clerk, case)


def refer(backend: Backend, by: StaffMember, case: UUID) -> UUID:
    reviews.claim_case(backend, by, case)
    ruled = reviews.decide(backend, by, case, REFER)
    assert (ruled.state, ruled.certified) == (ReviewState.PROPOSED, None)
    assert ruled.proposal_id is not None
    return ruled.proposal_id


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(AppError) as refused:
        act()
    return refused.value.code


def rows(backend: Backend, model: type[Row]) -> list[Row]:
    with backend.unit(SYSTEM.actor, SYSTEM.scope) as unit:
        return list(unit.session.scalars(sa.select(model)))


def listed(backend: Backend, who: StaffMember, shelf: Shelf) -> list[UUID]:
    page = proposals.proposal_page(backend, who, shelf, after=None, limit=50)
    return [line.id for line in page.lines]


def queue(backend: Backend, who: StaffMember) -> list[UUID]:
    return [case.id for case in reviews.queue_page(backend, who, after=None, limit=50).cases]


def advance(backend: Backend, **by: float) -> None:
    backend.clock.advance(timedelta(**by))  # type: ignore[attr-defined]


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
    assert queue(backend, clerk) == queue(backend, head) == []
    for who in (clerk, head):
        acts = (
            lambda: reviews.claim_case(backend, who, case),  # noqa: B023 - called at once
            lambda: reviews.release_case(backend, who, case),  # noqa: B023 - called at once
            lambda: reviews.decide(backend, who, case, REFER),  # noqa: B023 - called at once
        )
        assert [refusal(act) for act in acts] == ["review.proposed"] * 3
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
    refer(backend, clerk, world.flagged_attempt(backend, person, "phone-0001"))
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
    assert queue(backend, head) == []


def test_returned_it_waits_again_with_the_note_for_the_next_reviewer(
    backend: Backend, clerk: StaffMember, head: StaffMember, case: UUID, proposal: UUID
) -> None:
    proposals.answer(backend, head, proposal, RETURN)
    assert queue(backend, clerk) == [case]
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
    assert refusal(lambda: proposals.answer(backend, head, proposal, silent)) == (
        "proposal.note_required"
    )


def test_a_case_may_be_proposed_again_after_it_was_returned(
    backend: Backend, clerk: StaffMember, head: StaffMember, case: UUID, proposal: UUID
) -> None:
    proposals.answer(backend, head, proposal, RETURN)
    again = refer(backend, head, case)
    assert refusal(lambda: proposals.answer(backend, head, again, CONFIRM)) == "proposal.own"
    proposals.answer(backend, clerk, again, CONFIRM)
    (decision,) = rows(backend, ReviewDecision)
    assert (decision.decided_by, decision.proposal_id) == (head.id, again)


def test_to_answer_asks_for_the_password_again(
    backend: Backend, head: StaffMember, proposal: UUID
) -> None:
    advance(backend, minutes=16)
    for reply in (CONFIRM, RETURN):
        assert refusal(lambda: proposals.answer(backend, head, proposal, reply)) == (  # noqa: B023 - called at once
            "auth.confirmation_needed"
        )
    assert rows(backend, ProposalAnswer) == []


# who may


def test_the_first_is_not_the_second(backend: Backend, clerk: StaffMember, proposal: UUID) -> None:
    for reply in (CONFIRM, RETURN, Reply(answer=Answer.WITHDRAWN, note="")):
        assert refusal(lambda: proposals.answer(backend, clerk, proposal, reply)) == "proposal.own"  # noqa: B023 - called at once


def test_who_visited_or_uploaded_is_not_the_second(
    backend: Backend, clerk: StaffMember, head: StaffMember, person: UUID
) -> None:
    visitor = world.add_staff(backend, "visitor")
    files = world.photos("a")
    world.upload(backend, head, person, files)
    case = world.flagged_visit(backend, visitor, person, "visit-0001", files=files)
    proposal = refer(backend, clerk, case)
    for involved in (visitor, head):
        assert listed(backend, involved, Shelf.TO_ANSWER) == []
        assert refusal(lambda: proposals.answer(backend, involved, proposal, CONFIRM)) == (  # noqa: B023 - called at once
            "proposal.not_independent"
        )
    assert rows(backend, Lead) == []


def test_the_relative_who_held_the_phone_is_neither_reviewer_nor_second(
    backend: Backend, person: UUID
) -> None:
    relative = replace(world.add_staff(backend, "relative"), display_name="王小明")
    stranger = world.add_staff(backend, "stranger")
    case = world.flagged_attempt(backend, person, "phone-0001", channel="helper", helper=" 王小明")
    assert refusal(lambda: reviews.claim_case(backend, relative, case)) == "review.not_independent"
    proposal = refer(backend, stranger, case)
    assert refusal(lambda: proposals.answer(backend, relative, proposal, CONFIRM)) == (
        "proposal.not_independent"
    )
    assert proposals.open_proposal(backend, relative, proposal).refusal == (
        "proposal.not_independent"
    )


def test_roles_without_the_right_do_not_answer(backend: Backend, proposal: UUID) -> None:
    officer = world.officer(backend, "other-officer")
    inspector = world.add_staff(backend, "inspector", role=Role.INSPECTOR, path=COUNTY)
    admin = world.add_staff(backend, "admin", role=Role.COUNTY_ADMIN, path=COUNTY)
    for who in (inspector, admin, officer):
        assert refusal(lambda: proposals.answer(backend, who, proposal, CONFIRM)) == (  # noqa: B023 - called at once
            "permission.denied"
        )
    assert rows(backend, ProposalAnswer) == []


def test_who_was_closed_since_signing_in_answers_nothing(
    backend: Backend, head: StaffMember, clerk: StaffMember, proposal: UUID
) -> None:
    bureau = world.add_staff(backend, "bureau", role=Role.COUNTY_BUREAU, path=COUNTY)
    for who in (head, clerk):
        accounts.disable_staff(backend, bureau, who.id)
    assert refusal(lambda: proposals.answer(backend, head, proposal, CONFIRM)) == (
        "permission.denied"
    )
    assert refusal(lambda: proposals.withdraw(backend, clerk, proposal)) == "permission.denied"
    assert proposals.answer(backend, bureau, proposal, CONFIRM) is Answer.CONFIRMED


def test_what_lies_in_another_township_is_not_there(backend: Backend, proposal: UUID) -> None:
    stranger = world.add_staff(backend, "stranger", role=Role.TOWNSHIP_HEAD, path=OTHER_TOWNSHIP)
    for act in (
        lambda: proposals.answer(backend, stranger, proposal, CONFIRM),
        lambda: proposals.open_proposal(backend, stranger, proposal),
        lambda: proposals.withdraw(backend, stranger, proposal),
    ):
        assert refusal(act) == "proposal.not_found"
    for shelf in Shelf:
        assert listed(backend, stranger, shelf) == []


def test_the_second_person_sees_the_evidence_and_the_first_no_longer(
    backend: Backend, clerk: StaffMember, head: StaffMember, officer: StaffMember, case: UUID,
    proposal: UUID,
) -> None:  # fmt: skip
    part = review_cases.open_case(backend, head, case).parts[0]
    content, _ = review_cases.look_at(backend, head, case, part.evidence_id)
    assert world.digest(content) == part.sha256
    assert len(world.audited(backend, "evidence.viewed")) == 1
    look = part.evidence_id
    assert refusal(lambda: review_cases.look_at(backend, clerk, case, look)) == "proposal.own"
    assert refusal(lambda: review_cases.look_at(backend, officer, case, look)) == (
        "proposal.not_independent"
    )
    proposals.answer(backend, head, proposal, RETURN)
    assert refusal(lambda: review_cases.look_at(backend, head, case, look)) == "review.not_claimed"


# to withdraw


def test_a_proposal_taken_back_puts_the_case_into_the_queue(
    backend: Backend, clerk: StaffMember, head: StaffMember, case: UUID, proposal: UUID
) -> None:
    assert refusal(lambda: proposals.withdraw(backend, head, proposal)) == "proposal.not_yours"
    advance(backend, hours=1)
    proposals.withdraw(backend, clerk, proposal, note="本人已来窗口")
    assert queue(backend, head) == [case]
    assert refusal(lambda: proposals.answer(backend, head, proposal, CONFIRM)) == (
        "proposal.already_answered"
    )
    assert refusal(lambda: proposals.withdraw(backend, clerk, proposal)) == (
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


def together(acts: list[Callable[[], str]]) -> list[str]:
    """Do all acts at once; a refusal counts as its code. Answers stand in the acts' order."""
    start, answers = Barrier(len(acts)), [""] * len(acts)

    def run(at: int, act: Callable[[], str]) -> None:
        start.wait()
        try:
            answers[at] = act()
        except AppError as refused:
            answers[at] = refused.code

    threads = [Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return answers


# the lists


def test_each_list_holds_what_its_name_says(
    backend: Backend, clerk: StaffMember, head: StaffMember, case: UUID, proposal: UUID
) -> None:
    assert listed(backend, head, Shelf.TO_ANSWER) == [proposal]
    assert proposals.count_to_answer(backend, head) == 1
    assert listed(backend, clerk, Shelf.TO_ANSWER) == []
    assert listed(backend, clerk, Shelf.MINE) == [proposal]
    assert listed(backend, head, Shelf.MINE) == listed(backend, head, Shelf.ANSWERED) == []
    proposals.answer(backend, head, proposal, RETURN)
    assert listed(backend, head, Shelf.TO_ANSWER) == []
    assert proposals.count_to_answer(backend, head) == 0
    assert listed(backend, clerk, Shelf.MINE) == listed(backend, head, Shelf.ANSWERED) == [proposal]
    page = proposals.proposal_page(backend, head, Shelf.ANSWERED, after=None, limit=5)
    (line,) = page.lines
    assert (line.masked_name, line.answer, line.kind) == (
        "王*试",
        Answer.RETURNED,
        ProposalKind.REFER_AS_LEAD,
    )
    assert (line.proposed_by, line.answered_by) == ("虚构", "虚构")


@pytest.mark.parametrize("shelf", Shelf)
@pytest.mark.parametrize("limit", [1, 2, 5])
def test_pages_hold_every_proposal_once(
    backend: Backend, clerk: StaffMember, head: StaffMember, shelf: Shelf, limit: int
) -> None:
    made = []
    officer = world.officer(backend)
    for serial in range(5):
        someone = world.add_person(backend, serial)
        case = world.flagged_visit(backend, officer, someone, f"visit-{serial:04d}")
        made.append(refer(backend, clerk, case))
        if shelf is Shelf.ANSWERED:
            proposals.answer(backend, head, made[-1], CONFIRM)
    reader = head if shelf is Shelf.TO_ANSWER else clerk
    found, after = list[UUID](), None
    while True:
        page = proposals.proposal_page(backend, reader, shelf, after=after, limit=limit)
        found += [line.id for line in page.lines]
        after = page.next_after
        if after is None:
            break
    assert found == (made if shelf is Shelf.TO_ANSWER else made[::-1])


def test_the_file_says_whether_the_readers_answer_would_count(
    backend: Backend, clerk: StaffMember, head: StaffMember, proposal: UUID
) -> None:
    mine = proposals.open_proposal(backend, clerk, proposal)
    theirs = proposals.open_proposal(backend, head, proposal)
    assert (mine.is_mine, mine.refusal) == (True, "proposal.own")
    assert (theirs.is_mine, theirs.refusal, theirs.grounds) == (False, None, GROUNDS)
    proposals.answer(backend, head, proposal, RETURN)
    after = proposals.open_proposal(backend, head, proposal)
    assert (after.refusal, after.note) == ("proposal.already_answered", RETURN.note)
    assert refusal(lambda: proposals.open_proposal(backend, head, uuid7())) == "proposal.not_found"


def test_somebody_erased_by_law_leaves_a_nameless_line(
    backend: Backend, head: StaffMember, person: UUID, proposal: UUID
) -> None:
    with backend.unit(SYSTEM.actor, SYSTEM.scope) as unit:
        row = unit.session.get_one(DataKeyRow, person)
        row.wrapped, row.destroyed_at = None, unit.now
    page = proposals.proposal_page(backend, head, Shelf.TO_ANSWER, after=None, limit=5)
    assert [line.masked_name for line in page.lines] == [None]


def test_a_county_answers_for_its_townships(backend: Backend, proposal: UUID) -> None:
    bureau = world.add_staff(backend, "bureau", role=Role.COUNTY_BUREAU, path=DivisionPath(COUNTY))
    assert listed(backend, bureau, Shelf.TO_ANSWER) == [proposal]
    assert proposals.answer(backend, bureau, proposal, CONFIRM) is Answer.CONFIRMED
