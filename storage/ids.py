"""Where every identity is born: UUIDv7, so that keys sort by time and indexes stay compact."""

from datetime import datetime
from uuid import UUID

from uuid_utils import compat

_TIME_SHIFT = 80  # the highest 48 bits are the time, RFC 9562 5.7
_BELOW_TIME = (1 << _TIME_SHIFT) - 1


def uuid7() -> UUID:
    return compat.uuid7()


def uuid7_at(moment: datetime) -> UUID:
    """Return an id that sorts as if it had been made at `moment`."""
    milliseconds = int(moment.timestamp() * 1000)
    return UUID(int=(compat.uuid7().int & _BELOW_TIME) | (milliseconds << _TIME_SHIFT))
