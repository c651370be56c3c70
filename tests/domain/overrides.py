"""Overrides of the presets, and what then rules."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from app.presets import load_book
from domain.policy import PolicyBook
from domain.policy_override import OverrideDraft, entry_of
from domain.policy_values import Scalar, Scheme
from domain.regions import DivisionPath
from tests.places import COUNTY, VILLAGE

TODAY = date(2026, 3, 2)
TOMORROW = TODAY + timedelta(days=1)
PRESETS = load_book()
DIGEST = "ab" * 32


def draft(**changed: Any) -> OverrideDraft:
    base = OverrideDraft(
        division=COUNTY,
        key="review.claim_minutes",
        value=20,
        schemes=frozenset(),
        effective_from=TOMORROW,
        effective_to=None,
        basis="石社保〔2026〕3号 二",
        report_digest=None,
    )
    return replace(base, **changed)


def book(*drafts: OverrideDraft, presets: PolicyBook = PRESETS) -> PolicyBook:
    """The presets with overrides, each with its number in the order of confirmation."""
    return presets.with_overrides(
        (item.division, entry_of(item, str(n))) for n, item in enumerate(drafts)
    )


def ruled(
    rules: PolicyBook,
    key: str,
    *,
    at: DivisionPath = VILLAGE,
    scheme: Scheme = Scheme.RESIDENT_PENSION,
    on: date = TOMORROW,
) -> Scalar:
    return rules.resolve(at, scheme=scheme, on=on).value(key)
