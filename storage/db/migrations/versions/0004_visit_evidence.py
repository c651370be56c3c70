"""What a visit measured, and finding a photo that was handed in before, whoever it showed.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"

# Row security lets only the system read across persons; these make that reading cheap.
LOOKED_UP = (
    ("evidence", "sha256"),
    ("visit_parts", "evidence_id"),
    ("attempt_parts", "evidence_id"),
    ("reference_photos", "evidence_id"),
)


def upgrade() -> None:
    op.add_column(
        "visit_decisions",
        sa.Column(
            "evidence",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
    )
    for table, column in LOOKED_UP:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column], unique=False)


def downgrade() -> None:
    for table, column in LOOKED_UP:
        op.drop_index(op.f(f"ix_{table}_{column}"), table_name=table)
    op.drop_column("visit_decisions", "evidence")
