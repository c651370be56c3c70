"""The rules in force for a division, each with the clause it rests on and what lost to it."""

from dataclasses import dataclass
from datetime import date

from domain.errors import AppError, Kind
from domain.policy import NATIONAL, Override, Provenance, ResolvedPolicy
from domain.policy_bounds import BOUNDS
from domain.policy_values import GROUPS, KEYS, Scalar, Scheme
from domain.regions import DivisionPath, contains, level_of
from services.accounts import StaffMember, actor_of, scope_of
from services.backend import Backend
from services.policies import legal_day
from storage.db.repositories import divisions

_SHOWN_DIGITS = 9
"""Policy is looked at down to the township: a county has hundreds of villages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTold:
    """One value. `replaced` is the preset's rule that an override stands in the place of."""

    key: str
    value: Scalar
    source: Provenance
    replaced: tuple[Scalar, Provenance] | None
    lost: Override | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesTold:
    """All rules of a division for one scheme and day, by group.

    `names` are those of regions; `calendar` lists the years whose public holidays are known.
    """

    division: DivisionPath
    scheme: Scheme
    on: date
    digest: str
    groups: dict[str, tuple[RuleTold, ...]]
    names: dict[str, str]
    unusable: int
    calendar: tuple[int, ...]


def rules_of(
    backend: Backend, member: StaffMember, *, division: str, scheme: Scheme, on: date | None
) -> RulesTold:
    """Resolve what rules in a division of one's own scope; `on` None means today.

    Raises `policy.division_unknown` out of scope, `policy.region_unknown`, `policy.not_in_force`.
    """
    place = DivisionPath(division)
    level_of(place)
    if not contains(DivisionPath(member.division_path), place):
        raise AppError(Kind.NOT_FOUND, "policy.division_unknown")
    names = names_of(backend, member)
    day = on or legal_day(backend.clock.now())
    if place not in names:
        raise AppError(Kind.NOT_FOUND, "policy.division_unknown")
    now = backend.policies.resolve(place, scheme=scheme, on=day)
    preset = backend.policies.presets.resolve(place, scheme=scheme, on=day)
    return RulesTold(
        division=place,
        scheme=scheme,
        on=day,
        digest=now.digest,
        groups={group: _group(group, now, preset) for group in GROUPS},
        names=names,
        unusable=len(backend.policies.unusable),
        calendar=tuple(sorted(backend.holidays.years)),
    )


def _group(group: str, now: ResolvedPolicy, preset: ResolvedPolicy) -> tuple[RuleTold, ...]:
    lost = {found.key: found for found in now.overridden}
    return tuple(
        RuleTold(
            key=key,
            value=now.value(key),
            source=now.provenance[key],
            replaced=(preset.value(key), preset.provenance[key])
            if now.provenance[key].override
            else None,
            lost=lost.get(key),
        )
        for key in KEYS
        if key.startswith(f"{group}.")
    )


def names_of(backend: Backend, member: StaffMember) -> dict[str, str]:
    """Name all places around one's division, above and below it."""
    with backend.unit(actor_of(member), scope_of(member)) as unit:
        around = divisions.names_around(unit.session, member.division_path)
    return dict(around) | {NATIONAL: "全国"}


def places_of(backend: Backend, member: StaffMember) -> tuple[tuple[str, str], ...]:
    """List path and name of one's division and what lies below it, down to the townships."""
    seat = member.division_path
    return tuple(
        sorted(
            (path, name)
            for path, name in names_of(backend, member).items()
            if path == seat or (path.startswith(seat) and len(path) <= _SHOWN_DIGITS)
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrentValue:
    """What a key is today, for the schemes for which it is the same."""

    schemes: tuple[Scheme, ...]
    value: Scalar
    source: Provenance


def current(backend: Backend, member: StaffMember, key: str) -> tuple[CurrentValue, ...]:
    """Tell what a key is in one's own division today. Raises `policy.region_unknown`."""
    place, on = DivisionPath(member.division_path), legal_day(backend.clock.now())
    seen: dict[tuple[Scalar, Provenance], list[Scheme]] = {}
    for scheme in Scheme:
        found = backend.policies.resolve(place, scheme=scheme, on=on)
        seen.setdefault((found.value(key), found.provenance[key]), []).append(scheme)
    return tuple(
        CurrentValue(schemes=tuple(schemes), value=value, source=source)
        for (value, source), schemes in seen.items()
    )


def bounds_of(key: str) -> tuple[float, float] | None:
    """Return how far a county may move a number; None for what is no number."""
    return BOUNDS.get(key)
