"""What an object store may answer instead of bytes. Messages name keys only, never content."""


class StoreError(Exception):
    """Base of this package's errors."""


class ObjectMissing(StoreError):  # noqa: N818 - says what happened
    """Nothing is stored under this key."""


class ObjectCorrupt(StoreError):  # noqa: N818 - says what happened
    """The bytes offered or found are not those that the key names."""


class StoreUnavailable(StoreError):  # noqa: N818 - says what happened
    """The store cannot be reached, refuses us or does not answer; the same call may be repeated."""


class StoreFull(StoreUnavailable):
    """No room left; the same call may be repeated once there is."""
