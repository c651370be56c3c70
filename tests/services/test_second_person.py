"""Who may answer a proposal, and what the first and the second person see of the case."""

from dataclasses import replace
from uuid import UUID

from domain.proposal import Answer
from domain.roles import Role
from services import accounts, proposals, review_cases, reviews
from services.accounts import StaffMember
from services.backend import Backend
from services.proposals import Reply, Shelf
from storage.db.models.cases import Lead, ProposalAnswer
from tests import attempt_world
from tests import case_world as world
from tests.acts import code_of
from tests.places import COUNTY, OTHER_TOWNSHIP
from tests.services.proposing import CONFIRM, RETURN, listed, refer
from tests.services.reviewing import rows


def test_the_first_is_not_the_second(backend: Backend, clerk: StaffMember, proposal: UUID) -> None:
    for reply in (CONFIRM, RETURN, Reply(answer=Answer.WITHDRAWN, note="")):
        assert code_of(lambda: proposals.answer(backend, clerk, proposal, reply)) == "proposal.own"  # noqa: B023 - called at once


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
        assert code_of(lambda: proposals.answer(backend, involved, proposal, CONFIRM)) == (  # noqa: B023 - called at once
            "proposal.not_independent"
        )
    assert rows(backend, Lead) == []


def test_the_relative_who_held_the_phone_is_neither_reviewer_nor_second(
    backend: Backend, person: UUID
) -> None:
    relative = replace(world.add_staff(backend, "relative"), display_name="王小明")
    stranger = world.add_staff(backend, "stranger")
    case = attempt_world.flagged_attempt(
        backend, person, "phone-0001", channel="helper", helper=" 王小明"
    )
    assert code_of(lambda: reviews.claim_case(backend, relative, case)) == "review.not_independent"
    proposal = refer(backend, stranger, case)
    assert code_of(lambda: proposals.answer(backend, relative, proposal, CONFIRM)) == (
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
        assert code_of(lambda: proposals.answer(backend, who, proposal, CONFIRM)) == (  # noqa: B023 - called at once
            "permission.denied"
        )
    assert rows(backend, ProposalAnswer) == []


def test_who_was_closed_since_signing_in_answers_nothing(
    backend: Backend, head: StaffMember, clerk: StaffMember, proposal: UUID
) -> None:
    bureau = world.add_staff(backend, "bureau", role=Role.COUNTY_BUREAU, path=COUNTY)
    for who in (head, clerk):
        accounts.disable_staff(backend, bureau, who.id)
    assert code_of(lambda: proposals.answer(backend, head, proposal, CONFIRM)) == (
        "permission.denied"
    )
    assert code_of(lambda: proposals.withdraw(backend, clerk, proposal)) == "permission.denied"
    assert proposals.answer(backend, bureau, proposal, CONFIRM) is Answer.CONFIRMED


def test_what_lies_in_another_township_is_not_there(backend: Backend, proposal: UUID) -> None:
    stranger = world.add_staff(backend, "stranger", role=Role.TOWNSHIP_HEAD, path=OTHER_TOWNSHIP)
    for act in (
        lambda: proposals.answer(backend, stranger, proposal, CONFIRM),
        lambda: proposals.open_proposal(backend, stranger, proposal),
        lambda: proposals.withdraw(backend, stranger, proposal),
    ):
        assert code_of(act) == "proposal.not_found"
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
    assert code_of(lambda: review_cases.look_at(backend, clerk, case, look)) == "proposal.own"
    assert code_of(lambda: review_cases.look_at(backend, officer, case, look)) == (
        "proposal.not_independent"
    )
    proposals.answer(backend, head, proposal, RETURN)
    assert code_of(lambda: review_cases.look_at(backend, head, case, look)) == "review.not_claimed"
