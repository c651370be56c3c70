"""`jianzai attacks`: make the presentations that liveness is measured with."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.console import bar, err, misuse
from app.console import out as console
from app.settings import Settings

if TYPE_CHECKING:
    from app.attacks.stage import Size

app = typer.Typer(
    help="Made-up presentation and injection attacks; see docs/evaluation.md.",
    no_args_is_help=True,
)
_INTERRUPTED = 130


@app.command()
def make(
    *,
    out: Annotated[Path, typer.Option(help="Folder; a run that was stopped goes on in it.")],
    per_species: Annotated[int, typer.Option(min=1, help="Clips of each species.")] = 100,
    species: Annotated[
        list[str] | None, typer.Option(help="Only these; may be given several times.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Everything follows from it.")] = 1,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
    size: Annotated[
        str, typer.Option(help="full, brief (short challenges) or small (small pictures, too).")
    ] = "full",
) -> None:
    """Generate clips, challenges, photos and `clips.csv` for `jianzai evaluate liveness`.

    Everything is synthetic. The same seed gives the same bytes.
    """
    # The media makers need packages that a server does without.
    from app.attacks.crew import MakerDied, make_all  # noqa: PLC0415
    from app.attacks.making import LIMITS, Order, OtherBench  # noqa: PLC0415

    chosen = _chosen(species)
    order = Order(home=Settings().folder, out=out, seed=seed, size=_sized(size))
    try:
        with bar() as progress:
            task = progress.add_task("clips", total=None)
            path, count = make_all(
                order,
                species=chosen,
                per_species=per_species,
                workers=workers,
                report=lambda done, total: progress.update(task, completed=done, total=total),
            )
    except OtherBench as error:
        raise misuse(str(error)) from None
    except (MakerDied, KeyboardInterrupt) as error:
        err.print(str(error) or "stopped; the same command goes on")
        raise typer.Exit(1 if str(error) else _INTERRUPTED) from None
    err.print(f"{count} presentations stand in {path}", highlight=False, soft_wrap=True)
    err.print(LIMITS, highlight=False)


@app.command(name="list")
def list_species() -> None:
    """Name every species, what it shows, and what a correct product does with it."""
    from app.attacks.registry import SPECIES  # noqa: PLC0415 - as above

    for one in SPECIES.values():
        console.print(f"{one.name}: {one.shows} [{one.kind}, {one.expects}]", markup=False)


def _chosen(named: list[str] | None) -> list[str]:
    from app.attacks.registry import SPECIES  # noqa: PLC0415 - as above

    unknown = [name for name in named or () if name not in SPECIES]
    if unknown:
        raise misuse(f"no such species: {', '.join(unknown)}; see `jianzai attacks list`")
    return list(named or SPECIES)


def _sized(named: str) -> "Size":
    from app.attacks.stage import Size  # noqa: PLC0415 - as above

    try:
        return Size(named)
    except ValueError:
        raise misuse(f"no such size: {named}; one of {', '.join(Size)}") from None
