"""Where every identity is born: UUIDv7, so that keys sort by time and indexes stay compact."""

from uuid import UUID

from uuid_utils import compat


def uuid7() -> UUID:
    return compat.uuid7()
