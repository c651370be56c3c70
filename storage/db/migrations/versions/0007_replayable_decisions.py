"""What a decision was made with, and what a reviewer is shown of it.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"

APP_ROLE = "jianzai_app"


def upgrade() -> None:
    op.add_column(
        "attempt_decisions",
        sa.Column(
            "inputs",
            postgresql.JSONB(),
            nullable=False,
            server_default=sa.text("'{}'::jsonb"),
        ),
    )
    op.add_column("attempt_decisions", sa.Column("material_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_attempt_decisions_material_id_beneficiary_id"),
        "attempt_decisions",
        "evidence",
        ["material_id", "beneficiary_id"],
        ["id", "beneficiary_id"],
    )
    # A new model embeds the stored photo anew; the photo itself is never changed.
    op.execute(f"grant update (embedding_sealed, model) on reference_photos to {APP_ROLE}")


def downgrade() -> None:
    op.execute(f"revoke update (embedding_sealed, model) on reference_photos from {APP_ROLE}")
    op.drop_column("attempt_decisions", "material_id")
    op.drop_column("attempt_decisions", "inputs")
