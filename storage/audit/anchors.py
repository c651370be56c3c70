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

DIGEST_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """A head as it was published at a moment."""

    chain: str
    seq: int
    digest: bytes
    at: datetime


def read_anchors(path: Path) -> list[Anchor]:
    """Return all anchors of the file, oldest first; an absent file holds none.

    A last line without its end was never acknowledged and does not count. Raises ValueError with
    the line's number when any other line is damaged.
    """
    if not path.exists():
        return []
    whole, _, _torn = path.read_text(encoding="utf-8").rpartition("\n")
    return [_parse(line, n) for n, line in enumerate(whole.splitlines(), start=1)]


def write_anchors(path: Path, anchors: Sequence[Anchor]) -> None:
    """Append `anchors`, durable on return."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab+") as file:
        file.truncate(_whole_lines(path))
        file.writelines(_line(anchor).encode() for anchor in anchors)
        file.flush()
        os.fsync(file.fileno())
    _sync_folder(path.parent)


def _whole_lines(path: Path) -> int:
    """Size of the file without half a line that a crash left at its end."""
    return path.read_bytes().rfind(b"\n") + 1


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


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
        anchor = Anchor(
            chain=str(said["chain"]),
            seq=int(said["seq"]),
            digest=bytes.fromhex(said["digest"]),
            at=datetime.fromisoformat(said["at"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"line {number} of the anchor file is damaged") from error
    if len(anchor.digest) != DIGEST_BYTES:
        raise ValueError(f"line {number} of the anchor file is damaged")
    return anchor
