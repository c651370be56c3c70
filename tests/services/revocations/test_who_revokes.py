"""Who may propose and confirm a revocation, and what of two who act at once."""

from dataclasses import replace
from functools import partial
from uuid import UUID

import pytest

from domain.roles import Role
from services import proposals, reviews, revocations
from services.accounts import StaffMember
from services.backend import Backend
from services.proposals import Shelf
from storage.db.models.cases import Proposal, ProposalAnswer
from storage.db.models.certification import Certification
from storage.db.models.registry import DataKeyRow
from storage.ids import uuid7
from tests import attempt_world
from tests import case_world as world
from tests.acts import code_of, together
from tests.case_world import SYSTEM
from tests.places import COUNTY, OTHER_TOWNSHIP
from tests.services.reviewing import CERTIFY, advance, rows
from tests.services.revocations.revoking import BOTH, GROUNDS, confirm, hanging, passed, propose

# who may


def test_who_certified_may_say_it_was_wrong_but_another_confirms(
    backend: Backend, head: StaffMember, clerk: StaffMember, person: UUID
) -> None:
    case = attempt_world.flagged_attempt(backend, person, "phone-0001")
    reviews.claim_case(backend, clerk, case)
    certified = reviews.decide(backend, clerk, case, CERTIFY).certified
    assert certified is not None
    proposal = propose(backend, head, person, certified.certificate_number)
    assert code_of(lambda: confirm(backend, clerk, proposal)) == "proposal.not_independent"
    assert code_of(lambda: confirm(backend, head, proposal)) == "proposal.own"
    for involved in (clerk, head):
        page = proposals.proposal_page(backend, involved, Shelf.TO_ANSWER, after=None, limit=5)
        assert page.lines == ()


def test_who_made_the_visit_neither_proposes_nor_confirms(
    backend: Backend, head: StaffMember, person: UUID
) -> None:
    files = world.photos("a")
    bureau = world.add_staff(backend, "bureau", role=Role.COUNTY_BUREAU, path=COUNTY)
    visitor = world.add_staff(backend, "visitor")
    world.upload(backend, bureau, person, files)
    case = world.flagged_visit(backend, visitor, person, "visit-0001", files=files)
    reviewer = world.add_staff(backend, "reviewer")
    reviews.claim_case(backend, reviewer, case)
    certified = reviews.decide(backend, reviewer, case, CERTIFY).certified
    assert certified is not None
    number = certified.certificate_number
    assert code_of(lambda: propose(backend, bureau, person, number)) == "proposal.not_independent"
    proposal = propose(backend, head, person, number)
    for involved in (bureau, visitor, reviewer):
        assert code_of(lambda: confirm(backend, involved, proposal)) == "proposal.not_independent"  # noqa: B023 - called at once


def test_the_relative_who_held_the_phone_is_no_second(
    backend: Backend, head: StaffMember, clerk: StaffMember, person: UUID
) -> None:
    case = attempt_world.flagged_attempt(
        backend, person, "phone-0001", channel="helper", helper="王小明"
    )
    reviews.claim_case(backend, clerk, case)
    certified = reviews.decide(backend, clerk, case, CERTIFY).certified
    assert certified is not None
    proposal = propose(backend, head, person, certified.certificate_number)
    relative = replace(world.add_staff(backend, "relative"), display_name="王小明")
    assert code_of(lambda: confirm(backend, relative, proposal)) == "proposal.not_independent"


def test_a_clerk_confirms_but_does_not_propose(
    backend: Backend, head: StaffMember, clerk: StaffMember, person: UUID
) -> None:
    number = passed(backend, person, "phone-0001")
    assert code_of(lambda: propose(backend, clerk, person, number)) == "permission.denied"
    confirm(backend, clerk, propose(backend, head, person, number))
    assert len(rows(backend, Certification, kind="revoked")) == len(BOTH)


def test_to_propose_asks_for_the_password_and_for_grounds(
    backend: Backend, head: StaffMember, person: UUID
) -> None:
    number = passed(backend, person, "phone-0001")
    advance(backend, minutes=16)
    act = revocations.propose_revocation
    assert code_of(lambda: act(backend, head, person, number, grounds=GROUNDS)) == (
        "auth.confirmation_needed"
    )
    awake = world.confirmed(backend, head)
    assert code_of(lambda: act(backend, awake, person, number, grounds="  ")) == (
        "proposal.grounds_required"
    )
    assert rows(backend, Proposal) == []


def test_what_is_not_there_is_not_found(backend: Backend, head: StaffMember, person: UUID) -> None:
    number = passed(backend, person, "phone-0001")
    neighbour = world.add_person(backend, 2)
    stranger = world.add_staff(backend, "stranger", role=Role.TOWNSHIP_HEAD, path=OTHER_TOWNSHIP)
    for who, whom, which, code in (
        (head, person, "JZ20260302000000000000", "revocation.not_found"),
        (head, neighbour, number, "revocation.not_found"),
        (head, uuid7(), number, "person.not_found"),
        (stranger, person, number, "person.not_found"),
    ):
        assert code_of(lambda: hanging(backend, who, whom, which)) == code  # noqa: B023 - called at once
        assert code_of(lambda: propose(backend, who, whom, which)) == code  # noqa: B023 - called at once


def test_of_somebody_erased_by_law_nothing_is_revoked(
    backend: Backend, head: StaffMember, clerk: StaffMember, person: UUID
) -> None:
    number = passed(backend, person, "phone-0001")
    proposal = propose(backend, head, person, number)
    with backend.unit(SYSTEM.actor, SYSTEM.scope) as unit:
        row = unit.session.get_one(DataKeyRow, person)
        row.wrapped, row.destroyed_at = None, unit.now
    assert code_of(lambda: confirm(backend, clerk, proposal)) == "evidence.erased"
    assert rows(backend, ProposalAnswer) == []


# races


@pytest.mark.committing
def test_of_two_who_propose_one_revocation_at_once_one_does(backend: Backend) -> None:
    person = world.add_person(backend, 1)
    number = passed(backend, person, "phone-0001")
    heads = [world.add_staff(backend, f"head-{n}", role=Role.TOWNSHIP_HEAD) for n in range(3)]
    answers = together([partial(propose, backend, who, person, number) for who in heads])
    assert sorted(map(str, answers))[1:] == ["proposal.already_open"] * 2
    assert len(rows(backend, Proposal)) == 1


@pytest.mark.committing
def test_who_certifies_anew_while_a_certificate_is_revoked_keeps_it(backend: Backend) -> None:
    person = world.add_person(backend, 1)
    number = passed(backend, person, "phone-0001")
    head = world.add_staff(backend, "head", role=Role.TOWNSHIP_HEAD)
    clerk = world.add_staff(backend, "clerk")
    proposal = propose(backend, head, person, number)
    case = attempt_world.flagged_attempt(backend, person, "phone-0002")
    other = world.add_staff(backend, "other")
    reviews.claim_case(backend, other, case)
    answers = together(
        [
            lambda: confirm(backend, clerk, proposal),
            lambda: reviews.decide(backend, other, case, CERTIFY).certified,
        ]
    )
    anew = answers[1]
    assert answers[0] is None
    assert anew.valid_until == world.valid_until(backend, person)
