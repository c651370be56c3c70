"""`jianzai evaluate`: how often the product errs, on one's own consented data."""

import csv
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from app.clock import SystemClock
from app.console import err, misuse, print_json
from app.evaluation.crew import WorkerFailed, cores
from app.evaluation.document import Source, head_of, write_report, write_spent
from app.evaluation.liveness import Presented, judge_clips
from app.evaluation.liveness_report import liveness_report
from app.evaluation.plots import MISSING, can_plot, plot_liveness, plot_verification
from app.evaluation.running import Desk, Measured, Stopped
from app.evaluation.tables import BadTable
from app.evaluation.verification import Scored, score_pairs
from app.evaluation.verification_report import verification_report
from app.settings import Settings
from biometrics.models import ModelStore
from domain.limits import Limits

app = typer.Typer(
    help="Measure errors on your own data; see docs/calibration.md.", no_args_is_help=True
)
Out = Annotated[Path, typer.Option(help="Folder for the report; a run that was stopped goes on.")]
Workers = Annotated[int | None, typer.Option(min=1, help="Processes; one per core by default.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the report for a program.")]
_INTERRUPTED = 130
_Done = TypeVar("_Done")


@app.command()
def verification(
    *,
    pairs: Annotated[Path, typer.Option(help="CSV: left,right,same,group and further columns.")],
    out: Out,
    workers: Workers = None,
    as_json: AsJson = False,
) -> None:
    """Compare labelled pairs of photos: FMR, FNMR, EER, Cllr, rates by group.

    Paths in the list are relative to its folder or absolute. `same` is 1 for two photos of one
    person, else 0. A photo is measured once; a second run measures only what is new.
    """
    desk = _desk(out, workers)
    scored = _finished(lambda: score_pairs(pairs, desk))
    limits = Limits()
    source = Source(
        kind="verification",
        table=scored.table,
        digest=scored.photos.digest,
        made_at=SystemClock().now(),
    )
    report = head_of(source, limits) | verification_report(scored, limits)
    genuine = scored.scores()[scored.same()]
    impostor = scored.scores()[~scored.same()]
    report["plots"] = plot_verification(out, report, genuine, impostor) if can_plot() else []
    _write_scores(out / "scores.csv", scored)
    _finish(desk, report, scored.measured, as_json=as_json)


@app.command()
def liveness(
    *,
    clips: Annotated[Path, typer.Option(help="CSV: path,kind,species[,challenge][,enrolled].")],
    out: Out,
    workers: Workers = None,
    as_json: AsJson = False,
) -> None:
    """Decide labelled presentations: APCER by species, BPCER, review and retry rates, RIAPAR.

    `kind` is bona_fide or attack; `challenge` the JSON a clip answers; `enrolled` reference photos
    with `;` between them; `selfie` a photo. Further columns (profile, device) are reported by.
    """
    desk, limits = _desk(out, workers), Limits()
    presented = _finished(lambda: judge_clips(clips, desk, limits))
    source = Source(
        kind="liveness",
        table=presented.table,
        digest=presented.digest,
        made_at=SystemClock().now(),
    )
    report = head_of(source, limits) | liveness_report(presented, limits)
    report["plots"] = plot_liveness(out, report) if can_plot() else []
    _write_decisions(out / "decisions.csv", presented)
    _finish(desk, report, presented.measured, as_json=as_json)


def _desk(out: Path, workers: int | None) -> Desk:
    """Have the folder and the models ready before anything takes time."""
    models = Settings().models_folder
    ModelStore(models).verify()
    try:
        out.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise misuse(f"cannot write into {out}: {error.strerror}") from None
    if not os.access(out, os.W_OK):
        raise misuse(f"cannot write into {out}")
    return Desk(folder=out, models=models, workers=workers)


def _finished(run: Callable[[], _Done]) -> _Done:
    try:
        return run()
    except BadTable as error:
        raise misuse(str(error)) from None
    except WorkerFailed as error:
        err.print(str(error))
        raise typer.Exit(1) from None
    except Stopped as error:
        err.print(str(error))
        raise typer.Exit(_INTERRUPTED) from None


def _finish(desk: Desk, report: Mapping[str, Any], measured: Measured, *, as_json: bool) -> None:
    sealed = write_report(desk.folder, report)
    spent = write_spent(desk.folder, measured, workers=desk.workers or cores())
    if not can_plot():
        err.print(MISSING, markup=False)
    err.print(
        f"{spent['measured']} measured, {spent['reused']} known from before, "
        f"{len(report['unreadable'])} unreadable; {spent['seconds']} s, "
        f"{spent['cpu_seconds']} CPU-seconds",
        highlight=False,
    )
    err.print(f"{desk.folder / 'report.md'}; report.json is {sealed}", soft_wrap=True)
    if as_json:
        print_json(report)


def _write_scores(path: Path, scored: Scored) -> None:
    _write_csv(
        path,
        ("line", "left", "right", "same", "score", "quality"),
        (
            (c.pair.row.line, c.pair.left, c.pair.right, int(c.pair.same), c.score, c.quality)
            for c in scored.comparisons
        ),
    )


def _write_decisions(path: Path, presented: Presented) -> None:
    _write_csv(
        path,
        ("line", "path", "kind", "species", "outcome", "reasons", "signs"),
        (
            (
                case.presentation.row.line,
                case.presentation.path,
                case.presentation.kind.value,
                case.presentation.species,
                case.result["outcome"],
                ";".join(case.result["reasons"]),
                ";".join(case.result["signs"]),
            )
            for case in presented.judged
        ),
    )


def _write_csv(path: Path, heading: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(heading)
        writer.writerows(rows)
