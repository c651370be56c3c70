"""One try at self-certification: what must be handed in, its states, and what comes next.

Sources: requirements rules 3.3 to 3.5, E.2 (a face is never the only way), platform study G3.
"""

import hashlib
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.errors import AppError, Kind

SHA256 = re.compile(r"[0-9a-f]{64}")
CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
TRIES = 3
"""After this many failed tries a human takes over (rule 3.5)."""


class AttemptState(StrEnum):
    """Where one try stands. The state machine is `field_app_spec/state_machines/attempt.json`."""

    SUBMITTED = "submitted"
    PASSED = "pass"
    RETRY = "retry"  # closed; the next try is an attempt of its own
    IN_REVIEW = "review"
    CERTIFIED = "certified"  # by a reviewer
    ASKED_AGAIN = "ask_again"
    VISIT_SENT = "visit"
    REFERRED = "referred"


TRANSITIONS: Mapping[AttemptState, frozenset[AttemptState]] = {
    AttemptState.SUBMITTED: frozenset(
        {AttemptState.PASSED, AttemptState.RETRY, AttemptState.IN_REVIEW}
    ),
    AttemptState.IN_REVIEW: frozenset(
        {
            AttemptState.CERTIFIED,
            AttemptState.ASKED_AGAIN,
            AttemptState.VISIT_SENT,
            AttemptState.REFERRED,
        }
    ),
    AttemptState.PASSED: frozenset({AttemptState.ASKED_AGAIN}),  # found false since
    # From here on by an appeal that is upheld (`domain.appeal`).
    AttemptState.RETRY: frozenset(
        {AttemptState.CERTIFIED, AttemptState.ASKED_AGAIN, AttemptState.VISIT_SENT}
    ),
    AttemptState.CERTIFIED: frozenset({AttemptState.ASKED_AGAIN}),
    AttemptState.ASKED_AGAIN: frozenset({AttemptState.CERTIFIED, AttemptState.VISIT_SENT}),
    AttemptState.VISIT_SENT: frozenset({AttemptState.CERTIFIED, AttemptState.ASKED_AGAIN}),
    AttemptState.REFERRED: frozenset(
        {AttemptState.CERTIFIED, AttemptState.ASKED_AGAIN, AttemptState.VISIT_SENT}
    ),
}


def move(state: AttemptState, to: AttemptState) -> AttemptState:
    """Return `to`. Raises `AppError` CONFLICT `attempt.already_decided` when that cannot follow."""
    if to not in TRANSITIONS[state]:
        raise AppError(Kind.CONFLICT, "attempt.already_decided", state=state.value)
    return to


def tries_left(failed_before: int, limit: int = TRIES) -> int:
    """Count the tries after the one being decided, never below 0.

    `failed_before` are the retries since the last certification or the last review.
    """
    return max(0, limit - failed_before - 1)


class Channel(StrEnum):
    """Where a person may turn next; the words of `next_channel` in the error registry."""

    SELF = "self"
    HELPER = "helper"
    VISIT = "visit"
    WINDOW = "window"
    STAFF = "staff"  # nothing to do: someone looks at it
    NONE = "none"


_ROUTES: Mapping[AttemptState, tuple[Channel, ...]] = {
    AttemptState.SUBMITTED: (Channel.NONE,),
    AttemptState.PASSED: (Channel.NONE,),
    AttemptState.CERTIFIED: (Channel.NONE,),
    AttemptState.RETRY: (Channel.SELF, Channel.HELPER, Channel.VISIT, Channel.WINDOW),
    AttemptState.ASKED_AGAIN: (Channel.SELF, Channel.HELPER, Channel.VISIT, Channel.WINDOW),
    AttemptState.IN_REVIEW: (Channel.STAFF, Channel.VISIT, Channel.WINDOW),
    AttemptState.VISIT_SENT: (Channel.VISIT, Channel.WINDOW),
    AttemptState.REFERRED: (Channel.STAFF, Channel.WINDOW),
}


def next_steps(state: AttemptState) -> tuple[Channel, ...]:
    """Name the ways on, the best first. Whoever is not certified always has one without a face."""
    return _ROUTES[state]


class Medium(StrEnum):
    """What sort of file a part is."""

    PHOTO = "photo"
    VIDEO = "video"


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaLimits:
    """Caps of one upload (platform study G3). The decoder checks those that bytes cannot show."""

    photo_bytes: int = 10_000_000
    video_bytes: int = 20_000_000
    photo_pixels: int = 40_000_000
    video_side: int = 1920
    video_s: int = 30
    video_frames: int = 1800
    photo_types: frozenset[str] = frozenset({"image/jpeg", "image/png", "image/webp"})
    video_types: frozenset[str] = frozenset({"video/webm", "video/mp4", "video/quicktime"})

    def max_bytes(self, medium: Medium) -> int:
        """Give the cap in bytes."""
        return self.photo_bytes if medium is Medium.PHOTO else self.video_bytes

    def types(self, medium: Medium) -> frozenset[str]:
        """Give the allowed media types, without parameters."""
        return self.photo_types if medium is Medium.PHOTO else self.video_types


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One promised file. `sha256` is lower-case hex of its bytes, `size` counts them."""

    name: str
    sha256: str
    size: int
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a client says it hands in; `client_id` is its own key for sending it again."""

    client_id: str
    parts: tuple[Part, ...]


SELF_PARTS: Mapping[str, Medium] = {"selfie": Medium.PHOTO, "video": Medium.VIDEO}
"""The parts of a self-certification; all are required."""


def check_manifest(manifest: Manifest, limits: MediaLimits) -> None:
    """Refuse a self-certification whose manifest is off. Raises as `check_parts` does."""
    check_client_id(manifest.client_id)
    check_parts(manifest.parts, SELF_PARTS, limits, required=SELF_PARTS.keys())


def check_client_id(client_id: str) -> None:
    """Raise `AppError` INVALID `submission.client_id_malformed` unless it is a usable key."""
    if not CLIENT_ID.fullmatch(client_id):
        raise AppError(Kind.INVALID, "submission.client_id_malformed")


def check_parts(
    parts: tuple[Part, ...],
    known: Mapping[str, Medium],
    limits: MediaLimits,
    *,
    required: Collection[str],
) -> None:
    """Refuse parts that are unknown, repeated, alike, missing, too large or of another type.

    Raises `AppError` with a code of the area `submission`.
    """
    names = [part.name for part in parts]
    if not known.keys() >= set(names):
        raise AppError(Kind.INVALID, "submission.part_unknown", known=sorted(known))
    if len(set(names)) < len(names):
        raise AppError(Kind.INVALID, "submission.part_repeated")
    missing = sorted(set(required) - set(names))
    if missing:
        raise AppError(Kind.INVALID, "submission.parts_missing", missing=missing)
    for part in parts:
        _check_part(part, known[part.name], limits)
    if len({part.sha256 for part in parts}) < len(parts):
        raise AppError(Kind.INVALID, "submission.parts_alike")


def _check_part(part: Part, medium: Medium, limits: MediaLimits) -> None:
    if not SHA256.fullmatch(part.sha256):
        raise AppError(Kind.INVALID, "submission.digest_malformed", part=part.name)
    # MediaRecorder names the codecs as well: video/webm;codecs=vp9
    if part.media_type.partition(";")[0].strip().lower() not in limits.types(medium):
        raise AppError(Kind.INVALID, "submission.media_type", part=part.name)
    if part.size < 1:
        raise AppError(Kind.INVALID, "submission.part_empty", part=part.name)
    most = limits.max_bytes(medium)
    if part.size > most:
        raise AppError(Kind.TOO_LARGE, "submission.part_too_large", part=part.name, bytes=most)


def check_received(part: Part, *, sha256: str, size: int) -> None:
    """Raise `AppError` CONFLICT `submission.content_differs` for bytes other than promised."""
    if (part.sha256, part.size) != (sha256, size):
        raise AppError(Kind.CONFLICT, "submission.content_differs", part=part.name)


def fingerprint(manifest: Manifest, **more: str) -> str:
    """Return the SHA-256 hex of what was handed in, whatever order its parts came in.

    A client id seen before must come with the same fingerprint. `more` are further fields that
    belong to the same act, such as the session.
    """
    parts = sorted((p.name, p.sha256, p.size, p.media_type) for p in manifest.parts)
    text = json.dumps([manifest.client_id, parts, sorted(more.items())], separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
