"""The next case goes to one reviewer each, whoever asks at once, and none is ever lost."""

from collections import Counter
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest

from domain.audit import AuditAction
from domain.review import Method, Verdict
from domain.roles import Role
from services import accounts, review_context, review_desk, reviews
from services.accounts import StaffMember
from services.review_desk import Filters, View, Wanted
from services.reviews import Ruling
from storage.db.models.cases import Review, ReviewClaim
from storage.ids import uuid7
from tests.acts import refusal, together
from tests.certification_world import TEST, County, audited, rows
from tests.clock import FixedClock
from tests.places import TOWNSHIP
from tests.web.cases import case_of

EVERYTHING = Filters()


def reviewer(county: County) -> StaffMember:
    account = county.staff(Role.TOWNSHIP_CLERK, TOWNSHIP)
    return accounts.authenticate(county.backend, account.token(county.backend))


def waiting(county: County, n: int) -> list[UUID]:
    return [case_of(county, county.person().id) for _ in range(n)]


@pytest.mark.committing
def test_those_who_ask_at_once_get_a_case_each_and_nobody_the_same(county: County) -> None:
    cases = waiting(county, 3)
    people = [reviewer(county) for _ in range(5)]

    got = together(
        [partial(review_desk.claim_next, county.backend, one, EVERYTHING) for one in people]
    )

    assert Counter(got) == Counter([*cases, None, None])
    assert len(rows(county.backend, ReviewClaim)) == 3


@pytest.mark.committing
def test_one_who_asks_twice_at_once_holds_two_cases_and_each_once(county: County) -> None:
    waiting(county, 2)
    one = reviewer(county)

    got = together([partial(review_desk.claim_next, county.backend, one, EVERYTHING)] * 2)

    assert len(set(got)) == 2
    assert len(rows(county.backend, ReviewClaim)) == 2


def test_a_claim_that_ran_out_is_worth_nothing_and_the_case_goes_to_the_next(
    county: County, clock: FixedClock
) -> None:
    (case,) = waiting(county, 1)
    first, second = reviewer(county), reviewer(county)
    assert review_desk.claim_next(county.backend, first, EVERYTHING) == case
    clock.advance(timedelta(minutes=30))

    assert review_desk.claim_next(county.backend, second, EVERYTHING) == case
    assert refusal(lambda: reviews.release_case(county.backend, first, case)).code == (
        "review.claimed_by_other"
    )
    holds = review_desk.page(county.backend, first, Wanted(view=View.MINE)).lines
    assert holds == ()


def test_every_claim_is_on_record_and_looking_for_none_is_not(county: County) -> None:
    one = reviewer(county)
    assert review_desk.claim_next(county.backend, one, EVERYTHING) is None
    (case,) = waiting(county, 1)
    review_desk.claim_next(county.backend, one, EVERYTHING)

    claims = audited(county.backend, AuditAction.REVIEW_CLAIMED)
    assert [claim["review"] for claim in claims] == [str(case)]


def test_more_cases_of_ones_own_than_are_tried_at_a_time_do_not_end_the_search(
    county: County,
) -> None:
    one = reviewer(county)
    for _ in range(21):
        case_of(county, county.person().id, by=one.id, priority=500)
    (other,) = waiting(county, 1)

    assert review_desk.claim_next(county.backend, one, EVERYTHING) == other


def test_a_second_look_shows_things_as_they_stood_at_the_first(
    county: County, clock: FixedClock
) -> None:
    person = county.person()
    first = case_of(county, person.id)
    one, two = reviewer(county), reviewer(county)
    reviews.claim_case(county.backend, one, first)
    before = review_context.around(county.backend, one, first)[1]
    ruling = Ruling(
        verdict=Verdict.CERTIFIED,
        method=Method.CALL_BACK,
        findings="已电话核实本人健在",
    )
    reviews.decide(county.backend, one, first, ruling)
    county.open_lead(person)
    clock.advance(timedelta(hours=1))
    again = second_look(county, first)
    reviews.claim_case(county.backend, two, again)

    after = review_context.around(county.backend, two, again)[1]

    assert before is not None
    assert after is not None
    assert [one.valid_until for one in after.benefits] == [
        one.valid_until for one in before.benefits
    ]
    assert after.leads == ()


def second_look(county: County, first: UUID) -> UUID:
    """Put a case before another's eyes again."""
    with county.backend.unit(TEST.actor, TEST.scope) as unit:
        old = unit.session.get(Review, first)
        assert old is not None
        row = Review(
            id=uuid7(),
            beneficiary_id=old.beneficiary_id,
            attempt_id=old.attempt_id,
            reasons=old.reasons,
            priority=0,
            opened_at=unit.now,
            due_at=unit.now + timedelta(days=3),
            reread_of=first,
        )
        unit.session.add(row)
    return row.id
