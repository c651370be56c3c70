"""A backend on the test database: real crypto, real object store in a folder, real presets."""

import hashlib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from app.holidays import load_holidays
from app.presets import load_book
from biometrics.engine import FaceEngine
from biometrics.models import ModelStore
from domain.audit import Actor, ActorKind
from domain.id_number import check_character
from domain.policy import PolicyBook
from domain.regions import DivisionPath, DivisionScope, SystemName
from services.backend import Backend, NoticeText
from services.evidence import Caller
from services.faces import Faces
from services.installation import Installation
from services.live_policies import LivePolicies
from storage.crypto.blind_index import BlindIndex
from storage.crypto.envelope import Vault
from storage.crypto.keyring import FileKeyRing, KeyUse
from storage.crypto.one_time_codes import StaffSecrets
from storage.crypto.upload_seal import UploadSeals
from storage.db.repositories import divisions
from storage.jobs.queue import JobQueue
from storage.objects.local_store import LocalStore
from tests import places
from tests.clock import FixedClock
from tests.places import COUNTY

NOTICE = "本页为测试用告知书。"
_LEVELS = {2: "province", 4: "prefecture", 6: "county", 9: "township", 12: "village"}
_BOOK: list[PolicyBook] = []


def make_backend(
    sessions: sessionmaker[Session],
    queue: JobQueue,
    clock: FixedClock,
    folder: Path,
    faces: Faces | None = None,
) -> Backend:
    """Wire a backend; without `faces` the act that needs one fails on its own."""
    keyring = FileKeyRing.open_or_create(folder / "keyring.json")
    store = LocalStore(folder / "objects")
    store.prepare()
    if not _BOOK:
        _BOOK.append(load_book())
    return Backend(
        sessions=sessions,
        queue=queue,
        clock=clock,
        vault=Vault(keyring),
        index=BlindIndex(keyring.key(KeyUse.BLIND_INDEX)),
        seals=UploadSeals(keyring),
        staff_secrets=StaffSecrets(keyring),
        objects=store,
        faces=faces or Faces(FaceEngine),
        policies=LivePolicies(_BOOK[0]),
        holidays=load_holidays(),
        notice=NoticeText(
            version="test-1", digest=hashlib.sha256(NOTICE.encode()).hexdigest(), text=NOTICE
        ),
        installation=Installation(
            keys=keyring,
            models=ModelStore(folder / "models"),
            anchors=folder / "anchors.jsonl",
            worker_lost_after=timedelta(seconds=20),
        ),
    )


@pytest.fixture
def backend(
    sessions: sessionmaker[Session], queue: JobQueue, clock: FixedClock, tmp_path: Path
) -> Backend:
    """A backend with the synthetic counties, whose face engine starts at first need."""
    made = make_backend(sessions, queue, clock, tmp_path)
    add_places(made)
    return made


def another_process(backend: Backend) -> Backend:
    """Return the backend as a process has it whose book of policy is never older than its act."""
    return replace(backend, policies=LivePolicies(load_book(), fresh_s=0.0))


def console(county: DivisionPath = COUNTY) -> Caller:
    """Return the command line of a county."""
    return Caller(
        actor=Actor(kind=ActorKind.SYSTEM, id=SystemName.COMMAND_LINE),
        scope=DivisionScope(path=county),
    )


def add_places(backend: Backend) -> None:
    """Add the two synthetic counties."""
    caller = console()
    with backend.unit(caller.actor, caller.scope) as unit:
        divisions.put_all(
            unit.session,
            [
                {
                    "path": path,
                    "name": name,
                    "level": _LEVELS[len(path)],
                    "parent_path": max(
                        (p for p in places.NAMES if path.startswith(p) and p != path),
                        key=len,
                        default=None,
                    ),
                }
                for path, name in places.NAMES.items()
            ],
        )


def id_number(serial: int, born: str = "19500101", county: str = "990101") -> str:
    """Make a synthetic number with a valid check character. Serials up to 999."""
    body = f"{county}{born}{serial:03d}"
    return body + check_character(body)
