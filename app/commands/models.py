"""`jianzai models`: bring the pinned face models, and check them."""

from typing import Annotated

import typer

from app.console import err, print_json
from app.model_files import fetch_models
from app.settings import Settings
from biometrics.models import ModelStore, manifest

app = typer.Typer(help="Face models: pinned files, never packages.", no_args_is_help=True)


@app.command()
def fetch() -> None:
    """Fetch the models that are missing or altered; each must match its pinned digest."""
    folder = Settings().models_folder
    paths = fetch_models(folder, err.print)
    err.print(f"{len(paths)} models stand in {folder}")


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
