"""One check of a case as it came out, and the reasons that it gives when it is not ok."""

from dataclasses import dataclass

from domain.reasons import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check as it came out, for the record and the reviewer, never for the client."""

    name: str
    value: float | None
    threshold: float | None
    ok: bool
    at_ms: int | None = None  # moment of the clip


Finding = tuple[Check, tuple[Reason, ...]]
"""A check with what it speaks against the case: nothing when it is ok."""


def finding(check: Check, *reasons: Reason) -> Finding:
    """Give the reasons only where the check is not ok."""
    return check, () if check.ok else reasons
