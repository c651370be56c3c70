"""Policy as data: presets per region, resolved by division, scheme and date into typed values.

A value comes from the most specific division that states it (national, province, prefecture,
county, …), unless a higher one is marked superior (漾濞办法 十三: 上级重新作出规定的,从其规定).
Every value keeps its clause. Nothing is guessed: an unknown region, or a key that no rule in
force states, is an error. What a county put in place of its preset's value (`policy_override`)
stands where the preset stands: below every superior rule, above whatever lies higher.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import date, timedelta
from functools import lru_cache
from types import MappingProxyType

from domain.errors import AppError, Kind
from domain.policy_values import GROUPS, KEYS, PolicyValues, Scalar, Scheme, read_value
from domain.regions import DivisionPath, level_of


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyEntry:
    """One value of one key, for some schemes (empty: all), from a day to a day inclusive."""

    key: str
    value: Scalar
    effective_from: date
    effective_to: date | None = None
    basis: str  # the clause, or "(prop)" with the reason
    schemes: frozenset[Scheme] = frozenset()
    superior: bool = False  # wins over every rule below it
    override: str | None = None  # id of the decision that put it in the preset's place

    def __post_init__(self) -> None:
        read_value(self.key, self.value)
        if not self.basis.strip():
            raise ValueError(f"{self.key}: basis is missing")
        if self.effective_to is not None and self.effective_to < self.effective_from:
            raise ValueError(f"{self.key}: effective_to lies before effective_from")

    def in_force(self, scheme: Scheme, on: date) -> bool:
        """Whether the entry speaks of a scheme on a day."""
        return (
            (not self.schemes or scheme in self.schemes)
            and self.effective_from <= on
            and (self.effective_to is None or on <= self.effective_to)
        )

    def collides(self, other: "PolicyEntry") -> bool:
        """Whether both would be in force at once with equal claim.

        A general entry and a scheme's own do not collide: the scheme's own wins.
        """
        return (
            self.key == other.key
            and (bool(self.schemes & other.schemes) or not (self.schemes or other.schemes))
            and self.effective_from <= (other.effective_to or date.max)
            and other.effective_from <= (self.effective_to or date.max)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyPreset:
    """The rules that one region states; `region` None is the national default."""

    region: DivisionPath | None
    name: str
    entries: tuple[PolicyEntry, ...]

    def __post_init__(self) -> None:
        if self.region is not None:
            level_of(self.region)
        for index, entry in enumerate(self.entries):
            if any(entry.collides(later) for later in self.entries[index + 1 :]):
                raise ValueError(f"{entry.key}: two values are in force at once")


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a value comes from; `region` is a path or "national"."""

    region: str
    effective_from: date
    basis: str
    override: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """A lower region's own rule that lost to a superior one, to be said to whoever asks."""

    key: str
    winner: Provenance
    loser: Provenance
    loser_value: Scalar


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedPolicy:
    """The values for one division, scheme and day. `digest` (SHA-256) is stored with decisions."""

    region: str  # the most specific preset that was used
    scheme: Scheme
    values: PolicyValues
    provenance: Mapping[str, Provenance]
    overridden: tuple[Override, ...]
    digest: str

    def value(self, key: str) -> Scalar:
        """Return the value of a key, as `group.name` names it. Raises KeyError for no such key."""
        if key not in KEYS:
            raise KeyError(key)
        group, name = key.split(".")
        found: Scalar = getattr(getattr(self.values, group), name)
        return found


NATIONAL = "national"
_Candidate = tuple[str, PolicyEntry]


class PolicyBook:
    """All presets, ready to resolve. Remembers results, which depend on the arguments only.

    `overrides` are the values in a region's preset's place, in the order in which they were
    decided.
    """

    def __init__(
        self,
        presets: Iterable[PolicyPreset],
        overrides: Iterable[tuple[DivisionPath, PolicyEntry]] = (),
    ) -> None:
        self._by_region: dict[str, PolicyPreset] = {}
        for preset in presets:
            region = NATIONAL if preset.region is None else preset.region
            if region in self._by_region:
                raise ValueError(f"{region}: two presets for one region")
            self._by_region[region] = preset
        self.overrides = tuple(overrides)
        self._put: dict[str, list[PolicyEntry]] = {}
        for region, entry in self.overrides:
            self._put.setdefault(region, []).append(entry)
        self._over = {region: _by_key(entries) for region, entries in self._put.items()}
        self._own = {region: _by_key(preset.entries) for region, preset in self._by_region.items()}
        self.regions = tuple(sorted({*self._by_region, *self._put} - {NATIONAL}))
        """Regions with rules of their own."""
        self._remembered = lru_cache(maxsize=4096)(self._resolve)

    def resolve(self, division: DivisionPath, *, scheme: Scheme, on: date) -> ResolvedPolicy:
        """Resolve every key for one division, scheme and day.

        Raises `policy.region_unknown` when neither the division nor one above it has a preset, and
        `policy.not_in_force` when a key has no rule on that day.
        """
        level_of(division)
        if regions := tuple(region for region in self.regions if division.startswith(region)):
            return self._remembered(regions, scheme, on)
        raise AppError(Kind.NOT_FOUND, "policy.region_unknown", division=division)

    def with_overrides(self, overrides: Iterable[tuple[DivisionPath, PolicyEntry]]) -> "PolicyBook":
        """Return a book of the same presets with these overrides, and no others."""
        return PolicyBook(self._by_region.values(), overrides)

    def days_of_change(self, region: str) -> tuple[date, ...]:
        """Return the days on which a rule for a region, its own or one above, begins or is over."""
        above = [r for r in self._by_region if r == NATIONAL or region.startswith(r)]
        entries = [entry for r in above for entry in self._by_region[r].entries]
        entries += [entry for r in self._put if region.startswith(r) for entry in self._put[r]]
        begin = {entry.effective_from for entry in entries}
        over = {entry.effective_to + timedelta(days=1) for entry in entries if entry.effective_to}
        return tuple(sorted(begin | over))

    def _resolve(self, regions: tuple[str, ...], scheme: Scheme, on: date) -> ResolvedPolicy:
        above = (NATIONAL, *sorted(regions, key=len))
        chain = [r for r in above if self._speaks(r, scheme, on)]
        stated = {key: self._stated(key, chain, scheme=scheme, on=on) for key in KEYS}
        won = {k: next((c for c in all_ if c[1].superior), all_[-1]) for k, all_ in stated.items()}
        values = _typed({key: entry.value for key, (_, entry) in won.items()})
        provenance = {key: _provenance(*candidate) for key, candidate in won.items()}
        return ResolvedPolicy(
            region=chain[-1],
            scheme=scheme,
            values=values,
            provenance=MappingProxyType(provenance),
            overridden=tuple(
                Override(
                    key=key,
                    winner=provenance[key],
                    loser=_provenance(*stated[key][-1]),
                    loser_value=stated[key][-1][1].value,
                )
                for key in KEYS
                if won[key] is not stated[key][-1]
            ),
            digest=_digest(chain[-1], scheme, values=values, provenance=provenance),
        )

    def _stated(self, key: str, chain: list[str], *, scheme: Scheme, on: date) -> list[_Candidate]:
        """All rules in force for a key, from the highest region down."""
        found = ((region, self._entry(region, key, scheme=scheme, on=on)) for region in chain)
        stated = [(region, entry) for region, entry in found if entry is not None]
        if not stated:
            raise AppError(
                Kind.NOT_FOUND, "policy.not_in_force", key=key, scheme=scheme, on=on.isoformat()
            )
        return stated

    def _speaks(self, region: str, scheme: Scheme, on: date) -> bool:
        """Whether a region has a preset, or an override that is in force."""
        put = self._put.get(region, ())
        return region in self._by_region or any(entry.in_force(scheme, on) for entry in put)

    def _entry(self, region: str, key: str, *, scheme: Scheme, on: date) -> PolicyEntry | None:
        """Return a region's own rule: the preset's, or the newest that was put in its place.

        A rule of the preset for one scheme gives way to an override for that scheme only.
        """
        own = _closest(self._own.get(region, {}).get(key, ()), scheme, on)
        over = self._over.get(region, {}).get(key, ())
        put = [entry for entry in over if entry.in_force(scheme, on)]
        ranked = [(len(e.schemes) > 0, e.effective_from, n) for n, e in enumerate(put)]
        if not ranked:
            return own
        chosen = put[max(ranked)[2]]
        if own is None:
            return chosen
        return own if own.schemes and not chosen.schemes else replace(chosen, superior=own.superior)


def parse_scheme(text: str) -> Scheme:
    """Read a scheme's code. Raises `policy.scheme_unknown`."""
    if text in {scheme.value for scheme in Scheme}:
        return Scheme(text)
    raise AppError(Kind.INVALID, "policy.scheme_unknown")


def _by_key(entries: Iterable[PolicyEntry]) -> dict[str, list[PolicyEntry]]:
    found: dict[str, list[PolicyEntry]] = {}
    for entry in entries:
        found.setdefault(entry.key, []).append(entry)
    return found


def _closest(entries: Iterable[PolicyEntry], scheme: Scheme, on: date) -> PolicyEntry | None:
    """Return the entry in force, the scheme's own before the general one."""
    found = [entry for entry in entries if entry.in_force(scheme, on)]
    return max(found, key=lambda entry: len(entry.schemes) > 0, default=None)


def _provenance(region: str, entry: PolicyEntry) -> Provenance:
    return Provenance(
        region=region,
        effective_from=entry.effective_from,
        basis=entry.basis,
        override=entry.override,
    )


def _typed(flat: Mapping[str, Scalar]) -> PolicyValues:
    groups = {
        group: kind(**{f.name: _value(f"{group}.{f.name}", flat) for f in fields(kind)})
        for group, kind in GROUPS.items()
    }
    return PolicyValues(**groups)


def _value(key: str, flat: Mapping[str, Scalar]) -> Scalar:
    """Return the value as its key's type: an entry may hold a word for a member of a set."""
    return read_value(key, flat[key])


def _digest(
    region: str, scheme: Scheme, *, values: PolicyValues, provenance: Mapping[str, Provenance]
) -> str:
    """SHA-256 of canonical JSON: what ruled, and on which clauses."""
    stated = {
        "region": region,
        "scheme": scheme,
        "values": asdict(values),
        "provenance": {key: _sources(source) for key, source in provenance.items()},
    }
    text = json.dumps(stated, sort_keys=True, separators=(",", ":"), default=date.isoformat)
    return hashlib.sha256(text.encode()).hexdigest()


def _sources(source: Provenance) -> dict[str, object]:
    # A rule of a preset is written as it was before there were overrides: the digest stays.
    return {name: value for name, value in asdict(source).items() if value is not None}
