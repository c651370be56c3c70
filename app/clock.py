"""The one real clock."""

from datetime import UTC, datetime


class SystemClock:
    def now(self) -> datetime:
        """Aware UTC."""
        return datetime.now(UTC)  # noqa: TID251 - the Clock port's one implementation
