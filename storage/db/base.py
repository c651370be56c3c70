"""The declarative base: names of constraints, and the column types every table shares."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

Key = Annotated[UUID, mapped_column(sa.Uuid, primary_key=True)]
PersonRef = Annotated[UUID, mapped_column(sa.Uuid, sa.ForeignKey("beneficiaries.id"), index=True)]
Path = Annotated[str, mapped_column(sa.Text(collation="C"))]
"""A division path; byte order makes a subtree a range (migration 0002)."""

Sealed = Annotated[bytes, mapped_column(sa.LargeBinary)]
"""Ciphertext under the person's data key; see `storage.crypto.envelope`."""


def same_person(column: str, parent: str) -> sa.ForeignKeyConstraint:
    """Bind `column` to a row of `parent` about the same person.

    A plain foreign key is checked behind row security, so a writer could hang a row of the own
    person on somebody else's case.
    """
    return sa.ForeignKeyConstraint(
        [column, "beneficiary_id"], [f"{parent}.id", f"{parent}.beneficiary_id"]
    )


def one_person() -> sa.UniqueConstraint:
    """Let `same_person` refer to this table."""
    return sa.UniqueConstraint("id", "beneficiary_id")


class Base(DeclarativeBase):
    metadata = sa.MetaData(naming_convention=NAMES)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it as a class attribute
        datetime: sa.DateTime(timezone=True),
        date: sa.Date,
        str: sa.Text,
        bytes: sa.LargeBinary,
        UUID: sa.Uuid,
        dict[str, Any]: JSONB,
        list[dict[str, Any]]: JSONB,
        list[str]: ARRAY(sa.Text),
    }
