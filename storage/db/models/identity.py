"""How a person comes to the phone page: links that staff made, tickets that a proof opened."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storage.db.base import Base, Key, PersonRef, one_person, same_person


class Link(Base):
    """One person's link, with the code that a letter carries. Neither is kept, only what they fit.

    The token's digest is plain, for so much chance needs no key; the letter's is keyed and bound to
    the person, as eight digits would be tried out.
    """

    __tablename__ = "links"
    __table_args__ = (one_person(),)
    id: Mapped[Key]
    beneficiary_id: Mapped[PersonRef]
    token_digest: Mapped[bytes] = mapped_column(unique=True)
    letter_index: Mapped[bytes]
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[str | None]


class Ticket(Base):
    """Who a phone said it is, and proved: bound to the phone, ended by it, by its link, by time."""

    __tablename__ = "tickets"
    __table_args__ = (same_person("link_id", "links"),)
    id: Mapped[Key]
    beneficiary_id: Mapped[PersonRef]
    token_digest: Mapped[bytes] = mapped_column(unique=True)
    device_index: Mapped[bytes]
    proof: Mapped[str]
    link_id: Mapped[UUID | None] = mapped_column(sa.Uuid, index=True)
    opened_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
