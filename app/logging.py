"""Logs are an event name plus ids and enums; a field off the allow-list does not come through."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

ALLOWED = frozenset(
    {
        "attempt",
        "attempts",
        "code",
        "error_type",
        "event",
        "exit_code",
        "job",
        "level",
        "method",
        "outcome",
        "path",
        "pid",
        "reason",
        "review",
        "seconds",
        "stalled",
        "status",
        "task",
        "timestamp",
        "visit",
    }
)


def only_allowed(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Drop every field that is not on the list, and say which one it was."""
    dropped = sorted(set(event) - ALLOWED)
    kept = {name: value for name, value in event.items() if name in ALLOWED}
    return kept | ({"reason": "dropped: " + ",".join(dropped)} if dropped else {})


def configure(level: str) -> None:
    """Write JSON lines to standard error."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(message)s")
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
