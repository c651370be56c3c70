"""What the office needs at the size of a county: a wall that looks up, and the trail by action.

The wall around a person's rows looks up the person, and never gathers everybody in sight. The
planner takes every scope for a small one (its bounds are known only when a query runs), so it
answered "is this row's person in sight?" by hashing all people of the scope first: a county's
bureau paid for 100,000 people in every statement, however few rows it read. An `offset 0` says the
same and leaves only the look-up by primary key.

The trail is searched by action, and asked for the newest of one: without an index an action that
never was is looked for in every record.

Revision ID: 0013
Revises: 0012
"""

import re

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

PERSON = re.compile(
    r"EXISTS \( SELECT 1\s+FROM beneficiaries b\s+WHERE \(b\.id = (\w+)\.beneficiary_id\)\)"
)
LOOKED_UP = r"EXISTS (SELECT 1 FROM beneficiaries b WHERE b.id = \1.beneficiary_id OFFSET 0)"
BOUND = re.compile(
    r"EXISTS \( SELECT 1\s+FROM beneficiaries b\s+WHERE \(b\.id = (\w+)\.beneficiary_id\)"
    r"\s+OFFSET 0\)"
)
HASHED = r"EXISTS (SELECT 1 FROM beneficiaries b WHERE b.id = \1.beneficiary_id)"


def rewrite(found: re.Pattern[str], put: str) -> None:
    """Put another form of the same condition into every policy for reading."""
    policies = op.get_bind().execute(
        sa.text(
            "select tablename, policyname, qual from pg_policies"
            " where schemaname = 'public' and cmd = 'SELECT' order by tablename"
        )
    )
    for table, policy, condition in policies.all():
        changed = found.sub(put, condition or "")
        if changed != condition:
            op.execute(sa.text(f"alter policy {policy} on {table} using ({changed})"))


def upgrade() -> None:
    rewrite(PERSON, LOOKED_UP)
    op.create_index("ix_audit_events_action", "audit_events", ["chain", "action", "seq"])


def downgrade() -> None:
    op.drop_index("ix_audit_events_action", "audit_events")
    rewrite(BOUND, HASHED)
