"""Chain heads written down outside the database, so that a cut tail shows.

An append-only file of JSON lines, synced to disk line by line. Ship it to a place that the
operators of the database cannot write (ADR 0006).
"""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    chain: str
    seq: int
    digest: bytes
    at: datetime


def read_anchors(path: Path) -> list[Anchor]:
    """All anchors of the file, oldest first; an absent file holds none.

    Raises ValueError with the line's number when a line is damaged.
    """
    if not path.exists():
        return []
    return [_parse(line, n) for n, line in enumerate(path.read_text().splitlines(), start=1)]


def write_anchors(path: Path, anchors: Sequence[Anchor]) -> None:
    """Append `anchors`, durable on return."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        file.writelines(_line(anchor) for anchor in anchors)
        file.flush()
        os.fsync(file.fileno())


def _line(anchor: Anchor) -> str:
    fields = {
        "at": anchor.at.isoformat(),
        "chain": anchor.chain,
        "digest": anchor.digest.hex(),
        "seq": anchor.seq,
    }
    return json.dumps(fields, sort_keys=True) + "\n"


def _parse(line: str, number: int) -> Anchor:
    try:
        said = json.loads(line)
        return Anchor(
            chain=said["chain"],
            seq=said["seq"],
            digest=bytes.fromhex(said["digest"]),
            at=datetime.fromisoformat(said["at"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"line {number} of the anchor file is damaged") from error
