"""Builds everything from settings, once: the only place that knows every adapter."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy.exc import OperationalError

from app.clock import SystemClock
from app.faces import face_engine
from app.holidays import load_holidays
from app.presets import load_book
from app.settings import Settings, StoreKind
from app.shared_use import SharedUse, only_one
from biometrics.models import ModelStore
from services.backend import Backend, NoticeText
from services.faces import Faces
from services.installation import Installation
from services.live_policies import LivePolicies
from storage.crypto.blind_index import BlindIndex
from storage.crypto.envelope import Vault
from storage.crypto.keyring import FileKeyRing, KeyUse
from storage.crypto.one_time_codes import StaffSecrets
from storage.crypto.upload_seal import UploadSeals
from storage.db import embedded
from storage.db.engine import make_engine, make_sessions, normal_url
from storage.db.migrate import migrate
from storage.db.readiness import check_application_role, holds_sealed_rows, unreachable
from storage.jobs.queue import JobQueue
from storage.objects.local_store import LocalStore
from storage.objects.opening import PreparedStore
from storage.objects.s3_store import S3Place, S3Store

ROOT = Path(__file__).parents[1]
NOTICE = ROOT / "policies" / "notices" / "certification.zh.txt"


class SettingsIncomplete(Exception):  # noqa: N818 - a state, named as it is said
    """Something the operator must still say; one line, fit to print."""


class CannotStart(Exception):  # noqa: N818 - a state, named as it is said
    """Something on this machine is in the way; one line, fit to print."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """A database that the application role can work on."""

    app_url: str
    is_embedded: bool


@contextmanager
def database(settings: Settings) -> Iterator[Database]:
    """Reach the configured database, or bring up the embedded one; the last to leave stops that.

    Raises `SettingsIncomplete`, `DatabaseUnfit`, `CannotStart`.
    """
    if settings.database_url is None and settings.app_database_url is None:
        with _embedded(settings) as server:
            prepare(settings, server.owner_url())
            yield Database(app_url=server.app_url(), is_embedded=True)
        return
    app_url = _configured_app_url(settings)
    check_application_role(app_url)
    yield Database(app_url=app_url, is_embedded=False)


def migrate_configured(settings: Settings) -> None:
    """Bring database, role and store up to date; the embedded server, if that is the one."""
    if settings.database_url is not None:
        prepare(settings, normal_url(settings.database_url))
    elif settings.app_database_url is not None:
        raise SettingsIncomplete("JIANZAI_DATABASE_URL is missing: only the owner can migrate")
    else:
        with database(settings):
            pass


def prepare(settings: Settings, owner_url: str) -> None:
    """Bring database and object store to the state that this version needs. Safe to repeat."""
    password = settings.app_database_password
    try:
        migrate(owner_url, app_password=password.get_secret_value() if password else None)
    except OperationalError as error:
        raise unreachable(owner_url, error) from error
    if not settings.keyring_path.exists() and holds_sealed_rows(owner_url):
        raise CannotStart(
            f"the key ring {settings.keyring_path} is missing, and what the database holds can"
            " only be read with it: bring it back from its backup"
        )
    FileKeyRing.open_or_create(settings.keyring_path)
    object_store(settings).prepare()


@contextmanager
def _embedded(settings: Settings) -> Iterator[embedded.EmbeddedServer]:
    folder = settings.postgres_folder
    use = SharedUse(folder.with_suffix(".users"))
    server = None
    try:
        server = _start_embedded(folder)
        yield server
    finally:
        with use.leaving() as is_last:
            if server is not None:
                (server.stop if is_last else server.leave)()


def _start_embedded(folder: Path) -> embedded.EmbeddedServer:
    try:
        with only_one(folder.with_suffix(".start")):
            return embedded.start(folder)
    except RuntimeError as error:
        raise CannotStart(str(error)) from error


def _configured_app_url(settings: Settings) -> str:
    if settings.app_database_url is None:
        raise SettingsIncomplete(
            "JIANZAI_APP_DATABASE_URL is missing: the application does not run as the owner"
        )
    return normal_url(settings.app_database_url)


def build_backend(settings: Settings, app_url: str) -> Backend:
    """Wire the backend. Raises what a missing model file, key ring or preset raises."""
    # Never made here: a forgotten mount must stop the start, not begin a second ring.
    keyring = FileKeyRing(settings.keyring_path)
    return Backend(
        sessions=make_sessions(make_engine(app_url)),
        queue=JobQueue(),
        clock=SystemClock(),
        vault=Vault(keyring, settings.crypto_suite),
        index=BlindIndex(keyring.key(KeyUse.BLIND_INDEX)),
        seals=UploadSeals(keyring),
        staff_secrets=StaffSecrets(keyring, settings.crypto_suite),
        objects=object_store(settings),
        faces=Faces(lambda: face_engine(settings)),
        policies=LivePolicies(load_book()),
        holidays=load_holidays(),
        notice=read_notice(NOTICE),
        installation=Installation(
            keys=keyring,
            models=ModelStore(settings.models_folder),
            anchors=settings.anchors_path,
            worker_lost_after=timedelta(seconds=settings.worker_stalled_after_s),
        ),
    )


def object_store(settings: Settings) -> PreparedStore:
    """Return the configured store; `prepare` makes it ready."""
    if settings.store is StoreKind.LOCAL:
        return LocalStore(settings.objects_folder)
    access, secret = settings.s3_access_key, settings.s3_secret_key
    if settings.s3_endpoint is None or access is None or secret is None:
        raise SettingsIncomplete(
            "JIANZAI_STORE=s3 needs JIANZAI_S3_ENDPOINT, JIANZAI_S3_ACCESS_KEY and "
            "JIANZAI_S3_SECRET_KEY"
        )
    return S3Store(
        S3Place(
            endpoint=settings.s3_endpoint,
            bucket=settings.s3_bucket,
            access_key=access.get_secret_value(),
            secret_key=secret.get_secret_value(),
            secure=settings.s3_secure,
        )
    )


def read_notice(path: Path) -> NoticeText:
    """Read the notice; its first line is `version: …`, the digest is over all the rest."""
    first, _, text = path.read_text("utf-8").partition("\n")
    label, _, version = first.partition(":")
    if label.strip() != "version" or not version.strip() or not text.strip():
        raise SettingsIncomplete(f"{path} must begin with a line 'version: …' and hold a text")
    digest = hashlib.sha256(text.strip().encode()).hexdigest()
    return NoticeText(version=version.strip(), digest=digest, text=text.strip())
