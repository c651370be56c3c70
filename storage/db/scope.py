"""Row security: which rows a transaction may see, said once at its start.

The wall is in the database (ADR 0005, migration 0002). `jianzai_scope()` raises when no scope is
set, because a setting left empty on a pooled connection must never read as "everything".
"""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

ALL = "*"

NOT_PERSONAL = frozenset(
    {"divisions", "login_failures", "video_digests", "chore_runs", "alembic_version"}
)
"""Tables without row security, each with a reason: places are public, chores are about
no person, the others hold digests."""

QUEUE_PREFIX = "procrastinate_"
"""The queue's own tables: jobs carry ids only."""


def set_scope(session: Session, path: str, subject: UUID | None = None) -> None:
    """Say what the rest of this transaction may see. Raises ValueError on an empty path."""
    if not path:
        raise ValueError("a scope must name a division, or '*' for a named system actor")
    session.execute(
        sa.text(
            "select set_config('jianzai.scope', :path, true),"
            " set_config('jianzai.subject', :subject, true)"
        ),
        {"path": path, "subject": str(subject) if subject else ""},
    )
