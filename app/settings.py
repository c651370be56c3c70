"""Typed settings, from the environment. No secret has a default."""

from enum import StrEnum
from pathlib import Path

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class StoreKind(StrEnum):
    LOCAL = "local"
    S3 = "s3"


class Settings(BaseSettings):
    """Every setting is documented in `docs/settings.md`; a test keeps it so."""

    model_config = SettingsConfigDict(
        env_prefix="JIANZAI_", extra="ignore", secrets_dir=None, populate_by_name=True
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
    crypto_suite: str = "A256GCM"
    host: str = "127.0.0.1"
    port: int = 8080
    worker_heartbeat_s: float = 5.0
    worker_stalled_after_s: float = 20.0
    anchor_every_s: float = 600.0
    log_level: str = "INFO"

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
    def anchors_path(self) -> Path:
        return self.folder / "audit-anchors.jsonl"
