"""Fingerprints of clips: adding one, and finding those worth comparing with another.

Of other people nothing is loaded as an object that outlives the search: rows are plain tuples.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from storage.crypto.envelope import DataKey, Vault
from storage.crypto.errors import KeyDestroyed, KeyRingError, SealBroken
from storage.crypto.keyring import WrappedKey
from storage.crypto.suites import SuiteId
from storage.db.models.clips import Clip

NEWEST = 100
"""How many clips of the person, of the device and of the household are compared, each."""
PER_PROBE, BY_PICTURE = 8, 32
"""How many clips of strangers are taken for a closer look, per tried key and in all."""

_COLUMNS = "c.id, c.beneficiary_id, c.fingerprint_sealed"
_KNOWN = "c.form = :form and c.id <> :but"
# One statement for all: on a busy machine it is the way there and back that takes the time.
_CANDIDATES = sa.text(
    f"""
    with near as (
      (select {_COLUMNS} from clips c where c.beneficiary_id = :person and {_KNOWN}
       order by c.id desc limit :newest)
      union all
      (select {_COLUMNS} from clips c where c.device_index = :device and {_KNOWN}
       order by c.id desc limit :newest)
      union all
      (select {_COLUMNS} from beneficiaries me
       join beneficiaries kin on kin.phone_index = me.phone_index
       join clips c on c.beneficiary_id = kin.id
       where me.id = :person and {_KNOWN}
       order by c.id desc limit :newest)
    ), looking_alike as (
      select {_COLUMNS}
      from unnest(cast(:keys as bigint[])) with ordinality probe(key, rank)
      cross join lateral (
        select * from clips where picture_index = probe.key order by id desc limit :per_probe
      ) c
      where c.beneficiary_id <> :person and {_KNOWN}
      order by probe.rank, c.id desc limit :most
    )
    select c.*, k.wrapped, k.kek_version, k.suite
    from (select * from near union all select * from looking_alike) c
    join data_keys k on k.beneficiary_id = c.beneficiary_id and k.wrapped is not null
    """  # noqa: S608  constants of this module
)
_TASKS = sa.text(
    "select a.id, s.challenge from attempts a join sessions s on s.id = a.session_id"
    " where a.id = any(:clips)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What is looked for. `picture_keys` are keyed digests, likeliest first."""

    person_id: UUID
    but: UUID  # the clip itself
    device_index: bytes
    picture_keys: Sequence[int]
    form: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A clip worth comparing. `fingerprint` is None when its row or its key is damaged."""

    id: UUID
    own: bool  # of the person who is looked for
    fingerprint: bytes | None


def seal(raw: bytes, clip_id: UUID, key: DataKey) -> bytes:
    """Seal a fingerprint: a dim likeness of a face, and kept as closely as its photo."""
    return key.seal(raw, _purpose(clip_id))


def add(session: Session, row: dict[str, object]) -> bool:
    """Insert a clip; False when it is there already (a job that ran twice)."""
    added = session.execute(
        insert(Clip).values(row).on_conflict_do_nothing(index_elements=["id"]).returning(Clip.id)
    )
    return added.first() is not None


def candidates(session: Session, vault: Vault, sought: Sought) -> list[Kept]:
    """Return the clips worth comparing, opened; those of erased persons are left out.

    The transaction must see everybody. All of the person's, the device's and the household's
    newest; of others those whose usual picture is like this one's. Never fails for what is wrong
    with somebody's row: whoever meets a damaged one still gets all the others.
    """
    found = session.execute(
        _CANDIDATES,
        {
            "person": sought.person_id,
            "but": sought.but,
            "form": sought.form,
            "device": sought.device_index,
            "newest": NEWEST,
            "keys": list(sought.picture_keys),
            "per_probe": PER_PROBE,
            "most": BY_PICTURE,
        },
    )
    rows = {row.id: row for row in found}
    keys = _keys(vault, rows.values())
    return [
        Kept(
            id=row.id,
            own=row.beneficiary_id == sought.person_id,
            fingerprint=_opened(keys[row.beneficiary_id], row),
        )
        for row in rows.values()
        if row.beneficiary_id in keys
    ]


def tasks_of(session: Session, clips: Sequence[UUID]) -> dict[UUID, Any]:
    """Return the challenge that each clip answered, as JSON."""
    return {row.id: row.challenge for row in session.execute(_TASKS, {"clips": list(clips)})}


def _opened(key: DataKey | None, row: Any) -> bytes | None:
    if key is None:
        return None
    try:
        return key.open(row.fingerprint_sealed, _purpose(row.id))
    except SealBroken:
        return None


def _keys(vault: Vault, rows: Iterable[Any]) -> dict[UUID, DataKey | None]:
    """Open people's keys: None for one that does not open, no entry for one that was destroyed."""
    found: dict[UUID, DataKey | None] = {}
    for row in {row.beneficiary_id: row for row in rows}.values():
        wrapped = WrappedKey(
            kek_version=row.kek_version, suite=SuiteId(row.suite), blob=row.wrapped
        )
        try:
            found[row.beneficiary_id] = vault.open(wrapped, row.beneficiary_id)
        except KeyDestroyed:
            continue
        except (SealBroken, KeyRingError):  # altered, or its master key is not in the ring
            found[row.beneficiary_id] = None
    return found


def _purpose(clip_id: UUID) -> str:
    return f"clip:{clip_id}"
