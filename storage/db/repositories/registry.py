"""Many beneficiaries at once: what a roster needs, in a fixed number of statements a batch.

Rows go in as one JSON document a statement: COPY is not open to a role under row security, and one
statement a row takes ten times as long.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSON, insert
from sqlalchemy.orm import Session

from storage.crypto.envelope import DataKey
from storage.crypto.keyring import WrappedKey
from storage.crypto.suites import SuiteId
from storage.db.models.certification import Validity
from storage.db.models.registry import (
    Beneficiary,
    BeneficiaryChange,
    DataKeyRow,
    Entitlement,
    EntitlementState,
)
from storage.db.repositories.people import NAME, PHONE, NewPerson, People

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """A person who is registered already, as far as a roster can be compared with it.

    `name` is None when the person's key was destroyed (erased by law).
    """

    id: UUID
    name: str | None = field(repr=False)
    phone: str | None = field(repr=False)
    household_path: str
    residence_path: str
    schemes: Mapping[str, date]


def registered(people: People, id_numbers: Sequence[str]) -> dict[str, Registered]:
    """Find those of `id_numbers` that are registered and in scope, with their entitlements."""
    by_index = {people.index.of("id_number", number): number for number in id_numbers}
    rows = people.session.execute(
        sa.select(Beneficiary, DataKeyRow)
        .join(DataKeyRow, DataKeyRow.beneficiary_id == Beneficiary.id, isouter=True)
        .where(
            Beneficiary.id_number_index == sa.any_(_array(Beneficiary.id_number_index, by_index))
        )
        .execution_options(populate_existing=True)
    ).all()
    schemes = _schemes(people.session, [row.Beneficiary.id for row in rows])
    found = {}
    for person, key_row in rows:
        key = _open(people, person.id, key_row)
        found[by_index[bytes(person.id_number_index)]] = Registered(
            id=person.id,
            name=key.open(person.name_sealed, NAME).decode() if key else None,
            phone=key.open(person.phone_sealed, PHONE).decode()
            if key and person.phone_sealed
            else None,
            household_path=person.household_path,
            residence_path=person.residence_path,
            schemes=schemes.get(person.id, {}),
        )
    people.session.expunge_all()
    return found


def _open(people: People, person_id: UUID, row: DataKeyRow | None) -> DataKey | None:
    if row is None or row.wrapped is None:
        return None
    wrapped = WrappedKey(kek_version=row.kek_version, suite=SuiteId(row.suite), blob=row.wrapped)
    return people.vault.open(wrapped, person_id)


def _schemes(session: Session, ids: Sequence[UUID]) -> dict[UUID, dict[str, date]]:
    rows = session.execute(
        sa.select(Entitlement.beneficiary_id, Entitlement.scheme, Entitlement.started_on).where(
            Entitlement.beneficiary_id == sa.any_(_array(Entitlement.beneficiary_id, ids))
        )
    )
    found: dict[UUID, dict[str, date]] = {}
    for row in rows:
        found.setdefault(row.beneficiary_id, {})[row.scheme] = row.started_on
    return found


def add_people(people: People, new: Sequence[NewPerson], *, at: datetime, by: str) -> set[UUID]:
    """Insert people with a fresh key each; returns who was added.

    Who is missing from the answer is registered out of this transaction's sight: in another
    county. Their number stays with whom it was first.
    """
    rows, keys = [], {}
    for person in new:
        key, wrapped = people.vault.new_key(person.id)
        rows.append(people.sealed_row(person, key) | {"created_at": at, "created_by": by})
        keys[person.id] = wrapped
    if not rows:
        return set()
    added = set(
        people.session.scalars(
            _insert(Beneficiary, rows)
            .on_conflict_do_nothing(index_elements=["id_number_index"])
            .returning(Beneficiary.id)
        )
    )
    add_rows(
        people.session,
        DataKeyRow,
        [
            {
                "beneficiary_id": person_id,
                "suite": wrapped.suite.value,
                "kek_version": wrapped.kek_version,
                "wrapped": wrapped.blob,
                "created_at": at,
            }
            for person_id, wrapped in keys.items()
            if person_id in added
        ],
    )
    return added


def add_entitlements(session: Session, entitlements: Rows, states: Rows, validities: Rows) -> None:
    """Insert entitlements with their first state and their first clock."""
    add_rows(session, Entitlement, entitlements)
    add_rows(session, EntitlementState, states)
    add_rows(session, Validity, validities)


def add_rows(session: Session, model: Any, rows: Rows) -> None:
    """Insert rows that have the same columns each, in one statement."""
    if rows:
        session.execute(_insert(model, rows))


def changes_of(session: Session, person_id: UUID) -> list[BeneficiaryChange]:
    """Return what was corrected, newest first. The old values stay sealed."""
    rows = session.scalars(
        sa.select(BeneficiaryChange)
        .where(BeneficiaryChange.beneficiary_id == person_id)
        .order_by(BeneficiaryChange.changed_at.desc(), BeneficiaryChange.id.desc())
        .limit(100)
    )
    return list(rows)


def _insert(model: Any, rows: Rows) -> Any:
    table = model.__table__
    columns = [sa.column(name, table.c[name].type) for name in rows[0]]
    given = sa.func.json_to_recordset(
        sa.bindparam(None, _document(rows), type_=sa.Text()).cast(JSON)
    )
    source = given.table_valued(*columns).render_derived(with_types=True)
    return insert(model).from_select(list(rows[0]), sa.select(*source.c))


def _document(rows: Rows) -> str:
    return json.dumps([dict(row) for row in rows], default=_plain, separators=(",", ":"))


def _plain(value: object) -> str:
    """Write a value as the database reads it."""
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    return value.isoformat() if isinstance(value, date) else str(value)


def _array(column: Any, values: Any) -> Any:
    return sa.bindparam(None, list(values), type_=ARRAY(column.type))
