"""Appeals that staff take down for somebody, in any channel."""

from fastapi import APIRouter

from api.deps import BackendDep, CurrentStaff, requires
from api.schemas.appeals import TakeDown, TakenDown
from domain.roles import Permission
from services import appeal_raising
from services.appeal_raising import WrittenDown

router = APIRouter(prefix="/appeals", tags=["appeals"])


@router.post("", status_code=201, dependencies=[requires(Permission.APPEAL_WRITE)])
def take_down(body: TakeDown, backend: BackendDep, staff: CurrentStaff) -> TakenDown:
    """Take an appeal down for somebody; what is said later joins the one that is open."""
    brought = WrittenDown(
        person_id=body.beneficiary_id,
        channel=body.channel,
        statement=body.statement,
        against_newest=body.against_newest,
    )
    return TakenDown(appeal_id=appeal_raising.write_down(backend, staff, brought))
