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
Sealed = Annotated[bytes, mapped_column(sa.LargeBinary)]
"""Ciphertext under the person's data key; see `storage.crypto.envelope`."""


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
