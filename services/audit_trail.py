"""The audit trail as a whole: verify every chain, and publish its heads."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog
from sqlalchemy.orm import Session, sessionmaker

from storage.audit import chain
from storage.audit.anchors import Anchor, read_anchors, write_anchors
from storage.audit.chain import ChainFault, Head

log = structlog.get_logger("audit")

Progress = Callable[[int, int], None]
"""Hears how many records were checked, of how many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailReport:
    """What a verification found. `anchors` is how many published heads it was held against."""

    chains: int
    records: int
    anchors: int
    faults: tuple[ChainFault, ...]

    @property
    def is_intact(self) -> bool:
        return not self.faults


def verify_chains(
    sessions: sessionmaker[Session], anchors_path: Path, progress: Progress | None = None
) -> TrailReport:
    """Check every record of every chain, and every chain against its published heads.

    Finds altered, removed, inserted and reordered records, a tail cut before the last anchor and
    a chain that vanished. Raises ValueError when a line of the anchor file is damaged.
    """
    anchors = read_anchors(anchors_path)
    anchored = _by_chain(anchors)
    with chain.reading_whole_trail(sessions) as session:
        heads = chain.heads(session)
        count = _Count(total=sum(head.seq for head in heads), progress=progress)
        names = sorted({head.chain for head in heads} | set(anchored))
        faults = [
            fault
            for name in names
            for fault in chain.verify(
                session, name, anchored=anchored.get(name, {}), on_batch=count.add
            )
        ]
    return TrailReport(
        chains=len(names), records=count.done, anchors=len(anchors), faults=tuple(faults)
    )


def anchor_heads(
    sessions: sessionmaker[Session], anchors_path: Path, now: datetime
) -> list[Anchor]:
    """Publish each head that grew since its last anchor; return what was written.

    A chain that ends before its last anchor was cut: it is reported, never anchored again.
    Raises ValueError when a line of the anchor file is damaged.
    """
    anchored = _by_chain(read_anchors(anchors_path))
    with chain.reading_whole_trail(sessions) as session:
        heads = chain.heads(session)
    new = [
        Anchor(chain=head.chain, seq=head.seq, digest=head.digest, at=now)
        for head in heads
        if _has_grown(head, anchored.get(head.chain, {}))
    ]
    if new:
        write_anchors(anchors_path, new)
    return new


def _by_chain(anchors: Sequence[Anchor]) -> dict[str, dict[int, bytes]]:
    # The first anchor of a number counts: a later one cannot take it back.
    found: dict[str, dict[int, bytes]] = defaultdict(dict)
    for anchor in anchors:
        found[anchor.chain].setdefault(anchor.seq, anchor.digest)
    return dict(found)


def _has_grown(head: Head, anchored: Mapping[int, bytes]) -> bool:
    last = max(anchored, default=0)
    if head.seq < last:
        log.error("audit.chain_cut", county=head.chain, count=last - head.seq)
    return head.seq > last


@dataclass(slots=True, kw_only=True)
class _Count:
    total: int
    progress: Progress | None
    done: int = 0

    def add(self, records: int) -> None:
        self.done += records
        if self.progress is not None:
            self.progress(self.done, max(self.total, self.done))
