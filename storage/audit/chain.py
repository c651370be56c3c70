"""The audit chain in the database: append under the county's lock, and verify from the start."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from domain.audit import GENESIS, AuditEvent, canonical, linked
from storage.audit.anchors import Anchor
from storage.crypto.digest import sm3
from storage.db.models.audit import AuditRow


class FaultKind(StrEnum):
    ALTERED = "altered"  # a record's bytes, digest or search columns do not agree
    GAP = "gap"  # a sequence number is missing: a record was removed
    UNLINKED = "unlinked"  # a record does not follow the one before: inserted or reordered
    CUT = "cut"  # the chain ends before, or differs from, an anchored head


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainFault:
    chain: str
    seq: int
    kind: FaultKind


def append(session: Session, chain: str, events: Sequence[AuditEvent]) -> None:
    """Append `events` to `chain`, in order. Takes the chain's lock until the commit."""
    if not events:
        return
    head = session.execute(sa.text("select seq, digest from audit_head(:c)"), {"c": chain}).one()
    seq, previous = (head.seq, bytes(head.digest)) if head.seq else (0, GENESIS)
    rows = []
    for event in events:
        seq += 1
        body = canonical(event, chain=chain, seq=seq)
        digest = sm3(linked(previous, seq, body))
        rows.append(_row(event, chain=chain, seq=seq, links=(previous, digest), body=body))
        previous = digest
    session.execute(sa.insert(AuditRow), rows)


def _row(
    event: AuditEvent, *, chain: str, seq: int, links: tuple[bytes, bytes], body: bytes
) -> dict[str, Any]:
    return {
        "chain": chain,
        "seq": seq,
        "previous": links[0],
        "digest": links[1],
        "body": body,
        "at": event.at,
        "action": event.action.value,
        "details": dict(event.details),
    }


def chains(session: Session) -> list[str]:
    return list(session.scalars(sa.select(AuditRow.chain).distinct().order_by(AuditRow.chain)))


def heads(session: Session) -> list[tuple[str, int, bytes]]:
    """Return the newest (chain, seq, digest) of every chain in scope."""
    newest = sa.select(AuditRow.chain, sa.func.max(AuditRow.seq)).group_by(AuditRow.chain)
    rows = session.execute(
        sa.select(AuditRow.chain, AuditRow.seq, AuditRow.digest).where(
            sa.tuple_(AuditRow.chain, AuditRow.seq).in_(newest)
        )
    )
    return [(row.chain, row.seq, bytes(row.digest)) for row in rows]


def verify(session: Session, chain: str, anchors: Sequence[Anchor]) -> Iterator[ChainFault]:
    """Walk `chain` from its first record and yield each fault; `anchors` are published heads."""
    anchored = {anchor.seq: anchor.digest for anchor in anchors if anchor.chain == chain}
    seq, previous = 0, GENESIS
    for row in _rows(session, chain):
        if row.seq != seq + 1:
            yield ChainFault(chain=chain, seq=seq + 1, kind=FaultKind.GAP)
        elif bytes(row.previous) != previous:
            yield ChainFault(chain=chain, seq=row.seq, kind=FaultKind.UNLINKED)
        if not _is_intact(row):
            yield ChainFault(chain=chain, seq=row.seq, kind=FaultKind.ALTERED)
        seq, previous = row.seq, bytes(row.digest)
        if anchored.pop(seq, previous) != previous:
            yield ChainFault(chain=chain, seq=seq, kind=FaultKind.CUT)
    for missing in sorted(anchored):
        yield ChainFault(chain=chain, seq=missing, kind=FaultKind.CUT)


def _rows(session: Session, chain: str) -> Iterator[AuditRow]:
    query = sa.select(AuditRow).where(AuditRow.chain == chain).order_by(AuditRow.seq)
    return iter(session.scalars(query.execution_options(yield_per=2000)))


def _is_intact(row: AuditRow) -> bool:
    body = bytes(row.body)
    if sm3(linked(bytes(row.previous), row.seq, body)) != bytes(row.digest):
        return False
    try:
        said = json.loads(body)
    except ValueError:
        return False
    return bool(
        said["chain"] == row.chain
        and said["seq"] == row.seq
        and said["action"] == row.action
        and said["details"] == row.details
        and said["at"] == row.at.isoformat(timespec="microseconds")
    )
