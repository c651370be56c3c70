"""People are found by name and listed by their clocks.

Names are sealed, so the blind indexes of rows that are there already are filled in by a chore that
holds the keys; until then such a row is not found by name. The other indexes let the lists of the
console walk in order instead of sorting a county.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

APP_ROLE = "jianzai_app"


def upgrade() -> None:
    for name in ("name_index", "surname_index"):
        op.add_column("beneficiaries", sa.Column(name, sa.LargeBinary(), nullable=True))
        op.create_index(op.f(f"ix_beneficiaries_{name}"), "beneficiaries", [name])
    op.create_index(
        "ix_beneficiaries_unindexed",
        "beneficiaries",
        ["id"],
        postgresql_where=sa.text("name_index is null"),
    )
    # (valid_until, beneficiary_id) serves whoever asked for valid_until alone.
    op.drop_index("ix_validities_valid_until", "validities")
    op.create_index("ix_validities_due", "validities", ["valid_until", "beneficiary_id"])
    op.create_index("ix_certifications_channel", "certifications", ["channel"])
    op.create_index(
        "ix_entitlement_states_stopped",
        "entitlement_states",
        ["entitlement_id"],
        postgresql_where=sa.text("status <> 'active'"),
    )
    op.execute(f"grant update (name_index, surname_index) on beneficiaries to {APP_ROLE}")


def downgrade() -> None:
    op.execute(f"revoke update (name_index, surname_index) on beneficiaries from {APP_ROLE}")
    op.drop_index("ix_entitlement_states_stopped", "entitlement_states")
    op.drop_index("ix_certifications_channel", "certifications")
    op.drop_index("ix_validities_due", "validities")
    op.create_index("ix_validities_valid_until", "validities", ["valid_until"])
    op.drop_index("ix_beneficiaries_unindexed", "beneficiaries")
    for name in ("surname_index", "name_index"):
        op.drop_index(op.f(f"ix_beneficiaries_{name}"), "beneficiaries")
        op.drop_column("beneficiaries", name)
