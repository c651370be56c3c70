"""Persons who draw benefits, what they draw, and whether a certification can help them now."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from domain.id_number import IdNumber, Sex, age_on
from domain.ids import BeneficiaryId, EntitlementId
from domain.policy_values import Scheme
from domain.regions import DivisionPath

GUARDIAN_AGE = 14
"""Under this age a face needs the guardian's consent (人脸识别技术应用安全管理办法, E5)."""


class KeyGroup(StrEnum):
    """People whom officers visit regularly (漾濞办法 六(一)4)."""

    ADVANCED_AGE = "advanced_age"  # 高龄
    SEVERE_DISABILITY = "severe_disability"  # 重残
    INCAPACITY = "incapacity"  # 失能


class EntitlementStatus(StrEnum):
    """Whether an entitlement is paid."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    TERMINATED = "terminated"


class SuspensionCause(StrEnum):
    """The eight classes of the clean-up of 交城县 (三(三)1 to 8)."""

    UNCERTIFIED = "uncertified"  # 未通过认证
    DUPLICATE = "duplicate"  # 重复领取
    CUSTODY = "custody"  # 服刑
    DEATH = "death"  # 死亡
    IMPERSONATION = "impersonation"  # 冒领
    NO_CARD = "no_card"  # 无社保卡
    DUAL_HUKOU = "dual_hukou"  # 双重户籍
    UNEXPLAINED = "unexplained"  # 不明原因


_OF_THE_PERSON = (
    SuspensionCause.DEATH,
    SuspensionCause.CUSTODY,
    SuspensionCause.IMPERSONATION,
    SuspensionCause.DUAL_HUKOU,
)
"""Causes that put the person in question, not one payment; gravest first."""


class CertificationBlock(StrEnum):
    """Why a face cannot help now, whatever it shows; each leads to the non-face route."""

    NOTHING_DRAWN = "nothing_drawn"
    ENDED = "ended"
    DEATH = "death"
    CUSTODY = "custody"
    IMPERSONATION = "impersonation"
    DUAL_HUKOU = "dual_hukou"
    DUPLICATE = "duplicate"
    NO_CARD = "no_card"
    UNEXPLAINED = "unexplained"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entitlement:
    """One benefit that a person draws, with a clock of its own."""

    id: EntitlementId
    beneficiary_id: BeneficiaryId
    scheme: Scheme
    division: DivisionPath  # whose policy rules it
    started_on: date  # first benefit or approval
    status: EntitlementStatus = EntitlementStatus.ACTIVE
    suspended_for: SuspensionCause | None = None

    def __post_init__(self) -> None:
        if (self.status is EntitlementStatus.SUSPENDED) != (self.suspended_for is not None):
            raise ValueError("a suspension has a cause, and only a suspension has one")

    @property
    def can_be_certified(self) -> bool:
        """Paid, or stopped only because nobody certified it: certifying lifts that."""
        return (
            self.status is EntitlementStatus.ACTIVE
            or self.suspended_for is SuspensionCause.UNCERTIFIED
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Beneficiary:
    """A person. What identifies does not show in `repr`, so that it cannot reach a log."""

    id: BeneficiaryId
    name: str = field(repr=False)
    id_number: IdNumber = field(repr=False)
    registered_in: DivisionPath  # 户籍地: suspicions are sent there
    lives_in: DivisionPath  # 居住地: may certify as well
    phone: str | None = field(default=None, repr=False)
    key_groups: frozenset[KeyGroup] = frozenset()

    @property
    def birth_date(self) -> date:
        """As the ID number states it."""
        return self.id_number.birth_date

    @property
    def sex(self) -> Sex:
        """As the ID number states it."""
        return self.id_number.sex


def mask_name(name: str) -> str:
    """Keep the first character, and the last of a name of three or more: 李*, 王*英."""
    if len(name) <= 2:
        return name[:1] + "*" * (len(name) - 1)
    return name[0] + "*" * (len(name) - 2) + name[-1]


def mask_phone(phone: str) -> str:
    """Keep the last four digits; a text shorter than eight is masked whole."""
    if len(phone) < 8:
        return "*" * len(phone)
    return "*" * (len(phone) - 4) + phone[-4:]


def blocks_certification(entitlements: Collection[Entitlement]) -> CertificationBlock | None:
    """Why a certification by face is closed to the drawer of these entitlements, or None.

    A cause in the person (death, custody, …) closes it for all; a cause in one payment (duplicate,
    card, unexplained) only where nothing else is left to certify. A suspension for want of
    certification never closes it: certifying is its cure.
    """
    drawn = [e for e in entitlements if e.status is not EntitlementStatus.TERMINATED]
    causes = {e.suspended_for for e in drawn if e.suspended_for is not None}
    of_the_person = next((cause for cause in _OF_THE_PERSON if cause in causes), None)
    if of_the_person is not None:
        return CertificationBlock(of_the_person.value)
    if any(e.can_be_certified for e in drawn):
        return None
    if causes:
        return CertificationBlock(min(causes).value)
    return CertificationBlock.ENDED if entitlements else CertificationBlock.NOTHING_DRAWN


def needs_guardian(person: Beneficiary, on: date) -> bool:
    """Whether the person is a child for whom the face route is closed without a guardian (E5)."""
    return age_on(person.birth_date, on) < GUARDIAN_AGE
