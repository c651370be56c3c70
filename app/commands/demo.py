"""`jianzai demo`: the main job on real input, end to end over HTTP."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from app.console import err, out, print_json
from app.settings import Settings


def demo(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print for a program.")] = False,
) -> None:
    """Play phones, an officer and a clerk against a fresh server; print what came out."""
    # The media makers need packages that a server does without.
    from app.demo.playing import play  # noqa: PLC0415

    with _scratch_home() as home:
        result = play(home, report=err.print)
    if as_json:
        print_json(result.as_json())
    else:
        out.print(result.table())
        out.print(result.validity_table())
    if not result.went_right:
        err.print("[red]a scene did not come out as it should[/]")
        raise typer.Exit(1)


@contextmanager
def _scratch_home() -> Iterator[Path]:
    """Give a home that vanishes, but for models and portraits, which are fetched only once."""
    kept = Settings().folder
    with tempfile.TemporaryDirectory(prefix="jianzai-demo-") as folder:
        home = Path(folder)
        for name in ("models", "portraits", "clips"):
            (kept / name).mkdir(parents=True, exist_ok=True)
            (home / name).symlink_to(kept / name)
        yield home
