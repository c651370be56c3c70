"""Beneficiaries and their keys. Sealed fields are opened here and nowhere above."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from domain.names import plain_name, surname_of
from storage.crypto.blind_index import BlindIndex
from storage.crypto.envelope import DataKey, Vault
from storage.crypto.keyring import WrappedKey
from storage.crypto.suites import SuiteId
from storage.db.models.registry import (
    Beneficiary,
    BeneficiaryChange,
    DataKeyRow,
    Entitlement,
    EntitlementState,
)

ID_NUMBER, NAME, PHONE = "beneficiary:id_number", "beneficiary:name", "beneficiary:phone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A beneficiary with the sealed fields open. Lives for one act; never logged."""

    id: UUID
    id_number: str = field(repr=False)
    name: str = field(repr=False)
    phone: str | None = field(repr=False)
    sex: str
    birth_date: date
    household_path: str
    residence_path: str
    key_groups: tuple[str, ...]
    key: DataKey = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPerson:
    id: UUID
    id_number: str = field(repr=False)
    name: str = field(repr=False)
    phone: str | None = field(repr=False)
    sex: str
    birth_date: date
    household_path: str
    residence_path: str
    key_groups: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntitlementRow:
    """One entitlement with its newest state."""

    id: UUID
    beneficiary_id: UUID
    scheme: str
    started_on: date
    status: str
    cause: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """The register as one transaction sees it, with the means to open sealed fields."""

    session: Session
    vault: Vault
    index: BlindIndex

    def find_by_id_number(self, id_number: str) -> UUID | None:
        return self.session.scalar(
            sa.select(Beneficiary.id).where(
                Beneficiary.id_number_index == self.index.of("id_number", id_number)
            )
        )

    def is_visible(self, person_id: UUID) -> bool:
        """Whether the person is in the transaction's scope."""
        return self.session.get(Beneficiary, person_id) is not None

    def household_of(self, person_id: UUID) -> str | None:
        """Return the division that keeps a person's case; None out of scope."""
        row = self.session.get(Beneficiary, person_id)
        return None if row is None else row.household_path

    def residence_of(self, person_id: UUID) -> str | None:
        """Return the division that a person lives in; None out of scope."""
        row = self.session.get(Beneficiary, person_id)
        return None if row is None else row.residence_path

    def load(self, person_id: UUID) -> Person | None:
        """Open one person; None when there is none in scope. `KeyDestroyed` when erased."""
        row = self.session.get(Beneficiary, person_id)
        if row is None:
            return None
        key = self.load_key(person_id)
        return Person(
            id=row.id,
            id_number=key.open(row.id_number_sealed, ID_NUMBER).decode(),
            name=key.open(row.name_sealed, NAME).decode(),
            phone=key.open(row.phone_sealed, PHONE).decode() if row.phone_sealed else None,
            sex=row.sex,
            birth_date=row.birth_date,
            household_path=row.household_path,
            residence_path=row.residence_path,
            key_groups=tuple(row.key_groups),
            key=key,
        )

    def hold(self, ids: Sequence[UUID]) -> dict[UUID, Beneficiary]:
        """Bring many people and their keys in at once.

        As long as somebody holds the answer, `load` asks the database nothing about them.
        """
        rows = self.session.execute(
            sa.select(Beneficiary, DataKeyRow)
            .join(DataKeyRow, DataKeyRow.beneficiary_id == Beneficiary.id, isouter=True)
            .where(Beneficiary.id.in_(ids))
        ).all()
        self.session.info["held"] = rows  # the session itself refers to its rows weakly
        return {row.Beneficiary.id: row.Beneficiary for row in rows}

    def load_key(self, person_id: UUID) -> DataKey:
        """Open the person's data key. `KeyDestroyed` when the person was erased or is unknown."""
        row = self.session.get(DataKeyRow, person_id)
        wrapped = None
        if row is not None and row.wrapped is not None:
            wrapped = WrappedKey(
                kek_version=row.kek_version, suite=SuiteId(row.suite), blob=row.wrapped
            )
        return self.vault.open(wrapped, person_id)

    def add_all(
        self,
        people: Sequence[NewPerson],
        *,
        at: datetime,
        by: str,
    ) -> None:
        """Insert people with a fresh data key each, in two statements however many they are."""
        rows, keys = [], []
        for person in people:
            key, wrapped = self.vault.new_key(person.id)
            rows.append(self.sealed_row(person, key) | {"created_at": at, "created_by": by})
            keys.append(
                {
                    "beneficiary_id": person.id,
                    "suite": wrapped.suite.value,
                    "kek_version": wrapped.kek_version,
                    "wrapped": wrapped.blob,
                    "created_at": at,
                }
            )
        if rows:
            self.session.execute(sa.insert(Beneficiary), rows)
            self.session.execute(sa.insert(DataKeyRow), keys)

    def sealed_row(self, person: NewPerson, key: DataKey) -> dict[str, object]:
        """Return the row of a new person, identifying fields sealed under `key`."""
        phone = person.phone
        return {
            "id": person.id,
            "id_number_index": self.index.of("id_number", person.id_number),
            "id_number_sealed": key.seal(person.id_number.encode(), ID_NUMBER),
            "name_sealed": key.seal(person.name.encode(), NAME),
            "phone_sealed": key.seal(phone.encode(), PHONE) if phone else None,
            "phone_index": self.index.of("phone", phone) if phone else None,
            **self.name_indexes(person.name),
            "sex": person.sex,
            "birth_date": person.birth_date,
            "household_path": person.household_path,
            "residence_path": person.residence_path,
            "key_groups": list(person.key_groups),
        }

    def name_indexes(self, name: str) -> dict[str, bytes]:
        """Return what a name is found by: its blind index, and that of its surname."""
        plain = plain_name(name)
        return {
            "name_index": self.index.of("name", plain),
            "surname_index": self.index.of("surname", surname_of(plain)),
        }

    def index_names(self, *, limit: int) -> int:
        """Give up to `limit` people the indexes that their names lack; returns to how many."""
        rows = self.session.execute(
            sa.select(Beneficiary.id, Beneficiary.name_sealed)
            .join(DataKeyRow, DataKeyRow.beneficiary_id == Beneficiary.id)
            .where(Beneficiary.name_index.is_(None), DataKeyRow.wrapped.is_not(None))
            .order_by(Beneficiary.id)
            .limit(limit)
            .with_for_update(of=Beneficiary, skip_locked=True)
        ).all()
        found = [
            {"id": row.id}
            | self.name_indexes(self.load_key(row.id).open(row.name_sealed, NAME).decode())
            for row in rows
        ]
        if found:
            self.session.execute(sa.update(Beneficiary), found)
            self.session.expire_all()
        return len(found)

    def change_phone(self, person: Person, phone: str, *, change: BeneficiaryChange) -> None:
        """Replace the phone and keep what it was before."""
        change.before_sealed = (
            person.key.seal(person.phone.encode(), PHONE) if person.phone else None
        )
        self.session.add(change)
        self.session.execute(
            sa.update(Beneficiary)
            .where(Beneficiary.id == person.id)
            .values(
                phone_sealed=person.key.seal(phone.encode(), PHONE),
                phone_index=self.index.of("phone", phone),
            )
        )

    def entitlements_of(self, person_id: UUID) -> list[EntitlementRow]:
        """All entitlements of one person with their newest state, oldest first."""
        newest = (
            sa.select(EntitlementState)
            .where(EntitlementState.entitlement_id == Entitlement.id)
            .order_by(EntitlementState.recorded_at.desc(), EntitlementState.id.desc())
            .limit(1)
            .lateral()
        )
        rows = self.session.execute(
            sa.select(Entitlement, newest.c.status, newest.c.cause)
            .join(newest, sa.true(), isouter=True)
            .where(Entitlement.beneficiary_id == person_id)
            .order_by(Entitlement.id)
        )
        return [
            EntitlementRow(
                id=row.Entitlement.id,
                beneficiary_id=person_id,
                scheme=row.Entitlement.scheme,
                started_on=row.Entitlement.started_on,
                status=row.status or "active",
                cause=row.cause,
            )
            for row in rows
        ]
