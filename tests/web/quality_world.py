"""Cases that are decided, and read again, for tests of the quality pages."""

from datetime import timedelta
from uuid import UUID

from domain.review import Method, Verdict
from services import reviews
from services.accounts import StaffMember
from services.reviews import Ruling
from storage.db.models.cases import Review
from tests.certification_world import Account, County, rows
from tests.clock import FixedClock
from tests.web.cases import case_of

FINDINGS = "已与村主任和本人通话核实"
DOUBT = "照片与登记的不像，须上门"
NOTE = "两份情况都看过，问过村里"


def settle(
    county: County, who: Account, case: UUID, verdict: Verdict = Verdict.CERTIFIED, *, s: float = 60
) -> None:
    """Claim a case and decide it `s` seconds later, the password just given."""
    backend = county.backend
    member = StaffMember(
        id=who.id,
        login=who.login,
        display_name="虚构",
        role=who.role.value,
        division_path=who.division,
        confirmed_at=backend.clock.now() + timedelta(seconds=s),
    )
    certified = verdict is Verdict.CERTIFIED
    method = Method.CALL_BACK if certified else None
    reviews.claim_case(backend, member, case)
    backend.clock.advance(timedelta(seconds=s))  # type: ignore[attr-defined]
    ruling = Ruling(verdict=verdict, method=method, findings=FINDINGS if certified else DOUBT)
    reviews.decide(backend, member, case, ruling)


def flagged(county: County, name: str = "周桂香") -> UUID:
    return case_of(county, county.person(name).id)


def second_look(county: County, case: UUID) -> UUID:
    (row,) = rows(county.backend, Review, reread_of=case)
    found: UUID = row.id
    return found


def read_twice(
    county: County,
    clock: FixedClock,
    *,
    by: tuple[Account, Account],
    second: Verdict = Verdict.SEND_VISIT,
) -> tuple[UUID, UUID]:
    case = flagged(county)
    settle(county, by[0], case)
    clock.advance(timedelta(days=5))
    again = second_look(county, case)
    settle(county, by[1], again, second)
    return case, again
