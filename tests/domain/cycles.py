"""Rules, acts, and how an entitlement then stands."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from domain.beneficiary import Entitlement
from domain.calendar import MonthArithmetic
from domain.cycle import CertificationEvent, Channel, EventKind, PolicyLookup, Validity, validity
from domain.ids import BeneficiaryId, CertificationId, EntitlementId
from domain.light import LightRule
from domain.policy import PolicyBook, PolicyEntry, PolicyPreset, ResolvedPolicy
from domain.policy_values import KEYS, RenewalModel, Scalar, Scheme
from domain.second_opinion import SecondOpinion
from tests.places import COUNTY

BORN = date(1946, 8, 20)
START = date(2021, 1, 1)
NEW_RULES = date(2021, 11, 1)
DEFAULTS: dict[type, Scalar] = {
    int: 1,
    float: 0.5,
    bool: False,
    MonthArithmetic: MonthArithmetic.EXACT_DAY,
    LightRule: LightRule.OFF,
    RenewalModel: RenewalModel.ROLLING,
    SecondOpinion: SecondOpinion.OFF,
}
SPECIAL: dict[str, Scalar] = {"face.review": 0.4, "liveness.light_contradicts": 0.4}


def book(changes: Sequence[tuple[date, dict[str, Scalar]]]) -> PolicyBook:
    """A county whose rules change on the given days; the first set holds from the beginning."""
    base = {key: DEFAULTS[kind] for key, kind in KEYS.items()} | SPECIAL
    days = [date(2000, 1, 1), *(day for day, _ in changes[1:])]
    ends = [day - timedelta(days=1) for day in days[1:]]
    entries = [
        PolicyEntry(key=k, value=v, effective_from=since, effective_to=until, basis="test")
        for (_, own), since, until in zip(changes, days, [*ends, None], strict=True)
        for k, v in (base | own).items()
    ]
    return PolicyBook([PolicyPreset(region=COUNTY, name="test", entries=tuple(entries))])


def rules(*changes: tuple[date, dict[str, Scalar]], **values: Scalar) -> PolicyLookup:
    cycle = {f"cycle.{name}": value for name, value in values.items()}
    resolved = book(changes or [(date(2000, 1, 1), cycle)])

    def lookup(on: date) -> ResolvedPolicy:
        return resolved.resolve(COUNTY, scheme=Scheme.RESIDENT_PENSION, on=on)

    return lookup


YEAR = rules(months=12, due_soon_months=3)
INJURY = rules(months=3, quarterly=True)


def certified(
    captured_on: date,
    *,
    number: int = 1,
    received_on: date | None = None,
    channel: Channel = Channel.APP_SELF,
) -> CertificationEvent:
    day = received_on or captured_on
    return CertificationEvent(
        id=CertificationId(UUID(int=number)),
        channel=channel,
        captured_on=captured_on,
        received_at=datetime(day.year, day.month, day.day, 4, tzinfo=UTC),
        evidence_count=1,
    )


def revoked(target: int, *, on: date, number: int = 99) -> CertificationEvent:
    return replace(
        certified(on, number=number, channel=Channel.OFFICIAL),
        kind=EventKind.REVOKED,
        revokes=CertificationId(UUID(int=target)),
    )


def entitled(started_on: date = START) -> Entitlement:
    return Entitlement(
        id=EntitlementId(UUID(int=1)),
        beneficiary_id=BeneficiaryId(UUID(int=1)),
        scheme=Scheme.RESIDENT_PENSION,
        division=COUNTY,
        started_on=started_on,
    )


def stand(
    *events: CertificationEvent,
    on: date = date(2023, 1, 1),
    policy: PolicyLookup = YEAR,
    started_on: date = START,
) -> Validity:
    return validity(events, entitled(started_on), policy, birth_date=BORN, on=on)
