"""Error rates of a report, each with how sure it is (`domain.intervals`)."""

from dataclasses import dataclass
from typing import Any

from domain.intervals import clopper_pearson, rule_of_three, upper_bound


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """`errors` of `n`. Raises `ValueError` when that cannot be.

    `low` to `high` is the two-sided 95 % Clopper-Pearson interval. `upper` is the one-sided 95 %
    bound: with no error seen it is the exact form of the rule of three. Without any n all are None.
    """

    errors: int
    n: int
    by_subject: tuple[float, float] | None = None  # 95 % of the bootstrap by subject

    def __post_init__(self) -> None:
        if not 0 <= self.errors <= self.n:
            raise ValueError(f"{self.errors} of {self.n} is no rate")

    @property
    def value(self) -> float | None:
        """The share itself."""
        return self.errors / self.n if self.n else None

    @property
    def upper(self) -> float | None:
        """One-sided 95 % upper bound."""
        return upper_bound(self.errors, self.n) if self.n else None

    def as_json(self) -> dict[str, Any]:
        """Write every rate of a report in the same form."""
        low, high = clopper_pearson(self.errors, self.n) if self.n else (None, None)
        return {
            "errors": self.errors,
            "n": self.n,
            "rate": self.value,
            "low": low,
            "high": high,
            "upper": self.upper,
            "rule_of_three": rule_of_three(self.n) if self.n and not self.errors else None,
            "by_subject": None if self.by_subject is None else list(self.by_subject),
        }
