"""The lists of proposals, and what one of them says."""

from uuid import UUID

import pytest

from domain.proposal import Answer, ProposalKind
from domain.regions import DivisionPath
from domain.roles import Role
from services import proposals
from services.accounts import StaffMember
from services.backend import Backend
from services.proposals import Shelf
from storage.db.models.registry import DataKeyRow
from storage.ids import uuid7
from tests import case_world as world
from tests.acts import code_of
from tests.case_world import SYSTEM
from tests.places import COUNTY
from tests.services.proposing import CONFIRM, GROUNDS, RETURN, listed, refer


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
    assert code_of(lambda: proposals.open_proposal(backend, head, uuid7())) == "proposal.not_found"


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
