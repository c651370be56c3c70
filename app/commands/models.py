"""`jianzai models`: bring the pinned face models, and check them."""

from typing import Annotated

import typer

from app.console import err, print_json
from app.demo.portraits import fetch_portraits
from app.model_files import fetch_models
from app.settings import Settings
from biometrics.models import ModelStore, manifest

app = typer.Typer(help="Face models: pinned files, never packages.", no_args_is_help=True)


@app.command()
def fetch(
    *,
    with_portraits: Annotated[
        bool, typer.Option(help="Also the public portraits that demo and tests are made of.")
    ] = False,
) -> None:
    """Fetch the models that are missing or altered; each must match its pinned digest."""
    settings = Settings()
    paths = fetch_models(settings.models_folder, err.print)
    err.print(f"{len(paths)} models stand in {settings.models_folder}")
    if with_portraits:
        fetch_portraits(settings.folder / "portraits", err.print)


@app.command()
def verify(
    *, as_json: Annotated[bool, typer.Option("--json", help="Print for a program.")] = False
) -> None:
    """Check every model file against its digest."""
    store = ModelStore(Settings().models_folder)
    store.verify()
    if as_json:
        print_json({entry.file: entry.sha256 for entry in manifest().values()})
        return
    err.print(f"all models in {store.folder} are the pinned ones")
