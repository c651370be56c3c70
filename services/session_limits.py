"""How many sessions a person, a phone and an address may open: counted, then opened, in one act.

Whoever reaches a limit is led to another channel, never to a dead end (requirements G17).
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from domain.errors import AppError, Kind
from domain.policy_values import PolicyValues
from services.unit_of_work import Unit
from storage.db.repositories import sessions

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
BOUND = timedelta(days=365)
"""A relative is bound to whom the phone helped within it; a year without helping unbinds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """Whose session is to be opened, on which phone, from which address."""

    person_id: UUID
    device_id: str
    address_index: bytes
    is_helped: bool


def refuse_excess(unit: Unit, opening: Opening, values: PolicyValues) -> None:
    """Count over all counties, as a device farm does not stop at a border.

    `unit` must see every county. Sessions of the same person, phone or address take turns from
    here to the commit, so that many sent at once cannot slip through together. Raises
    `rate.person`, `rate.device`, `rate.address`, `rate.device_subjects` and `helper.too_many`.
    """
    sessions.take_turns(
        unit.session,
        str(opening.person_id),
        f"device:{opening.device_id}",
        f"address:{opening.address_index.hex()}",
    )
    _refuse_too_often(unit, opening, values)
    _refuse_too_many_subjects(unit, opening, values)
    if opening.is_helped:
        _refuse_too_many_helped(unit, opening, values)


def _refuse_too_often(unit: Unit, opening: Opening, values: PolicyValues) -> None:
    day, hour = unit.now - DAY, unit.now - HOUR
    limits = values.attempt
    by_person = sessions.count_for_person(unit.session, opening.person_id, day)
    if by_person >= limits.per_person_per_day:
        raise AppError(Kind.TOO_MANY, "rate.person", retry_after_s=_seconds(DAY))
    by_device = sessions.count_for_device(unit.session, opening.device_id, day)
    if by_device >= limits.per_device_per_day:
        raise AppError(Kind.TOO_MANY, "rate.device", retry_after_s=_seconds(DAY))
    by_address = sessions.count_for_address(unit.session, opening.address_index, hour)
    if by_address >= limits.per_address_per_hour:
        raise AppError(Kind.TOO_MANY, "rate.address", retry_after_s=_seconds(HOUR))


def _refuse_too_many_subjects(unit: Unit, opening: Opening, values: PolicyValues) -> None:
    """Count the other persons on this phone: one more visit of the same person is no new one."""
    others = sessions.other_subjects(
        unit.session, opening.device_id, unit.now - DAY, but=opening.person_id
    )
    if others >= values.attempt.subjects_per_device_per_day:
        raise AppError(Kind.TOO_MANY, "rate.device_subjects", retry_after_s=_seconds(DAY))


def _refuse_too_many_helped(unit: Unit, opening: Opening, values: PolicyValues) -> None:
    for since, limit in ((DAY, values.helper.subjects_per_day), (BOUND, values.helper.max_bound)):
        others = sessions.other_helped(
            unit.session, opening.device_id, unit.now - since, but=opening.person_id
        )
        if others >= limit:
            raise AppError(Kind.TOO_MANY, "helper.too_many", retry_after_s=_seconds(DAY))


def _seconds(span: timedelta) -> int:
    return int(span.total_seconds())
