"""The review queue."""

from sqlalchemy.orm import Session

from storage.db.models.cases import Review


def add(session: Session, row: Review) -> None:
    session.add(row)
    session.flush()
