"""`jianzai verify`: decide one case with no server and no database."""

import json
import resource
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from app.console import misuse, out, print_json
from app.faces import face_engine
from app.settings import Settings
from biometrics.sandbox.sniff import PHOTO_BYTES_MAX
from domain.biometric import FaceEvidence
from domain.challenge import Challenge, from_json
from domain.decision import Decision, decide
from domain.errors import AppError
from domain.limits import Limits

_CHALLENGE_BYTES_MAX = 100_000
_TRIES_LEFT = 1  # a try on the command line can always be repeated
_KB_PER_MB = 1024 if sys.platform == "linux" else 1024 * 1024  # macOS counts in bytes


class Misused(Exception):  # noqa: N818  a state, named as it is said
    """The command was called in a way that names no case; the message is one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What one case took after start-up."""

    seconds: float
    cpu_seconds: float  # with the decoder's
    peak_mb: float  # of this process since it began, and of the decoder


def verify(
    *,
    enrolled: Annotated[
        list[Path] | None, typer.Option(help="Reference photo; may be given several times.")
    ] = None,
    selfie: Annotated[Path | None, typer.Option(help="Photo to be compared.")] = None,
    video: Annotated[Path | None, typer.Option(help="Liveness clip, WebM or MP4.")] = None,
    challenge: Annotated[
        Path | None, typer.Option(help="JSON that the session endpoint returned for the clip.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print for a program.")] = False,
) -> None:
    """Decide one case: pass, review or retry, with every check. Exits 0 whatever comes out.

    Without a video and its challenge nothing passes: the best outcome is review.
    """
    try:
        result = run(
            enrolled or [],
            selfie,
            video,
            challenge=challenge,
        )
    except Misused as error:
        raise misuse(str(error)) from None
    if as_json:
        print_json(result)
        return
    out.print(_table(result))


def run(
    enrolled: list[Path],
    selfie: Path | None,
    video: Path | None,
    *,
    challenge: Path | None,
) -> dict[str, Any]:
    """Measure and decide one case; the result as `field_app_spec/schemas` describes it.

    Raises `Misused` for files that are not there and a challenge that is none, `ModelMissing` or
    `ModelAltered` for the models. What the media hold never raises.
    """
    if not enrolled or selfie is None:
        raise Misused("give at least one --enrolled PHOTO and one --selfie PHOTO")
    photos = [_photo(path) for path in enrolled]
    taken = _photo(selfie)
    if video is not None:
        _readable(video)
    asked = None if challenge is None else _challenge(challenge)
    with face_engine(Settings()) as engine:
        began, cpu_began = time.perf_counter(), time.process_time()
        evidence = engine.measure_case(photos, taken, video, challenge=asked)
        decision = decide(evidence, Limits(), open_leads=0, tries_left=_TRIES_LEFT)
        spent = Spent(
            seconds=time.perf_counter() - began,
            cpu_seconds=time.process_time() - cpu_began + engine.decoder.cpu_seconds,
            peak_mb=_own_peak_mb() + engine.decoder.peak_kb / _KB_PER_MB,
        )
    return _result(decision, evidence, spent)


def _readable(path: Path) -> None:
    try:
        with path.open("rb") as source:
            source.read(1)
    except OSError as error:
        raise Misused(f"cannot read {path}: {error.strerror}") from None


def _photo(path: Path) -> bytes:
    """Read a photo, but never more than it takes to see that it is too large."""
    _readable(path)
    with path.open("rb") as source:
        return source.read(PHOTO_BYTES_MAX + 1)


def _challenge(path: Path) -> Challenge:
    _readable(path)
    try:
        with path.open("rb") as source:
            return from_json(json.loads(source.read(_CHALLENGE_BYTES_MAX)))
    except (ValueError, RecursionError, AppError):
        raise Misused(f"{path} is not a challenge as the session endpoint returns it") from None


def _own_peak_mb() -> float:
    """Peak of this process. Linux hands `ru_maxrss` down from the parent, so it is not asked."""
    if sys.platform == "linux":
        status = Path("/proc/self/status").read_text(encoding="ascii")
        peak = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
        return int(peak.split()[1]) / _KB_PER_MB
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _KB_PER_MB


def _result(decision: Decision, evidence: FaceEvidence, spent: Spent) -> dict[str, Any]:
    return {
        "outcome": decision.outcome.value,
        "reasons": [reason.value for reason in decision.reasons],
        "checks": [
            {
                "name": check.name,
                "value": _rounded(check.value),
                "threshold": check.threshold,
                "ok": check.ok,
                "at_ms": check.at_ms,
            }
            for check in decision.checks
        ],
        "models": dict(evidence.models),
        "seconds": round(spent.seconds, 3),
        "cpu_seconds": round(spent.cpu_seconds, 3),
        "peak_mb": round(spent.peak_mb, 1),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _table(result: dict[str, Any]) -> Table:
    took = (
        f"{result['seconds']:.2f} s, {result['cpu_seconds']:.2f} CPU-seconds and "
        f"{result['peak_mb']:.0f} MB after start-up"
    )
    table = Table(title=f"{result['outcome']}: {', '.join(result['reasons'])}", caption=took)
    for heading in ("check", "value", "threshold", "ok", "at ms"):
        table.add_column(heading)
    for check in result["checks"]:
        table.add_row(
            check["name"],
            _cell(check["value"]),
            _cell(check["threshold"]),
            "yes" if check["ok"] else "no",
            _cell(check["at_ms"]),
        )
    return table


def _cell(value: float | None) -> str:
    return "-" if value is None else f"{value:g}"
