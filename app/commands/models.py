"""`jianzai models`: bring the pinned face models, and check them."""

from typing import Annotated

import typer
from rich.markup import escape

from app.console import err, print_json
from app.demo.portraits import fetch_portraits
from app.model_files import FetchFailed, fetch_models
from app.settings import Settings
from biometrics.models import ModelStore, Role, manifest

app = typer.Typer(help="Face models: pinned files, never packages.", no_args_is_help=True)


@app.command()
def fetch(
    *,
    with_portraits: Annotated[
        bool, typer.Option(help="Also the public portraits that demo and tests are made of.")
    ] = False,
    with_second: Annotated[
        bool, typer.Option(help="Also the second matcher's file (CC0, an archive of 100 MB).")
    ] = False,
    with_passive: Annotated[
        bool, typer.Option(help="Also the passive model (needs npm; see its caution).")
    ] = False,
    with_optional: Annotated[
        bool,
        typer.Option(help="Also whichever optional models can be had; a failure is only said."),
    ] = False,
) -> None:
    """Fetch the models that are missing or altered; each must match its pinned digest."""
    settings = Settings()
    asked = {Role.SECOND: with_second, Role.PASSIVE: with_passive}
    extra = [role for role, wanted in asked.items() if wanted]
    fetch_models(settings.models_folder, err.print, extra=extra)
    if with_optional:
        _try_optional(settings, [role for role in asked if role not in extra])
    standing = ModelStore(settings.models_folder).verify()
    err.print(f"{len(standing)} models stand in {settings.models_folder}")
    if with_portraits:
        fetch_portraits(settings.folder / "portraits", err.print)


def _try_optional(settings: Settings, roles: list[Role]) -> None:
    for role in roles:
        try:
            fetch_models(settings.models_folder, err.print, extra=[role])
        except FetchFailed as failure:
            err.print(f"without the optional model {role}: {escape(str(failure))}")


@app.command()
def verify(
    *, as_json: Annotated[bool, typer.Option("--json", help="Print for a program.")] = False
) -> None:
    """Check every model file against its digest; an optional one may be missing."""
    store = ModelStore(Settings().models_folder)
    entries = [manifest()[role] for role in store.verify()]
    if as_json:
        print_json({entry.file: entry.sha256 for entry in entries})
        return
    err.print(f"all models in {store.folder} are the pinned ones: {len(entries)} files")
