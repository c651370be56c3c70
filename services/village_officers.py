"""Villages and communities that no officer is named for: nobody would visit who cannot come."""

from dataclasses import dataclass

from services.accounts import StaffMember, actor_of, scope_of
from services.backend import Backend
from services.unit_of_work import Unit
from storage.db.repositories import staff_lists
from storage.db.repositories.staff_lists import Seat

__all__ = ["Seat"]

PAGE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Unserved:
    """Villages without a named officer: how many in all, and a page of them by path."""

    count: int
    villages: tuple[Seat, ...]
    after: str | None


def count_without_officer(unit: Unit, member: StaffMember) -> int:
    """Count the villages in a member's division that no open account of an officer sits in."""
    return staff_lists.count_villages_without_officer(unit.session, member.division_path)


def villages_without_officer(backend: Backend, member: StaffMember, *, after: str = "") -> Unserved:
    """List them, behind the path `after`."""
    with backend.unit(actor_of(member), scope_of(member)) as unit:
        count = count_without_officer(unit, member)
        found = staff_lists.villages_without_officer(
            unit.session, member.division_path, after=after, limit=PAGE + 1
        )
    shown = tuple(found[:PAGE])
    return Unserved(
        count=count, villages=shown, after=shown[-1].path if len(found) > PAGE else None
    )
