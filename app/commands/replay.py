"""`jianzai replay`: make a recorded decision again from the stored evidence."""

from typing import Annotated, Any
from uuid import UUID

import typer
from rich.table import Table

from app import container
from app.console import err, misuse, out, print_json
from app.settings import Settings
from biometrics.models import ModelStore
from domain.errors import AppError
from services.replaying import Replayed
from services.replaying import replay as make_again

AsJson = Annotated[bool, typer.Option("--json", help="Print for a program.")]
_SHOWN = 40


def replay(
    attempt: Annotated[UUID, typer.Argument(help="Id of the attempt.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Decide an attempt once more and compare with the record. Exits 1 when anything differs.

    Nothing is changed by it, whatever comes out; that it was done is on record.
    """
    settings = Settings()
    ModelStore(settings.models_folder).verify()
    with container.database(settings) as where:
        backend = container.build_backend(settings, where.app_url)
        try:
            replayed = make_again(backend, attempt)
        except AppError as refusal:
            raise misuse(refusal.code) from None
        finally:
            backend.close()
    if as_json:
        print_json(_as_json(replayed))
    else:
        _print(replayed)
    if not replayed.is_same:
        raise typer.Exit(1)


def _as_json(replayed: Replayed) -> dict[str, Any]:
    return {
        "attempt": str(replayed.attempt_id),
        "same": replayed.is_same,
        "outcome": replayed.decision.outcome.value,
        "reasons": [reason.value for reason in replayed.decision.reasons],
        "differences": [
            {"at": d.at, "recorded": d.recorded, "now": d.now} for d in replayed.differences
        ],
        "models_changed": dict(replayed.models_changed),
    }


def _print(replayed: Replayed) -> None:
    reasons = ", ".join(reason.value for reason in replayed.decision.reasons)
    err.print(f"{replayed.decision.outcome.value}: {reasons}")
    for role, name in replayed.models_changed.items():
        err.print(f"recorded with {role} {name}, which is no longer the one in use")
    if replayed.is_same:
        out.print("every recorded value came out again")
        return
    table = Table("value", "recorded", "now", title=f"{len(replayed.differences)} differ")
    for one in replayed.differences[:_SHOWN]:
        table.add_row(one.at, str(one.recorded), str(one.now))
    out.print(table)
