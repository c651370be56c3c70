"""The job queue's own tables, in the same database (ADR 0002, 0004).

Taken from procrastinate as installed; a newer release's changes become a migration of their own.

Revision ID: 0003
Revises: 0002
"""

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0003"
down_revision = "0002"

APP_ROLE = "jianzai_app"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(SchemaManager.get_schema().replace("%", "%%"))
    op.execute(
        f"""do $$ declare t text; begin
        for t in select tablename from pg_tables where tablename like 'procrastinate_%' loop
          execute format('grant select, insert, update, delete on %I to {APP_ROLE}', t);
        end loop; end $$"""
    )
    op.execute(f"grant usage, select on all sequences in schema public to {APP_ROLE}")


def downgrade() -> None:
    op.execute(
        """do $$ declare r record; begin
        for r in select tablename from pg_tables where tablename like 'procrastinate_%' loop
          execute format('drop table %I cascade', r.tablename);
        end loop;
        for r in select oid::regprocedure as f from pg_proc where proname like 'procrastinate_%' loop
          execute format('drop function %s cascade', r.f);
        end loop;
        for r in select typname from pg_type where typname like 'procrastinate_%'
            and typtype in ('e', 'c') loop
          execute format('drop type if exists %I cascade', r.typname);
        end loop; end $$"""
    )
