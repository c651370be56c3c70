"""A change of policy that two of the bureau make, and what then rules."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from domain.policy_values import Scheme
from domain.proposal import Answer
from domain.regions import DivisionPath
from domain.roles import Role
from services import policy_changes, policy_history
from services.accounts import StaffMember
from services.backend import Backend
from services.policies import values_for
from services.policy_changes import Wish
from tests import case_world as world
from tests.case_world import SYSTEM
from tests.clock import FixedClock
from tests.places import COUNTY, VILLAGE

TOMORROW = date(2026, 3, 3)
DIGEST = "ab" * 32


def bureau(backend: Backend, login: str, county: DivisionPath = COUNTY) -> StaffMember:
    return world.add_staff(backend, login, role=Role.COUNTY_BUREAU, path=county)


def wish(**changed: Any) -> Wish:
    base = Wish(
        division=COUNTY,
        key="review.claim_minutes",
        value="20",
        schemes=frozenset(),
        effective_from=TOMORROW,
        effective_to=None,
        basis="石社保〔2026〕3号 二",
        report_digest="",
    )
    return replace(base, **changed)


def confirm(backend: Backend, by: StaffMember, change: UUID) -> None:
    policy_changes.answer_change(backend, by, change, answer=Answer.CONFIRMED, note="")


def change_by(backend: Backend, first: StaffMember, second: StaffMember, **changed: Any) -> UUID:
    """Propose and confirm."""
    change = policy_changes.propose(backend, first, wish(**changed))
    confirm(backend, second, change)
    return change


def minutes(backend: Backend, place: str = VILLAGE) -> int:
    with backend.unit(SYSTEM.actor, SYSTEM.scope):
        return values_for(backend, place, [Scheme.RESIDENT_PENSION]).review.claim_minutes


def pass_a_day(backend: Backend, days: int = 1) -> None:
    clock = backend.clock
    assert isinstance(clock, FixedClock)
    clock.advance(timedelta(days=days))


def told(backend: Backend, who: StaffMember, change: UUID) -> policy_history.ChangeTold:
    return policy_history.open_change(backend, who, change)[0]
