"""One person of one village, with something of everything that the console has an address for."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from domain.appeal import AppealChannel
from domain.policy_values import Scheme
from domain.regions import DivisionPath
from domain.review import Method, Verdict
from domain.roles import Role
from services import accounts, appeal_raising, links, policy_changes, reviews, visit_requests
from services.accounts import StaffMember
from services.appeal_raising import WrittenDown
from services.eligibility import Claimed
from services.evidence import Caller
from services.policy_changes import Wish
from services.reviews import Ruling
from storage.db.models.cases import Proposal
from storage.db.models.certification import Evidence
from storage.db.models.identity import Link
from tests import case_world
from tests.certification_world import County, Pensioner, rows
from tests.places import (
    COUNTY,
    OTHER_COUNTY,
    OTHER_COUNTY_VILLAGE,
    OTHER_TOWNSHIP,
    OTHER_VILLAGE,
    TOWNSHIP,
    VILLAGE,
)

OWN = {
    Role.VILLAGE_OFFICER: VILLAGE,
    Role.UNIT_OFFICER: TOWNSHIP,
    Role.TOWNSHIP_CLERK: TOWNSHIP,
    Role.TOWNSHIP_HEAD: TOWNSHIP,
    Role.COUNTY_BUREAU: COUNTY,
    Role.COUNTY_ADMIN: COUNTY,
    Role.INSPECTOR: COUNTY,
}
FOREIGN = {
    Role.VILLAGE_OFFICER: (OTHER_VILLAGE, OTHER_COUNTY_VILLAGE),
    Role.UNIT_OFFICER: (OTHER_TOWNSHIP, OTHER_COUNTY),
    Role.TOWNSHIP_CLERK: (OTHER_TOWNSHIP,),
    Role.TOWNSHIP_HEAD: (OTHER_TOWNSHIP,),
    Role.COUNTY_BUREAU: (OTHER_COUNTY,),
    Role.COUNTY_ADMIN: (OTHER_COUNTY,),
    Role.INSPECTOR: (OTHER_COUNTY,),
}
TYPED = [
    ("verdict", "ask_again"),
    ("method", ""),
    ("findings", "照片看不清楚，请本人再拍一次"),
    ("grounds", "有人举报本人已不在世"),
    ("answer", "confirmed"),
    ("outcome", "stands"),
    ("note", "已经核对过了"),
    ("reason", "核实待遇资格"),
    ("statement", "就是本人，请再看一次"),
    ("resolution", "stands"),
    ("expected", "certified"),
    ("document", "公安部门证明（虚构）"),
    ("channel", "call"),
    ("day", "2026-03-01"),
    ("time", "10:00"),
]
"""What a form would hold, whichever it is: a refusal has to come from the address."""


@dataclass(slots=True, kw_only=True)
class Everything:
    """`ids` has a value for every parameter of an address."""

    county: County
    person: Pensioner
    ids: dict[str, object] = field(default_factory=dict)


def member(county: County, role: Role, place: DivisionPath) -> StaffMember:
    account = county.staff(role, place)
    found = accounts.access_of(county.backend, account.token(county.backend)).member
    return case_world.confirmed(county.backend, found)


def everything(county: County) -> Everything:
    """Put it all in, by the acts that people do."""
    backend = county.backend
    person = county.person(name="周桂香", started_on=date(2025, 6, 1))
    officer = member(county, Role.VILLAGE_OFFICER, VILLAGE)
    clerk = member(county, Role.TOWNSHIP_CLERK, TOWNSHIP)
    bureau = member(county, Role.COUNTY_BUREAU, COUNTY)
    cases = [
        case_world.flagged_visit(backend, officer, person.id, f"visit-000{number}")
        for number in range(3)
    ]
    certified, proposed, waiting = cases
    certificate = _decide(county, clerk, certified, Verdict.CERTIFIED, Method.VISIT)
    _decide(county, clerk, proposed, Verdict.REFER_AS_LEAD, None)
    brought = WrittenDown(person_id=person.id, channel=AppealChannel.WINDOW, statement="就是本人")
    visit_requests.request_visit(
        backend,
        Claimed(id_number=person.id_number, name=person.name, address="203.0.113.7"),
        "腿脚不便",
    )
    links.make_link(
        backend, Caller(actor=accounts.actor_of(clerk), scope=accounts.scope_of(clerk)), person.id
    )
    ids = {
        "person_id": person.id,
        "review_id": waiting,
        "reread_id": waiting,
        "evidence_id": rows(backend, Evidence)[0].id,
        "number": certificate,
        "proposal_id": _proposal(county),
        "appeal_id": appeal_raising.write_down(backend, clerk, brought),
        "staff_id": officer.id,
        "change_id": _change(county, bureau),
        "link_id": _link_id(county),
    }
    return Everything(county=county, person=person, ids=ids)


def _decide(
    county: County, clerk: StaffMember, review_id: object, verdict: Verdict, method: Method | None
) -> str:
    backend = county.backend
    reviews.claim_case(backend, clerk, review_id)  # type: ignore[arg-type]
    ruling = Ruling(verdict=verdict, method=method, findings="已核对照片和证件")
    ruled = reviews.decide(backend, clerk, review_id, ruling)  # type: ignore[arg-type]
    return ruled.certified.certificate_number if ruled.certified else ""


def _proposal(county: County) -> object:
    return rows(county.backend, Proposal)[0].id


def _link_id(county: County) -> object:
    return rows(county.backend, Link)[0].id


def _change(county: County, bureau: StaffMember) -> object:
    wish = Wish(
        division=COUNTY,
        key="review.claim_minutes",
        value="45",
        schemes=frozenset[Scheme](),
        effective_from=county.backend.clock.now().date() + timedelta(days=30),
        effective_to=None,
        basis="石桥县（虚构）人社发〔2026〕1 号",
        report_digest="",
    )
    return policy_changes.propose(county.backend, bureau, wish)
