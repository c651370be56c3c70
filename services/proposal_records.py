"""Proposals as they are written down; who may make and answer them stands in `domain.proposal`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.audit import AuditAction
from domain.errors import AppError, Kind
from domain.ids import StaffId
from domain.proposal import Answer, ProposalKind
from domain.proposal import Proposal as Pending
from domain.roles import Permission, Role, may
from services.accounts import StaffMember
from services.unit_of_work import Unit
from storage.db.models.cases import Proposal
from storage.db.repositories import accounts, proposals
from storage.ids import uuid7


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProposal:
    """What is proposed about whom: a case or a certificate. `facts` hold ids, days and enums."""

    kind: ProposalKind
    person_id: UUID
    grounds: str
    facts: Mapping[str, Any]
    review_id: UUID | None = None
    certificate_number: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A proposal about a case that has its answer. A returned one tells the next reviewer why."""

    id: UUID
    grounds: str
    proposed_at: datetime
    proposed_by: UUID
    answer: Answer
    note: str
    answered_at: datetime
    answered_by: UUID


def check_acting(unit: Unit, member: StaffMember, permission: Permission) -> None:
    """Refuse who was closed since signing in, or may not. Raises `permission.denied`."""
    if not (accounts.is_active(unit.session, member.id) and may(Role(member.role), permission)):
        raise AppError(Kind.FORBIDDEN, "permission.denied")


def make(unit: Unit, proposer: StaffMember, new: NewProposal, pending: Pending) -> UUID:
    """Write a proposal down, in the caller's unit, which keeps others from making the same."""
    row = Proposal(
        id=uuid7(),
        beneficiary_id=new.person_id,
        kind=new.kind.value,
        review_id=new.review_id,
        certificate_number=new.certificate_number,
        grounds=new.grounds.strip(),
        facts={**new.facts, "involved": sorted(str(member) for member in pending.involved)},
        proposed_at=unit.now,
        proposed_by=proposer.id,
    )
    proposals.add(unit.session, row)
    unit.audit(
        AuditAction.PROPOSAL_MADE,
        proposal=str(row.id),
        kind=row.kind,
        beneficiary=str(row.beneficiary_id),
        review=str(row.review_id) if row.review_id else None,
        certificate=row.certificate_number,
    )
    return row.id


def pending_of(unit: Unit, row: Proposal) -> Pending:
    """Return a proposal as the rules see it."""
    answered = proposals.answer_of(unit.session, row.id)
    return Pending(
        proposed_by=StaffId(row.proposed_by),
        involved=frozenset(StaffId(UUID(member)) for member in row.facts["involved"]),
        answer=Answer(answered.answer) if answered else None,
    )


def settled_of(unit: Unit, review_id: UUID) -> tuple[Settled, ...]:
    """Return what was proposed about a case and answered, oldest first."""
    return tuple(
        Settled(
            id=row.Proposal.id,
            grounds=row.Proposal.grounds,
            proposed_at=row.Proposal.proposed_at,
            proposed_by=row.Proposal.proposed_by,
            answer=Answer(row.ProposalAnswer.answer),
            note=row.ProposalAnswer.note,
            answered_at=row.ProposalAnswer.answered_at,
            answered_by=row.ProposalAnswer.answered_by,
        )
        for row in proposals.answered_of_review(unit.session, review_id)
    )
