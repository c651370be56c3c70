"""A certification found false: what hangs on it is told before, and gone after, in one commit."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

import pytest
import sqlalchemy as sa

from domain.beneficiary import EntitlementStatus, SuspensionCause
from domain.cycle import Channel, HoldMove, State
from domain.enrolment import Source, rank
from domain.errors import AppError
from domain.policy_values import Scheme
from domain.proposal import Answer, ProposalKind
from domain.review import Method, Verdict
from domain.roles import Role
from services import home_visits, proposals, review_cases, reviews, revocations, validity
from services.accounts import StaffMember
from services.attempt_status import status_within
from services.backend import Backend
from services.home_visits import VisitState
from services.policies import legal_day
from services.proposals import Reply, Shelf
from services.reviews import Ruling
from services.unit_of_work import Unit
from services.validity import Ground
from storage.db.models.cases import Appeal, Proposal, ProposalAnswer, Review
from storage.db.models.certification import Attempt, Certification, ReferencePhoto
from storage.db.models.registry import DataKeyRow, EntitlementState
from storage.db.repositories import attempts
from storage.ids import uuid7
from tests import case_world as world
from tests.case_world import COUNTY, OTHER_TOWNSHIP, SYSTEM
from tests.certification_world import together

Row = TypeVar("Row")
GROUNDS = "村里证实本人去年已去世"
CONFIRM = Reply(answer=Answer.CONFIRMED, note="")
CERTIFY = Ruling(verdict=Verdict.CERTIFIED, method=Method.CALL_BACK, findings="已电话核实本人健在")
LEANING = [
    {"name": "selfie_anchor", "value": 0.3, "threshold": None, "ok": True},
    {"name": "selfie_match", "value": 0.9, "threshold": 0.5, "ok": True},
]
"""Checks of a pass that an enrolled photo alone would not have given."""
BOTH = (Scheme.RESIDENT_PENSION, Scheme.SURVIVOR_ALLOWANCE)


@pytest.fixture
def head(backend: Backend) -> StaffMember:
    return world.add_staff(backend, "head", role=Role.TOWNSHIP_HEAD)


@pytest.fixture
def clerk(backend: Backend) -> StaffMember:
    return world.add_staff(backend, "clerk")


@pytest.fixture
def person(backend: Backend) -> UUID:
    return world.add_person(backend, 1, schemes=BOTH)


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(AppError) as refused:
        act()
    return refused.value.code


def rows(backend: Backend, model: type[Row], **where: Any) -> list[Row]:
    with backend.unit(SYSTEM.actor, SYSTEM.scope) as unit:
        return list(unit.session.scalars(sa.select(model).filter_by(**where)))


def advance(backend: Backend, **by: float) -> None:
    backend.clock.advance(timedelta(**by))  # type: ignore[attr-defined]


def passed(backend: Backend, person: UUID, client_id: str, *, leans: bool = False) -> str:
    """Let the machine pass an attempt; returns the certificate's number."""
    attempt_id = world.add_attempt(backend, person, client_id)
    with backend.unit(SYSTEM.actor, SYSTEM.scope) as unit:
        _record_pass(unit, person, attempt_id, leans=leans)
        found = backend.people(unit).load(person)
        assert found is not None
        ground = Ground(
            channel=Channel.APP_SELF, captured_on=legal_day(unit.now), attempt_id=attempt_id
        )
        return validity.certify(backend, unit, found, ground).certificate_number


def _record_pass(unit: Unit, person: UUID, attempt_id: UUID, *, leans: bool) -> None:
    row = {
        "attempt_id": attempt_id,
        "beneficiary_id": person,
        "outcome": "pass",
        "reasons": [],
        "checks": LEANING if leans else [],
        "evidence": {},
        "models": {},
        "preset_digest": "00" * 32,
        "decided_at": unit.now,
    }
    assert attempts.record_decision(unit.session, row)


def learn_from(backend: Backend, person: UUID, client_id: str) -> UUID:
    """Keep the selfie of an attempt beside the enrolled photos; returns the reference's id."""
    with backend.unit(SYSTEM.actor, SYSTEM.scope) as unit:
        attempt = attempts.by_client_id(unit.session, client_id)
        assert attempt is not None
        selfie = attempts.parts_of(unit.session, attempt.id)["selfie"]
        session = attempts.session_of(unit.session, attempt)
        row = ReferencePhoto(
            id=uuid7(),
            beneficiary_id=person,
            evidence_id=selfie.id,
            consent_id=session.consent_id,
            source=Source.STRONG_SELF_CERTIFICATION.value,
            source_rank=rank(Source.STRONG_SELF_CERTIFICATION),
            taken_on=date(2026, 3, 2),
            embedding_sealed=b"",
            model="test",
            quality=1.0,
            added_at=unit.now,
            added_by="system:test",
        )
        unit.session.add(row)
    return row.id


def propose(backend: Backend, by: StaffMember, person: UUID, number: str) -> UUID:
    awake = world.confirmed(backend, by)
    return revocations.propose_revocation(backend, awake, person, number, grounds=GROUNDS)


def confirm(backend: Backend, by: StaffMember, proposal: UUID) -> None:
    proposals.answer(backend, world.confirmed(backend, by), proposal, CONFIRM)


# what hangs on it


def test_before_anybody_decides_each_entitlement_is_told_now_and_then(
    backend: Backend, head: StaffMember, person: UUID
) -> None:
    first = passed(backend, person, "phone-0001")
    before = world.valid_until(backend, person)
    advance(backend, days=100)
    number = passed(backend, person, "phone-0002")
    found = revocations.hanging_on(backend, head, person, number)
    assert (found.certificate_number, found.masked_name) == (number, "王*试")
    assert (found.channel, found.captured_on) == (Channel.APP_SELF, date(2026, 6, 10))
    assert {one.scheme: one.after for one in found.touched} == before
    assert {one.scheme: one.before for one in found.touched} == world.valid_until(backend, person)
    assert {one.hold for one in found.touched} == {HoldMove.NONE}
    assert (found.photos, found.leaning, found.proposal_id) == (0, 0, None)
    (later,) = {one.later for one in revocations.hanging_on(backend, head, person, first).touched}
    assert [one.certificate_number for one in later] == [number]


def test_a_hold_that_would_be_open_again_and_what_was_resumed_are_shown(
    backend: Backend, head: StaffMember, clerk: StaffMember, person: UUID
) -> None:
    world.suspend(backend, person, SuspensionCause.UNCERTIFIED)
    advance(backend, days=200)  # the first clock has run out
    number = passed(backend, person, "phone-0001")
    found = revocations.hanging_on(backend, head, person, number)
    for one in found.touched:
        assert (one.before_state, one.after_state) == (State.CURRENT, State.OVERDUE)
        assert (one.hold, one.was_resumed) == (HoldMove.REOPEN, True)
        assert one.status is EntitlementStatus.ACTIVE
    confirm(backend, clerk, propose(backend, head, person, number))
    (record,) = world.audited(backend, "certification.revoked")
    assert len(record.details["reopened"]) == len(BOTH)


def test_no_benefit_is_stopped_by_a_revocation(
    backend: Backend, head: StaffMember, clerk: StaffMember, person: UUID
) -> None:
    world.suspend(backend, person, SuspensionCause.UNCERTIFIED)
    advance(backend, days=200)
    number = passed(backend, person, "phone-0001")
    states = len(rows(backend, EntitlementState))
    confirm(backend, clerk, propose(backend, head, person, number))
    assert len(rows(backend, EntitlementState)) == states
    assert len(world.audited(backend, "entitlement.suspended")) == len(BOTH)


# to revoke


def test_a_proposal_to_revoke_does_nothing_yet(
    backend: Backend, head: StaffMember, person: UUID
) -> None:
    number = passed(backend, person, "phone-0001")
    until = world.valid_until(backend, person)
    proposal = propose(backend, head, person, number)
    assert world.valid_until(backend, person) == until
    (row,) = rows(backend, Proposal)
    assert (row.kind, row.certificate_number, row.grounds) == (
        ProposalKind.REVOKE_CERTIFICATION,
        number,
        GROUNDS,
    )
    assert {one["scheme"] for one in row.facts["entitlements"]} == set(BOTH)
    assert revocations.hanging_on(backend, head, person, number).proposal_id == proposal
    assert refusal(lambda: propose(backend, head, person, number)) == "proposal.already_open"


def test_confirmed_every_entitlement_of_the_number_falls_back_in_one_commit(
    backend: Backend, head: StaffMember, clerk: StaffMember, person: UUID
) -> None:
    passed(backend, person, "phone-0001")
    before = world.valid_until(backend, person)
    advance(backend, days=100)
    number = passed(backend, person, "phone-0002")
    proposal = propose(backend, head, person, number)
    told = {one.scheme: one.after for one in hanging(backend, head, person, number)}
    confirm(backend, clerk, proposal)
    assert world.valid_until(backend, person) == before == told
    revoked = rows(backend, Certification, kind="revoked")
    falsely = rows(backend, Certification, certificate_number=number)
    assert {row.revokes_id for row in revoked} == {row.id for row in falsely}
    assert len(revoked) == len(BOTH)
    assert {row.recorded_by for row in revoked} == {f"staff:{clerk.id}"}
    (record,) = world.audited(backend, "certification.revoked")
    assert (record.details["certificate"], record.details["proposal"]) == (number, str(proposal))
    assert refusal(lambda: hanging(backend, head, person, number)) == "revocation.already_revoked"
    assert refusal(lambda: propose(backend, head, person, number)) == "revocation.already_revoked"


def hanging(
    backend: Backend, who: StaffMember, person: UUID, number: str
) -> tuple[revocations.Touched, ...]:
    return revocations.hanging_on(backend, who, person, number).touched


def test_returned_nothing_is_revoked_and_it_may_be_proposed_again(
    backend: Backend, head: StaffMember, clerk: StaffMember, person: UUID
) -> None:
    number = passed(backend, person, "phone-0001")
    until = world.valid_until(backend, person)
    proposal = propose(backend, head, person, number)
    proposals.answer(backend, clerk, proposal, Reply(answer=Answer.RETURNED, note="请先上门"))
    assert world.valid_until(backend, person) == until
    confirm(backend, clerk, propose(backend, head, person, number))
    assert world.valid_until(backend, person) != until


def test_a_later_certification_stands_on_its_own(
    backend: Backend, head: StaffMember, clerk: StaffMember, person: UUID
) -> None:
    falsely = passed(backend, person, "phone-0001")
    advance(backend, days=30)
    passed(backend, person, "phone-0002")
    until = world.valid_until(backend, person)
    confirm(backend, clerk, propose(backend, head, person, falsely))
    assert world.valid_until(backend, person) == until


def test_a_wrongful_revocation_is_answered_by_certifying_anew(
    backend: Backend, head: StaffMember, clerk: StaffMember, person: UUID
) -> None:
    number = passed(backend, person, "phone-0001")
    until = world.valid_until(backend, person)
    confirm(backend, clerk, propose(backend, head, person, number))
    assert world.valid_until(backend, person) != until
    case = world.flagged_attempt(backend, person, "phone-0002")
    reviews.claim_case(backend, clerk, case)
    assert reviews.decide(backend, clerk, case, CERTIFY).certified is not None
    assert world.valid_until(backend, person) == until


def test_whose_certification_was_revoked_is_asked_to_certify_anew_and_has_no_receipt(
    backend: Backend, head: StaffMember, clerk: StaffMember, person: UUID
) -> None:
    number = passed(backend, person, "phone-0001")
    assert status(backend, person, "phone-0001") == ("pass", number)
    confirm(backend, clerk, propose(backend, head, person, number))
    assert status(backend, person, "phone-0001") == ("ask_again", None)


def status(backend: Backend, person: UUID, client_id: str) -> tuple[str, str | None]:
    with backend.unit(SYSTEM.actor, SYSTEM.scope) as unit:
        attempt = attempts.by_client_id(unit.session, client_id)
        found = backend.people(unit).load(person)
        assert attempt is not None
        assert found is not None
        said = status_within(backend, unit, found, attempt)
    return said.state.value, said.receipt.certificate_number if said.receipt else None


def test_a_visit_whose_certification_was_revoked_reads_so_too(
    backend: Backend, head: StaffMember, clerk: StaffMember, person: UUID
) -> None:
    officer = world.officer(backend)
    case = world.flagged_visit(backend, officer, person, "visit-0001")
    reviews.claim_case(backend, clerk, case)
    certified = reviews.decide(backend, clerk, case, CERTIFY).certified
    assert certified is not None
    bureau = world.add_staff(backend, "bureau", role=Role.COUNTY_BUREAU, path=COUNTY)
    confirm(backend, bureau, propose(backend, head, person, certified.certificate_number))
    found = home_visits.status_of(backend, officer, "visit-0001")
    assert (found.state, found.receipt) == (VisitState.ASKED_AGAIN, None)
    assert review_cases.open_case(backend, head, case).verdict is not None


# photos that came with it


def test_a_photo_that_was_learnt_from_it_is_never_compared_again(
    backend: Backend, head: StaffMember, clerk: StaffMember, person: UUID
) -> None:
    enrolled = world.enrol_unread(backend, person, world.JPEG + b"enrolled", None)
    number = passed(backend, person, "phone-0001")
    learnt = learn_from(backend, person, "phone-0001")
    passed(backend, person, "phone-0002")
    other = learn_from(backend, person, "phone-0002")
    assert revocations.hanging_on(backend, head, person, number).photos == 1
    confirm(backend, clerk, propose(backend, head, person, number))
    standing = rows(backend, ReferencePhoto, removed_at=None)
    assert {row.evidence_id for row in standing} >= {enrolled}
    assert {row.id for row in standing} - {other} == {
        row.id for row in standing if row.evidence_id == enrolled
    }
    (record,) = world.audited(backend, "reference.removed")
    assert (record.details["reference"], record.details["reason"]) == (
        str(learnt),
        "certification_revoked",
    )


def test_a_pass_that_leaned_on_what_was_learnt_is_looked_at_by_a_human(
    backend: Backend, head: StaffMember, clerk: StaffMember, person: UUID
) -> None:
    number = passed(backend, person, "phone-0001", leans=True)
    learn_from(backend, person, "phone-0001")
    advance(backend, days=1)
    passed(backend, person, "phone-0002", leans=True)
    assert revocations.hanging_on(backend, head, person, number).leaning == 1
    confirm(backend, clerk, propose(backend, head, person, number))
    (review,) = rows(backend, Review)
    (leaning,) = [row for row in rows(backend, Attempt) if row.client_id == "phone-0002"]
    assert review.attempt_id == leaning.id


# who may


def test_who_certified_may_say_it_was_wrong_but_another_confirms(
    backend: Backend, head: StaffMember, clerk: StaffMember, person: UUID
) -> None:
    case = world.flagged_attempt(backend, person, "phone-0001")
    reviews.claim_case(backend, clerk, case)
    certified = reviews.decide(backend, clerk, case, CERTIFY).certified
    assert certified is not None
    proposal = propose(backend, head, person, certified.certificate_number)
    assert refusal(lambda: confirm(backend, clerk, proposal)) == "proposal.not_independent"
    assert refusal(lambda: confirm(backend, head, proposal)) == "proposal.own"
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
    assert refusal(lambda: propose(backend, bureau, person, number)) == "proposal.not_independent"
    proposal = propose(backend, head, person, number)
    for involved in (bureau, visitor, reviewer):
        assert refusal(lambda: confirm(backend, involved, proposal)) == "proposal.not_independent"  # noqa: B023 - called at once


def test_the_relative_who_held_the_phone_is_no_second(
    backend: Backend, head: StaffMember, clerk: StaffMember, person: UUID
) -> None:
    case = world.flagged_attempt(backend, person, "phone-0001", channel="helper", helper="王小明")
    reviews.claim_case(backend, clerk, case)
    certified = reviews.decide(backend, clerk, case, CERTIFY).certified
    assert certified is not None
    proposal = propose(backend, head, person, certified.certificate_number)
    relative = replace(world.add_staff(backend, "relative"), display_name="王小明")
    assert refusal(lambda: confirm(backend, relative, proposal)) == "proposal.not_independent"


def test_a_clerk_confirms_but_does_not_propose(
    backend: Backend, head: StaffMember, clerk: StaffMember, person: UUID
) -> None:
    number = passed(backend, person, "phone-0001")
    assert refusal(lambda: propose(backend, clerk, person, number)) == "permission.denied"
    confirm(backend, clerk, propose(backend, head, person, number))
    assert len(rows(backend, Certification, kind="revoked")) == len(BOTH)


def test_to_propose_asks_for_the_password_and_for_grounds(
    backend: Backend, head: StaffMember, person: UUID
) -> None:
    number = passed(backend, person, "phone-0001")
    advance(backend, minutes=16)
    act = revocations.propose_revocation
    assert refusal(lambda: act(backend, head, person, number, grounds=GROUNDS)) == (
        "auth.confirmation_needed"
    )
    awake = world.confirmed(backend, head)
    assert refusal(lambda: act(backend, awake, person, number, grounds="  ")) == (
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
        assert refusal(lambda: hanging(backend, who, whom, which)) == code  # noqa: B023 - called at once
        assert refusal(lambda: propose(backend, who, whom, which)) == code  # noqa: B023 - called at once


def test_of_somebody_erased_by_law_nothing_is_revoked(
    backend: Backend, head: StaffMember, clerk: StaffMember, person: UUID
) -> None:
    number = passed(backend, person, "phone-0001")
    proposal = propose(backend, head, person, number)
    with backend.unit(SYSTEM.actor, SYSTEM.scope) as unit:
        row = unit.session.get_one(DataKeyRow, person)
        row.wrapped, row.destroyed_at = None, unit.now
    assert refusal(lambda: confirm(backend, clerk, proposal)) == "evidence.erased"
    assert rows(backend, ProposalAnswer) == []


# an open appeal


@pytest.mark.parametrize("kind", ProposalKind)
def test_while_an_appeal_is_open_nothing_that_harms_is_confirmed(
    backend: Backend, head: StaffMember, clerk: StaffMember, person: UUID, kind: ProposalKind
) -> None:
    if kind is ProposalKind.REVOKE_CERTIFICATION:
        proposal = propose(backend, head, person, passed(backend, person, "phone-0001"))
    else:
        case = world.flagged_attempt(backend, person, "phone-0001")
        reviews.claim_case(backend, head, case)
        refer = Ruling(verdict=Verdict.REFER_AS_LEAD, method=None, findings=GROUNDS)
        referred = reviews.decide(backend, head, case, refer).proposal_id
        assert referred is not None
        proposal = referred
    with backend.unit(SYSTEM.actor, SYSTEM.scope) as unit:
        appeal = Appeal(
            id=uuid7(),
            beneficiary_id=person,
            channel="telephone",
            statement="我还健在，请再核对",
            raised_at=unit.now,
            raised_by="system:test",
            due_at=unit.now + timedelta(days=3),
        )
        unit.session.add(appeal)
    assert refusal(lambda: confirm(backend, clerk, proposal)) == "appeal.open"
    assert rows(backend, ProposalAnswer) == []
    proposals.answer(backend, clerk, proposal, Reply(answer=Answer.RETURNED, note="先答复申诉"))


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
    case = world.flagged_attempt(backend, person, "phone-0002")
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
