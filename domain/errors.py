"""The one exception that a refused request may raise, and the closed set of its kinds."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

ErrorParam = str | int | bool | list[str] | dict[str, list[int]]


class Kind(StrEnum):
    """What sort of refusal it is; only `api/` knows which status number that means."""

    INVALID = "invalid"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    GONE = "gone"
    TOO_LARGE = "too_large"
    TOO_MANY = "too_many"
    UNAVAILABLE = "unavailable"


class AppError(Exception):
    """A refused request.

    `code` is stable, listed in `field_app_spec/error_codes.json` and never reused. `params` name
    ids and limits only, never a person's name or number: they reach clients and logs.
    """

    def __init__(self, kind: Kind, code: str, **params: ErrorParam) -> None:
        super().__init__(code)
        self.kind = kind
        self.code = code
        self.params: Mapping[str, ErrorParam] = MappingProxyType(params)
