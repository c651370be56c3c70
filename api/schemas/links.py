"""Links to the phone page, as staff make and see them."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class LinkMade(BaseModel):
    """Shown once: afterwards nobody can read `path` or `letter_code` again."""

    id: UUID
    path: str
    letter_code: str
    expires_at: datetime


class Link(BaseModel):
    """A link as it stands; never what opens it."""

    model_config = ConfigDict(from_attributes=True)
    id: UUID
    made_at: datetime
    made_by: str
    expires_at: datetime
    revoked_at: datetime | None
