"""A flagged case is listed for its division, claimed by one, and by nobody who took part."""

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from threading import Barrier
from uuid import UUID

import pytest
import sqlalchemy as sa

from domain.errors import AppError
from domain.policy_values import Scheme
from domain.review import priority
from services import review_cases, reviews
from services.accounts import StaffMember
from services.backend import Backend
from services.reviews import ReviewState
from storage.db.models.registry import DataKeyRow
from storage.db.repositories.reviews import RANK_PER_DAY
from storage.ids import uuid7
from tests import case_world as world
from tests.acts import code_of, together
from tests.case_world import SYSTEM
from tests.places import OTHER_TOWNSHIP
from tests.services.reviewing import CERTIFY, advance, queue_of

# the queue


def test_a_line_of_the_queue_is_masked_and_says_why_and_by_when(
    backend: Backend, clerk: StaffMember, case: UUID
) -> None:
    page = reviews.queue_page(backend, clerk, after=None, limit=20)
    (line,) = page.cases
    assert page.next_after is None
    assert (line.id, line.masked_name, line.channel) == (case, "王*试", "home_visit")
    assert line.reasons == ("visit_model_missing",)
    assert (line.state, line.is_mine, line.is_late) == (ReviewState.WAITING, False, False)
    advance(backend, days=4)
    assert reviews.queue_page(backend, clerk, after=None, limit=20).cases[0].is_late


def test_the_queue_holds_cases_of_the_own_division_only(
    backend: Backend, clerk: StaffMember, officer: StaffMember, case: UUID
) -> None:
    stranger = world.add_staff(backend, "stranger", path=OTHER_TOWNSHIP)
    assert queue_of(backend, clerk) == [case]
    assert queue_of(backend, stranger) == []
    for look in (
        lambda: review_cases.open_case(backend, stranger, case),
        lambda: reviews.claim_case(backend, stranger, case),
        lambda: reviews.release_case(backend, stranger, case),
        lambda: reviews.decide(backend, stranger, case, CERTIFY),
        lambda: review_cases.look_at(backend, stranger, case, uuid7()),
        lambda: reviews.queue_page(backend, stranger, after=case, limit=5),
    ):
        assert code_of(look) == "review.not_found"


@pytest.mark.parametrize("limit", [1, 3, 8])
def test_pages_hold_every_case_once_the_most_pressing_first(
    backend: Backend, clerk: StaffMember, officer: StaffMember, limit: int
) -> None:
    opened = []
    for serial in range(7):
        someone = world.add_person(backend, serial)
        opened.append(world.flagged_visit(backend, officer, someone, f"visit-{serial:04d}"))
        advance(backend, minutes=1)
    urgent = world.add_person(backend, 8, schemes=(Scheme.WORK_INJURY,))
    with backend.unit(SYSTEM.actor, SYSTEM.scope) as unit:
        people = backend.people(unit)
        people.session.execute(
            sa.text("update beneficiaries set key_groups = '{incapacity}' where id = :id"),
            {"id": urgent},
        )
    pressing = world.flagged_visit(backend, officer, urgent, "visit-0008")
    found, after = list[UUID](), None
    while True:
        page = reviews.queue_page(backend, clerk, after=after, limit=limit)
        found += [case.id for case in page.cases]
        after = page.next_after
        if after is None:
            break
    assert found == [pressing, *opened]


def test_a_day_of_waiting_raises_a_case_as_much_as_the_rule_says(
    backend: Backend, clerk: StaffMember, officer: StaffMember
) -> None:
    by_rule = [
        priority(days_to_deadline=None, key_group=False, days_waiting=days) for days in range(4)
    ]
    assert {later - sooner for sooner, later in pairwise(by_rule)} == {RANK_PER_DAY}
    waits = world.flagged_visit(backend, officer, world.add_person(backend, 1), "visit-0001")
    advance(backend, days=5)
    fresh = world.add_person(backend, 2)
    with backend.unit(SYSTEM.actor, SYSTEM.scope) as unit:
        unit.session.execute(
            sa.text("update beneficiaries set key_groups = '{incapacity}' where id = :id"),
            {"id": fresh},
        )
    world.flagged_visit(backend, officer, fresh, "visit-0002")
    assert queue_of(backend, clerk)[0] == waits


def test_somebody_erased_by_law_leaves_a_nameless_line(
    backend: Backend, clerk: StaffMember, case: UUID, person: UUID
) -> None:
    with backend.unit(SYSTEM.actor, SYSTEM.scope) as unit:
        row = unit.session.get_one(DataKeyRow, person)
        row.wrapped, row.destroyed_at = None, unit.now
    (line,) = reviews.queue_page(backend, clerk, after=None, limit=20).cases
    assert line.masked_name is None
    assert code_of(lambda: reviews.claim_case(backend, clerk, case)) == "evidence.erased"


# the claim


def test_a_claim_keeps_others_out_until_it_runs_out(
    backend: Backend, clerk: StaffMember, head: StaffMember, case: UUID
) -> None:
    until = reviews.claim_case(backend, clerk, case)
    assert until == backend.clock.now() + timedelta(minutes=30)
    assert code_of(lambda: reviews.claim_case(backend, head, case)) == "review.claimed_by_other"
    assert code_of(lambda: reviews.decide(backend, head, case, CERTIFY)) == (
        "review.claimed_by_other"
    )
    (line,) = reviews.queue_page(backend, clerk, after=None, limit=20).cases
    assert (line.state, line.is_mine) == (ReviewState.CLAIMED, True)
    advance(backend, minutes=30)
    assert code_of(lambda: reviews.decide(backend, clerk, case, CERTIFY)) == "review.claim_expired"
    reviews.claim_case(backend, head, case)
    assert code_of(lambda: reviews.decide(backend, clerk, case, CERTIFY)) == (
        "review.claimed_by_other"
    )


def test_claiming_again_prolongs_ones_own_claim(
    backend: Backend, clerk: StaffMember, case: UUID
) -> None:
    reviews.claim_case(backend, clerk, case)
    advance(backend, minutes=20)
    until = reviews.claim_case(backend, clerk, case)
    assert until == backend.clock.now() + timedelta(minutes=30)
    advance(backend, minutes=20)
    awake = world.confirmed(backend, clerk)
    assert reviews.decide(backend, awake, case, CERTIFY).certified is not None


def test_a_released_case_waits_again(
    backend: Backend, clerk: StaffMember, head: StaffMember, case: UUID
) -> None:
    reviews.claim_case(backend, clerk, case)
    assert code_of(lambda: reviews.release_case(backend, head, case)) == "review.claimed_by_other"
    reviews.release_case(backend, clerk, case)
    assert code_of(lambda: reviews.release_case(backend, clerk, case)) == "review.not_claimed"
    reviews.claim_case(backend, head, case)
    assert [row.details["review"] for row in world.audited(backend, "review.claimed")] == (
        [str(case)] * 2
    )
    assert len(world.audited(backend, "review.released")) == 1


@pytest.mark.committing
def test_of_many_who_claim_one_case_at_once_one_holds_it(
    backend: Backend, officer: StaffMember
) -> None:
    case = world.flagged_visit(backend, officer, world.add_person(backend, 1), "visit-0001")
    clerks = [world.add_staff(backend, f"clerk-{n}") for n in range(4)]
    start, answers = Barrier(len(clerks)), list[str]()

    def claimer(who: StaffMember) -> Callable[[], None]:
        def claim() -> None:
            start.wait()
            try:
                reviews.claim_case(backend, who, case)
                answers.append("mine")
            except AppError as refused:
                answers.append(refused.code)

        return claim

    together([claimer(who) for who in clerks])
    assert sorted(answers) == ["mine", *["review.claimed_by_other"] * 3]


# who may


def test_an_officer_never_decides_the_visit_that_he_made(backend: Backend, person: UUID) -> None:
    made_by = world.add_staff(backend, "visiting-clerk")
    case = world.flagged_visit(backend, made_by, person, "visit-0001")
    assert code_of(lambda: reviews.claim_case(backend, made_by, case)) == "review.not_independent"
    assert code_of(lambda: reviews.decide(backend, made_by, case, CERTIFY)) == (
        "review.not_independent"
    )
    assert world.log_of(backend, person) == []


def test_who_uploaded_the_photos_for_a_colleague_helped_with_the_case(
    backend: Backend, person: UUID, clerk: StaffMember, officer: StaffMember
) -> None:
    files = world.photos("a")
    world.upload(backend, clerk, person, files)
    case = world.flagged_visit(backend, officer, person, "visit-0001", files=files)
    assert code_of(lambda: reviews.claim_case(backend, clerk, case)) == "review.not_independent"


def test_who_handed_in_what_a_colleague_photographed_made_the_visit_too(
    backend: Backend, person: UUID, clerk: StaffMember, officer: StaffMember
) -> None:
    files = world.photos("a")
    world.upload(backend, officer, person, files)
    case = world.flagged_visit(backend, clerk, person, "visit-0001", files=files)
    assert code_of(lambda: reviews.claim_case(backend, clerk, case)) == "review.not_independent"
