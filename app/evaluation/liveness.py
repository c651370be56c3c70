"""`jianzai evaluate liveness`: from a list of presentations to the product's decisions."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from app.evaluation.cases import CaseFiles, measure_case
from app.evaluation.crew import Result
from app.evaluation.files import DECIDES, code_digest, content_of, digest_json, measured_by
from app.evaluation.photos import Files, open_files
from app.evaluation.running import Desk, Measured, measure_missing
from app.evaluation.tables import Row, Table, read_table
from app.evaluation.verification import DIED
from domain.capture import RecordingClient
from domain.challenge import Challenge, from_json
from domain.errors import AppError
from domain.limits import Limits
from domain.reasons import Reason

REQUIRED = ("path", "kind", "species")
OPTIONAL = (
    "challenge",
    "enrolled",
    "selfie",
    "subject",
    "earlier",
    "user_agent",
    "camera_label",
)
UNNAMED = "unnamed"


class Kind(StrEnum):
    """What a presentation truly is (ISO/IEC 30107-3)."""

    BONA_FIDE = "bona_fide"
    ATTACK = "attack"


@dataclass(frozen=True, slots=True, kw_only=True)
class Presentation:
    """One line of the list."""

    path: str
    kind: Kind
    species: str
    challenge: str
    enrolled: tuple[str, ...]
    selfie: str
    subject: str
    earlier: tuple[str, ...]  # clips that are on record already
    client: RecordingClient | None
    row: Row

    def names(self) -> Iterator[str]:
        """Name all its files."""
        yield self.path
        yield from (name for name in self._beside() if name)

    def _beside(self) -> tuple[str, ...]:
        return (self.challenge, self.selfie, *self.enrolled, *self.earlier)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A presentation and the product's decision."""

    presentation: Presentation
    result: Result

    @property
    def challenged(self) -> bool:
        """A clip and its challenge: only such a case can pass."""
        return bool(self.presentation.challenge) and bool(self.result["clip"])

    @property
    def flagged(self) -> bool:
        """A sign of attack was found, whatever the outcome."""
        return bool(self.result["signs"])

    @property
    def shows_attack(self) -> bool:
        """What was shown looks like an attack; how the file came to be is left out of account.

        A clip that was not recorded for the product has been cut and encoded by other tools: that
        its file says so tells nothing of who was before the camera.
        """
        return bool(set(self.result["signs"]) - {Reason.INJECTION_SUSPECTED.value})


@dataclass(frozen=True, slots=True, kw_only=True)
class Presented:
    """All presentations, those that were judged, and the files that could not be read."""

    table: Table
    presentations: Sequence[Presentation]
    judged: Sequence[Judged]
    unreadable: Mapping[str, str]  # name -> why
    digest: str  # of all contents and labels
    measured: Measured


def judge_clips(clips_file: Path, desk: Desk, limits: Limits) -> Presented:
    """Measure and decide every presentation of the list.

    Raises `BadTable`, `Stopped` and `WorkerFailed`.
    """
    table = read_table(clips_file, REQUIRED)
    shown = [_presentation(table, row) for row in table.rows]
    files = open_files((name for p in shown for name in p.names()), table.path.parent)
    challenges, unreadable = _challenges(shown, table, files)
    whole = [p for p in shown if not any(name in unreadable for name in p.names())]
    keys = {id(p): _key(p, files, limits) for p in whole}
    jobs = {keys[id(p)]: _files(p, table, challenges, limits) for p in whole}
    measured = measure_missing(desk, jobs, measure_case, label="presentations")
    judged = []
    for p in whole:
        result = measured.results.get(keys[id(p)], {"unreadable": DIED})
        if "unreadable" in result:
            unreadable[p.path] = result["unreadable"]
        else:
            judged.append(Judged(presentation=p, result=result))
    labels = [[files.digests.get(n, "") for n in p.names()] + [p.kind, p.species] for p in shown]
    return Presented(
        table=table,
        presentations=shown,
        judged=judged,
        unreadable=unreadable,
        digest=digest_json(labels),
        measured=measured,
    )


def _presentation(table: Table, row: Row) -> Presentation:
    cells = row.cells
    if cells["kind"] not in list(Kind):
        raise table.bad(row, f"kind is bona_fide or attack, not {cells['kind']!r}")
    return Presentation(
        path=cells["path"],
        kind=Kind(cells["kind"]),
        species=cells["species"] or UNNAMED,
        challenge=cells.get("challenge", ""),
        enrolled=_several(cells.get("enrolled", "")),
        selfie=cells.get("selfie", ""),
        subject=cells.get("subject", "") or cells.get("enrolled", "") or cells["path"],
        earlier=_several(cells.get("earlier", "")),
        client=_client(row),
        row=row,
    )


def _several(names: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in names.split(";") if name.strip())


def _client(row: Row) -> RecordingClient | None:
    """Read what the phone said of itself, where the list has it."""
    agent, camera = row.cells.get("user_agent"), row.cells.get("camera_label")
    if not agent and not camera:
        return None
    return RecordingClient(user_agent=agent or None, camera_label=camera or None)


def _challenges(
    shown: Sequence[Presentation], table: Table, files: Files
) -> tuple[dict[str, Challenge], dict[str, str]]:
    """Read every challenge once; one that is none is as good as unreadable."""
    unreadable = dict(files.refused)
    found: dict[str, Challenge] = {}
    for name in dict.fromkeys(p.challenge for p in shown if p.challenge in files.digests):
        try:
            found[name] = from_json(json.loads(content_of(table.resolve(name))))
        except (ValueError, RecursionError, AppError):
            unreadable[name] = "not a challenge as the session endpoint returns it"
    return found, unreadable


def _key(presentation: Presentation, files: Files, limits: Limits) -> str:
    """Name what the decision depends on: every file, the code, the models and the limits."""
    parts = {
        "path": files.digests[presentation.path],
        "challenge": files.digests.get(presentation.challenge),
        "selfie": files.digests.get(presentation.selfie),
        "enrolled": [files.digests[name] for name in presentation.enrolled],
        "earlier": [files.digests[name] for name in presentation.earlier],
        "client": None if presentation.client is None else asdict(presentation.client),
        "limits": asdict(limits),
    }
    return digest_json(["case", parts, code_digest(DECIDES), measured_by()])


def _files(
    presentation: Presentation, table: Table, challenges: Mapping[str, Challenge], limits: Limits
) -> CaseFiles:
    return CaseFiles(
        path=table.resolve(presentation.path),
        challenge=challenges.get(presentation.challenge),
        enrolled=tuple(table.resolve(name) for name in presentation.enrolled),
        selfie=table.resolve(presentation.selfie) if presentation.selfie else None,
        client=presentation.client,
        earlier=tuple(table.resolve(name) for name in presentation.earlier),
        limits=limits,
    )
