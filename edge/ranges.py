"""The part of a file that a player asks for (RFC 9110, 14): one range, or the whole file."""

import re
from dataclasses import dataclass

_ONE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})", re.ASCII)


class UnsatisfiableError(Exception):
    """The file has no such part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Bytes from `first` up to `last`, both counted."""

    first: int
    last: int

    def header(self, size: int) -> str:
        """Say which part of how much this is."""
        return f"bytes {self.first}-{self.last}/{size}"


def asked(header: str | None, size: int) -> Span | None:
    """Read a `Range` header; None means the whole file.

    Several ranges at once, units that nobody knows and a range that ends before it begins are
    answered with the whole file, as the standard allows. Raises `UnsatisfiableError`.
    """
    found = None if header is None else _ONE.fullmatch(header.replace(" ", ""))
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if first and last and int(last) < int(first):
        return None
    span = _span(first, last, size)
    if span.first > span.last:
        raise UnsatisfiableError
    return span


def _span(first: str, last: str, size: int) -> Span:
    if not first:
        return Span(first=max(0, size - int(last)), last=size - 1)
    return Span(first=int(first), last=min(int(last), size - 1) if last else size - 1)
