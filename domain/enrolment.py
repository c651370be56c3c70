"""Reference photos: where they come from, which are good enough, which may be compared.

Sources: requirements E1, E3, E4, E6 (basis), G7 (poisoned photo).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.biometric import MediaFault, PhotoMeasure
from domain.errors import AppError, Kind


class Source(StrEnum):
    """Where a reference photo comes from."""

    ID_CARD_CHIP = "id_card_chip"  # 102 x 126 pixels
    POLICE_DATABASE = "police_database"
    WINDOW_CAPTURE = "window_capture"
    OFFICER_VISIT = "officer_visit"
    ID_CARD_PHOTO = "id_card_photo"  # the printed face, photographed or scanned
    STRONG_SELF_CERTIFICATION = "strong_self_certification"


_RANKS: Mapping[Source, int] = {
    Source.ID_CARD_CHIP: 1,
    Source.POLICE_DATABASE: 1,
    Source.WINDOW_CAPTURE: 2,
    Source.OFFICER_VISIT: 3,
    Source.ID_CARD_PHOTO: 4,
    Source.STRONG_SELF_CERTIFICATION: 5,
}


def rank(source: Source) -> int:
    """Say how far a source is trusted: 1 is the most. Two of one rank are equals."""
    return _RANKS[source]


class Refusal(StrEnum):
    """Why a photo is not good enough to compare with; words in `reason_codes.json`."""

    UNREADABLE = "reference_unreadable"
    WRONG_TYPE = "reference_wrong_type"
    TOO_LARGE = "reference_too_large"
    DECODER_FAILED = "reference_decoder_failed"
    NO_FACE = "reference_no_face"
    SEVERAL_FACES = "reference_several_faces"
    HALF_FACE = "reference_half_face"
    FACE_TOO_SMALL = "reference_face_too_small"
    TOO_DARK = "reference_too_dark"
    TOO_BRIGHT = "reference_too_bright"
    BLURRED = "reference_blurred"
    TURNED_AWAY = "reference_turned_away"
    NOT_A_PHOTO = "reference_not_a_photo"
    PHOTO_TOO_SMALL = "reference_photo_too_small"
    EYES_CLOSED = "reference_eyes_closed"


_OF_CLIPS = frozenset({MediaFault.TOO_SHORT, MediaFault.TOO_FEW_FRAMES})
_OFFICIAL = frozenset({Source.ID_CARD_CHIP, Source.POLICE_DATABASE})
_EYES_MAY_BE_CLOSED = frozenset({Source.OFFICER_VISIT, Source.WINDOW_CAPTURE})
CHIP_SIZE = (102, 126)
LEAST_SIDE = 200
"""Shorter side in pixels of a photo that was not made by an authority."""


def quality_gate(
    measure: PhotoMeasure, source: Source, *, width: int, height: int
) -> tuple[Refusal, ...]:
    """Name everything that keeps a photo from being a reference; empty when it may be one.

    An official photo is as small as its authority made it (the chip's is 102 x 126 pixels): it
    need only have that size, and its face is not too small. Whoever cannot open the eyes is
    photographed by an officer or at the window.
    """
    official = source in _OFFICIAL
    small = width < CHIP_SIZE[0] or height < CHIP_SIZE[1]
    if not official:
        small = min(width, height) < LEAST_SIDE
    refused = [Refusal(f"reference_{f}") for f in measure.faults if f not in _OF_CLIPS]
    if official and not small:
        refused = [r for r in refused if r is not Refusal.FACE_TOO_SMALL]
    if small:
        refused.append(Refusal.PHOTO_TOO_SMALL)
    if measure.closed_eyes and source not in _EYES_MAY_BE_CLOSED:
        refused.append(Refusal.EYES_CLOSED)
    return tuple(dict.fromkeys(refused))


class BasisKind(StrEnum):
    """On what ground a face is stored (E4, E6)."""

    CONSENT = "consent"
    STATUTE = "statute"


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """The ground, with the version and the SHA-256 hex of the text that was shown."""

    kind: BasisKind
    version: str
    digest: str


_HEX = frozenset("0123456789abcdef")


def check_basis(basis: Basis | None) -> Basis:
    """Return a complete basis. Raises `AppError` INVALID `enrolment.no_basis`."""
    if basis is None or not basis.version.strip():
        raise AppError(Kind.INVALID, "enrolment.no_basis")
    if len(basis.digest) != 64 or not set(basis.digest) <= _HEX:
        raise AppError(Kind.INVALID, "enrolment.no_basis")
    return basis


def check_taken_on(taken_on: date | None, *, today: date, born_on: date | None = None) -> None:
    """Refuse a date that cannot be. An unknown date (None) is allowed, and kept as unknown.

    Raises `AppError` INVALID `enrolment.taken_in_future` or `enrolment.taken_before_birth`.
    """
    if taken_on is None:
        return
    if taken_on > today:
        raise AppError(Kind.INVALID, "enrolment.taken_in_future")
    if born_on is not None and taken_on < born_on:
        raise AppError(Kind.INVALID, "enrolment.taken_before_birth")


def check_gate(refusals: tuple[Refusal, ...]) -> None:
    """Raise `AppError` INVALID `enrolment.photo_refused` with the reasons, when there are any."""
    if refusals:
        reasons = [r.value for r in refusals]
        raise AppError(Kind.INVALID, "enrolment.photo_refused", reasons=reasons)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One stored reference photo, as far as the rules need it."""

    key: str  # of the caller: an id or a digest
    source: Source
    taken_on: date | None
    withdrawn: bool = False  # consent taken back, or replaced by the county
    quarantined: bool = False  # under suspicion: kept, never compared


def usable(references: Iterable[Reference]) -> tuple[Reference, ...]:
    """Choose those that may be compared, the most trusted and then the newest first.

    What was learnt from a self-certification is never an anchor: it counts only beside a
    reference of another source (G7).
    """
    fit = [r for r in references if not (r.withdrawn or r.quarantined)]
    if all(r.source is Source.STRONG_SELF_CERTIFICATION for r in fit):
        return ()
    newest_first = sorted(fit, key=lambda r: r.taken_on or date.min, reverse=True)
    return tuple(sorted(newest_first, key=lambda r: rank(r.source)))
