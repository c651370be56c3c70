"""The operator's commands, end to end on an embedded database of their own."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from app.cli import app
from app.settings import Settings
from domain.errors import AppError
from storage.db import embedded
from tests.backend_world import id_number

DIVISIONS = (
    "代码,名称\n99,虚构省\n9901,虚构市\n990101,石桥县\n990101100,城关镇\n990101100001,东街村\n"
)
HEADER = "姓名,身份证号码,险种,户籍地,待遇享受开始时间"
SEAT = ("--name", "石桥县社保局", "--role", "county_bureau", "--division", "990101")


@pytest.fixture
def home() -> Iterator[Path]:
    # Short, because a socket lies in it.
    folder = Path(tempfile.mkdtemp(prefix="jz-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def run(home: Path, monkeypatch: pytest.MonkeyPatch) -> "Run":
    monkeypatch.setenv("JIANZAI_HOME", str(home))
    for name in ("DATABASE_URL", "JIANZAI_DATABASE_URL", "JIANZAI_APP_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    return Run(home)


class Run:
    def __init__(self, home: Path) -> None:
        self.home = home

    def __call__(self, *words: str, typed: str | None = None) -> Result:
        return CliRunner().invoke(app, list(words), input=typed)

    def write(self, name: str, text: str, encoding: str = "gb18030") -> str:
        path = self.home / name
        path.write_text(text, encoding)
        return str(path)


def imported(run: Run, *words: str) -> dict[str, int]:
    rows = [
        f"林桂芳,{id_number(1)},城乡居民养老,东街村,2020-01-01",
        f"赵长根,{id_number(2)},企业职工养老,东街村,2020-02-01",
        f"钱大海,{id_number(3)[:-1]}?,城乡居民养老,东街村,2020-03-01",
    ]
    roster = run.write("roster.csv", "\n".join([HEADER, *rows]))
    done = run("import", "beneficiaries", roster, "--json", *words)
    assert done.exit_code == 0, done.output
    counted: dict[str, int] = json.loads(done.stdout)
    return counted


def add_places(run: Run) -> None:
    assert run("import", "divisions", run.write("places.csv", DIVISIONS)).exit_code == 0


def test_a_county_is_set_up_from_the_command_line(run: Run) -> None:
    add_places(run)
    opened = run("staff", "create", "bureau", *SEAT, "--json", typed="a-long-password\n")
    assert json.loads(opened.stdout)["role"] == "county_bureau"

    assert imported(run, "--dry-run")["persons_added"] == 2
    first = imported(run)
    assert (first["persons_added"], first["refused"]) == (2, 1)
    again = imported(run)
    assert (again["persons_added"], again["unchanged"]) == (0, 2)


def test_a_refusal_has_its_code_and_opens_nothing(run: Run) -> None:
    refused = run("staff", "create", "second", *SEAT, typed="short\n")
    assert isinstance(refused.exception, AppError)
    assert refused.exception.code == "staff.password_too_short"


def test_the_trail_is_verified_against_its_anchors(run: Run) -> None:
    add_places(run)
    assert run("audit", "anchor").exit_code == 0
    sound = run("audit", "verify", "--json")
    assert sound.exit_code == 0
    assert json.loads(sound.stdout)["intact"]

    _tamper()
    found = run("audit", "verify", "--json")
    assert found.exit_code == 1
    assert {fault["kind"] for fault in json.loads(found.stdout)["faults"]} == {"altered"}


def _tamper() -> None:
    """Do what only the owner of the server could: rewrite a record."""
    server = embedded.start(Settings().postgres_folder)
    engine = sa.create_engine(server.url("postgres"))
    with engine.begin() as connection:
        connection.exec_driver_sql("update audit_events set body = body || 'x' where seq = 1")
    engine.dispose()
    server.stop()


def test_misuse_ends_with_two_and_says_why(run: Run) -> None:
    assert run("verify").exit_code == 2
    assert run("import", "beneficiaries", "no-such-file.csv").exit_code == 2
    assert run("no-such-command").exit_code == 2
