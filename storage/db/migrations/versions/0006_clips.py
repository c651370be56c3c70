"""Fingerprints of clips, and the keys under which a clip that was sent before is found.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

APP_ROLE = "jianzai_app"
TABLES = ("clips", "clip_keys")


def upgrade() -> None:
    op.create_table(
        "clips",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("beneficiary_id", sa.Uuid(), nullable=False),
        sa.Column("device_index", sa.LargeBinary(), nullable=False),
        sa.Column("form", sa.SmallInteger(), nullable=False),
        sa.Column("fingerprint_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("remembered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["beneficiary_id"], ["beneficiaries.id"], name=op.f("fk_clips_beneficiary_id")
        ),
        sa.ForeignKeyConstraint(
            ["id", "beneficiary_id"],
            ["attempts.id", "attempts.beneficiary_id"],
            name=op.f("fk_clips_id_beneficiary_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clips")),
        sa.UniqueConstraint("id", "beneficiary_id", name=op.f("uq_clips_id_beneficiary_id")),
    )
    op.create_index("ix_clips_person", "clips", ["beneficiary_id", "id"])
    op.create_index("ix_clips_device", "clips", ["device_index", "id"])
    op.create_table(
        "clip_keys",
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("clip_id", sa.Uuid(), nullable=False),
        sa.Column("beneficiary_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["beneficiary_id"], ["beneficiaries.id"], name=op.f("fk_clip_keys_beneficiary_id")
        ),
        sa.ForeignKeyConstraint(
            ["clip_id", "beneficiary_id"],
            ["clips.id", "clips.beneficiary_id"],
            name=op.f("fk_clip_keys_clip_id_beneficiary_id"),
        ),
        sa.PrimaryKeyConstraint("key", "clip_id", name=op.f("pk_clip_keys")),
    )
    for table in TABLES:
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        op.execute(f"create policy {table}_read on {table} for select using ({seen(table)})")
        op.execute(f"create policy {table}_add on {table} for insert with check ({seen(table)})")
        op.execute(f"grant select, insert on {table} to {APP_ROLE}")


def seen(table: str) -> str:
    """SQL: the row is visible exactly when its beneficiary is."""
    return (
        "(select jianzai_sees_all()) or exists"
        f" (select 1 from beneficiaries b where b.id = {table}.beneficiary_id)"
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
