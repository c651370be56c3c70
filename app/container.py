"""Builds everything from settings, once: the only place that knows every adapter."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.clock import SystemClock
from app.presets import load_book
from app.settings import Settings, StoreKind
from biometrics.engine import FaceEngine
from biometrics.models import ModelStore
from services.backend import Backend, NoticeText
from services.faces import Faces
from storage.crypto.blind_index import BlindIndex
from storage.crypto.envelope import Vault
from storage.crypto.keyring import FileKeyRing, KeyUse
from storage.crypto.suites import SuiteId
from storage.db import embedded
from storage.db.engine import make_engine, make_sessions, normal_url
from storage.db.migrate import migrate
from storage.jobs.queue import JobQueue
from storage.objects.local_store import LocalStore
from storage.objects.opening import PreparedStore
from storage.objects.s3_store import S3Place, S3Store

ROOT = Path(__file__).parents[1]
NOTICE = ROOT / "policies" / "notices" / "certification.zh.txt"


class SettingsIncomplete(Exception):  # noqa: N818 - a state, named as it is said
    """Something the operator must still say; one line, fit to print."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """Two addresses of one database: the owner migrates, the application role works."""

    owner_url: str
    app_url: str
    server: embedded.EmbeddedServer | None


@contextmanager
def database(settings: Settings) -> Iterator[Database]:
    """Reach the configured database, or start the embedded one; whoever starts it stops it."""
    if settings.database_url is not None or settings.app_database_url is not None:
        yield _configured(settings)
        return
    server = embedded.start(settings.postgres_folder)
    try:
        yield Database(owner_url=server.owner_url(), app_url=server.app_url(), server=server)
    finally:
        if not server.joined:
            server.stop()


def _configured(settings: Settings) -> Database:
    owner, app = settings.database_url, settings.app_database_url
    if app is None:
        raise SettingsIncomplete(
            "JIANZAI_APP_DATABASE_URL is missing: the application does not run as the owner"
        )
    return Database(
        owner_url=normal_url(owner) if owner else "", app_url=normal_url(app), server=None
    )


def prepare(settings: Settings, where: Database) -> None:
    """Bring database and object store to the state that this version needs. Safe to repeat."""
    object_store(settings).prepare()
    FileKeyRing.open_or_create(settings.keyring_path)
    password = settings.app_database_password
    migrate(where.owner_url, app_password=password.get_secret_value() if password else None)


def build_backend(settings: Settings, app_url: str) -> Backend:
    """Wire the backend. Raises what a missing model file, key ring or preset raises."""
    # Never made here: a forgotten mount must stop the start, not begin a second ring.
    keyring = FileKeyRing(settings.keyring_path)
    return Backend(
        sessions=make_sessions(make_engine(app_url)),
        queue=JobQueue(),
        clock=SystemClock(),
        vault=Vault(keyring, SuiteId(settings.crypto_suite)),
        index=BlindIndex(keyring.key(KeyUse.BLIND_INDEX)),
        objects=object_store(settings),
        faces=Faces(lambda: FaceEngine(ModelStore(settings.models_folder))),
        policies=load_book(),
        notice=read_notice(NOTICE),
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
