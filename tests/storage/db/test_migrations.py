"""The schema comes up, goes down and matches the models; the application role owns nothing."""

import hashlib
import subprocess
import sys
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from procrastinate.schema import SchemaManager

from domain.audit import canonical
from storage.db.embedded import APP_ROLE
from storage.db.migrate import alembic_config, migrate
from storage.db.models import Base
from storage.db.scope import NOT_PERSONAL, QUEUE_PREFIX
from tests import db_server
from tests.db_server import Database
from tests.storage.audit.events import an_event

QUEUE_SCHEMA = "c70ec4b400a60ad9592787653aae5ae7"
INSERT_ONLY = {
    "audit_events",
    "attempt_decisions",
    "attempt_parts",
    "attempts",
    "beneficiary_changes",
    "certifications",
    "clips",
    "entitlement_states",
    "evidence",
    "review_decisions",
    "sessions",
    "upload_chunks",
    "uploads",
    "video_digests",
    "visit_decisions",
    "visit_parts",
    "visit_requests",
    "visits",
}


@pytest.fixture
def empty(worker_name: str) -> Iterator[Database]:
    database = db_server.empty_database(worker_name, "empty")
    yield database
    db_server.drop_database(database)


def query(url: str, sql: str, **params: object) -> list[tuple[object, ...]]:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.text(sql), params)]


def things(url: str) -> set[tuple[object, ...]]:
    return set(
        query(
            url,
            "select 'table', tablename::text from pg_tables where schemaname = 'public'"
            " union all select 'routine', proname::text from pg_proc"
            " where pronamespace = 'public'::regnamespace"
            " union all select 'type', typname::text from pg_type"
            " where typnamespace = 'public'::regnamespace and typtype = 'e'",
        )
    )


def test_every_migration_goes_up_down_and_up_again(empty: Database) -> None:
    migrate(empty.owner_url)
    config = alembic_config(empty.owner_url)
    revisions = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]

    command.downgrade(config, "base")
    for revision in reversed(revisions):
        before = things(empty.owner_url)
        command.upgrade(config, revision)
        command.downgrade(config, "-1")
        assert things(empty.owner_url) - {("table", "alembic_version")} == before - {
            ("table", "alembic_version")
        }
        command.upgrade(config, revision)

    assert query(empty.owner_url, "select version_num from alembic_version") == [(revisions[0],)]


def test_an_installation_in_use_gets_its_trail_and_sessions_carried_over(empty: Database) -> None:
    migrate(empty.owner_url)
    config = alembic_config(empty.owner_url)
    command.downgrade(config, "0009")
    engine = sa.create_engine(
        empty.owner_url,
        poolclass=sa.NullPool,
        connect_args={"options": "-c timezone=UTC -c jianzai.scope=*"},
    )
    body = canonical(an_event(), chain="990101", seq=1)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "insert into divisions (path, name, level) values ('99', '虚构省', 'province');"
            "insert into staff (id, login, display_name, role, division_path, password_hash,"
            " created_at, created_by) values ('00000000-0000-7000-8000-000000000001', 'a', '甲',"
            " 'inspector', '99', 'x', '2026-03-02Z', 'test');"
            "insert into staff_sessions (token_digest, staff_id, created_at, expires_at) values"
            " ('t', '00000000-0000-7000-8000-000000000001', '2026-03-02Z', '2026-03-03Z')"
        )
        connection.execute(
            sa.text(
                "insert into audit_events (chain, seq, previous, digest, body, at, action, details)"
                " values ('990101', 1, :zeros, :zeros, :body, :at, :action, '{}')"
            ),
            {"zeros": bytes(32), "body": body, "at": an_event().at, "action": an_event().action},
        )

    command.upgrade(config, "head")

    with engine.connect() as connection:
        actor = connection.scalar(sa.text("select actor from audit_events"))
        seen = connection.scalar(sa.text("select last_seen_at = created_at from staff_sessions"))
    assert (actor, seen) == (str(an_event().actor), True)


def test_migrating_twice_changes_nothing(empty: Database) -> None:
    migrate(empty.owner_url)
    before = things(empty.owner_url)

    migrate(empty.owner_url)

    assert things(empty.owner_url) == before


def test_processes_that_start_together_may_all_migrate(worker_name: str) -> None:
    empty = db_server.empty_database(worker_name, "crowd")
    db_server.drop_database(empty)
    code = "import sys; from storage.db.migrate import migrate; migrate(sys.argv[1])"

    crowd = [subprocess.Popen([sys.executable, "-c", code, empty.owner_url]) for _ in range(3)]
    exits = [one.wait(60) for one in crowd]

    assert exits == [0, 0, 0]
    db_server.drop_database(empty)


def test_any_password_can_be_given_to_the_application_role(empty: Database) -> None:
    migrate(empty.owner_url, app_password="a%sb'c:d\\e")

    said = query(empty.app_url, "select current_user::text")

    assert said == [(APP_ROLE,)]


def test_the_models_and_the_migrated_schema_do_not_drift(owner_engine: sa.Engine) -> None:
    with owner_engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "include_name": lambda name, kind, _: (
                    not (kind == "table" and (name or "").startswith(QUEUE_PREFIX))
                ),
            },
        )

        assert compare_metadata(context, Base.metadata) == []


def test_checks_of_the_models_stand_in_the_database(owner_engine: sa.Engine) -> None:
    wanted = {
        constraint.name
        for table in Base.metadata.tables.values()
        for constraint in table.constraints
        if isinstance(constraint, sa.CheckConstraint)
    }

    with owner_engine.connect() as connection:
        there = set(connection.scalars(sa.text("select conname from pg_constraint")))

    assert wanted
    assert wanted <= there


def test_a_migration_gives_up_rather_than_wait_behind_a_long_transaction(empty: Database) -> None:
    migrate(empty.owner_url)
    engine = sa.create_engine(empty.owner_url, poolclass=sa.NullPool)
    with engine.connect() as reader:
        reader.execute(sa.text("select count(*) from divisions"))

        with pytest.raises(sa.exc.OperationalError, match="lock timeout"):
            command.downgrade(alembic_config(empty.owner_url), "base")

    assert ("table", "divisions") in things(empty.owner_url)


def test_the_queue_installs_the_schema_that_migration_0003_was_written_for() -> None:
    schema = SchemaManager.get_schema()

    digest = hashlib.sha256(schema.encode()).hexdigest()

    assert digest.startswith(QUEUE_SCHEMA), (
        "procrastinate changed its schema: keep the old SQL in 0003 and add its change as a new one"
    )


def test_every_table_stands_behind_forced_row_security_or_is_named_with_a_reason(
    owner_engine: sa.Engine,
) -> None:
    sql = (
        "select relname, relrowsecurity and relforcerowsecurity as walled from pg_class"
        " where relkind in ('r', 'p', 'f', 'm', 'v') and relnamespace = 'public'::regnamespace"
    )
    with owner_engine.connect() as connection:
        walled = {row.relname: row.walled for row in connection.execute(sa.text(sql))}

    open_tables = {name for name, wall in walled.items() if not wall}
    assert len(walled) > 30
    assert {name for name in open_tables if not name.startswith(QUEUE_PREFIX)} == NOT_PERSONAL


def test_the_application_role_owns_nothing_and_bypasses_nothing(owner_engine: sa.Engine) -> None:
    with owner_engine.connect() as connection:
        role = connection.execute(
            sa.text(
                "select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication"
                " from pg_roles where rolname = :role"
            ),
            {"role": APP_ROLE},
        ).one()
        owned = connection.scalar(
            sa.text(
                "select count(*) from pg_shdepend d join pg_roles r on r.oid = d.refobjid"
                " where r.rolname = :role and d.deptype = 'o'"
            ),
            {"role": APP_ROLE},
        )
        member_of = connection.scalars(
            sa.text(
                "select roleid::regrole::text from pg_auth_members"
                " where member = (select oid from pg_roles where rolname = :role)"
            ),
            {"role": APP_ROLE},
        ).all()

    assert not any(role)
    assert owned == 0
    assert member_of == []


def test_the_application_role_only_adds_to_what_must_stay(owner_engine: sa.Engine) -> None:
    sql = (
        "select relname, has_table_privilege(:role, oid, 'delete')"
        " or has_table_privilege(:role, oid, 'truncate')"
        " or has_table_privilege(:role, oid, 'trigger'),"
        " has_any_column_privilege(:role, oid, 'update')"
        " from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
    )
    with owner_engine.connect() as connection:
        rights = connection.execute(sa.text(sql), {"role": APP_ROLE}).all()

    ours = [right for right in rights if not right[0].startswith(QUEUE_PREFIX)]
    assert {name for name, removes, _ in ours if removes} == set()
    assert {name for name, _, changes in ours if changes} & INSERT_ONLY == set()
    assert {name for name, _, _ in ours} >= INSERT_ONLY


def test_the_application_role_cannot_read_a_chain_head_past_the_function(
    owner_engine: sa.Engine,
) -> None:
    with owner_engine.connect() as connection:
        open_definers = connection.scalars(
            sa.text(
                "select proname from pg_proc where prosecdef"
                " and pronamespace = 'public'::regnamespace"
            )
        ).all()
        anyone = connection.scalar(
            sa.text("select has_function_privilege('public', 'audit_head(text)', 'execute')")
        )

    assert open_definers == ["audit_head"]
    assert anyone is False
