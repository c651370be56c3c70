"""The rules in force: the presets of the files with what counties have put in their place.

Every process keeps its own book and looks for news before it begins an act, at most every few
seconds (ADR 0021). What was confirmed begins on a later day, so that no act is in between.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from threading import Lock
from time import monotonic
from uuid import UUID

from sqlalchemy.orm import Session

from domain.errors import AppError
from domain.policy import PolicyBook, PolicyEntry, ResolvedPolicy
from domain.policy_override import OverrideDraft, check_fits, entry_of
from domain.policy_values import Scheme, read_value
from domain.regions import DivisionPath
from storage.db.models.policy import PolicyOverride
from storage.db.repositories import policy_overrides

FRESH_S = 3.0
"""How old the book of a process may be when an act begins."""

Put = tuple[DivisionPath, PolicyEntry]


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """What two people decided: in order, and those that this version cannot put into force."""

    overrides: tuple[Put, ...]
    unusable: tuple[UUID, ...]


class LivePolicies:
    """Resolves like a `PolicyBook`, from the newest one; safe to share between threads."""

    def __init__(self, presets: PolicyBook, *, fresh_s: float = FRESH_S) -> None:
        self.presets = presets
        """The files alone, without any override."""
        self.book = presets
        """What rules now; whoever resolves more than once in an act may keep it."""
        self.unusable: tuple[UUID, ...] = ()
        """Overrides that are left out because a newer version has no place for them."""
        self._fresh_s = fresh_s
        self._due = 0.0
        self._count: int | None = None
        self._turn = Lock()

    @property
    def regions(self) -> tuple[str, ...]:
        """Regions with rules of their own."""
        return self.book.regions

    def resolve(self, division: DivisionPath, *, scheme: Scheme, on: date) -> ResolvedPolicy:
        """Resolve as `PolicyBook.resolve` does."""
        return self.book.resolve(division, scheme=scheme, on=on)

    def refresh_if_due(self, read: Callable[[int | None], "News | None"]) -> None:
        """Bring the book up to date, when it may be old and nobody else is about to.

        `read` is told how many overrides are known and returns news, or None. The first of a
        process waits for its book: nothing is ruled by the presets alone before.
        """
        if monotonic() < self._due or not self._turn.acquire(blocking=self._count is None):
            return
        try:
            if monotonic() >= self._due:
                self._take(read(self._count))
        finally:
            self._turn.release()

    def _take(self, news: "News | None") -> None:
        if news is not None:
            found = confirmed_in(self.presets, news.rows, known=self.book.overrides)
            self.book = self.presets.with_overrides(found.overrides)
            self.unusable = found.unusable
            self._count = len(news.rows)
        self._due = monotonic() + self._fresh_s


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """All that is confirmed, in order."""

    rows: Sequence[PolicyOverride]


def read_news(session: Session, known: int | None) -> News | None:
    """Read what is confirmed, unless there are no more than the `known` ones."""
    if known is not None and policy_overrides.count_confirmed(session) == known:
        return None
    return News(rows=policy_overrides.confirmed(session))


def confirmed_in(
    presets: PolicyBook, rows: Iterable[PolicyOverride], *, known: Iterable[Put] = ()
) -> Confirmed:
    """Sort out what can be in force together, beginning with the oldest; `known` is checked.

    An override outlives the version that checked it: where a key is gone, or a preset changed so
    that both contradict each other, the preset rules and the override is named.
    """
    checked = {entry.override: (region, entry) for region, entry in known}
    stated = [(row.id, checked.get(str(row.id)) or _put_by(row)) for row in rows]
    new = [put for _, put in stated if put and put[1].override not in checked]
    if _fit(presets, [put for _, put in stated if put], new):
        good = {put[1].override for _, put in stated if put}
    else:
        good = _one_by_one(presets, [put for _, put in stated if put], set(checked))
    return Confirmed(
        overrides=tuple(put for _, put in stated if put and put[1].override in good),
        unusable=tuple(key for key, put in stated if not put or put[1].override not in good),
    )


def _put_by(row: PolicyOverride) -> Put | None:
    try:
        return DivisionPath(row.division_path), entry_of(draft_of(row), str(row.id))
    except ValueError:
        return None


def _fit(presets: PolicyBook, put: Sequence[Put], new: Sequence[Put]) -> bool:
    """Whether all can be in force together, as far as the `new` ones change anything."""
    book = presets.with_overrides(put)
    try:
        for region in {region for region, _ in new}:
            since = min(entry.effective_from for place, entry in new if place == region)
            check_fits(book, region, since=since)
    except AppError:
        return False
    return True


def _one_by_one(
    presets: PolicyBook, put: Sequence[Put], checked: set[str | None]
) -> set[str | None]:
    """Return the overrides that can be in force together, each held against those before it."""
    good: list[Put] = []
    for one in put:
        if one[1].override in checked or _fit(presets, [*good, one], [one]):
            good.append(one)
    return {entry.override for _, entry in good}


def draft_of(row: PolicyOverride) -> OverrideDraft:
    """Return what a row says. Raises ValueError for a key or a value that is no more."""
    return OverrideDraft(
        division=DivisionPath(row.division_path),
        key=row.key,
        value=read_value(row.key, row.value["value"]),
        schemes=frozenset(Scheme(scheme) for scheme in row.schemes),
        effective_from=row.effective_from,
        effective_to=row.effective_to,
        basis=row.basis,
        report_digest=row.report_digest,
    )
