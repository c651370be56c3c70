"""Published heads survive a crash and a damaged line is named, never skipped."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage.audit.anchors import Anchor, read_anchors, write_anchors

FIRST = Anchor(chain="990101", seq=3, digest=b"a" * 32, at=datetime(2026, 3, 2, 1, 0, tzinfo=UTC))
SECOND = Anchor(chain="system", seq=9, digest=b"b" * 32, at=datetime(2026, 3, 2, 1, 10, tzinfo=UTC))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "anchors.jsonl"


def test_an_absent_file_holds_no_anchor(path: Path) -> None:
    assert read_anchors(path) == []


def test_what_is_written_is_read_back_in_order(path: Path) -> None:
    write_anchors(path, [FIRST])
    write_anchors(path, [SECOND])

    assert read_anchors(path) == [FIRST, SECOND]


def test_half_a_line_of_a_crash_counts_for_nothing_and_spoils_nothing(path: Path) -> None:
    write_anchors(path, [FIRST])
    with path.open("ab") as file:
        file.write(b'{"at": "2026-03-02T01:')

    assert read_anchors(path) == [FIRST]
    write_anchors(path, [SECOND])
    assert read_anchors(path) == [FIRST, SECOND]


@pytest.mark.parametrize(
    "damage",
    [
        "",
        "not json",
        "[]",
        '{"chain": "990101"}',
        '{"chain": "990101", "seq": 1, "digest": "zz", "at": "2026-03-02T01:00:00+00:00"}',
        '{"chain": "990101", "seq": 1, "digest": "aa", "at": "2026-03-02T01:00:00+00:00"}',
        '{"chain": "990101", "seq": "x", "digest": "aa", "at": "2026-03-02T01:00:00+00:00"}',
    ],
)
def test_a_damaged_line_is_named(path: Path, damage: str) -> None:
    write_anchors(path, [FIRST])
    with path.open("a") as file:
        file.write(damage + "\n")
    write_anchors(path, [SECOND])

    with pytest.raises(ValueError, match="line 2 "):
        read_anchors(path)
