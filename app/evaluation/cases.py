"""One presentation, decided as the product decides it."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import cv2

from app.evaluation.crew import Result
from app.evaluation.files import content_of
from app.evaluation.photos import UNDECODED
from biometrics.clip import Asked
from biometrics.engine import Case, CaseReading, FaceEngine
from biometrics.fingerprint import ClipFingerprint, Earlier, nearest_of, same_task
from biometrics.known import Known
from biometrics.sandbox import sniff
from biometrics.sandbox.decoder import Image
from domain.biometric import EarlierClip, FaceEvidence, MediaFault
from domain.capture import RecordingClient
from domain.challenge import Action, Challenge, Step
from domain.decision import Decision, decide
from domain.ids import SessionId
from domain.limits import Limits
from domain.reasons import Reason, Standing, standing

_TRIES_LEFT = 1  # what could be tried again counts as a retry, not as a review
_PICTURES_KEPT = 16
_PICTURES_TRIED = 4

NOTHING_ASKED = Challenge(
    id=SessionId(UUID(int=0)),
    nonce="0" * 16,
    issued_at=datetime(2000, 1, 1, tzinfo=UTC),
    expires_at=datetime(2000, 1, 2, tzinfo=UTC),
    duration_ms=3,
    steps=tuple(
        Step(action=action, onset_ms=at_ms, window_ms=1)
        for at_ms, action in enumerate((Action.TURN_LEFT, Action.NOD, Action.TURN_RIGHT))
    ),
    needs=(),
)
"""Lets a clip without a challenge be searched for signs of attack. Over before anyone can move, so
that it disturbs nothing; whether it was answered is never asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFiles:
    """The files of one presentation, and what it is judged by."""

    path: Path
    challenge: Challenge | None
    enrolled: tuple[Path, ...]
    selfie: Path | None
    client: RecordingClient | None  # what the recording phone said of itself
    limits: Limits
    earlier: tuple[Path, ...] = ()  # clips on record, which this one may be one of again


def measure_case(engine: FaceEngine, files: CaseFiles) -> Result:
    """Decide one presentation; `unreadable` alone when nothing was seen of it."""
    content = content_of(files.path)
    is_clip = sniff.clip(content) is None
    header = None if is_clip else sniff.photo(content)
    if isinstance(header, MediaFault):
        return {"unreadable": header.value}
    selfie = content_of(files.selfie) if files.selfie and is_clip else content
    if is_clip and files.selfie is None:
        found = _picture_of(engine, content)
        if isinstance(found, MediaFault):
            return {"unreadable": found.value}
        selfie = found
    references = [content_of(path) for path in files.enrolled] or [selfie]
    case = Case(
        references=references,
        selfie=selfie,
        clip=content if is_clip else None,
        challenge=files.challenge or NOTHING_ASKED,
        client=files.client,
    )
    seen = _searched(engine, engine.read_case(case), files.earlier)
    undecoded = [fault for fault in _faults(seen) if fault in UNDECODED]
    if undecoded:
        return {"unreadable": undecoded[0].value}
    return _judged(seen, files, is_clip=is_clip)


def _searched(engine: FaceEngine, reading: CaseReading, earlier: Sequence[Path]) -> FaceEvidence:
    """Compare with the clips on record, as the product compares clips of one task."""
    seen = reading.evidence
    if not earlier or seen.clip is None or reading.clip is None:
        return seen
    kept = [(path, _fingerprint(engine, path)) for path in earlier]
    known = [(path.name, Earlier(fingerprint=f, asks_alike=same_task)) for path, f in kept if f]
    new = reading.clip.fingerprint
    found = nearest_of(new, [one for _, one in known]) if new and known else None
    if found is None:
        return seen
    index, alike = found
    nearest = EarlierClip(
        id=known[index][0], likeness=alike.likeness, by=alike.by, shift_ms=alike.shift_ms
    )
    return replace(seen, clip=replace(seen.clip, earlier=nearest))


def _fingerprint(engine: FaceEngine, path: Path) -> ClipFingerprint | None:
    asked = Asked(challenge=NOTHING_ASKED, known=Known(anchors=()), selfie=None)
    return engine.measure_clip(content_of(path), asked).fingerprint


def _judged(seen: FaceEvidence, files: CaseFiles, *, is_clip: bool) -> Result:
    evidence = seen
    if is_clip and files.challenge is None:  # the product does not measure such a clip
        evidence = replace(seen, clip=None, clip_without_challenge=True)
    decision = _decided(evidence, files.limits)
    signs = signs_of_attack((*decision.reasons, *_decided(seen, files.limits).reasons))
    return {
        "outcome": decision.outcome.value,
        "reasons": [reason.value for reason in decision.reasons],
        "signs": [reason.value for reason in signs],
        "responded": _responded(seen),
        "clip": is_clip,
        "checks": [asdict(check) for check in decision.checks],
    }


def signs_of_attack(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """Choose the reasons for which a case goes to a human at once, each once."""
    found = dict.fromkeys(reasons)
    return tuple(reason for reason in found if standing([reason]) is Standing.SUSPECT)


def _decided(evidence: FaceEvidence, limits: Limits) -> Decision:
    return decide(evidence, limits, open_leads=0, tries_left=_TRIES_LEFT)


def _faults(seen: FaceEvidence) -> tuple[MediaFault, ...]:
    """Name the faults of the presentation itself: of the clip, or of the still photo."""
    return seen.selfie.faults if seen.clip is None else seen.clip.faults


def _responded(seen: FaceEvidence) -> bool:
    """Tell whether a face was measured at all; if not, the presentation had no response."""
    if seen.clip is None:
        return seen.selfie.quality is not None
    return seen.clip.similarity is not None or seen.clip.similarity_to_selfie is not None


def _picture_of(engine: FaceEngine, clip: bytes) -> bytes | MediaFault:
    """Take the clip's best picture for the selfie that is not there, as PNG."""
    pictures = _Spread()
    played = engine.decoder.clip(clip, pictures.take)
    if played.fault is not None:
        return played.fault
    if not pictures.kept:
        return MediaFault.UNREADABLE
    stride = max(1, len(pictures.kept) // _PICTURES_TRIED)
    tried = [_png(picture) for picture in pictures.kept[::stride]]
    return max(tried, key=lambda picture: _fitness(engine, picture))


def _fitness(engine: FaceEngine, picture: bytes) -> tuple[bool, float]:
    template = engine.template(picture)
    return template.embedding is not None and not template.faults, template.quality or 0.0


def _png(picture: Image) -> bytes:
    return cv2.imencode(".png", picture)[1].tobytes()


class _Spread:
    """Keeps a few pictures of a clip of unknown length, evenly spread."""

    def __init__(self) -> None:
        self.kept: list[Image] = []
        self._stride = 1
        self._count = 0

    def take(self, _at_ms: float, picture: Image) -> None:
        if self._count % self._stride == 0:
            self.kept.append(picture)
        self._count += 1
        if len(self.kept) > _PICTURES_KEPT:
            del self.kept[1::2]
            self._stride *= 2
