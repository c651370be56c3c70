"""Reviews that wait are found without walking those that were decided.

Whether a case is decided stands in `review_decisions`; without a mark of its own beside the case,
every list of what waits would read the whole history of a county to leave it out. The mark can be set
once, to the moment of the decision that stands, and to nothing else: the database sees to it.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

APP_ROLE = "jianzai_app"
DECIDED_THEN = (
    "decided_at is not null and exists (select 1 from review_decisions d"
    " where d.review_id = reviews.id and d.decided_at = reviews.decided_at)"
)


def upgrade() -> None:
    op.add_column("reviews", sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True))
    # Row security stands before the owner as well: the mark is copied with it lifted, by the owner
    # alone and inside this transaction.
    for table in ("reviews", "review_decisions"):
        op.execute(f"alter table {table} no force row level security")
    op.execute(
        "update reviews r set decided_at = d.decided_at from review_decisions d"
        " where d.review_id = r.id"
    )
    for table in ("reviews", "review_decisions"):
        op.execute(f"alter table {table} force row level security")
    op.create_index(
        "ix_reviews_waiting",
        "reviews",
        ["opened_at", "id"],
        postgresql_where=sa.text("decided_at is null"),
    )
    op.execute(
        "create policy reviews_mark on reviews as restrictive for update"
        f" using (decided_at is null) with check ({DECIDED_THEN})"
    )
    op.execute(f"grant update (decided_at) on reviews to {APP_ROLE}")


def downgrade() -> None:
    op.execute(f"revoke update (decided_at) on reviews from {APP_ROLE}")
    op.execute("drop policy reviews_mark on reviews")
    op.drop_index("ix_reviews_waiting", "reviews")
    op.drop_column("reviews", "decided_at")
