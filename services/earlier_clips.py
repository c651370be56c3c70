"""Whether a clip was sent before, by whomever, and whatever was done to it since.

`remember` first, in an act of its own that commits; then `nearest`, before deciding. Of two clips
that are decided at the same moment, on two devices or for two persons, each was then on record
before either was looked for: at least one finds the other, and no lock is needed. Both are safe to
repeat: a clip is remembered once, and never finds itself.

Other people's fingerprints are opened inside `nearest` and leave it as an id and three numbers.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

import structlog

from biometrics.fingerprint import (
    FORM,
    ClipFingerprint,
    Earlier,
    NotAFingerprint,
    nearest_of,
    search_keys,
    stored_key,
)
from domain.biometric import EarlierClip
from domain.tasks import is_like_task
from services.backend import Backend
from services.unit_of_work import Unit, row_scope
from storage.db.repositories import clips
from storage.db.scope import ALL, set_scope

_KEY_BYTES = 8
log = structlog.get_logger("clips")


@dataclass(frozen=True, slots=True, kw_only=True)
class SentClip:
    """A clip as it came. `id` is its attempt's; `device_id` what its session was opened on."""

    id: UUID
    person_id: UUID
    device_id: str
    fingerprint: ClipFingerprint


def remember(backend: Backend, unit: Unit, sent: SentClip) -> None:
    """Keep a clip's fingerprint for all later ones. `KeyDestroyed` when the person was erased."""
    key = backend.people(unit).load_key(sent.person_id)
    clips.add(
        unit.session,
        {
            "id": sent.id,
            "beneficiary_id": sent.person_id,
            "device_index": _device_index(backend, sent),
            "picture_index": _keyed(backend, stored_key(sent.fingerprint)),
            "form": FORM,
            "fingerprint_sealed": clips.seal(sent.fingerprint.to_bytes(), sent.id, key),
            "remembered_at": unit.now,
        },
    )


def nearest(backend: Backend, unit: Unit, sent: SentClip) -> EarlierClip | None:
    """Find the clip on record that is most like this one; None when none is near.

    Looks through what the person, the device and the household (whoever has the same telephone)
    ever sent, the newest `clips.NEWEST` of each, and through everybody's clips that look alike.

    A damaged row (altered bytes, a key that does not open) is passed over and the others are still
    compared; each is reported as `clip.unreadable`, with `kind` own or other, to be counted. The
    person's own as well, for whom "none is near" then says less than it does otherwise: a human
    would know no more of what cannot be read, and as the row stays damaged, that person would
    wait for one every time. What is left is the challenge, which an old clip does not answer.
    """
    sought = clips.Sought(
        person_id=sent.person_id,
        but=sent.id,
        device_index=_device_index(backend, sent),
        picture_keys=[_keyed(backend, key) for key in search_keys(sent.fingerprint)],
        form=FORM,
    )
    with _seeing_everybody(unit):
        kept = clips.candidates(unit.session, backend.vault, sought)
        tasks = clips.tasks_of(unit.session, [sent.id, *(clip.id for clip in kept)])
    own_task = tasks.get(sent.id, {})
    read = _readable(kept)
    found = nearest_of(
        sent.fingerprint,
        [_earlier(own_task, tasks.get(id_, {}), fingerprint) for id_, fingerprint in read],
    )
    if found is None:
        return None
    index, alike = found
    return EarlierClip(
        id=str(read[index][0]),
        likeness=round(alike.likeness, 4),
        by=alike.by,
        shift_ms=alike.shift_ms,
    )


def _readable(kept: Sequence[clips.Kept]) -> list[tuple[UUID, ClipFingerprint]]:
    """Read fingerprints; report those that are none."""
    read = []
    for clip in kept:
        fingerprint = _read(clip)
        if fingerprint is None:
            # Not who was looking: two attempts in one line would say that two people look alike.
            log.warning(
                "clip.unreadable", attempt=str(clip.id), kind="own" if clip.own else "other"
            )
            continue
        read.append((clip.id, fingerprint))
    return read


def _read(clip: clips.Kept) -> ClipFingerprint | None:
    if clip.fingerprint is None:
        return None
    try:
        return ClipFingerprint.from_bytes(clip.fingerprint)
    except NotAFingerprint:
        return None


@contextmanager
def _seeing_everybody(unit: Unit) -> Iterator[None]:
    """Widen what this transaction sees, and narrow it again whatever happens.

    In a savepoint: going back to it also puts the setting back, and a failed transaction could not
    be told to. Nothing of other people is loaded into the session's own objects meanwhile.
    """
    with unit.session.begin_nested():
        set_scope(unit.session, ALL)
        yield
        set_scope(unit.session, *row_scope(unit.scope))


def _earlier(
    own_task: Mapping[str, Any], task: Mapping[str, Any], fingerprint: ClipFingerprint
) -> Earlier:
    return Earlier(fingerprint=fingerprint, asks_alike=partial(is_like_task, own_task, task))


def _device_index(backend: Backend, sent: SentClip) -> bytes:
    return backend.index.of("clip:device", sent.device_id)


def _keyed(backend: Backend, key: int) -> int:
    digest = backend.index.of("clip:picture", str(key))
    return int.from_bytes(digest[:_KEY_BYTES], "big", signed=True)
