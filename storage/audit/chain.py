"""The audit chain in the database: append under the county's lock, and verify from the start."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from domain.audit import GENESIS, AuditEvent, canonical, linked
from storage.crypto.digest import sm3
from storage.db.models.audit import AuditRow
from storage.db.scope import ALL, set_scope

BATCH = 2000


class FaultKind(StrEnum):
    ALTERED = "altered"  # a record's bytes, digest or search columns do not agree
    GAP = "gap"  # a sequence number is missing: a record was removed
    UNLINKED = "unlinked"  # a record does not follow the one before: inserted or reordered
    REWRITTEN = "rewritten"  # a record is not the one that was anchored
    CUT = "cut"  # the chain ends before an anchored head


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainFault:
    chain: str
    seq: int
    kind: FaultKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The newest record of a chain."""

    chain: str
    seq: int
    digest: bytes


@contextmanager
def reading_whole_trail(sessions: sessionmaker[Session]) -> Iterator[Session]:
    """Open a read-only transaction over every chain, for verification and anchoring."""
    with reading_trail(sessions, ALL) as session:
        yield session


@contextmanager
def reading_trail(sessions: sessionmaker[Session], scope: str) -> Iterator[Session]:
    """Open a read-only transaction over the chains of a division, for as long as it takes."""
    with sessions() as session, session.begin():
        session.execute(sa.text("set transaction read only"))
        set_scope(session, scope)
        # A long chain may take longer to walk than any request may last.
        session.execute(sa.text("set local statement_timeout = 0"))
        yield session


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
        rows.append(_row(event, place=(chain, seq), links=(previous, digest), body=body))
        previous = digest
    session.execute(sa.insert(AuditRow), rows)


def _row(
    event: AuditEvent, *, place: tuple[str, int], links: tuple[bytes, bytes], body: bytes
) -> dict[str, Any]:
    return {
        "chain": place[0],
        "seq": place[1],
        "previous": links[0],
        "digest": links[1],
        "body": body,
        "at": event.at,
        "actor": str(event.actor),
        "action": event.action.value,
        "details": dict(event.details),
    }


# One index probe a chain: the trail may hold many millions of records of a few chains.
_CHAINS = """
with recursive names as (
  select min(chain) as chain from audit_events
  union all
  select (select min(e.chain) from audit_events e where e.chain > names.chain)
  from names where names.chain is not null
)
select chain from names where chain is not null
"""


def heads(session: Session) -> list[Head]:
    """Return the head of every chain in scope."""
    return [_head(session, chain) for chain in session.scalars(sa.text(_CHAINS)).all()]


def _head(session: Session, chain: str) -> Head:
    newest = session.execute(
        sa.select(AuditRow.seq, AuditRow.digest)
        .where(AuditRow.chain == chain)
        .order_by(AuditRow.seq.desc())
        .limit(1)
    ).one()
    return Head(chain=chain, seq=newest.seq, digest=newest.digest)


def verify(
    session: Session,
    chain: str,
    *,
    anchored: Mapping[int, bytes],
    on_batch: Callable[[int], None],
) -> Iterator[ChainFault]:
    """Walk `chain` from its first record and yield each fault.

    `anchored` maps a sequence number to the digest that was published for it. `on_batch` hears
    how many records were read. A tail that was forged or cut after the last anchor stays unseen.
    """
    for count, faults in walk(session, chain, anchored=anchored):
        yield from faults
        on_batch(count)


def walk(
    session: Session, chain: str, *, anchored: Mapping[int, bytes]
) -> Iterator[tuple[int, list[ChainFault]]]:
    """Do the same in steps: yield how many records were read, and the faults among them."""
    seq, previous = 0, GENESIS
    for batch in _batches(session, chain):
        faults = []
        for row in batch:
            found = _faults(row, after=(seq, previous), anchored=anchored)
            faults += [ChainFault(chain=chain, seq=at, kind=kind) for kind, at in found]
            seq, previous = row.seq, row.digest
        yield len(batch), faults
    missing = sorted(number for number in anchored if number > seq)
    yield 0, [ChainFault(chain=chain, seq=number, kind=FaultKind.CUT) for number in missing]


def _batches(session: Session, chain: str) -> Iterator[Sequence[sa.Row[Any]]]:
    query = (
        sa.select(*AuditRow.__table__.columns)
        .where(AuditRow.chain == chain)
        .order_by(AuditRow.seq)
        .execution_options(yield_per=BATCH)
    )
    return session.execute(query).partitions()


def _faults(
    row: sa.Row[Any], *, after: tuple[int, bytes], anchored: Mapping[int, bytes]
) -> Iterator[tuple[FaultKind, int]]:
    seq, previous = after
    if row.seq != seq + 1:
        yield FaultKind.GAP, seq + 1
    elif row.previous != previous:
        yield FaultKind.UNLINKED, row.seq
    if not _is_intact(row):
        yield FaultKind.ALTERED, row.seq
    if anchored.get(row.seq, row.digest) != row.digest:
        yield FaultKind.REWRITTEN, row.seq


def _is_intact(row: sa.Row[Any]) -> bool:
    if sm3(linked(row.previous, row.seq, row.body)) != row.digest:
        return False
    try:
        said = json.loads(row.body)
    except ValueError:
        return False
    return isinstance(said, dict) and _shown(row).items() <= said.items()


def _shown(row: sa.Row[Any]) -> dict[str, Any]:
    """Return what the search columns claim that the body says."""
    return {
        "chain": row.chain,
        "seq": row.seq,
        "actor": row.actor,
        "action": row.action,
        "details": row.details,
        "at": row.at.astimezone(UTC).isoformat(timespec="microseconds"),
    }
