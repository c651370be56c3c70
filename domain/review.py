"""A human looks at a flagged case: who may, for how long, in which order, with what result.

Sources: requirements rules 7.1 and 7.2, G13 (no sign-off by one hand).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.errors import AppError, Kind
from domain.ids import StaffId

CLAIM = timedelta(minutes=30)
"""How long a case is kept for whoever claimed it."""
SHORTEST_FINDINGS = 4
LONGEST_FINDINGS = 2000


class Verdict(StrEnum):
    """What a reviewer may decide. There is no rejection: doubt is referred or visited."""

    CERTIFIED = "certified"
    ASK_AGAIN = "ask_again"
    SEND_VISIT = "send_visit"
    REFER_AS_LEAD = "refer_as_lead"


HARMFUL = frozenset({Verdict.REFER_AS_LEAD})
"""Verdicts that take effect by a second person only: see `domain.proposal`."""


class Method(StrEnum):
    """How a reviewer made sure, when he certifies."""

    DOCUMENTS = "documents"
    CALL_BACK = "call_back"
    KNOWLEDGE_QUESTIONS = "knowledge_questions"
    VISIT = "visit"


def check_verdict(verdict: Verdict, method: Method | None, findings: str) -> None:
    """Refuse an incomplete verdict.

    Raises `AppError` INVALID `review.findings_required`, `review.findings_too_long`,
    `review.method_required` (to certify) or `review.method_unexpected` (for anything else).
    """
    if len(findings.strip()) < SHORTEST_FINDINGS:
        raise AppError(Kind.INVALID, "review.findings_required", at_least=SHORTEST_FINDINGS)
    if len(findings) > LONGEST_FINDINGS:
        raise AppError(Kind.INVALID, "review.findings_too_long", at_most=LONGEST_FINDINGS)
    certifies = verdict is Verdict.CERTIFIED
    if certifies and method is None:
        raise AppError(Kind.INVALID, "review.method_required")
    if not certifies and method is not None:
        raise AppError(Kind.INVALID, "review.method_unexpected")


def check_independent(reviewer: StaffId, involved: Iterable[StaffId | None]) -> None:
    """Refuse a reviewer who submitted the case or helped with it.

    `involved` may hold None for a part that no member of staff played. Raises `AppError`
    FORBIDDEN `review.not_independent`.
    """
    if reviewer in set(involved):
        raise AppError(Kind.FORBIDDEN, "review.not_independent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A case kept for one reviewer until a moment (aware)."""

    by: StaffId
    until: datetime

    def holds(self, at: datetime) -> bool:
        """At the very moment of `until` it no longer does."""
        return at < self.until


def claim(current: Claim | None, *, by: StaffId, at: datetime, lasts: timedelta = CLAIM) -> Claim:
    """Claim a case, or prolong one's own claim.

    Raises `AppError` CONFLICT `review.claimed_by_other` while another's claim holds.
    """
    if current is not None and current.by != by and current.holds(at):
        raise AppError(Kind.CONFLICT, "review.claimed_by_other")
    return Claim(by=by, until=at + lasts)


def check_claim(current: Claim | None, *, by: StaffId, at: datetime) -> None:
    """Refuse whoever does not hold the case now.

    Raises `AppError` CONFLICT `review.not_claimed`, `review.claimed_by_other` or
    `review.claim_expired`.
    """
    if current is None:
        raise AppError(Kind.CONFLICT, "review.not_claimed")
    if current.by != by:
        raise AppError(Kind.CONFLICT, "review.claimed_by_other")
    if not current.holds(at):
        raise AppError(Kind.CONFLICT, "review.claim_expired")


def priority(*, days_to_deadline: int | None, key_group: bool, days_waiting: int) -> int:
    """Rank a case in the queue: the larger the sooner.

    What counts is the benefit at risk (validity that ends within 30 days, or has ended), a person
    of a key group, and each working day of waiting, which in the end outweighs everything, so
    that nobody waits for ever. `days_to_deadline` is None when there is none.
    """
    near = 30 if days_to_deadline is None else min(30, max(0, days_to_deadline))
    return (30 - near) * 10 + 100 * key_group + 50 * max(0, days_waiting)
