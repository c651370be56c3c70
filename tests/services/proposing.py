"""A case that a clerk proposes to refer, and the answers to it."""

from uuid import UUID

from domain.proposal import Answer
from domain.review import Verdict
from services import proposals, reviews
from services.accounts import StaffMember
from services.backend import Backend
from services.proposals import Reply, Shelf
from services.reviews import ReviewState, Ruling

GROUNDS = "照片与本人明显不符，邻居称已搬走"
REFER = Ruling(verdict=Verdict.REFER_AS_LEAD, method=None, findings=GROUNDS)
CONFIRM = Reply(answer=Answer.CONFIRMED, note="")
RETURN = Reply(answer=Answer.RETURNED, note="请先打电话给本人核实")


def refer(backend: Backend, by: StaffMember, case: UUID) -> UUID:
    reviews.claim_case(backend, by, case)
    ruled = reviews.decide(backend, by, case, REFER)
    assert (ruled.state, ruled.certified) == (ReviewState.PROPOSED, None)
    assert ruled.proposal_id is not None
    return ruled.proposal_id


def listed(backend: Backend, who: StaffMember, shelf: Shelf) -> list[UUID]:
    page = proposals.proposal_page(backend, who, shelf, after=None, limit=50)
    return [line.id for line in page.lines]
