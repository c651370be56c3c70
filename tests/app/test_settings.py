"""Settings: each documented, none guessed, no value repeated in an error."""

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from app.console import refuse_politely
from app.settings import Settings

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "settings.md").read_text("utf-8")
ROWS = {
    name: default
    for names, default in re.findall(r"^\| (`[^|]+) \| ([^|]+) \|", DOCUMENT, re.MULTILINE)
    for name in re.findall(r"`(\w+)`", names)
}


@pytest.fixture(autouse=True)
def _only_what_the_test_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ROWS:
        monkeypatch.delenv(name, raising=False)


def variable(field: str) -> str:
    return f"JIANZAI_{field.upper()}"


def test_every_setting_is_documented_and_nothing_else_is() -> None:
    assert set(ROWS) - {"DATABASE_URL"} == {variable(field) for field in Settings.model_fields}


@pytest.mark.parametrize("field", Settings.model_fields)
def test_the_document_says_the_default(field: str) -> None:
    default = getattr(Settings(), field)
    said = ROWS[variable(field)]
    if default is None:
        assert said.startswith(("none", "`keyring.json`"))
    else:
        plain = str(default).lower() if isinstance(default, bool) else f"{default}"
        assert said.strip("` ").removesuffix(".0") == plain.removesuffix(".0")


def test_every_variable_of_the_compose_file_is_a_setting() -> None:
    compose = (ROOT / "docker-compose.yml").read_text("utf-8")
    used = set(re.findall(r"^ {2,6}(JIANZAI_\w+):", compose, re.MULTILINE))
    assert used
    assert used <= set(ROWS)


def test_no_secret_has_a_default() -> None:
    secrets = [f for f in Settings.model_fields if re.search("password|secret|access_key", f)]
    assert len(secrets) == 3
    assert all(getattr(Settings(), field) is None for field in secrets)


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIANZAI_PORT", "")
    monkeypatch.setenv("JIANZAI_APP_DATABASE_PASSWORD", "")
    settings = Settings()
    assert settings.port == 8080
    assert settings.app_database_password is None


def test_the_usual_name_of_a_database_address_works_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://owner@db/jianzai")
    assert Settings().database_url == "postgresql://owner@db/jianzai"


def test_a_wrong_setting_is_named_in_one_line_without_its_value(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JIANZAI_PORT", "S3cr3tMispasted")
    with pytest.raises(SystemExit) as ended, refuse_politely():
        Settings()
    said = capsys.readouterr().err
    assert ended.value.code == 1
    assert said.startswith("setting: JIANZAI_PORT: ")
    assert said.count("\n") == 1
    assert "S3cr3tMispasted" not in said


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("JIANZAI_PORT", "65536"),
        ("JIANZAI_ANCHOR_EVERY_S", "0"),
        ("JIANZAI_CRYPTO_SUITE", "ROT13"),
        ("JIANZAI_LOG_LEVEL", "LOUD"),
        ("JIANZAI_WORKER_STALLED_AFTER_S", "9"),
    ],
)
def test_a_setting_that_cannot_be_right_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError):
        Settings()
