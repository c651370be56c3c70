"""Typed settings, from the environment. No secret has a default."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

from pydantic import AliasChoices, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from biometrics.runtime import Runtime
from storage.crypto.suites import SuiteId

Seconds = Annotated[float, Field(gt=0)]


class StoreKind(StrEnum):
    LOCAL = "local"
    S3 = "s3"


class LogLevel(StrEnum):
    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


class Settings(BaseSettings):
    """Every setting is documented in `docs/settings.md`; a test keeps it so."""

    model_config = SettingsConfigDict(
        env_prefix="JIANZAI_",
        env_ignore_empty=True,  # `JIANZAI_PORT=` in an .env file means "not set"
        extra="ignore",
        hide_input_in_errors=True,
        populate_by_name=True,
    )

    home: Path = Path("~/.local/share/jianzai")
    database_url: str | None = Field(
        default=None, validation_alias=AliasChoices("JIANZAI_DATABASE_URL", "DATABASE_URL")
    )
    app_database_url: str | None = None
    app_database_password: SecretStr | None = None
    store: StoreKind = StoreKind.LOCAL
    s3_endpoint: str | None = None
    s3_bucket: str = "jianzai-evidence"
    s3_access_key: SecretStr | None = None
    s3_secret_key: SecretStr | None = None
    s3_secure: bool = True
    keyring_file: Path | None = None
    crypto_suite: SuiteId = SuiteId.A256GCM
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    trusted_proxies: str = "127.0.0.1"
    worker_heartbeat_s: Seconds = 5.0
    worker_stalled_after_s: Seconds = 20.0
    anchor_every_s: Seconds = 600.0
    log_level: LogLevel = LogLevel.INFO
    passive_model: bool = True
    face_runtime: Runtime | None = None

    @model_validator(mode="after")
    def _a_slow_worker_is_not_a_dead_one(self) -> Self:
        if self.worker_stalled_after_s < 2 * self.worker_heartbeat_s:
            raise ValueError(
                "JIANZAI_WORKER_STALLED_AFTER_S must be at least twice JIANZAI_WORKER_HEARTBEAT_S"
            )
        return self

    @property
    def folder(self) -> Path:
        return self.home.expanduser()

    @property
    def models_folder(self) -> Path:
        return self.folder / "models"

    @property
    def objects_folder(self) -> Path:
        return self.folder / "objects"

    @property
    def postgres_folder(self) -> Path:
        return self.folder / "postgres"

    @property
    def keyring_path(self) -> Path:
        return (self.keyring_file or self.folder / "keyring.json").expanduser()

    @property
    def tls_folder(self) -> Path:
        return self.folder / "tls"

    @property
    def anchors_path(self) -> Path:
        return self.folder / "audit-anchors.jsonl"
