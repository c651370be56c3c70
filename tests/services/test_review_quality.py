"""What the head reads of the reviewers: pace, agreement, known answers, disagreements."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest

from domain.errors import AppError
from domain.quality import Flag, Resolution
from domain.review import Method, Verdict
from domain.roles import Role
from services import disagreements, known_answers, review_quality, reviews
from services.accounts import StaffMember
from services.backend import Backend
from services.known_answers import NewKnownAnswer
from services.review_quality import ReviewerQuality
from services.reviews import Ruling
from storage.db.models.cases import Review, VisitRequest
from storage.db.models.quality import KnownAnswer, RereadAnswer
from tests import case_world as world
from tests.case_world import COUNTY, OTHER_TOWNSHIP, OTHER_TOWNSHIP_VILLAGE, TOWNSHIP
from tests.services.test_rereads import rereads_of, rows

CERTIFY = Ruling(verdict=Verdict.CERTIFIED, method=Method.CALL_BACK, findings="已电话核实本人健在")
VISIT = Ruling(verdict=Verdict.SEND_VISIT, method=None, findings="照片与本人不像，须上门")
NOTE = "看过两次结论，电话问过村里"


@pytest.fixture
def clerk(backend: Backend) -> StaffMember:
    return world.add_staff(backend, "clerk")


@pytest.fixture
def other(backend: Backend) -> StaffMember:
    return world.add_staff(backend, "other")


@pytest.fixture
def head(backend: Backend) -> StaffMember:
    return world.add_staff(backend, "head", role=Role.TOWNSHIP_HEAD)


def advance(backend: Backend, **by: float) -> None:
    backend.clock.advance(timedelta(**by))  # type: ignore[attr-defined]


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(AppError) as refused:
        act()
    return refused.value.code


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
    person = world.add_person(backend, 1)
    case = world.flagged_attempt(backend, person, "phone-0001")
    settle(backend, clerk, case, first)
    (again,) = rereads_of(backend, case)
    advance(backend, days=5)
    settle(backend, other, again.id, VISIT if first is CERTIFY else CERTIFY)
    return case, again.id


def of(found: review_quality.Overview, member: StaffMember) -> ReviewerQuality:
    return next(one for one in found.reviewers if one.staff_id == member.id)


# figures


def test_the_head_reads_pace_and_pattern_of_each_reviewer(
    backend: Backend, clerk: StaffMember, other: StaffMember, head: StaffMember
) -> None:
    for serial, seconds in enumerate((2, 40, 80, 120)):
        someone = world.add_person(backend, serial)
        case = world.flagged_attempt(backend, someone, f"phone-{serial:04d}")
        settle(backend, clerk, case, VISIT if seconds == 80 else CERTIFY, seconds=seconds)
    someone = world.add_person(backend, 9)
    case = world.flagged_attempt(backend, someone, "phone-0009")
    settle(backend, other, case, seconds=3)
    found = review_quality.overview(backend, head, days=30)
    mine = of(found, clerk)
    assert (mine.record.decisions, mine.record.certified, mine.record.fast) == (4, 3, 1)
    assert (mine.median_s, mine.p90_s) == (40, 120)
    assert mine.flags == (Flag.FAST,)
    assert of(found, other).flags == ()
    assert of(found, other).median_s == 3


def test_a_claim_that_was_prolonged_counts_from_its_first_moment(
    backend: Backend, clerk: StaffMember, head: StaffMember
) -> None:
    case = world.flagged_attempt(backend, world.add_person(backend, 1), "phone-0001")
    reviews.claim_case(backend, clerk, case)
    advance(backend, minutes=10)
    settle(backend, clerk, case, seconds=1)
    mine = of(review_quality.overview(backend, head, days=30), clerk)
    assert (mine.median_s, mine.flags) == (601, ())


def test_what_lies_before_the_window_does_not_count(
    backend: Backend, clerk: StaffMember, head: StaffMember
) -> None:
    case = world.flagged_attempt(backend, world.add_person(backend, 1), "phone-0001")
    settle(backend, clerk, case)
    advance(backend, days=31)
    assert review_quality.overview(backend, head, days=30).reviewers == ()
    assert len(review_quality.overview(backend, head, days=90).reviewers) == 1
    assert refusal(lambda: review_quality.overview(backend, head, days=7)) == "request.invalid"


def test_agreement_and_what_did_not_stand_are_the_first_readers(
    backend: Backend, clerk: StaffMember, other: StaffMember, head: StaffMember
) -> None:
    _, again = opposed(backend, clerk, other)
    found = review_quality.overview(backend, head, days=30)
    assert (of(found, clerk).record.reread, of(found, clerk).record.agreed) == (1, 0)
    assert of(found, other).record.reread == 0
    assert (of(found, clerk).record.overturned, found.disagreements) == (0, 1)
    disagreements.resolve(backend, head, again, resolution=Resolution.REVIEW_AGAIN, note=NOTE)
    found = review_quality.overview(backend, head, days=30)
    assert (of(found, clerk).record.overturned, found.disagreements) == (1, 0)


def test_people_wait_by_working_days_and_second_looks_keep_nobody_waiting(
    backend: Backend, clerk: StaffMember, other: StaffMember, head: StaffMember
) -> None:
    """2 March 2026 is a Monday; the second look is read on the Saturday."""
    case = world.flagged_attempt(backend, world.add_person(backend, 1), "phone-0001")
    slow = world.flagged_attempt(backend, world.add_person(backend, 2), "phone-0002")
    settle(backend, clerk, case)
    (again,) = rereads_of(backend, case)
    advance(backend, days=4)
    settle(backend, clerk, slow)
    advance(backend, days=2)
    settle(backend, other, again.id)
    (town,) = review_quality.overview(backend, head, days=30).townships
    assert (town.township, town.name) == (TOWNSHIP, "城关镇")
    assert (town.decided, town.p95_days, town.in_target, town.late) == (2, 4, 1, 1)
    assert (town.target_days, town.limit_days) == (1, 3)


def test_the_share_of_an_office_and_what_nobody_here_can_read_are_shown(
    backend: Backend, clerk: StaffMember
) -> None:
    case = world.flagged_attempt(backend, world.add_person(backend, 1), "phone-0001")
    settle(backend, clerk, case)
    assert review_quality.overview(backend, clerk, days=30).unread == 0  # not come up yet
    advance(backend, days=9)
    found = review_quality.overview(backend, clerk, days=30)
    (share,) = found.shares
    assert (share.office, share.decisions, share.drawn, share.wanted_percent) == (TOWNSHIP, 1, 1, 5)
    assert (found.unread, found.overdue, found.without_reader) == (1, 1, 1)
    world.add_staff(backend, "new")
    assert review_quality.overview(backend, clerk, days=30).without_reader == 0


def test_the_county_compares_and_a_township_sees_its_own(
    backend: Backend, clerk: StaffMember, head: StaffMember
) -> None:
    bureau = world.add_staff(backend, "bureau", role=Role.COUNTY_BUREAU, path=COUNTY)
    far = world.add_staff(backend, "far", path=OTHER_TOWNSHIP)
    settle(backend, clerk, world.flagged_attempt(backend, world.add_person(backend, 1), "phone-1"))
    theirs = world.add_person(backend, 2, OTHER_TOWNSHIP_VILLAGE)
    settle(backend, far, world.flagged_attempt(backend, theirs, "phone-2"))
    wide = review_quality.overview(backend, bureau, days=30)
    assert {one.staff_id for one in wide.reviewers} == {clerk.id, far.id}
    assert {town.township for town in wide.townships} == {TOWNSHIP, OTHER_TOWNSHIP}
    narrow = review_quality.overview(backend, head, days=30)
    assert {one.staff_id for one in narrow.reviewers} == {clerk.id}
    assert {town.township for town in narrow.townships} == {TOWNSHIP}
    assert {share.office for share in narrow.shares} == {TOWNSHIP}
    code = refusal(
        lambda: review_quality.decisions_of(backend, head, far.id, only_fast=False, after=None)
    )
    assert code == "staff.not_found"


def test_a_reviewer_sees_the_own_figures(
    backend: Backend, clerk: StaffMember, other: StaffMember
) -> None:
    settle(backend, clerk, world.flagged_attempt(backend, world.add_person(backend, 1), "phone-1"))
    assert review_quality.own(backend, clerk, days=30).record.decisions == 1
    assert review_quality.own(backend, other, days=30).record.decisions == 0


def test_one_reviewers_decisions_are_listed_masked_newest_first(
    backend: Backend, clerk: StaffMember, head: StaffMember
) -> None:
    for serial, seconds in enumerate((2, 50)):
        someone = world.add_person(backend, serial)
        case = world.flagged_attempt(backend, someone, f"phone-{serial:04d}")
        settle(backend, clerk, case, seconds=seconds)
    page = review_quality.decisions_of(backend, head, clerk.id, only_fast=False, after=None)
    assert [line.seconds for line in page.lines] == [50, 2]
    assert {line.masked_name for line in page.lines} == {"王*试"}
    behind = review_quality.decisions_of(
        backend, head, clerk.id, only_fast=False, after=page.lines[0].review_id
    )
    assert [line.seconds for line in behind.lines] == [2]
    fast = review_quality.decisions_of(backend, head, clerk.id, only_fast=True, after=None)
    assert [line.is_fast for line in fast.lines] == [True]
    assert len(world.audited(backend, "quality.viewed")) == 3


# disagreements


def test_opposed_readings_stand_side_by_side_until_the_head_answers(
    backend: Backend, clerk: StaffMember, other: StaffMember, head: StaffMember
) -> None:
    case, again = opposed(backend, clerk, other)
    (found,) = disagreements.listed(backend, head, only_open=True, after=None, limit=20).cases
    assert (found.review_id, found.reread_id, found.masked_name) == (case, again, "王*试")
    assert (found.first.verdict, found.second.verdict) == ("certified", "send_visit")
    assert (found.first.findings, found.second.findings) == (CERTIFY.findings, VISIT.findings)
    assert found.certificate_number is not None
    given = disagreements.resolve(
        backend, head, again, resolution=Resolution.REVOKE, note=f" {NOTE} "
    )
    assert given.certificate_number == found.certificate_number
    assert disagreements.listed(backend, head, only_open=True, after=None, limit=20).cases == ()
    (done,) = disagreements.listed(backend, head, only_open=False, after=None, limit=20).cases
    assert done.resolved is not None
    assert (done.resolved.resolution, done.resolved.note) == ("revoke", NOTE)
    assert [row.details["outcome"] for row in world.audited(backend, "reread.answered")] == [
        "revoke"
    ]
    assert (
        refusal(
            lambda: disagreements.resolve(
                backend, head, again, resolution=Resolution.STANDS, note=NOTE
            )
        )
        == "quality.already_answered"
    )


def test_to_look_again_sends_somebody_to_the_door(
    backend: Backend, clerk: StaffMember, other: StaffMember, head: StaffMember
) -> None:
    _, again = opposed(backend, clerk, other)
    disagreements.resolve(backend, head, again, resolution=Resolution.REVIEW_AGAIN, note=NOTE)
    assert len(rows(backend, VisitRequest)) == 1


def test_one_of_the_two_readers_does_not_resolve(
    backend: Backend, clerk: StaffMember, head: StaffMember
) -> None:
    _, again = opposed(backend, clerk, head)
    (found,) = disagreements.listed(backend, head, only_open=True, after=None, limit=5).cases
    assert found.is_mine
    code = refusal(
        lambda: disagreements.resolve(backend, head, again, resolution=Resolution.STANDS, note=NOTE)
    )
    assert code == "quality.not_independent"
    assert rows(backend, RereadAnswer) == []


def test_the_strict_first_reader_is_shown_too_and_there_is_nothing_to_revoke(
    backend: Backend, clerk: StaffMember, other: StaffMember, head: StaffMember
) -> None:
    _, again = opposed(backend, clerk, other, VISIT)
    (found,) = disagreements.listed(backend, head, only_open=True, after=None, limit=5).cases
    assert found.certificate_number is None
    code = refusal(
        lambda: disagreements.resolve(backend, head, again, resolution=Resolution.REVOKE, note=NOTE)
    )
    assert code == "quality.nothing_to_revoke"


def test_what_is_no_second_look_or_not_read_or_out_of_scope_is_not_resolved(
    backend: Backend, clerk: StaffMember, other: StaffMember, head: StaffMember
) -> None:
    stranger = world.add_staff(backend, "stranger", role=Role.TOWNSHIP_HEAD, path=OTHER_TOWNSHIP)
    case, again = opposed(backend, clerk, other)
    unread = world.flagged_attempt(backend, world.add_person(backend, 5), "phone-0005")
    for who, which in ((head, case), (stranger, again), (head, unread)):
        stands = partial(disagreements.resolve, resolution=Resolution.STANDS, note=NOTE)
        assert refusal(partial(stands, backend, who, which)) == "review.not_found"


def test_readings_that_agree_are_no_disagreement(
    backend: Backend, clerk: StaffMember, other: StaffMember, head: StaffMember
) -> None:
    case = world.flagged_attempt(backend, world.add_person(backend, 1), "phone-0001")
    settle(backend, clerk, case)
    (again,) = rereads_of(backend, case)
    advance(backend, days=5)
    settle(backend, other, again.id)
    assert disagreements.listed(backend, head, only_open=False, after=None, limit=5).cases == ()
    code = refusal(
        lambda: disagreements.resolve(
            backend, head, again.id, resolution=Resolution.STANDS, note=NOTE
        )
    )
    assert code == "quality.no_disagreement"


# known answers


@pytest.fixture
def known(backend: Backend, clerk: StaffMember, other: StaffMember, head: StaffMember) -> UUID:
    """A case that both found alive, with a paper; it goes round."""
    case = world.flagged_attempt(backend, world.add_person(backend, 1), "phone-0001")
    settle(backend, clerk, case)
    (again,) = rereads_of(backend, case)
    advance(backend, days=5)
    settle(backend, other, again.id)
    known_answers.add(backend, head, answer_to(case))
    return case


def answer_to(case: UUID, document: str = "派出所证明 2026-7 号") -> NewKnownAnswer:
    return NewKnownAnswer(
        review_id=case, expected=Verdict.CERTIFIED, document=document, reason="两人所见相同"
    )


def rounds(backend: Backend, case: UUID) -> list[Review]:
    return [row for row in rereads_of(backend, case) if row.expected is not None]


def test_a_known_answer_goes_to_each_reviewer_once_and_moves_nothing(
    backend: Backend, head: StaffMember, known: UUID
) -> None:
    assert rounds(backend, known) == []  # all who sit here know the case, or seeded it
    known_answers.withdraw(backend, head, known, "重来一次")
    assert rounds(backend, known) == []


def test_a_new_reviewer_gets_it_and_the_next_after_him(
    backend: Backend, clerk: StaffMember, other: StaffMember, head: StaffMember
) -> None:
    case = world.flagged_attempt(backend, world.add_person(backend, 1), "phone-0001")
    settle(backend, clerk, case)
    (again,) = rereads_of(backend, case)
    advance(backend, days=5)
    settle(backend, other, again.id)
    third, fourth = world.add_staff(backend, "third"), world.add_staff(backend, "fourth")
    known_answers.add(backend, head, answer_to(case))
    (shown,) = rounds(backend, case)
    advance(backend, days=6)
    settle(backend, third, shown.id, VISIT)
    (shown,) = [row for row in rounds(backend, case) if row.id != shown.id]
    advance(backend, days=6)
    settle(backend, fourth, shown.id)
    assert len(rounds(backend, case)) == 2
    found = review_quality.overview(backend, head, days=30)
    assert (of(found, third).record.known, of(found, third).record.known_right) == (1, 0)
    assert of(found, third).flags == (Flag.MISSES_KNOWN,)
    assert (of(found, fourth).record.known, of(found, fourth).record.known_right) == (1, 1)
    assert found.disagreements == 0
    (line,) = known_answers.listed(backend, head, after=None, limit=5).lines
    assert (line.read, line.missed, line.withdrawn_at) == (2, 1, None)
    known_answers.withdraw(backend, head, case, "照片太难认，不公平")
    found = review_quality.overview(backend, head, days=30)
    assert (of(found, third).record.known, of(found, third).flags) == (0, ())


def test_a_withdrawn_answer_is_offered_to_nobody(
    backend: Backend, clerk: StaffMember, other: StaffMember, head: StaffMember
) -> None:
    case = world.flagged_attempt(backend, world.add_person(backend, 1), "phone-0001")
    settle(backend, clerk, case)
    (again,) = rereads_of(backend, case)
    advance(backend, days=5)
    settle(backend, other, again.id)
    third = world.add_staff(backend, "third")
    known_answers.add(backend, head, answer_to(case))
    advance(backend, days=6)
    assert len(reviews.queue_page(backend, third, after=None, limit=5).cases) == 1
    known_answers.withdraw(backend, head, case, "证明作废")
    assert reviews.queue_page(backend, third, after=None, limit=5).cases == ()


@pytest.mark.parametrize("document", ["", "   "])
def test_what_nobody_proved_is_no_known_answer(
    backend: Backend, clerk: StaffMember, other: StaffMember, head: StaffMember, document: str
) -> None:
    case = world.flagged_attempt(backend, world.add_person(backend, 1), "phone-0001")
    settle(backend, clerk, case)
    (again,) = rereads_of(backend, case)
    advance(backend, days=5)
    settle(backend, other, again.id)
    code = refusal(lambda: known_answers.add(backend, head, answer_to(case, document)))
    assert code == "quality.truth_not_established"
    assert rows(backend, KnownAnswer) == []


def test_known_answers_are_added_and_withdrawn_once(
    backend: Backend, head: StaffMember, known: UUID
) -> None:
    assert refusal(lambda: known_answers.add(backend, head, answer_to(known))) == (
        "quality.known_already"
    )
    known_answers.withdraw(backend, head, known, "证明作废")
    assert refusal(lambda: known_answers.withdraw(backend, head, known, "证明作废")) == (
        "quality.known_withdrawn"
    )
    (line,) = known_answers.listed(backend, head, after=None, limit=5).lines
    assert line.withdrawn_because == "证明作废"


def test_only_a_decided_case_in_scope_may_become_one(
    backend: Backend, clerk: StaffMember, head: StaffMember
) -> None:
    case = world.flagged_attempt(backend, world.add_person(backend, 1), "phone-0001")
    assert refusal(lambda: known_answers.add(backend, head, answer_to(case))) == (
        "review.not_decided"
    )
    settle(backend, clerk, case)
    (again,) = rereads_of(backend, case)
    stranger = world.add_staff(backend, "x", role=Role.TOWNSHIP_HEAD, path=OTHER_TOWNSHIP)
    for who, which in ((head, again.id), (stranger, case)):
        look = partial(known_answers.candidate, backend, who, which)
        assert refusal(look) == "review.not_found"
    assert refusal(lambda: known_answers.withdraw(backend, head, case, "没有这题")) == (
        "quality.known_not_found"
    )


def test_a_candidate_shows_what_speaks_for_it(
    backend: Backend, clerk: StaffMember, other: StaffMember, head: StaffMember
) -> None:
    case, _ = opposed(backend, clerk, other)
    found = known_answers.candidate(backend, head, case)
    assert (found.verdict, found.rereads, found.visited_since) == (
        "certified",
        ("send_visit",),
        False,
    )
    assert (found.findings, found.is_known) == (CERTIFY.findings, False)
