"""Verifying a chain on somebody's asking, within the reader's own wall, step by step.

A long chain takes minutes. Whoever asks hears how far it is, may go away, and finds the result in
the chain itself: that it was verified is one of its records.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from domain.audit import AuditAction
from domain.errors import AppError, Kind
from domain.regions import DivisionPath, DivisionScope
from services.accounts import StaffMember, actor_of, scope_of
from services.backend import Backend
from storage.audit import chain
from storage.audit.anchors import Anchor, read_anchors
from storage.audit.chain import ChainFault
from storage.db.repositories import audit_trail
from storage.db.repositories.audit_trail import SearchTooWide

__all__ = ["ChainFault"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """How far a verification is."""

    done: int
    total: int
    faults: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a verification found. `anchored_to` is the last record that was published elsewhere."""

    chain: str
    records: int
    anchors: int
    anchored_to: int
    faults: int
    first: ChainFault | None

    @property
    def is_intact(self) -> bool:
        return self.faults == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """When a chain was verified last, and what it came to."""

    at: datetime
    by: str
    records: int
    faults: int


def verify(backend: Backend, member: StaffMember, name: str) -> Iterator[Step | Verdict]:
    """Walk a chain that the member may read; yield steps, and the verdict last.

    The verdict is on record. Raises `audit.chain_unknown` and `audit.verify_running` before the
    first step, `audit.broken` when the file of published heads is damaged, `server.unavailable`.
    """
    # A chain that vanished as a whole is below one's division still.
    if not name.startswith(member.division_path):
        raise AppError(Kind.NOT_FOUND, "audit.chain_unknown")
    try:
        everywhere = read_anchors(backend.installation.anchors)
    except ValueError as error:
        raise AppError(Kind.UNAVAILABLE, "audit.broken") from error
    anchors = [anchor for anchor in everywhere if anchor.chain == name]
    verdict = None
    try:
        with chain.reading_trail(backend.sessions, member.division_path) as session:
            for said in _walk(session, name, anchors):
                if isinstance(said, Verdict):
                    verdict = said
                else:
                    yield said
    except OperationalError as error:
        raise AppError(Kind.UNAVAILABLE, "server.unavailable") from error
    assert verdict is not None, "a walk ends with a verdict"
    _write_down(backend, member, verdict)
    yield verdict


def _walk(session: Session, name: str, anchors: list[Anchor]) -> Iterator[Step | Verdict]:
    total = audit_trail.head_of(session, name)
    if total == 0 and not anchors:
        raise AppError(Kind.NOT_FOUND, "audit.chain_unknown")
    if not audit_trail.is_free_to_verify(session, name):
        raise AppError(Kind.CONFLICT, "audit.verify_running")
    published: dict[int, bytes] = {}
    for anchor in anchors:
        published.setdefault(anchor.seq, anchor.digest)  # the first one counts
    done, found = 0, 0
    first: ChainFault | None = None
    for count, faults in chain.walk(session, name, anchored=published):
        done += count
        found += len(faults)
        first = first or next(iter(faults), None)
        yield Step(done=done, total=max(total, done), faults=found)
    yield Verdict(
        chain=name,
        records=done,
        anchors=len(anchors),
        anchored_to=max(published, default=0),
        faults=found,
        first=first,
    )


def _write_down(backend: Backend, member: StaffMember, verdict: Verdict) -> None:
    with backend.unit(actor_of(member), DivisionScope(path=DivisionPath(verdict.chain))) as unit:
        unit.audit(
            AuditAction.AUDIT_VERIFIED,
            chain=verdict.chain,
            records=verdict.records,
            anchors=verdict.anchors,
            faults=verdict.faults,
            first=verdict.first.seq if verdict.first else None,
            kind=verdict.first.kind.value if verdict.first else None,
        )


def last_verified(backend: Backend, member: StaffMember, name: str) -> Earlier | None:
    """Say when a chain was verified last; None for never, or too long ago to find quickly."""
    with backend.unit(actor_of(member), scope_of(member)) as unit:
        try:
            found = audit_trail.newest(unit.session, name, AuditAction.AUDIT_VERIFIED.value)
        except SearchTooWide:
            return None
    if found is None:
        return None
    return Earlier(
        at=found.at,
        by=found.actor,
        records=_number(found.details, "records"),
        faults=_number(found.details, "faults"),
    )


def _number(details: dict[str, Any], name: str) -> int:
    found = details.get(name)
    return found if isinstance(found, int) else 0
