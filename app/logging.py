"""Logs are an event name plus ids and enums; a field off the allow-list does not come through."""

import json
import logging
import sys
import traceback
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any

import structlog

ALLOWED = frozenset(
    {
        # the record itself
        "event",
        "level",
        "timestamp",
        # ids (opaque) and codes of places
        "attempt",
        "beneficiary",
        "certification",
        "county",
        "division",
        "entitlement",
        "evidence",
        "job",
        "reference",
        "request",
        "review",
        "session",
        "staff",
        "visit",
        # closed sets
        "action",
        "channel",
        "code",
        "kind",
        "media_fault",
        "method",
        "outcome",
        "preset",
        "queue",
        "reason",
        "role",
        "scheme",
        "signal",
        "state",
        "task",
        # counts, sizes, durations
        "attempts",
        "bytes",
        "count",
        "deleted",
        "duration_ms",
        "failures",
        "frames",
        "retries",
        "rows",
        "seconds",
        "size",
        # the machine's own affairs
        "digest",
        "error_type",
        "exit_code",
        "host",
        "model",
        "path",
        "pid",
        "port",
        "revision",
        "route",
        "status",
        "version",
        "worker",
    }
)
"""The same words as `tools/lint/allowed_log_fields.txt`, by which calls are checked; a test
compares the two."""

FRAMES = 12


def only_allowed(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Drop every field that is not on the list, and say which one it was."""
    dropped = sorted(set(event) - ALLOWED)
    kept = {name: value for name, value in event.items() if name in ALLOWED}
    return kept | ({"reason": "dropped: " + ",".join(dropped)} if dropped else {})


class LibraryFormatter(logging.Formatter):
    """What libraries log: their words without what was put into them, and where it happened.

    Never an exception's message either: a database error quotes the row that it refused.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Write one JSON line."""
        line: dict[str, Any] = {
            "event": f"{record.name}: {record.msg}",
            "level": record.levelname.lower(),
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
        }
        if record.exc_info and record.exc_info[1] is not None:
            line |= _where(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)


def _where(error: BaseException) -> dict[str, Any]:
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    return {
        "error_type": type(error).__name__,
        "path": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }


def configure(level: str) -> None:
    """Write JSON lines to standard error."""
    stream = logging.StreamHandler(sys.stderr)
    stream.setFormatter(LibraryFormatter())
    logging.basicConfig(level=logging.WARNING, handlers=[stream], force=True)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            only_allowed,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[level.upper()]
        ),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
