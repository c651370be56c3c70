"""What waits today for whoever sits at a desk: figures, each of a list that can be opened.

A figure counts what its list shows, in the reader's own division. It stops where nobody reads on
(`domain.listing.COUNTED_TO`).
"""

from dataclasses import dataclass
from datetime import datetime

from domain.listing import COUNTED_TO, Due
from domain.regions import Level
from domain.roles import Permission, Role, may
from services import people_search, policy_history, village_officers
from services.accounts import StaffMember
from services.backend import Backend
from services.people_search import Wanted
from services.policies import end_of_day, legal_day
from services.reviews import caller_of
from services.unit_of_work import Unit
from storage.db.repositories import (
    appeals,
    people_lists,
    proposals,
    quality,
    review_lists,
    visit_requests,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CasesToday:
    """The queue. `oldest` is when the longest waiting case was opened."""

    waiting: int
    mine: int
    late: int
    due_today: int
    to_second: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleToday:
    """Clocks that run out, and who cannot be reached."""

    due_soon: int
    overdue: int
    unreachable: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """What a seat is shown; None for what it has no part in."""

    cases: CasesToday | None = None
    appeals: int | None = None
    opposed: int | None = None  # readings that wait for the head's word
    people: PeopleToday | None = None
    visits: int | None = None
    villages_without_officer: int | None = None
    changes_to_confirm: int = 0


def today(backend: Backend, member: StaffMember) -> Today:
    """Count what waits for a member of staff."""
    role = Role(member.role)
    people = _people_filters(backend, member) if may(role, Permission.REGISTRY_READ) else None
    changes = policy_history.count_for(backend, member)
    caller = caller_of(member)
    with backend.unit(caller.actor, caller.scope) as unit:
        return Today(
            changes_to_confirm=changes,
            cases=_cases(unit, member) if may(role, Permission.REVIEW_CLAIM) else None,
            appeals=_appeals(unit) if may(role, Permission.APPEAL_ANSWER) else None,
            opposed=_opposed(unit) if may(role, Permission.QUALITY_ANSWER) else None,
            people=_people(unit, people) if people else None,
            visits=_visits(unit) if may(role, Permission.VISIT_READ) else None,
            villages_without_officer=_villages(unit, member),
        )


def _opposed(unit: Unit) -> int:
    return quality.count_opposed(unit.session)


def _cases(unit: Unit, member: StaffMember) -> CasesToday:
    now = unit.now
    waiting, mine, _ = review_lists.counts(unit.session, member.id, at=now)
    late, due_today, oldest = review_lists.pressure(
        unit.session, member.id, at=now, day_ends=end_of_day(legal_day(now))
    )
    return CasesToday(
        waiting=waiting,
        mine=mine,
        late=late,
        due_today=due_today,
        to_second=proposals.count_to_answer(unit.session, member.id),
        oldest=oldest,
    )


def _appeals(unit: Unit) -> int:
    return appeals.count_waiting(unit.session)


_Filters = dict[str, people_lists.Filters]


def _people_filters(backend: Backend, member: StaffMember) -> _Filters:
    wanted = {
        "due_soon": Wanted(due=Due.DUE_SOON),
        "overdue": Wanted(due=Due.OVERDUE),
        "unreachable": Wanted(unreachable=True),
    }
    return {name: people_search.filters_of(backend, member, w) for name, w in wanted.items()}


def _people(unit: Unit, filters: _Filters) -> PeopleToday:
    found = {
        name: people_lists.count(unit.session, one, most=COUNTED_TO)
        for name, one in filters.items()
    }
    return PeopleToday(**found)


def _visits(unit: Unit) -> int:
    return visit_requests.count_open(unit.session, most=COUNTED_TO)


def _villages(unit: Unit, member: StaffMember) -> int | None:
    """Say it to those who can name somebody, or whose villages they are."""
    is_above = len(member.division_path) < Level.VILLAGE.digits
    if not is_above or not may(Role(member.role), Permission.STAFF_READ):
        return None
    return village_officers.count_without_officer(unit, member)
