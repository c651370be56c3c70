"""What the head reads of the reviewers: pace, pattern, agreement, and who waits."""

from domain.quality import Flag, Resolution
from domain.roles import Role
from services import disagreements, review_quality, reviews
from services.accounts import StaffMember
from services.backend import Backend
from tests import attempt_world
from tests import case_world as world
from tests.acts import code_of
from tests.places import COUNTY, OTHER_TOWNSHIP, OTHER_TOWNSHIP_VILLAGE, TOWNSHIP
from tests.services.rereading import NOTE, VISIT, opposed, reviewer_of, settle
from tests.services.reviewing import CERTIFY, advance, rereads_of


def test_the_head_reads_pace_and_pattern_of_each_reviewer(
    backend: Backend, clerk: StaffMember, other: StaffMember, head: StaffMember
) -> None:
    for serial, seconds in enumerate((2, 40, 80, 120)):
        someone = world.add_person(backend, serial)
        case = attempt_world.flagged_attempt(backend, someone, f"phone-{serial:04d}")
        settle(backend, clerk, case, VISIT if seconds == 80 else CERTIFY, seconds=seconds)
    someone = world.add_person(backend, 9)
    case = attempt_world.flagged_attempt(backend, someone, "phone-0009")
    settle(backend, other, case, seconds=3)
    found = review_quality.overview(backend, head, days=30)
    mine = reviewer_of(found, clerk)
    assert (mine.record.decisions, mine.record.certified, mine.record.fast) == (4, 3, 1)
    assert (mine.median_s, mine.p90_s) == (40, 120)
    assert mine.flags == (Flag.FAST,)
    assert reviewer_of(found, other).flags == ()
    assert reviewer_of(found, other).median_s == 3


def test_a_claim_that_was_prolonged_counts_from_its_first_moment(
    backend: Backend, clerk: StaffMember, head: StaffMember
) -> None:
    case = attempt_world.flagged_attempt(backend, world.add_person(backend, 1), "phone-0001")
    reviews.claim_case(backend, clerk, case)
    advance(backend, minutes=10)
    settle(backend, clerk, case, seconds=1)
    mine = reviewer_of(review_quality.overview(backend, head, days=30), clerk)
    assert (mine.median_s, mine.flags) == (601, ())


def test_what_lies_before_the_window_does_not_count(
    backend: Backend, clerk: StaffMember, head: StaffMember
) -> None:
    case = attempt_world.flagged_attempt(backend, world.add_person(backend, 1), "phone-0001")
    settle(backend, clerk, case)
    advance(backend, days=31)
    assert review_quality.overview(backend, head, days=30).reviewers == ()
    assert len(review_quality.overview(backend, head, days=90).reviewers) == 1
    assert code_of(lambda: review_quality.overview(backend, head, days=7)) == "request.invalid"


def test_agreement_and_what_did_not_stand_are_the_first_readers(
    backend: Backend, clerk: StaffMember, other: StaffMember, head: StaffMember
) -> None:
    _, again = opposed(backend, clerk, other)
    found = review_quality.overview(backend, head, days=30)
    assert (reviewer_of(found, clerk).record.reread, reviewer_of(found, clerk).record.agreed) == (
        1,
        0,
    )
    assert reviewer_of(found, other).record.reread == 0
    assert (reviewer_of(found, clerk).record.overturned, found.disagreements) == (0, 1)
    disagreements.resolve(backend, head, again, resolution=Resolution.REVIEW_AGAIN, note=NOTE)
    found = review_quality.overview(backend, head, days=30)
    assert (reviewer_of(found, clerk).record.overturned, found.disagreements) == (1, 0)


def test_people_wait_by_working_days_and_second_looks_keep_nobody_waiting(
    backend: Backend, clerk: StaffMember, other: StaffMember, head: StaffMember
) -> None:
    """2 March 2026 is a Monday; the second look is read on the Saturday."""
    case = attempt_world.flagged_attempt(backend, world.add_person(backend, 1), "phone-0001")
    slow = attempt_world.flagged_attempt(backend, world.add_person(backend, 2), "phone-0002")
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
    case = attempt_world.flagged_attempt(backend, world.add_person(backend, 1), "phone-0001")
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
    settle(
        backend,
        clerk,
        attempt_world.flagged_attempt(backend, world.add_person(backend, 1), "phone-1"),
    )
    theirs = world.add_person(backend, 2, OTHER_TOWNSHIP_VILLAGE)
    settle(backend, far, attempt_world.flagged_attempt(backend, theirs, "phone-2"))
    wide = review_quality.overview(backend, bureau, days=30)
    assert {one.staff_id for one in wide.reviewers} == {clerk.id, far.id}
    assert {town.township for town in wide.townships} == {TOWNSHIP, OTHER_TOWNSHIP}
    narrow = review_quality.overview(backend, head, days=30)
    assert {one.staff_id for one in narrow.reviewers} == {clerk.id}
    assert {town.township for town in narrow.townships} == {TOWNSHIP}
    assert {share.office for share in narrow.shares} == {TOWNSHIP}
    code = code_of(
        lambda: review_quality.decisions_of(backend, head, far.id, only_fast=False, after=None)
    )
    assert code == "staff.not_found"


def test_a_reviewer_sees_the_own_figures(
    backend: Backend, clerk: StaffMember, other: StaffMember
) -> None:
    settle(
        backend,
        clerk,
        attempt_world.flagged_attempt(backend, world.add_person(backend, 1), "phone-1"),
    )
    assert review_quality.own(backend, clerk, days=30).record.decisions == 1
    assert review_quality.own(backend, other, days=30).record.decisions == 0


def test_one_reviewers_decisions_are_listed_masked_newest_first(
    backend: Backend, clerk: StaffMember, head: StaffMember
) -> None:
    for serial, seconds in enumerate((2, 50)):
        someone = world.add_person(backend, serial)
        case = attempt_world.flagged_attempt(backend, someone, f"phone-{serial:04d}")
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
