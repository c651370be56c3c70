"""Whether the installation is sound: keys, queue, workers, chores, stores, models, texts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from biometrics.models import ModelAltered, ModelMissing, Role, manifest
from domain.ports import ObjectKey
from domain.regions import SystemName, SystemScope
from services.accounts import StaffMember, actor_of
from services.backend import Backend
from services.policies import legal_day
from storage.audit.anchors import read_anchors
from storage.crypto.errors import KeyRingError
from storage.crypto.keyring import KeyUse
from storage.db.repositories import running
from storage.db.repositories.running import ConsentCount, TaskHealth
from storage.objects.errors import StoreError
from storage.objects.keys import key_of

__all__ = ["ConsentCount", "KeyUse", "TaskHealth"]

CHORE_LATE = timedelta(hours=24)
"""A chore that did not end well for so long needs somebody to look."""
WAITING_LONG = timedelta(minutes=10)
"""A person waits for a result on the phone; so long no job waits behind a live worker."""
NOTICE_COMES = (11, 1)
"""The State Council has published the next year's holidays by the middle of November."""
_EVERYWHERE = SystemScope(name=SystemName.SCHEDULER)


class Soundness(StrEnum):
    """How a part is doing."""

    SOUND = "sound"
    WATCH = "watch"  # works, and somebody should look
    BROKEN = "broken"
    ABSENT = "absent"  # optional, and not there


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyStatus:
    """One use of the ring. `older` is how many living rows lie under older versions (wrapping)."""

    use: KeyUse
    current: int
    kept: tuple[int, ...]
    under_current: int | None
    older: int | None
    soundness: Soundness


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    health: TaskHealth
    waiting_for: timedelta | None
    soundness: Soundness


@dataclass(frozen=True, slots=True, kw_only=True)
class Chore:
    name: str
    ended_at: datetime
    succeeded_at: datetime | None
    failed_with: str | None
    soundness: Soundness


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Queue, workers and chores. `signs` is how long ago each worker was heard of."""

    tasks: tuple[Task, ...]
    signs: tuple[timedelta, ...]
    lost: int
    chores: tuple[Chore, ...]
    soundness: Soundness


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    database: str
    database_s: float
    objects: Soundness
    objects_fault: str
    last_anchor: datetime | None
    anchors: Soundness


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    role: Role
    file: str
    sha256: str
    licence: str
    is_optional: bool
    soundness: Soundness


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """The text shown now, and what consents were given to."""

    version: str
    digest: str
    text: str
    consents: tuple[ConsentCount, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Holidays:
    """The years that the State Council's notices are known for."""

    years: tuple[int, ...]
    missing: tuple[int, ...]
    soundness: Soundness


def key_ring(backend: Backend, member: StaffMember) -> tuple[KeyStatus, ...]:
    """Say which versions each use has; never a key. Empty when the ring cannot be read."""
    with backend.unit(actor_of(member), _EVERYWHERE) as unit:
        wrapped = running.wrapped_under(unit.session)
    try:
        standing = backend.installation.keys.standing()
    except KeyRingError:
        return ()
    return tuple(
        _key_status(use, standing[use].current, standing[use].kept, wrapped)
        for use in KeyUse
        if use in standing
    )


def _key_status(
    use: KeyUse, current: int, kept: tuple[int, ...], wrapped: Mapping[int, int]
) -> KeyStatus:
    if use is not KeyUse.WRAPPING:
        return KeyStatus(
            use=use,
            current=current,
            kept=kept,
            under_current=None,
            older=None,
            soundness=Soundness.SOUND,
        )
    lost = sum(count for version, count in wrapped.items() if version not in kept)
    older = sum(count for version, count in wrapped.items() if version != current)
    soundness = Soundness.WATCH if older else Soundness.SOUND
    return KeyStatus(
        use=use,
        current=current,
        kept=kept,
        under_current=wrapped.get(current, 0),
        older=older,
        soundness=Soundness.BROKEN if lost else soundness,
    )


def work(backend: Backend, member: StaffMember) -> Work:
    """Say how jobs, workers and chores are doing, by the database's own time."""
    lost_after = backend.installation.worker_lost_after
    with backend.unit(actor_of(member), _EVERYWHERE) as unit:
        now = running.database_now(unit.session)
        tasks = tuple(
            _task(health, now) for health in running.tasks(unit.session, lost_after=lost_after)
        )
        signs = tuple(now - heard for heard in running.heartbeats(unit.session))
        chores = tuple(
            Chore(
                name=run.name,
                ended_at=run.ended_at,
                succeeded_at=run.succeeded_at,
                failed_with=run.failed_with,
                soundness=_chore_soundness(run.succeeded_at, run.failed_with, unit.now),
            )
            for run in running.chore_runs(unit.session)
        )
    alive = [sign for sign in signs if sign <= lost_after]
    parts = [*(task.soundness for task in tasks), *(chore.soundness for chore in chores)]
    return Work(
        tasks=tasks,
        signs=signs,
        lost=len(signs) - len(alive),
        chores=chores,
        soundness=worst([*parts, Soundness.SOUND if alive else Soundness.BROKEN]),
    )


def _task(health: TaskHealth, now: datetime) -> Task:
    waiting_for = now - health.oldest_waiting if health.oldest_waiting else None
    is_slow = waiting_for is not None and waiting_for > WAITING_LONG
    if health.stalled or is_slow:
        soundness = Soundness.BROKEN
    else:
        soundness = Soundness.WATCH if health.failed else Soundness.SOUND
    return Task(health=health, waiting_for=waiting_for, soundness=soundness)


def _chore_soundness(
    succeeded_at: datetime | None, failed_with: str | None, now: datetime
) -> Soundness:
    if succeeded_at is None or now - succeeded_at > CHORE_LATE:
        return Soundness.BROKEN
    return Soundness.WATCH if failed_with else Soundness.SOUND


def stores(backend: Backend, member: StaffMember) -> Stores:
    """Say whether database, evidence and the file of published chain heads can be reached."""
    with backend.unit(actor_of(member), _EVERYWHERE) as unit:
        before = running.database_clock(unit.session)
        version = running.database_version(unit.session)
        newest = running.newest_object(unit.session)
        took = running.database_clock(unit.session) - before
    objects, fault = _objects(backend, newest)
    last, anchors = _anchors(backend)
    return Stores(
        database=version,
        database_s=took.total_seconds(),
        objects=objects,
        objects_fault=fault,
        last_anchor=last,
        anchors=anchors,
    )


def _objects(backend: Backend, newest: str | None) -> tuple[Soundness, str]:
    """Look for the evidence that was stored last; an empty store is asked for anything."""
    key = ObjectKey(newest) if newest else key_of("evidence", b"")
    try:
        is_there = backend.objects.exists(key)
    except StoreError as error:
        return Soundness.BROKEN, type(error).__name__
    if newest and not is_there:
        return Soundness.BROKEN, "ObjectMissing"
    return Soundness.SOUND, ""


def _anchors(backend: Backend) -> tuple[datetime | None, Soundness]:
    try:
        last = max((each.at for each in read_anchors(backend.installation.anchors)), default=None)
    except (ValueError, OSError):
        return None, Soundness.BROKEN
    # Where nothing happens nothing is anchored: whether anybody still does it, the chores say.
    return last, Soundness.WATCH if last is None else Soundness.SOUND


def models(backend: Backend) -> tuple[Model, ...]:
    """Hold the model files of this machine against their pinned digests."""
    return tuple(
        Model(
            role=role,
            file=entry.file,
            sha256=entry.sha256,
            licence=entry.licence,
            is_optional=entry.optional,
            soundness=_model_soundness(backend, role, is_optional=entry.optional),
        )
        for role, entry in manifest().items()
    )


def _model_soundness(backend: Backend, role: Role, *, is_optional: bool) -> Soundness:
    try:
        backend.installation.models.path(role)
    except ModelMissing:
        return Soundness.ABSENT if is_optional else Soundness.BROKEN
    except (ModelAltered, OSError):
        return Soundness.BROKEN
    return Soundness.SOUND


def texts(backend: Backend, member: StaffMember) -> Texts:
    """Give the text in use, and how many people of the division agreed to which text."""
    with backend.unit(actor_of(member), _EVERYWHERE) as unit:
        consents = running.consents(unit.session, member.division_path)
    notice = backend.notice
    return Texts(
        version=notice.version,
        digest=notice.digest,
        text=notice.text,
        consents=tuple(consents),
    )


def holidays(backend: Backend) -> Holidays:
    """Say which years the working-day calendar knows, and which it should know by now."""
    today = legal_day(backend.clock.now())
    is_due = (today.month, today.day) >= NOTICE_COMES
    wanted = [today.year, today.year + 1] if is_due else [today.year]
    known = backend.holidays.years
    missing = tuple(year for year in wanted if year not in known)
    if today.year in missing:
        soundness = Soundness.BROKEN
    else:
        soundness = Soundness.WATCH if missing else Soundness.SOUND
    return Holidays(years=tuple(sorted(known)), missing=missing, soundness=soundness)


def worst(parts: list[Soundness]) -> Soundness:
    """Return how a whole is doing whose parts do so."""
    order = (Soundness.BROKEN, Soundness.WATCH, Soundness.SOUND)
    return next((each for each in order if each in parts), Soundness.SOUND)
