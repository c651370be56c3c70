"""Who there is: divisions, beneficiaries, their entitlements, the keys that seal their fields."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storage.db.base import Base, Key, Path, PersonRef, Sealed, one_person, same_person


class Division(Base):
    """One node of 省/市/县/乡镇/村; `path` is the code cut to its level's width."""

    __tablename__ = "divisions"
    path: Mapped[Path] = mapped_column(primary_key=True)
    name: Mapped[str]
    level: Mapped[str]
    parent_path: Mapped[Path | None] = mapped_column(sa.ForeignKey("divisions.path"))
    window_address: Mapped[str | None]
    window_hours: Mapped[str | None]


class Beneficiary(Base):
    __tablename__ = "beneficiaries"
    __table_args__ = (
        sa.Index("ix_beneficiaries_household", "household_path", "id"),
        sa.Index("ix_beneficiaries_residence", "residence_path", "id"),
        sa.Index(
            "ix_beneficiaries_unindexed", "id", postgresql_where=sa.text("name_index is null")
        ),
    )
    id: Mapped[Key]
    id_number_index: Mapped[bytes] = mapped_column(unique=True)
    id_number_sealed: Mapped[Sealed]
    name_sealed: Mapped[Sealed]
    name_index: Mapped[bytes | None] = mapped_column(index=True)  # ADR 0022
    surname_index: Mapped[bytes | None] = mapped_column(index=True)
    phone_sealed: Mapped[Sealed | None]
    phone_index: Mapped[bytes | None] = mapped_column(index=True)
    sex: Mapped[str]
    birth_date: Mapped[date]
    household_path: Mapped[Path] = mapped_column(sa.ForeignKey("divisions.path"))
    residence_path: Mapped[Path] = mapped_column(sa.ForeignKey("divisions.path"))
    key_groups: Mapped[list[str]]
    created_at: Mapped[datetime]
    created_by: Mapped[str]


class BeneficiaryChange(Base):
    """What a correctable field held before: history, never overwritten."""

    __tablename__ = "beneficiary_changes"
    id: Mapped[Key]
    beneficiary_id: Mapped[PersonRef]
    field: Mapped[str]
    before_sealed: Mapped[Sealed | None]
    changed_at: Mapped[datetime]
    changed_by: Mapped[str]
    reason: Mapped[str]


class DataKeyRow(Base):
    """A person's wrapped data key. Destroying it erases the person everywhere, backups included."""

    __tablename__ = "data_keys"
    beneficiary_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("beneficiaries.id"), primary_key=True
    )
    suite: Mapped[str]
    kek_version: Mapped[int]
    wrapped: Mapped[bytes | None]
    created_at: Mapped[datetime]
    destroyed_at: Mapped[datetime | None]


class Entitlement(Base):
    __tablename__ = "entitlements"
    __table_args__ = (sa.UniqueConstraint("beneficiary_id", "scheme"), one_person())
    id: Mapped[Key]
    beneficiary_id: Mapped[PersonRef]
    scheme: Mapped[str]
    started_on: Mapped[date]
    created_at: Mapped[datetime]


class EntitlementState(Base):
    """Append-only: active, suspended or ended, since when, why, and who said so."""

    __tablename__ = "entitlement_states"
    __table_args__ = (
        same_person("entitlement_id", "entitlements"),
        sa.Index(
            "ix_entitlement_states_stopped",
            "entitlement_id",
            postgresql_where=sa.text("status <> 'active'"),
        ),
    )
    id: Mapped[Key]
    entitlement_id: Mapped[UUID] = mapped_column(index=True)
    beneficiary_id: Mapped[PersonRef]
    status: Mapped[str]
    cause: Mapped[str | None]
    effective_on: Mapped[date]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]
