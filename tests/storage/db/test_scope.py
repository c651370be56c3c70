"""A transaction without a scope sees nothing, and a scope ends with its transaction."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from psycopg import errors
from sqlalchemy.orm import Session, sessionmaker

from domain.ids import BeneficiaryId
from domain.regions import DivisionPath, DivisionScope, SubjectScope
from storage.db.engine import make_engine, make_sessions
from storage.db.models import Base
from storage.db.scope import ALL, NOT_PERSONAL, set_scope
from storage.ids import uuid7
from tests.db_server import Database
from tests.db_world import add_person, add_places, add_staff, apply_scope
from tests.whole_case import add_case

HERE = DivisionPath("990101101203")
THERE = DivisionPath("990102101203")
WALLED = sorted(set(Base.metadata.tables) - NOT_PERSONAL)


@pytest.fixture
def one_connection(database: Database) -> Iterator[sessionmaker[Session]]:
    """Every transaction runs on the same connection."""
    engine = make_engine(database.app_url, pool_size=1)
    yield make_sessions(engine)
    engine.dispose()


OVERRIDE = uuid7()
ROWS = (
    (
        "insert into staff_sessions"
        " (token_digest, staff_id, created_at, expires_at, last_seen_at, confirmed_at)"
        " values ('t', :officer, now(), now(), now(), now())"
    ),
    (
        "insert into staff_factors (id, staff_id, secret_sealed, made_at, last_step)"
        " values (gen_random_uuid(), :officer, 's', now(), 0)"
    ),
    (
        "insert into policy_overrides (id, division_path, key, value, schemes,"
        " effective_from, basis, proposed_at, proposed_by)"
        " values (:override, :here, 'k', '{}', '{}', now(), 'b', now(), :officer)"
    ),
    (
        "insert into policy_answers (override_id, answer, note, answered_at, answered_by)"
        " values (:override, 'approved', '', now(), :officer)"
    ),
    (
        "insert into audit_events"
        " (chain, seq, previous, digest, body, at, actor, action, details)"
        " values ('990101', 1, :zeros, :zeros, '', now(), 'x', 'x', '{}')"
    ),
)
"""What is about nobody: `add_case` has the rows about a person."""


def populate(session: Session) -> BeneficiaryId:
    set_scope(session, ALL)
    add_places(session, HERE, THERE)
    person = add_person(session, HERE)
    add_person(session, THERE)
    officer = add_staff(session, HERE)
    add_case(session, person, officer)
    for statement in ROWS:
        session.execute(
            sa.text(statement),
            {"officer": officer, "here": HERE, "override": OVERRIDE, "zeros": bytes(32)},
        )
    return BeneficiaryId(person)


def people(session: Session) -> int:
    return int(session.execute(sa.text("select count(*) from beneficiaries")).scalar_one())


def refused(session: Session, sql: str) -> bool:
    with pytest.raises(sa.exc.ProgrammingError) as caught, session.begin_nested():
        session.execute(sa.text(sql))
    return isinstance(caught.value.orig, errors.InsufficientPrivilege)


@pytest.mark.committing
def test_without_a_scope_every_walled_table_refuses(one_connection: sessionmaker[Session]) -> None:
    with one_connection() as session, session.begin():
        populate(session)

    with one_connection() as session, session.begin():
        for table in WALLED:
            assert refused(session, f"select * from {table}"), table
            assert refused(session, f"select 1 from {table} limit 1"), table


@pytest.mark.parametrize("path", ["", "%", "3", "36%", "36042", "99' or true", "**", "*%", "036"])
@pytest.mark.committing
def test_a_scope_that_is_no_place_is_refused(
    one_connection: sessionmaker[Session], path: str
) -> None:
    with one_connection() as session, session.begin():
        populate(session)

    with one_connection() as session, session.begin():
        session.execute(sa.text("select set_config('jianzai.scope', :path, true)"), {"path": path})
        assert refused(session, "select count(*) from beneficiaries")
        assert refused(session, "select count(*) from attempts")


def test_setting_an_empty_scope_is_refused_before_the_database(
    sessions: sessionmaker[Session],
) -> None:
    with sessions() as session, pytest.raises(ValueError, match="scope"):
        set_scope(session, "")


@pytest.mark.committing
@pytest.mark.parametrize("ends_well", [True, False])
def test_a_scope_does_not_outlive_its_transaction_on_a_pooled_connection(
    one_connection: sessionmaker[Session], *, ends_well: bool
) -> None:
    with one_connection() as session, session.begin():
        populate(session)
    with one_connection() as session:
        set_scope(session, ALL)
        assert people(session) == 2
        if ends_well:
            session.commit()
        else:
            session.rollback()

    with one_connection() as session, session.begin():
        assert refused(session, "select count(*) from beneficiaries")


@pytest.mark.committing
def test_a_narrower_scope_after_a_wider_one_sees_only_its_own(
    one_connection: sessionmaker[Session],
) -> None:
    with one_connection() as session, session.begin():
        populate(session)
    seen = []
    for path in (ALL, HERE, "9901", THERE, "98", ALL):
        for _ in range(7):  # past the point where the driver prepares the statement
            with one_connection() as session, session.begin():
                set_scope(session, path)
                seen.append((path, people(session)))

    assert set(seen) == {(ALL, 2), (HERE, 1), ("9901", 2), (THERE, 1), ("98", 0)}


@pytest.mark.committing
def test_a_scope_set_in_a_savepoint_goes_with_it(one_connection: sessionmaker[Session]) -> None:
    with one_connection() as session, session.begin():
        populate(session)

    with one_connection() as session, session.begin():
        set_scope(session, HERE)
        with session.begin_nested() as savepoint:
            set_scope(session, ALL)
            savepoint.rollback()
        assert people(session) == 1


@pytest.mark.committing
def test_a_pensioner_sees_the_own_case_and_nothing_by_place(
    one_connection: sessionmaker[Session],
) -> None:
    with one_connection() as session, session.begin():
        person = populate(session)

    for path in (HERE, THERE, DivisionPath("99")):
        with one_connection() as session, session.begin():
            apply_scope(session, SubjectScope(beneficiary_id=person, path=path))
            assert people(session) == 1
            for table in ("attempts", "validities", "certifications"):
                assert session.scalar(sa.text(f"select count(*) from {table}")) == 1
            for table in ("staff", "staff_sessions", "audit_events"):
                assert session.scalar(sa.text(f"select count(*) from {table}")) == 0


@pytest.mark.committing
def test_a_foreign_key_does_not_tell_whether_somebody_elses_row_exists(
    one_connection: sessionmaker[Session],
) -> None:
    with one_connection() as session, session.begin():
        populate(session)
        stranger = session.execute(
            sa.text("select id from beneficiaries where household_path = :path"), {"path": THERE}
        ).scalar_one()
    told = set()
    for guess in (stranger, "00000000-0000-7000-8000-000000000000"):
        with one_connection() as session:
            apply_scope(session, DivisionScope(path=HERE))
            with pytest.raises(sa.exc.DBAPIError) as caught:
                session.execute(
                    sa.text(
                        "insert into leads (id, beneficiary_id, kind, opened_at, opened_by)"
                        " values (:guess, :guess, 'tip', now(), 'x')"
                    ),
                    {"guess": guess},
                )
            told.add(str(caught.value.orig))

    assert told == {'new row violates row-level security policy for table "leads"'}


@pytest.mark.committing
def test_a_village_list_in_a_large_register_uses_the_index(
    one_connection: sessionmaker[Session], owner_engine: sa.Engine
) -> None:
    with one_connection() as session, session.begin():
        populate(session)
    with owner_engine.begin() as owner:
        owner.execute(
            sa.text(
                "insert into beneficiaries select gen_random_uuid(), uuid_send(gen_random_uuid()),"
                " '', '', null, null, 'female', '1950-01-01', :there, :there, '{}', now(), 'x'"
                " from generate_series(1, 5000)"
            ),
            {"there": THERE},
        )
        owner.exec_driver_sql("analyze beneficiaries")

    with one_connection() as session, session.begin():
        set_scope(session, HERE)
        plan = "\n".join(session.scalars(sa.text("explain select id from beneficiaries")))

    assert "Seq Scan" not in plan
    assert "ix_beneficiaries_household" in plan
