"""Cases that are read twice, and with what result."""

from uuid import UUID

from domain.review import Verdict
from services import review_quality, reviews
from services.accounts import StaffMember
from services.backend import Backend
from services.review_quality import ReviewerQuality
from services.reviews import Ruling
from tests import attempt_world
from tests import case_world as world
from tests.services.reviewing import CERTIFY, advance, rereads_of

VISIT = Ruling(verdict=Verdict.SEND_VISIT, method=None, findings="照片与本人不像，须上门")
NOTE = "看过两次结论，电话问过村里"


def settle(
    backend: Backend,
    reviewer: StaffMember,
    case: UUID,
    ruling: Ruling = CERTIFY,
    *,
    seconds: float = 60,
) -> None:
    fresh = world.confirmed(backend, reviewer)
    reviews.claim_case(backend, fresh, case)
    advance(backend, seconds=seconds)
    reviews.decide(backend, fresh, case, ruling)


def opposed(
    backend: Backend, clerk: StaffMember, other: StaffMember, first: Ruling = CERTIFY
) -> tuple[UUID, UUID]:
    """A case that was read twice, with opposed results: (first, second look)."""
    second = VISIT if first is CERTIFY else CERTIFY
    return _read_twice(backend, (clerk, first), (other, second))


def agreed(backend: Backend, clerk: StaffMember, other: StaffMember) -> tuple[UUID, UUID]:
    """A case that both certified: (first, second look)."""
    return _read_twice(backend, (clerk, CERTIFY), (other, CERTIFY))


def _read_twice(
    backend: Backend, first: tuple[StaffMember, Ruling], second: tuple[StaffMember, Ruling]
) -> tuple[UUID, UUID]:
    person = world.add_person(backend, 1)
    case = attempt_world.flagged_attempt(backend, person, "phone-0001")
    settle(backend, first[0], case, first[1])
    (again,) = rereads_of(backend, case)
    advance(backend, days=5)
    settle(backend, second[0], again.id, second[1])
    return case, again.id


def reviewer_of(found: review_quality.Overview, member: StaffMember) -> ReviewerQuality:
    return next(one for one in found.reviewers if one.staff_id == member.id)
