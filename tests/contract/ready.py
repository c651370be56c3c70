"""A county in which every route has something to answer: people, staff, a session, a case."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from domain.appeal import AppealChannel
from domain.roles import MARKERS, Permission, Role, may
from edge.deps import permissions_of
from services.accounts import StaffMember
from services.appeal_raising import WrittenDown, write_down
from services.links import make_link
from storage.ids import uuid7
from tests import case_world
from tests.certification_world import PASSWORD, TEST, Account, County, Pensioner
from tests.contract.routes import ROUTES
from tests.phone_world import Http, Phone, broken_clip, broken_photo, digest, part
from tests.places import COUNTY, TOWNSHIP, VILLAGE

SEATS = {
    Role.TOWNSHIP_CLERK: TOWNSHIP,
    Role.VILLAGE_OFFICER: VILLAGE,
    Role.COUNTY_BUREAU: COUNTY,
    Role.TOWNSHIP_HEAD: TOWNSHIP,
    Role.COUNTY_ADMIN: COUNTY,
    Role.INSPECTOR: COUNTY,
    Role.UNIT_OFFICER: TOWNSHIP,
}
DISPENSABLE = ("staff_sign_out", "staff_sign_out_everywhere")
"""Operations after which a token is of no more use."""
SELFIE, CLIP = broken_photo(1), broken_clip(1)
VISIT_PHOTOS = case_world.photos("contract")


@dataclass(slots=True, kw_only=True)
class Ready:
    """What the calls need to get past authentication, and past `there is no such thing`."""

    http: Http
    county: County
    phone: Phone
    person: Pensioner
    ids: Mapping[str, str]
    login: str
    staff: dict[Role, Account] = field(default_factory=dict)
    tokens: dict[Role, str] = field(default_factory=dict)

    def headers(self, operation_id: str) -> dict[str, str]:
        """Sign in as somebody who may call the operation."""
        (permission,) = permissions_of(ROUTES[operation_id])
        if permission is Permission.SELF:
            return {"Authorization": f"Bearer {self.phone.token}"}
        if permission in MARKERS:
            return {}
        role = next(role for role in SEATS if may(role, permission))
        return self.headers_of(role)

    def headers_of(self, role: Role) -> dict[str, str]:
        if role not in self.tokens:
            self.tokens[role] = self.account(role).token(self.county.backend)
        return {"Authorization": f"Bearer {self.tokens[role]}"}

    def account(self, role: Role) -> Account:
        if role not in self.staff:
            self.staff[role] = self.county.staff(role, SEATS[role])
        return self.staff[role]

    def path_of(self, operation_id: str) -> str:
        template = ROUTES[operation_id].path_format
        assert template is not None
        return template.format(**self.path_parameters(operation_id))

    def path_parameters(self, operation_id: str) -> dict[str, str]:
        if operation_id == "visits_status":
            return {"client_id": "visit-0001"}
        if operation_id == "staff_disable":
            return {"staff_id": str(self.account(Role.UNIT_OFFICER).id)}
        if operation_id == "visits_put_photo":
            return {"sha256": digest(VISIT_PHOTOS["person"])}
        return dict(self.ids)

    def query(self, operation_id: str) -> dict[str, str]:
        """Give the query of a call that makes sense."""
        notice = self.county.backend.notice
        basis = {"text_version": notice.version, "text_digest": notice.digest}
        known = {
            "visits_put_photo": {"beneficiary_id": str(self.person.id)},
            "enrolment_add": {"source": "id_card_chip", "basis": "consent"} | basis,
        }
        return known.get(operation_id, {})

    def body(self, operation_id: str) -> Any:
        """Give the body of a call that makes sense; None where there is none."""
        return self._bodies().get(operation_id)

    def _bodies(self) -> dict[str, Any]:
        claim, now = self.person.claim, self.county.backend.clock.now().isoformat()
        notice = self.county.backend.notice
        return {
            "self_service_check": claim,
            "self_service_open_session": {
                "claim": claim,
                "device_id": "phone-00000002",
                "consent": {"text_version": notice.version, "text_digest": notice.digest},
                "needs": ["seated"],
                "helper": {"name": "周小明", "relation": "女儿", "declared": True},
            },
            "self_service_put_part": SELFIE,
            "self_service_submit": {
                "client_id": self.ids["client_id"],
                "parts": [part("selfie", SELFIE, "image/jpeg"), part("video", CLIP, "video/webm")],
                "captured_at": now,
            },
            "self_service_want_visit": {"claim": claim, "reason": "手机坏了"},
            "self_service_appeal": {"statement": "我就是本人"},
            "appeals_take_down": {
                "beneficiary_id": str(self.person.id),
                "channel": "hotline",
                "statement": "老人来电说是本人拍的",
            },
            **self._of_accounts(),
            "registry_search": {"id_number": self.person.id_number},
            "registry_correct_phone": {"phone": "19900001234", "reason": "told_by_person"},
            "enrolment_add": SELFIE,
            "enrolment_remove": {"reason": "consent_withdrawn"},
            "visits_put_photo": VISIT_PHOTOS["person"],
            "visits_submit": self._visit(now),
            "reviews_decide": {
                "verdict": "certified",
                "method": "call_back",
                "findings": "已电话核实本人健在",
            },
        }

    def _of_accounts(self) -> dict[str, Any]:
        return {
            "staff_sign_in": {"login": self.login, "password": PASSWORD},
            "staff_show_code": {"code": "000000"},
            "staff_confirm": {"password": PASSWORD},
            "staff_create": {
                "login": "newcomer",
                "display_name": "虚构",
                "role": "village_officer",
                "division": VILLAGE,
                "password": PASSWORD,
            },
        }

    def _visit(self, captured_at: str) -> dict[str, Any]:
        checklist = ("alive", "not_in_custody", "name_and_id_right", "contact_current")
        return {
            "client_id": "visit-0002",
            "beneficiary_id": str(self.person.id),
            "captured_at": captured_at,
            "place": {"latitude": 28.1, "longitude": 115.9, "accuracy_m": 12.5, "mock": False},
            "device": "tablet-7",
            "checklist": dict.fromkeys(checklist, True),
            "parts": [part(name, made, "image/jpeg") for name, made in VISIT_PHOTOS.items()],
        }


def make_ready(county: County, http: Http, phone: Phone) -> Ready:
    """Put everything in, so that `Ready` knows who may call each operation and with what."""
    person = county.person()
    county.enrol_nobody(person)
    phone.open(person)
    phone.hand_in("phone-0001", SELFIE, CLIP)
    officer = county.staff(Role.VILLAGE_OFFICER, VILLAGE)
    member = StaffMember(
        id=officer.id,
        login=officer.login,
        display_name="虚构",
        role=officer.role.value,
        division_path=officer.division,
        confirmed_at=county.backend.clock.now(),
    )
    case_world.upload(county.backend, member, person.id, VISIT_PHOTOS)
    asked = WrittenDown(
        person_id=person.id, channel=AppealChannel.WINDOW, statement="本人到窗口说明"
    )
    write_down(county.backend, member, asked)  # so that the phone has one to join
    review = case_world.flagged_visit(county.backend, member, person.id, "visit-0001")
    made = Ready(
        http=http,
        county=county,
        phone=phone,
        person=person,
        staff={officer.role: officer},
        ids=_ids(person, review, make_link(county.backend, TEST, person.id).id),
        login=officer.login,
    )
    return _with_evidence(made, review)


def _ids(person: Pensioner, review: UUID, link: UUID) -> dict[str, str]:
    return {
        "person_id": str(person.id),
        "link_id": str(link),
        "review_id": str(review),
        "evidence_id": str(uuid7()),
        "reference_id": str(uuid7()),
        "client_id": "phone-0001",
        "sha256": digest(SELFIE),
    }


def _with_evidence(made: Ready, review: UUID) -> Ready:
    clerk = made.headers_of(Role.TOWNSHIP_CLERK)
    made.http.ask("POST", f"/v1/reviews/{review}/claim", headers=clerk)
    case = made.http.ask("GET", f"/v1/reviews/{review}", headers=clerk).json()
    listed = f"/v1/beneficiaries/{made.person.id}/references"
    references = made.http.ask("GET", listed, headers=clerk).json()
    made.ids = dict(made.ids) | {
        "evidence_id": case["parts"][0]["evidence_id"],
        "reference_id": references[0]["id"],
    }
    return made
