"""Builds the rows that database tests need: places, persons, staff. Synthetic throughout."""

from datetime import UTC, date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from domain.regions import (
    DivisionPath,
    DivisionScope,
    Scope,
    SubjectScope,
    SystemScope,
    ancestors,
    level_of,
)
from storage.db.models import accounts, registry
from storage.db.scope import ALL, set_scope
from storage.ids import uuid7

THEN = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
DIGEST = "00" * 32


def apply_scope(session: Session, scope: Scope) -> None:
    """Say what the transaction may see, as a unit of work does."""
    match scope:
        case SystemScope():
            set_scope(session, ALL)
        case DivisionScope(path=path):
            set_scope(session, path)
        case SubjectScope(path=path, beneficiary_id=person):
            set_scope(session, path, person)


def add_places(session: Session, *paths: DivisionPath) -> None:
    """Add each path and its ancestors, where they are missing."""
    there = set(session.scalars(sa.select(registry.Division.path)))
    wanted = {part: None for path in paths for part in ancestors(path)}
    for path in sorted(set(wanted) - there, key=len):
        above = ancestors(path)[:-1]
        session.add(
            registry.Division(
                path=path,
                name=f"{path}（虚构）",
                level=level_of(path).value,
                parent_path=above[-1] if above else None,
            )
        )
        session.flush()


def add_person(
    session: Session, household: DivisionPath, residence: DivisionPath | None = None
) -> UUID:
    person = uuid7()
    session.add(
        registry.Beneficiary(
            id=person,
            id_number_index=person.bytes,
            id_number_sealed=b"sealed",
            name_sealed=b"sealed",
            sex="female",
            birth_date=date(1950, 1, 1),
            household_path=household,
            residence_path=household if residence is None else residence,
            key_groups=[],
            created_at=THEN,
            created_by="system:test",
        )
    )
    session.flush()
    return person


def add_staff(session: Session, path: DivisionPath, role: str = "village_officer") -> UUID:
    staff = uuid7()
    session.add(
        accounts.Staff(
            id=staff,
            login=f"staff-{staff}",
            display_name="虚构",
            role=role,
            division_path=path,
            password_hash="not a hash",
            created_at=THEN,
            created_by="system:test",
        )
    )
    session.flush()
    return staff
