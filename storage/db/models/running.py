"""How the installation itself is doing: nothing here is about a person."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storage.db.base import Base


class ChoreRun(Base):
    """How a chore of the workers ended last, and when it last ended well."""

    __tablename__ = "chore_runs"
    name: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    ended_at: Mapped[datetime]
    succeeded_at: Mapped[datetime | None]
    failed_with: Mapped[str | None]  # the type of the error; a message could hold anything
