"""What tests of reviewers share: a verdict, the queue as somebody sees it, rows, and time."""

from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa

from domain.review import Method, Verdict
from services import reviews
from services.accounts import StaffMember
from services.backend import Backend
from services.reviews import Ruling
from storage.db.base import Base
from storage.db.models.cases import Review
from tests.case_world import SYSTEM

Row = TypeVar("Row", bound=Base)
CERTIFY = Ruling(verdict=Verdict.CERTIFIED, method=Method.CALL_BACK, findings="已电话核实本人健在")


def ruling(verdict: Verdict) -> Ruling:
    """A verdict that needs no method."""
    return Ruling(verdict=verdict, method=None, findings="照片看不清楚，无法判断")


def rows(backend: Backend, model: type[Row], **where: Any) -> list[Row]:
    with backend.unit(SYSTEM.actor, SYSTEM.scope) as unit:
        return list(unit.session.scalars(sa.select(model).filter_by(**where)))


def rereads_of(backend: Backend, case: UUID) -> list[Review]:
    return rows(backend, Review, reread_of=case)


def queue_of(backend: Backend, who: StaffMember) -> list[UUID]:
    """The cases that somebody is offered, in their order."""
    return [case.id for case in reviews.queue_page(backend, who, after=None, limit=50).cases]


def advance(backend: Backend, **by: float) -> None:
    backend.clock.advance(timedelta(**by))  # type: ignore[attr-defined]
