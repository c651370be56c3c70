"""A synthetic county to play in: places, staff, and a roster that goes through the real import."""

import csv
import hashlib
import io
import tempfile
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

from app.demo.log_ins import Login, Seat, open_account
from app.demo.photos import Reference
from app.demo.studio import Studio
from app.presets import POLICIES
from domain.audit import Actor, ActorKind
from domain.beneficiary import SuspensionCause
from domain.enrolment import Basis, BasisKind, Source
from domain.id_number import check_character
from domain.regions import DivisionPath, DivisionScope, SystemName
from domain.roles import Role
from services import enrolment
from services.backend import Backend
from services.entitlements import drawn_by, suspend
from services.evidence import Caller
from services.imports import import_roster
from services.roster import Complaint
from services.roster_stream import ImportTally, Roster, Watch
from storage.db.repositories import divisions
from storage.spreadsheets.mapping import load_mapping
from storage.spreadsheets.reading import read_sheet

COUNTY = DivisionPath("990101")
TOWN, VILLAGE = DivisionPath("990101100"), DivisionPath("990101100001")
Place = tuple[str, str, str, str | None]
"""Path, name, level and the path above."""
PLACES: tuple[Place, ...] = (
    ("99", "虚构省", "province", None),
    ("9901", "虚构市", "prefecture", "99"),
    (COUNTY, "石桥县", "county", "9901"),
    (TOWN, "城关镇", "township", COUNTY),
    (VILLAGE, "东街村", "village", TOWN),
    ("990101100002", "新华村", "village", TOWN),
)
SEATS = (
    Seat(login="officer", role=Role.VILLAGE_OFFICER, division=VILLAGE, title="东街村协办员"),
    Seat(login="clerk", role=Role.TOWNSHIP_CLERK, division=TOWN, title="城关镇经办"),
    Seat(login="bureau", role=Role.COUNTY_BUREAU, division=COUNTY, title="石桥县社保局"),
    Seat(login="inspector", role=Role.INSPECTOR, division=COUNTY, title="石桥县稽核"),
)
OPERATOR = Caller(
    actor=Actor(kind=ActorKind.SYSTEM, id=SystemName.DEMO), scope=DivisionScope(path=COUNTY)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Casting:
    """One synthetic pensioner; `face` is a person of the studio, or nobody."""

    name: str
    born: date
    serial: int
    schemes: tuple[str, ...]
    started_on: date
    face: str | None = None
    reference: Reference = Reference.PHOTO
    key_group: str = ""

    @property
    def id_number(self) -> str:
        """A number with a valid check character, of a place that does not exist."""
        body = f"{COUNTY}{self.born:%Y%m%d}{self.serial:03d}"
        return body + check_character(body)


CASTING = {
    "zhou": Casting(
        name="周长青",
        born=date(1944, 3, 9),
        serial=101,
        schemes=("城乡居民养老",),
        started_on=date(2025, 12, 1),
        face="p1",
    ),
    "he": Casting(
        name="何守田",
        born=date(1941, 7, 21),
        serial=103,
        schemes=("城乡居民养老", "工伤长期待遇"),
        started_on=date(2024, 5, 1),
        face="p2",
    ),
    "xu": Casting(
        name="许秀兰",
        born=date(1946, 11, 2),
        serial=102,
        schemes=("企业职工养老",),
        started_on=date(2025, 12, 20),
        face="p3",
        reference=Reference.CHIP,
        key_group="失能",
    ),
    "luo": Casting(
        name="罗福生",
        born=date(1939, 1, 30),
        serial=105,
        schemes=("城乡居民养老",),
        started_on=date(2025, 12, 1),
        key_group="高龄",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pensioner:
    id: UUID
    name: str
    id_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeded:
    staff: dict[str, Login]
    people: dict[str, Pensioner]


def seed(backend: Backend, studio: Studio) -> Seeded:
    """Fill an empty installation. Raises what the services raise when it is not empty."""
    add_places(backend, PLACES)
    staff = {seat.login: open_account(backend, seat) for seat in SEATS}
    return Seeded(staff=staff, people=add_cast(backend, studio))


def add_cast(backend: Backend, studio: Studio) -> dict[str, Pensioner]:
    """Register the pensioners whom the demo plays."""
    import_roster_of(backend, [row for casting in CASTING.values() for row in _rows(casting)])
    people = {key: _find(backend, casting) for key, casting in CASTING.items()}
    for key, casting in CASTING.items():
        if casting.face is not None:
            _enrol(backend, studio, people[key].id, casting)
    _suspend_uncertified(backend, people["he"].id)
    return people


def add_places(backend: Backend, places: Iterable[Place]) -> None:
    """Put divisions in; a township has its window."""
    with backend.unit(OPERATOR.actor, OPERATOR.scope) as unit:
        divisions.put_all(
            unit.session,
            [
                {
                    "path": path,
                    "name": name,
                    "level": level,
                    "parent_path": parent,
                    "window_address": f"{name}便民服务中心 3 号窗口" if at_window else None,
                    "window_hours": "工作日 8:30-17:00" if at_window else None,
                }
                for path, name, level, parent in places
                for at_window in [level == "township"]
            ],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterRow:
    """One line of a county's roster, in the county's own words."""

    name: str
    id_number: str
    scheme: str
    village: str
    phone: str
    started_on: date
    key_group: str


def import_roster_of(backend: Backend, rows: Iterable[RosterRow]) -> None:
    """Write a roster as a county has it, and take it in as a county does."""
    content = _csv(rows).encode("gb18030")
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        file.write(content)
        file.flush()
        roster = Roster(
            county=COUNTY,
            rows=read_sheet(Path(file.name)),
            digest=hashlib.sha256(content).hexdigest(),
            mapping=load_mapping(POLICIES / "import" / "beneficiaries.toml"),
        )
        tally = import_roster(
            backend, OPERATOR, roster, Watch(complaint=_refuse, progress=_unwatched)
        )
    assert tally.refused == 0


def _unwatched(_tally: ImportTally) -> None:
    """So few people need no progress bar."""


def _refuse(complaint: Complaint) -> None:
    raise AssertionError(f"the demo's own roster was refused: {complaint.fault}")


def _csv(rows: Iterable[RosterRow]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(
        ["姓名", "身份证号码", "险种", "户籍地", "联系电话", "待遇享受开始时间", "重点人群"]
    )
    writer.writerows(astuple(row) for row in rows)
    return text.getvalue()


def _rows(casting: Casting) -> list[RosterRow]:
    return [
        RosterRow(
            name=casting.name,
            id_number=casting.id_number,
            scheme=scheme,
            village="东街村",
            phone=f"1380000{casting.serial:04d}",
            started_on=casting.started_on,
            key_group=casting.key_group,
        )
        for scheme in casting.schemes
    ]


def _find(backend: Backend, casting: Casting) -> Pensioner:
    with backend.unit(OPERATOR.actor, OPERATOR.scope) as unit:
        found = backend.people(unit).find_by_id_number(casting.id_number)
    assert found is not None, "the import has just brought this person"
    return Pensioner(id=found, name=casting.name, id_number=casting.id_number)


def _enrol(backend: Backend, studio: Studio, person_id: UUID, casting: Casting) -> None:
    assert casting.face is not None
    chip = casting.reference is Reference.CHIP
    enrolment.enrol_reference(
        backend,
        OPERATOR,
        person_id,
        photo=studio.reference(casting.face, casting.reference, seed=1),
        source=Source.ID_CARD_CHIP if chip else Source.WINDOW_CAPTURE,
        taken_on=date(2019, 4, 2),
        basis=Basis(
            kind=BasisKind.CONSENT, version=backend.notice.version, digest=backend.notice.digest
        ),
    )


def _suspend_uncertified(backend: Backend, person_id: UUID) -> None:
    """Play a past decision of the county: held because nobody certified in time."""
    with backend.unit(OPERATOR.actor, OPERATOR.scope) as unit:
        person = backend.people(unit).load(person_id)
        assert person is not None
        for entitlement in drawn_by(backend, unit, person):
            suspend(unit, entitlement, SuspensionCause.UNCERTIFIED)
