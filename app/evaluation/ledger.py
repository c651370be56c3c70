"""What was measured so far: one line of JSON an item, written as soon as it is known.

The file holds face templates of real people: only its owner may read it.
"""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

FILE = "items.jsonl"
Result = Mapping[str, Any]


class Ledger:
    """Results by key. A line that a killed run left half written is passed over."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / FILE
        self.known: dict[str, Result] = dict(_read(path))
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._file = os.fdopen(handle, "a", encoding="utf-8")
        if _is_cut(path):
            self._file.write("\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def add(self, key: str, result: Result) -> None:
        """Keep one result, on disk at once."""
        line = json.dumps({"key": key, "result": result}, ensure_ascii=False)
        self._file.write(line + "\n")
        self._file.flush()
        self.known[key] = result


def _read(path: Path) -> Iterator[tuple[str, Result]]:
    if not path.exists():
        return
    with path.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            try:
                item = json.loads(line)
                yield item["key"], item["result"]
            except (ValueError, KeyError, TypeError):
                continue


def _is_cut(path: Path) -> bool:
    with path.open("rb") as source:
        if not source.seek(0, os.SEEK_END):
            return False
        source.seek(-1, os.SEEK_END)
        return source.read(1) != b"\n"
