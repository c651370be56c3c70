"""`jianzai models`: required files are demanded, optional ones only from those who ask for them."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import app
from app.model_files import FetchFailed
from biometrics.models import default_folder, manifest, required_roles

pytestmark = pytest.mark.faces


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home that has the required models, on a machine that reaches no index."""
    folder, real = tmp_path / "models", default_folder()
    folder.mkdir()
    for role in required_roles():
        (folder / manifest()[role].file).symlink_to(real / manifest()[role].file)
    monkeypatch.setenv("JIANZAI_HOME", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    return folder


def test_optional_models_that_cannot_be_had_are_left_out_and_said(models: Path) -> None:
    ran = CliRunner().invoke(app, ["models", "fetch", "--with-optional"])
    assert ran.exit_code == 0
    said = " ".join(ran.stderr.split())
    assert "without the optional model second" in said
    assert "npm is not installed" in said
    assert "4 models stand" in said


def test_an_optional_model_that_was_asked_for_by_name_is_demanded(models: Path) -> None:
    ran = CliRunner().invoke(app, ["models", "fetch", "--with-passive"])
    assert isinstance(ran.exception, FetchFailed)


def test_an_installation_is_verified_without_the_optional_models(models: Path) -> None:
    ran = CliRunner().invoke(app, ["models", "verify", "--json"])
    assert json.loads(ran.stdout) == {
        manifest()[role].file: manifest()[role].sha256 for role in required_roles()
    }
