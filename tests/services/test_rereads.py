"""Decided cases are read again by somebody else, who is not told, and whose word moves nothing."""

from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest
import sqlalchemy as sa

from domain.review import Verdict
from domain.roles import Role
from services import attempt_status, home_visits, review_cases, reviews
from services.accounts import StaffMember
from services.backend import Backend
from services.reviews import ReviewState, Ruling
from storage.db.models.cases import Lead, Proposal, Review, ReviewDecision, VisitRequest
from storage.db.models.certification import Attempt, Certification
from storage.db.models.registry import DataKeyRow
from storage.db.repositories import attempts
from tests import attempt_world
from tests import case_world as world
from tests.acts import code_of, together
from tests.case_world import SYSTEM
from tests.places import COUNTY
from tests.services.reviewing import CERTIFY, advance, queue_of, rereads_of, rows, ruling


@pytest.fixture
def case(backend: Backend, person: UUID) -> UUID:
    return attempt_world.flagged_attempt(backend, person, "phone-0001")


def settle(
    backend: Backend, reviewer: StaffMember, case: UUID, ruled: Ruling = CERTIFY
) -> reviews.Ruled:
    """Claim and decide, the password just given."""
    fresh = world.confirmed(backend, reviewer)
    reviews.claim_case(backend, fresh, case)
    return reviews.decide(backend, fresh, case, ruled)


def reread(backend: Backend, clerk: StaffMember, case: UUID, ruled: Ruling = CERTIFY) -> UUID:
    """Have a case decided, and wait until its second look is in the queue."""
    settle(backend, clerk, case, ruled)
    (again,) = rereads_of(backend, case)
    advance(backend, days=5)
    return again.id


# the draw


def test_the_first_decision_of_an_office_is_read_again_later_and_by_another(
    backend: Backend, clerk: StaffMember, other: StaffMember, case: UUID
) -> None:
    settle(backend, clerk, case)
    (again,) = rereads_of(backend, case)
    assert again.opened_at >= backend.clock.now() + timedelta(hours=1)
    assert queue_of(backend, other) == []
    assert code_of(lambda: reviews.claim_case(backend, other, again.id)) == "review.not_found"
    advance(backend, days=5)
    assert queue_of(backend, other) == [again.id]
    assert queue_of(backend, clerk) == []


def test_the_share_of_an_office_is_kept_and_not_each_is_read_again(
    backend: Backend, clerk: StaffMember
) -> None:
    drawn = 0
    for serial in range(22):
        someone = world.add_person(backend, serial)
        settle(
            backend, clerk, attempt_world.flagged_attempt(backend, someone, f"phone-{serial:04d}")
        )
        advance(backend, minutes=1)
        drawn = sum(row.reread_of is not None for row in rows(backend, Review))
        assert drawn * 100 >= 5 * (serial + 1)
    assert drawn <= 8


@pytest.mark.committing
def test_decisions_of_one_office_at_once_take_turns_and_draw_no_case_twice(
    backend: Backend,
) -> None:
    clerks = [world.add_staff(backend, f"clerk-{n}") for n in range(4)]
    cases = [
        attempt_world.flagged_attempt(backend, world.add_person(backend, n), f"phone-{n:04d}")
        for n in range(4)
    ]
    together([partial(settle, backend, who, case) for who, case in zip(clerks, cases, strict=True)])
    again = [row.reread_of for row in rows(backend, Review) if row.reread_of is not None]
    assert again
    assert len(set(again)) == len(again)


def test_somebody_erased_is_not_read_again(
    backend: Backend, clerk: StaffMember, case: UUID, person: UUID
) -> None:
    settle(backend, clerk, case)
    with backend.unit(SYSTEM.actor, SYSTEM.scope) as unit:
        key = unit.session.get_one(DataKeyRow, person)
        key.wrapped, key.destroyed_at = None, unit.now
    for serial in range(2, 4):
        someone = world.add_person(backend, serial)
        settle(
            backend, clerk, attempt_world.flagged_attempt(backend, someone, f"phone-{serial:04d}")
        )
    assert len(rereads_of(backend, case)) == 1
    assert sum(row.reread_of is not None for row in rows(backend, Review)) >= 2


# nobody can tell


def test_a_second_look_is_shown_as_the_first_was(
    backend: Backend, clerk: StaffMember, other: StaffMember, case: UUID, person: UUID
) -> None:
    """Field by field; moments lie as far from the opening as they did."""
    attempt_world.enrol_unread(backend, person, world.JPEG + b"old", None)
    advance(backend, minutes=2)
    before = review_cases.open_case(backend, other, case)
    line = reviews.queue_page(backend, other, after=None, limit=5).cases[0]
    settle(backend, clerk, case)
    attempt_world.enrol_unread(backend, person, world.JPEG + b"learnt since", None)
    (again,) = rereads_of(backend, case)
    advance(backend, days=5)
    after = review_cases.open_case(backend, other, again.id)
    line_after = reviews.queue_page(backend, other, after=None, limit=5).cases[0]
    moved = after.opened_at - before.opened_at
    assert moved >= timedelta(days=1)
    assert after.received_at - before.received_at == moved
    assert after.captured_at - before.captured_at == moved
    same = (
        "state",
        "claimed_until",
        "is_mine",
        "channel",
        "subject",
        "reasons",
        "checks",
        "models",
        "parts",
        "references",
        "earlier",
        "pack",
        "verdict",
    )
    for name in same:
        assert getattr(after, name) == getattr(before, name), name
    for name in ("masked_name", "residence_path", "channel", "reasons", "state", "is_mine"):
        assert getattr(line_after, name) == getattr(line, name), name


def test_the_clock_of_a_visits_device_is_moved_along(
    backend: Backend, clerk: StaffMember, other: StaffMember, person: UUID
) -> None:
    officer = world.officer(backend)
    case = world.flagged_visit(backend, officer, person, "visit-0001")
    before = review_cases.open_case(backend, other, case)
    again = reread(backend, clerk, case)
    after = review_cases.open_case(backend, other, again)
    assert str(before.captured_at.date()) not in str(after.pack)
    assert after.pack.keys() == before.pack.keys()


def test_the_id_of_a_second_look_is_of_its_opening(
    backend: Backend, clerk: StaffMember, case: UUID
) -> None:
    again = reread(backend, clerk, case)
    (row,) = rereads_of(backend, case)
    assert again.int >> 80 == int(row.opened_at.timestamp() * 1000)
    assert again.version == 7


def test_the_record_of_its_opening_looks_like_any_other(
    backend: Backend, clerk: StaffMember, case: UUID
) -> None:
    reread(backend, clerk, case)
    first, second = (row.details for row in world.audited(backend, "review.opened"))
    assert first.keys() == second.keys()
    assert first["reasons"] == second["reasons"]


def test_who_had_a_part_in_the_first_reading_is_never_given_the_second(
    backend: Backend, clerk: StaffMember, other: StaffMember, case: UUID
) -> None:
    looked = world.add_staff(backend, "looked")
    reviews.claim_case(backend, looked, case)
    reviews.release_case(backend, looked, case)
    again = reread(backend, clerk, case)
    for knows in (clerk, looked):
        assert queue_of(backend, knows) == []
        for act in (
            lambda who=knows: reviews.claim_case(backend, who, again),
            lambda who=knows: review_cases.open_case(backend, who, again),
            lambda who=knows: reviews.queue_page(backend, who, after=again, limit=5),
        ):
            assert code_of(act) == "review.not_found"
    assert queue_of(backend, other) == [again]


def test_where_nobody_else_sits_the_county_reads(
    backend: Backend, clerk: StaffMember, case: UUID
) -> None:
    bureau = world.add_staff(backend, "bureau", role=Role.COUNTY_BUREAU, path=COUNTY)
    again = reread(backend, clerk, case)
    assert queue_of(backend, bureau) == [again]
    settle(backend, bureau, again)
    (decided,) = rows(backend, ReviewDecision, review_id=again)
    assert decided.decided_by == bureau.id


# it moves nothing


@pytest.mark.parametrize("verdict", Verdict)
def test_the_word_of_a_second_look_moves_nothing(
    backend: Backend,
    clerk: StaffMember,
    other: StaffMember,
    case: UUID,
    person: UUID,
    verdict: Verdict,
) -> None:
    again = reread(backend, clerk, case, ruling(Verdict.ASK_AGAIN))
    ruled = settle(
        backend, other, again, CERTIFY if verdict is Verdict.CERTIFIED else ruling(verdict)
    )
    assert ruled.certified is None
    for table in (Certification, Lead, VisitRequest, Proposal):
        assert rows(backend, table) == []
    assert [row.outcome for row in rows(backend, ReviewDecision)] == ["ask_again", verdict.value]
    assert rereads_of(backend, again) == []
    assert code_of(lambda: settle(backend, other, again)) == "review.already_decided"


def test_the_person_is_told_of_the_first_reading_only(
    backend: Backend, clerk: StaffMember, other: StaffMember, case: UUID, person: UUID
) -> None:
    again = reread(backend, clerk, case)
    settle(backend, other, again, ruling(Verdict.SEND_VISIT))
    with backend.unit(SYSTEM.actor, SYSTEM.scope) as unit:
        attempt = unit.session.scalars(sa.select(Attempt)).one()
        review, decision = attempts.review_of(unit.session, attempt.id)
        assert review is not None
        assert decision is not None
        assert (review.id, decision.outcome) == (case, "certified")
        held = backend.people(unit).load(person)
        assert held is not None
        told = attempt_status.status_within(backend, unit, held, attempt)
    assert told.state == "certified"
    assert told.receipt is not None


def test_the_officer_is_told_of_the_first_reading_only(
    backend: Backend, clerk: StaffMember, other: StaffMember, person: UUID
) -> None:
    officer = world.officer(backend)
    case = world.flagged_visit(backend, officer, person, "visit-0001")
    again = reread(backend, clerk, case)
    settle(backend, other, again, ruling(Verdict.SEND_VISIT))
    assert home_visits.status_of(backend, officer, "visit-0001").state == "certified"


def test_the_second_reader_sees_his_own_word_and_not_the_first(
    backend: Backend, clerk: StaffMember, other: StaffMember, case: UUID
) -> None:
    again = reread(backend, clerk, case)
    settle(backend, other, again, ruling(Verdict.REFER_AS_LEAD))
    shown = review_cases.open_case(backend, other, again)
    assert shown.state is ReviewState.REFERRED
    assert shown.verdict is not None
    assert shown.verdict.decided_by == other.id
    assert "已电话核实" not in repr(shown)
