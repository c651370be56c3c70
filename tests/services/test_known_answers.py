"""Cases whose answer is known go round among the reviewers, and move nothing."""

from functools import partial
from uuid import UUID

import pytest

from domain.quality import Flag
from domain.review import Verdict
from domain.roles import Role
from services import known_answers, review_quality, reviews
from services.accounts import StaffMember
from services.backend import Backend
from services.known_answers import NewKnownAnswer
from storage.db.models.cases import Review
from storage.db.models.quality import KnownAnswer
from tests import attempt_world
from tests import case_world as world
from tests.acts import code_of
from tests.places import OTHER_TOWNSHIP
from tests.services.rereading import VISIT, agreed, opposed, reviewer_of, settle
from tests.services.reviewing import CERTIFY, advance, rereads_of, rows


@pytest.fixture
def known(backend: Backend, clerk: StaffMember, other: StaffMember, head: StaffMember) -> UUID:
    """A case that both found alive, with a paper; it goes round."""
    case, _ = agreed(backend, clerk, other)
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
    case, _ = agreed(backend, clerk, other)
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
    assert (
        reviewer_of(found, third).record.known,
        reviewer_of(found, third).record.known_right,
    ) == (1, 0)
    assert reviewer_of(found, third).flags == (Flag.MISSES_KNOWN,)
    assert (
        reviewer_of(found, fourth).record.known,
        reviewer_of(found, fourth).record.known_right,
    ) == (1, 1)
    assert found.disagreements == 0
    (line,) = known_answers.listed(backend, head, after=None, limit=5).lines
    assert (line.read, line.missed, line.withdrawn_at) == (2, 1, None)
    known_answers.withdraw(backend, head, case, "照片太难认，不公平")
    found = review_quality.overview(backend, head, days=30)
    assert (reviewer_of(found, third).record.known, reviewer_of(found, third).flags) == (0, ())


def test_a_withdrawn_answer_is_offered_to_nobody(
    backend: Backend, clerk: StaffMember, other: StaffMember, head: StaffMember
) -> None:
    case, _ = agreed(backend, clerk, other)
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
    case, _ = agreed(backend, clerk, other)
    code = code_of(lambda: known_answers.add(backend, head, answer_to(case, document)))
    assert code == "quality.truth_not_established"
    assert rows(backend, KnownAnswer) == []


def test_known_answers_are_added_and_withdrawn_once(
    backend: Backend, head: StaffMember, known: UUID
) -> None:
    assert code_of(lambda: known_answers.add(backend, head, answer_to(known))) == (
        "quality.known_already"
    )
    known_answers.withdraw(backend, head, known, "证明作废")
    assert code_of(lambda: known_answers.withdraw(backend, head, known, "证明作废")) == (
        "quality.known_withdrawn"
    )
    (line,) = known_answers.listed(backend, head, after=None, limit=5).lines
    assert line.withdrawn_because == "证明作废"


def test_only_a_decided_case_in_scope_may_become_one(
    backend: Backend, clerk: StaffMember, head: StaffMember
) -> None:
    case = attempt_world.flagged_attempt(backend, world.add_person(backend, 1), "phone-0001")
    assert code_of(lambda: known_answers.add(backend, head, answer_to(case))) == (
        "review.not_decided"
    )
    settle(backend, clerk, case)
    (again,) = rereads_of(backend, case)
    stranger = world.add_staff(backend, "x", role=Role.TOWNSHIP_HEAD, path=OTHER_TOWNSHIP)
    for who, which in ((head, again.id), (stranger, case)):
        look = partial(known_answers.candidate, backend, who, which)
        assert code_of(look) == "review.not_found"
    assert code_of(lambda: known_answers.withdraw(backend, head, case, "没有这题")) == (
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
