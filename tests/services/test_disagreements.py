"""What two reviewers saw differently is resolved by a third, and what follows is done."""

from functools import partial

from domain.quality import Resolution
from domain.roles import Role
from services import disagreements
from services.accounts import StaffMember
from services.backend import Backend
from storage.db.models.cases import VisitRequest
from storage.db.models.quality import RereadAnswer
from tests import attempt_world
from tests import case_world as world
from tests.acts import code_of
from tests.places import OTHER_TOWNSHIP
from tests.services.rereading import NOTE, VISIT, agreed, opposed
from tests.services.reviewing import CERTIFY, rows


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
        code_of(
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
    code = code_of(
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
    code = code_of(
        lambda: disagreements.resolve(backend, head, again, resolution=Resolution.REVOKE, note=NOTE)
    )
    assert code == "quality.nothing_to_revoke"


def test_what_is_no_second_look_or_not_read_or_out_of_scope_is_not_resolved(
    backend: Backend, clerk: StaffMember, other: StaffMember, head: StaffMember
) -> None:
    stranger = world.add_staff(backend, "stranger", role=Role.TOWNSHIP_HEAD, path=OTHER_TOWNSHIP)
    case, again = opposed(backend, clerk, other)
    unread = attempt_world.flagged_attempt(backend, world.add_person(backend, 5), "phone-0005")
    for who, which in ((head, case), (stranger, again), (head, unread)):
        stands = partial(disagreements.resolve, resolution=Resolution.STANDS, note=NOTE)
        assert code_of(partial(stands, backend, who, which)) == "review.not_found"


def test_readings_that_agree_are_no_disagreement(
    backend: Backend, clerk: StaffMember, other: StaffMember, head: StaffMember
) -> None:
    _, again = agreed(backend, clerk, other)
    assert disagreements.listed(backend, head, only_open=False, after=None, limit=5).cases == ()
    code = code_of(
        lambda: disagreements.resolve(backend, head, again, resolution=Resolution.STANDS, note=NOTE)
    )
    assert code == "quality.no_disagreement"
