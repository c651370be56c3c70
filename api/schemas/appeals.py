"""What staff send who take an appeal down."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from domain.appeal import LONGEST_STATEMENT, AppealChannel
from edge.shapes import Strict
from edge.text import Lines


class TakeDown(Strict):
    """What the person said, and by which channel.

    `against_newest`: against the newest result; otherwise against how matters stand.
    """

    beneficiary_id: UUID
    channel: AppealChannel
    statement: Annotated[Lines, Field(max_length=LONGEST_STATEMENT)]
    against_newest: bool = True


class TakenDown(BaseModel):
    """The appeal that is open now: the new one, or the one that was joined."""

    appeal_id: UUID
