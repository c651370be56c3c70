"""The office's lists use their indexes however long the history is, behind row security as well."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from domain.listing import Order
from domain.regions import DivisionPath
from storage.db.engine import make_engine, make_sessions
from storage.db.repositories import people_lists, review_lists
from storage.db.repositories.people_lists import Filters, Found
from storage.db.repositories.review_lists import Sieve
from storage.db.scope import ALL, set_scope
from storage.ids import uuid7
from tests.db_server import Database
from tests.db_world import add_places, add_staff

pytestmark = pytest.mark.committing

COUNTY = "990101"
HERE, THERE = DivisionPath("990101101203"), DivisionPath("990101102203")
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)

FILL = """
insert into beneficiaries (id, id_number_index, id_number_sealed, name_sealed, name_index,
 surname_index, phone_index, sex, birth_date, household_path, residence_path, key_groups,
 created_at, created_by)
 select gen_random_uuid(), uuid_send(gen_random_uuid()), '', '', convert_to('n' || n, 'UTF8'),
 convert_to('s' || n % 50, 'UTF8'), convert_to('p' || n, 'UTF8'), 'female', '1950-01-01',
 case when n % 20 = 0 then :here else :there end, case when n % 20 = 0 then :here else :there end,
 '{}', now(), 'x' from generate_series(1, 6000) n;
insert into visits (id, client_id, beneficiary_id, officer_id, manifest, manifest_digest,
 visited_at, received_at)
 select gen_random_uuid(), 'visit-' || id, id, :officer, '{}', '', :now, :now from beneficiaries;
insert into reviews (id, beneficiary_id, visit_id, reasons, priority, opened_at, due_at)
 select gen_random_uuid(), beneficiary_id, id, '{}', 1,
 :now - row_number() over () * interval '1 hour', :now from visits;
insert into review_decisions (review_id, beneficiary_id, outcome, findings, decided_at, decided_by)
 select id, beneficiary_id, 'certified', 'well', :now, :officer from reviews
 where opened_at < :now - interval '40 hours';
update reviews set decided_at = :now where opened_at < :now - interval '40 hours';
analyze
"""


@pytest.fixture
def register(
    database: Database, owner_engine: sa.Engine
) -> Iterator[Callable[[str, Callable[[Session], object]], str]]:
    """A county with history; tells how the database answers what is asked in a scope."""
    engine = make_engine(database.app_url, pool_size=1)
    sessions = make_sessions(engine)
    with sessions() as session, session.begin():
        set_scope(session, ALL)
        add_places(session, HERE, THERE)
        officer = add_staff(session, HERE)
    bound = {"here": HERE, "there": THERE, "officer": officer, "now": NOW}
    with owner_engine.begin() as owner:
        for statement in FILL.split(";"):
            asked = {name: value for name, value in bound.items() if f":{name}" in statement}
            owner.execute(sa.text(statement), asked)
    yield lambda scope, act: _plans(sessions, scope, act)
    engine.dispose()


def _plans(sessions: sessionmaker[Session], scope: str, act: Callable[[Session], object]) -> str:
    """Explain every statement of an act, as the application role in that scope."""
    asked: list[tuple[str, object]] = []

    def note(*event: object) -> None:
        asked.append((str(event[2]), event[3]))

    with sessions() as session, session.begin():
        set_scope(session, scope)
        connection = session.connection()
        sa.event.listen(connection, "before_cursor_execute", note)
        act(session)
        sa.event.remove(connection, "before_cursor_execute", note)
        lines: list[str] = []
        for statement, values in asked:
            found = connection.exec_driver_sql(f"explain {statement}", values)  # type: ignore[arg-type]
            lines += found.scalars()
    assert lines
    return "\n".join(lines)


Explain = Callable[[str, Callable[[Session], object]], str]


@pytest.mark.parametrize("scope", [COUNTY, HERE[:9]])
def test_the_queue_is_found_without_reading_what_was_decided(register: Explain, scope: str) -> None:
    reader = uuid7()
    plan = register(
        scope,
        lambda session: review_lists.waiting(
            session, reader, Sieve(), at=NOW, after=None, limit=26
        ),
    )
    assert "ix_reviews_waiting" in plan
    assert "Seq Scan on reviews" not in plan
    assert "review_decisions" not in plan.partition("SubPlan")[0]
    assert "Seq Scan on beneficiaries" not in plan


def test_a_row_asks_about_its_own_person_and_not_about_a_whole_county(register: Explain) -> None:
    plan = register(COUNTY, lambda session: review_lists.counts(session, uuid7(), at=NOW))
    assert "ix_reviews_waiting" in plan
    assert "beneficiary_id = (hashed" not in plan
    assert "Bitmap Heap Scan on beneficiaries" not in plan


@pytest.mark.parametrize(
    ("found", "index"),
    [
        (Found(name=b"n7", surname=b"s7"), "ix_beneficiaries_name_index"),
        (Found(phone=b"p7"), "ix_beneficiaries_phone_index"),
        (Found(id_number=b"x"), "uq_beneficiaries_id_number_index"),
    ],
)
def test_a_search_uses_the_blind_index(register: Explain, found: Found, index: str) -> None:
    wanted = Filters(today=NOW.date(), soon=NOW.date(), found=found, is_narrow=True)
    plan = register(
        COUNTY,
        lambda session: people_lists.lines(
            session, wanted, order=Order.REGISTERED, after=None, limit=51
        ),
    )
    assert index in plan
    assert "Seq Scan on beneficiaries" not in plan
