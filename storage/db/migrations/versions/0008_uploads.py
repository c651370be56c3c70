"""Uploads in pieces, so that a cut line costs one piece.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"

APP_ROLE = "jianzai_app"


def seen(table: str) -> str:
    return (
        "(select jianzai_sees_all()) or exists"
        f" (select 1 from beneficiaries b where b.id = {table}.beneficiary_id)"
    )


def of_a_session(table: str) -> list[sa.ForeignKeyConstraint]:
    """Bind a row to a session about the same person."""
    return [
        sa.ForeignKeyConstraint(
            ["beneficiary_id"], ["beneficiaries.id"], name=op.f(f"fk_{table}_beneficiary_id")
        ),
        sa.ForeignKeyConstraint(
            ["session_id", "beneficiary_id"],
            ["sessions.id", "sessions.beneficiary_id"],
            name=op.f(f"fk_{table}_session_id_beneficiary_id"),
        ),
    ]


def upgrade() -> None:
    op.create_table(
        "uploads",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("beneficiary_id", sa.Uuid(), nullable=False),
        sa.Column("manifest", postgresql.JSONB(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        *of_a_session("uploads"),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_uploads")),
    )
    op.create_table(
        "upload_chunks",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("index", sa.Integer(), nullable=False),
        sa.Column("beneficiary_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("object_key", sa.Text(), nullable=False),
        sa.Column("sealed_by_phone", sa.Boolean(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        *of_a_session("upload_chunks"),
        sa.PrimaryKeyConstraint("session_id", "part", "index", name=op.f("pk_upload_chunks")),
    )
    op.create_index(op.f("ix_uploads_beneficiary_id"), "uploads", ["beneficiary_id"])
    op.create_index("ix_uploads_noted_at", "uploads", ["noted_at"])
    op.create_index(op.f("ix_upload_chunks_beneficiary_id"), "upload_chunks", ["beneficiary_id"])
    op.create_index(op.f("ix_upload_chunks_object_key"), "upload_chunks", ["object_key"])
    for table in ("uploads", "upload_chunks"):
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        op.execute(f"create policy {table}_read on {table} for select using ({seen(table)})")
        op.execute(f"create policy {table}_add on {table} for insert with check ({seen(table)})")
        op.execute(f"grant select, insert on {table} to {APP_ROLE}")


def downgrade() -> None:
    op.drop_table("upload_chunks")
    op.drop_table("uploads")
