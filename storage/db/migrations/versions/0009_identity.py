"""Links and tickets of the phone page, and the code that a visitor has to name.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

APP_ROLE = "jianzai_app"
CHANGEABLE = {"links": "revoked_at, revoked_by", "tickets": "ended_at"}


def seen(table: str) -> str:
    return (
        "(select jianzai_sees_all()) or exists"
        f" (select 1 from beneficiaries b where b.id = {table}.beneficiary_id)"
    )


def upgrade() -> None:
    op.create_table(
        "links",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("beneficiary_id", sa.Uuid(), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(), nullable=False),
        sa.Column("letter_index", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["beneficiary_id"], ["beneficiaries.id"], name=op.f("fk_links_beneficiary_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_links")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_links_token_digest")),
        sa.UniqueConstraint("id", "beneficiary_id", name=op.f("uq_links_id_beneficiary_id")),
    )
    op.create_index(op.f("ix_links_beneficiary_id"), "links", ["beneficiary_id"])
    op.create_table(
        "tickets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("beneficiary_id", sa.Uuid(), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(), nullable=False),
        sa.Column("device_index", sa.LargeBinary(), nullable=False),
        sa.Column("proof", sa.Text(), nullable=False),
        sa.Column("link_id", sa.Uuid(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["beneficiary_id"], ["beneficiaries.id"], name=op.f("fk_tickets_beneficiary_id")
        ),
        sa.ForeignKeyConstraint(
            ["link_id", "beneficiary_id"],
            ["links.id", "links.beneficiary_id"],
            name=op.f("fk_tickets_link_id_beneficiary_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tickets")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_tickets_token_digest")),
    )
    op.create_index(op.f("ix_tickets_beneficiary_id"), "tickets", ["beneficiary_id"])
    op.create_index(op.f("ix_tickets_link_id"), "tickets", ["link_id"])
    for table, columns in CHANGEABLE.items():
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        op.execute(f"create policy {table}_read on {table} for select using ({seen(table)})")
        op.execute(f"create policy {table}_add on {table} for insert with check ({seen(table)})")
        op.execute(
            f"create policy {table}_change on {table} for update"
            f" using ({seen(table)}) with check ({seen(table)})"
        )
        op.execute(f"grant select, insert on {table} to {APP_ROLE}")
        op.execute(f"grant update ({columns}) on {table} to {APP_ROLE}")
    op.add_column("visit_requests", sa.Column("code_sealed", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("visit_requests", "code_sealed")
    op.drop_table("tickets")
    op.drop_table("links")
