"""How many persons' faces are stored, and when that has to be filed (requirements E10).

The duty falls on the whole installation: that number is shown to whoever may see the system page.
Of counties one sees those in one's own division.
"""

from dataclasses import dataclass
from datetime import datetime

from domain.audit import AuditAction
from domain.face_filing import FILING_AT, DayOfStoring, Filing, filing, reached_on
from domain.regions import SystemName, SystemScope
from services.accounts import StaffMember, actor_of, scope_of
from services.backend import Backend
from services.policies import legal_day
from storage.db.repositories import stored_faces
from storage.db.repositories.stored_faces import CountyFaces

__all__ = ["CountyFaces"]

_EVERYWHERE = SystemScope(name=SystemName.SCHEDULER)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFaces:
    """`counties` are those in sight; `filing` is about the whole installation."""

    counties: tuple[CountyFaces, ...]
    filing: Filing
    counted_at: datetime


def count_faces(backend: Backend, member: StaffMember) -> StoredFaces:
    """Count the persons whose faces are stored now, and judge what the number asks for."""
    with backend.unit(actor_of(member), _EVERYWHERE) as unit:
        counties = stored_faces.by_county(unit.session)
        reached = None
        # Reading the days is the long way: only where the number can have been reached.
        if stored_faces.ever(unit.session, most=FILING_AT) >= FILING_AT:
            days = stored_faces.days(unit.session)
            reached = reached_on(
                DayOfStoring(day=day.day, stored=day.stored, erased=day.erased) for day in days
            )
        now = unit.now
    judged = filing(
        sum(county.persons for county in counties),
        reached,
        today=legal_day(now),
        holidays=backend.holidays,
    )
    own = tuple(each for each in counties if _is_near(each.county, member.division_path))
    return StoredFaces(counties=own, filing=judged, counted_at=now)


def _is_near(county: str, division: str) -> bool:
    return county.startswith(division) or division.startswith(county)


def take_summary(backend: Backend, member: StaffMember) -> StoredFaces:
    """Give the same for a filing that leaves the system, and write down who took it."""
    found = count_faces(backend, member)
    with backend.unit(actor_of(member), scope_of(member)) as unit:
        unit.audit(
            AuditAction.FILING_EXPORTED,
            persons=found.filing.persons,
            stage=found.filing.stage.value,
        )
    return found
