"""The demo township: made-up people who could stand in a register, and a queue worth showing."""

import json
import re
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from app.container import CannotStart
from app.demo.log_ins import FILE, NoDemoAccount, demo_code
from app.demo.office import SEATS, VILLAGES, WITHOUT_OFFICER, Office
from app.demo.portraits import default_home
from app.demo.residents import Standing, residents
from app.demo.seeding import BEGUN, ensure_county
from app.demo.township import RESIDENTS
from domain import id_number
from domain.errors import AppError
from domain.roles import fits_division, needs_second_factor
from domain.urgency import Urgency
from services import accounts, review_desk, second_factor
from services.audit_trail import verify_chains
from services.backend import Backend
from services.faces import Faces
from services.review_desk import Wanted
from storage.crypto.one_time_codes import code_at, new_secret
from storage.db.models.cases import Appeal, Contact, Lead, Proposal, ReviewDecision, VisitRequest
from storage.db.models.certification import Certification
from storage.db.models.registry import Beneficiary, EntitlementState
from storage.jobs.queue import JobQueue
from tests import backend_world
from tests.certification_world import TEST
from tests.clock import FixedClock

TODAY = date(2026, 3, 2)


def test_the_same_day_gives_the_same_people() -> None:
    once, again = (list(residents(30, tuple(VILLAGES), TODAY)) for _ in range(2))
    assert once == again


def test_every_number_is_valid_unique_and_of_a_county_that_does_not_exist() -> None:
    people = list(residents(RESIDENTS, tuple(VILLAGES), TODAY))
    numbers = [id_number.parse(one.id_number, on=TODAY) for one in people]
    assert len({number.value for number in numbers}) == RESIDENTS
    assert all(number.value.startswith("990101") for number in numbers)
    assert [number.birth_date for number in numbers] == [one.born for one in people]
    assert [number.sex == "female" for number in numbers] == [one.female for one in people]


def test_nobody_certified_before_the_benefit_began_or_after_today() -> None:
    for one in residents(RESIDENTS, tuple(VILLAGES), TODAY):
        assert all(one.started_on < act.on < TODAY for act in one.acts)
        assert [act.on for act in one.acts] == sorted(act.on for act in one.acts)


def test_every_standing_and_every_village_is_lived() -> None:
    people = list(residents(RESIDENTS, tuple(VILLAGES), TODAY))
    assert {one.standing for one in people} == set(Standing)
    assert {one.village for one in people} == set(VILLAGES)
    assert {one.key_group for one in people} == {"", "高龄", "失能", "重残"}


def test_every_seat_fits_its_division_and_one_village_has_no_officer() -> None:
    assert all(fits_division(seat.role, seat.division) for seat in SEATS)
    served = {seat.division for seat in SEATS if len(seat.division) == 12}
    assert served == set(VILLAGES) - {WITHOUT_OFFICER}


def test_a_code_is_made_for_an_account_of_the_demo_only(tmp_path: Path) -> None:
    now = datetime(2026, 3, 2, 1, 0).astimezone()
    secret = new_secret()
    staff = {"clerk": {"secret": secret}, "officer": {"secret": None}}
    (tmp_path / FILE).write_text(json.dumps({"staff": staff}), "utf-8")
    assert demo_code(tmp_path, "clerk", now) == code_at(secret, now)
    for other in ("officer", "somebody"):
        with pytest.raises(NoDemoAccount):
            demo_code(tmp_path, other, now)
    with pytest.raises(NoDemoAccount):
        demo_code(tmp_path / "elsewhere", "clerk", now)


@pytest.fixture
def backend(
    sessions: sessionmaker[Session],
    queue: JobQueue,
    clock: FixedClock,
    tmp_path: Path,
    faces: Faces,
) -> Backend:
    """An empty installation."""
    return backend_world.make_backend(sessions, queue, clock, tmp_path, faces)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home of its own, with the models, portraits and media that are there."""
    for name in ("models", "portraits", "clips"):
        (default_home() / name).mkdir(parents=True, exist_ok=True)
        (tmp_path / name).symlink_to(default_home() / name)
    return tmp_path


def test_an_account_of_the_demo_signs_in_with_the_code_of_the_day(backend: Backend) -> None:
    backend_world.add_places(backend)
    office = Office.opened(backend, timedelta(days=1), SEATS[:1])
    clerk = office.logins["clerk"]
    assert needs_second_factor(clerk.role)
    token = accounts.sign_in(backend, clerk.login, clerk.password).token
    code = clerk.code(backend.clock.now())
    assert code is not None
    second_factor.show(backend, accounts.access_of(backend, token), code)
    assert accounts.authenticate(backend, token).id == clerk.id


def test_an_account_of_the_demo_is_nobodys_without_its_code(backend: Backend) -> None:
    backend_world.add_places(backend)
    clerk = Office.opened(backend, timedelta(days=1), SEATS[:1]).logins["clerk"]
    token = accounts.sign_in(backend, clerk.login, clerk.password).token
    with pytest.raises(AppError, match="second_factor_needed"):
        accounts.authenticate(backend, token)


def test_a_seeding_that_was_killed_is_told_in_one_line(backend: Backend, tmp_path: Path) -> None:
    (tmp_path / BEGUN).touch()
    with pytest.raises(CannotStart, match="cut off half way"):
        ensure_county(backend, tmp_path, lambda _line: None, page="http://office.test")


def count(backend: Backend, table: type[object], *where: sa.ColumnElement[bool]) -> int:
    with backend.unit(TEST.actor, TEST.scope) as unit:
        found = sa.select(sa.func.count()).select_from(table).where(*where)
        return unit.session.scalar(found) or 0


@pytest.mark.faces
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_township_is_seeded_once_and_has_a_queue_worth_showing(
    backend: Backend, home: Path
) -> None:
    said: list[str] = []
    ensure_county(backend, home, said.append, page="http://office.test")
    assert (home / FILE).stat().st_mode & 0o077 == 0
    assert "The township office:  http://office.test/office/" in said
    logins = [line for line in said if re.match(r"  clerk2? +\S{12}  \d{6}  ", line)]
    assert len(logins) == 2
    assert count(backend, Beneficiary) == RESIDENTS + 4
    assert count(backend, Certification) > 400
    assert count(backend, ReviewDecision) >= 12
    for table in (Appeal, Contact, Lead, Proposal, VisitRequest):
        assert count(backend, table) >= 2, table
    assert count(backend, EntitlementState, EntitlementState.status == "suspended") >= 10
    _the_bureau_sees_a_queue(backend, home)
    assert verify_chains(backend.sessions, home / "anchors.jsonl").is_intact
    before = count(backend, Beneficiary)
    ensure_county(backend, home, said.append, page="http://office.test")
    assert count(backend, Beneficiary) == before


def _the_bureau_sees_a_queue(backend: Backend, home: Path) -> None:
    staff = json.loads((home / FILE).read_text("utf-8"))["staff"]
    bureau = accounts.sign_in(backend, "bureau", staff["bureau"]["password"]).member
    shown = review_desk.page(backend, bureau, Wanted(limit=50))
    assert shown.counts.waiting >= 12
    assert {reason for line in shown.lines for reason in line.reasons} >= {
        "face_differs",
        "flagged_by_lead",
        "screen_or_print",
        "visit_place_doubtful",
    }
    assert any(line.holder for line in shown.lines)
    assert any(line.urgency is Urgency.LATE for line in shown.lines)
