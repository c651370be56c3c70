"""Whether the process is up, and reaches what it needs."""

from fastapi import APIRouter
from pydantic import BaseModel

from api.deps import BackendDep, public
from services import health

router = APIRouter(prefix="/health", tags=["health"])


class Health(BaseModel):
    ready: bool
    waiting_jobs: int


@router.get("/live", dependencies=[public()])
def live() -> dict[str, str]:
    """Answer as long as the process can answer."""
    return {"status": "up"}


@router.get("/ready", dependencies=[public()])
def ready(backend: BackendDep) -> Health:
    """Answer once the database does."""
    return Health(ready=True, waiting_jobs=health.waiting_jobs(backend))
