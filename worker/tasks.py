"""Thin tasks that call services. Arguments are ids; every task may run twice."""

from typing import Any
from uuid import UUID

from services import visit_decisions
from services.backend import Backend
from services.decisions import decide_attempt, give_up
from services.home_visits import DECIDE_VISIT_TASK
from services.submissions import DECIDE_TASK
from worker.retries import BACK_OFF


def register_tasks(app: Any, backend: Backend) -> None:
    """Bind the queue's tasks to the services that do the work."""

    @app.task(name=DECIDE_TASK, retry=BACK_OFF)  # type: ignore[untyped-decorator]
    def decide(attempt_id: str) -> None:
        decide_attempt(backend, UUID(attempt_id))

    @app.task(name=DECIDE_VISIT_TASK, retry=BACK_OFF)  # type: ignore[untyped-decorator]
    def decide_visit(visit_id: str) -> None:
        visit_decisions.decide_submitted(backend, UUID(visit_id))


def on_given_up(backend: Backend, task: str, arguments: dict[str, str]) -> None:
    """See that what no worker could do reaches a human."""
    if task == DECIDE_TASK:
        give_up(backend, UUID(arguments["attempt_id"]))
    if task == DECIDE_VISIT_TASK:
        visit_decisions.give_up(backend, UUID(arguments["visit_id"]))
