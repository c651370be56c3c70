"""Fingerprints of clips, by which a clip that was sent before is found.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

APP_ROLE = "jianzai_app"
SEEN = (
    "(select jianzai_sees_all()) or exists"
    " (select 1 from beneficiaries b where b.id = clips.beneficiary_id)"
)


def upgrade() -> None:
    op.create_table(
        "clips",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("beneficiary_id", sa.Uuid(), nullable=False),
        sa.Column("device_index", sa.LargeBinary(), nullable=False),
        sa.Column("picture_index", sa.BigInteger(), nullable=False),
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
    )
    op.create_index("ix_clips_person", "clips", ["beneficiary_id", "id"])
    op.create_index("ix_clips_device", "clips", ["device_index", "id"])
    op.create_index("ix_clips_picture", "clips", ["picture_index", "id"])
    op.execute("alter table clips enable row level security")
    op.execute("alter table clips force row level security")
    op.execute(f"create policy clips_read on clips for select using ({SEEN})")
    op.execute(f"create policy clips_add on clips for insert with check ({SEEN})")
    op.execute(f"grant select, insert on clips to {APP_ROLE}")


def downgrade() -> None:
    op.drop_table("clips")
