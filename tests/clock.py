"""A clock that stands still until a test moves it."""

from datetime import UTC, datetime, timedelta


class FixedClock:
    """`domain.ports.Clock` under the hand of a test."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at

    def set(self, at: datetime) -> None:
        assert at.tzinfo is not None
        self._at = at.astimezone(UTC)

    def advance(self, by: timedelta) -> None:
        self._at += by
