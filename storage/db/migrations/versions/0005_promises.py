"""Manifests that came in time before their parts: a challenge answered on a slow line.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

APP_ROLE = "jianzai_app"
SEEN = (
    "(select jianzai_sees_all()) or exists"
    " (select 1 from beneficiaries b where b.id = promises.beneficiary_id)"
)


def upgrade() -> None:
    op.create_table(
        "promises",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("manifest_digest", sa.Text(), nullable=False),
        sa.Column("beneficiary_id", sa.Uuid(), nullable=False),
        sa.Column("promised_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["beneficiary_id"], ["beneficiaries.id"], name=op.f("fk_promises_beneficiary_id")
        ),
        sa.ForeignKeyConstraint(
            ["session_id", "beneficiary_id"],
            ["sessions.id", "sessions.beneficiary_id"],
            name=op.f("fk_promises_session_id_beneficiary_id"),
        ),
        sa.PrimaryKeyConstraint("session_id", "manifest_digest", name=op.f("pk_promises")),
    )
    op.create_index(op.f("ix_promises_beneficiary_id"), "promises", ["beneficiary_id"])
    op.execute("alter table promises enable row level security")
    op.execute("alter table promises force row level security")
    op.execute(f"create policy promises_read on promises for select using ({SEEN})")
    op.execute(f"create policy promises_add on promises for insert with check ({SEEN})")
    op.execute(f"grant select, insert on promises to {APP_ROLE}")


def downgrade() -> None:
    op.drop_table("promises")
