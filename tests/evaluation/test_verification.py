"""`jianzai evaluate verification` end to end, on made-up portraits."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from app.demo.photos import Selfie
from app.demo.studio import Studio
from app.evaluation import plots
from app.evaluation.ledger import FILE
from biometrics.embed import cosine
from biometrics.engine import FaceEngine
from domain.limits import Limits
from tests.evaluation.runs import called, evaluated, listed, spent

pytestmark = pytest.mark.faces

HEADER = "left,right,same,group,device"
ROWS = (
    "p1/reference.jpg,p1/selfie.jpg,1,east,A",
    "p2/reference.jpg,p2/selfie.jpg,1,west,B",
    "p1/reference.jpg,p2/reference.jpg,0,east,A",
    "p1/selfie.jpg,p2/reference.jpg,0,east,B",
    "p1/reference.jpg,p1/wall.jpg,1,east,A",
    "p1/reference.jpg,p1/text.jpg,1,east,A",
    "p2/reference.jpg,p1/text.jpg,0,west,A",
    "p2/reference.jpg,p2/gone.jpg,1,west,B",
)
PHOTOS_MEASURED = 6  # four faces, a wall, a text


@pytest.fixture
def data(tmp_path: Path, studio: Studio) -> Path:
    for person in ("p1", "p2"):
        (tmp_path / person).mkdir()
        (tmp_path / person / "reference.jpg").write_bytes(studio.reference(person))
        (tmp_path / person / "selfie.jpg").write_bytes(studio.selfie(person))
    (tmp_path / "p1/wall.jpg").write_bytes(studio.selfie("p1", Selfie.NO_FACE))
    (tmp_path / "p1/text.jpg").write_text("I am a text file", encoding="utf-8")
    return listed(tmp_path / "pairs.csv", HEADER, ROWS)


def test_pairs_become_a_report_and_a_second_run_measures_nothing(
    data: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    report = evaluated("verification", data, out, workers=2)
    counts = ("genuine_pairs", "impostor_pairs", "false_accepts", "genuine_below_review")
    assert {name: report[name] for name in counts} == {
        "genuine_pairs": 2,
        "impostor_pairs": 2,
        "false_accepts": 0,
        "genuine_below_review": 0,
    }
    assert sorted(report["unreadable"]) == ["p1/text.jpg", "p2/gone.jpg"]
    failed = report["failure_to_acquire"]
    assert failed["faceless"] == ["p1/wall.jpg"]
    assert (failed["photos"]["errors"], failed["photos"]["n"]) == (1, 5)
    assert (failed["genuine_not_compared"], failed["impostor_not_compared"]) == (3, 1)
    assert [group["name"] for group in report["groups"]] == ["east", "west"]
    assert [group["fmr_at_accept"]["n"] for group in report["groups"]] == [2, 0]
    assert [part["name"] for part in report["by_column"]["device"]] == ["A", "B"]
    assert {(out / name).stat().st_size > 1000 for name in report["plots"]} == {True}
    assert len(report["plots"]) == 4
    assert spent(out)["measured"] == PHOTOS_MEASURED

    again = evaluated("verification", data, out)
    assert (spent(out)["measured"], spent(out)["reused"]) == (0, PHOTOS_MEASURED)
    assert again | {"made_at": ""} == report | {"made_at": ""}

    (data.parent / "p2/gone.jpg").write_bytes((data.parent / "p2/selfie.jpg").read_bytes() + b" ")
    evaluated("verification", data, out)
    assert spent(out)["measured"] == 1


def test_scores_are_those_of_the_product(data: Path, tmp_path: Path) -> None:
    report = evaluated("verification", data, tmp_path / "out")
    with (tmp_path / "out/scores.csv").open(encoding="utf-8", newline="") as file:
        written = list(csv.DictReader(file))
    with FaceEngine() as engine:
        sides = [
            engine.template((data.parent / f"p{n}/reference.jpg").read_bytes()) for n in (1, 2)
        ]
    left, right = (side.embedding for side in sides)
    assert left is not None
    assert right is not None
    assert float(written[2]["score"]) == cosine(left, right)
    assert report["thresholds"] == {"accept": Limits().accept, "review": Limits().review}


def test_without_a_plotting_library_the_rates_are_there_and_the_command_says_so(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    out = tmp_path / "out"
    done = called("verification", "--pairs", data, "--out", out, "--workers", 1, "--json")
    assert done.exit_code == 0
    assert plots.MISSING in done.stderr
    report = json.loads(done.stdout)
    assert (report["plots"], report["genuine_pairs"]) == ([], 2)


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("pairs.csv", "left,right,same\na,b,1\n", "no column group"),
        ("pairs.csv", "", "no column"),
        ("pairs.csv", "left,right,same,group\na,b,maybe,g\n", "same is 1 or 0"),
        ("pairs.csv", "left,right,same,group\na,,1,g\n", "right is empty"),
        ("other.csv", "", "cannot read"),
    ],
)
def test_a_list_that_cannot_be_used_ends_with_two_and_one_line(
    tmp_path: Path, name: str, content: str, why: str
) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    done = called("verification", "--pairs", tmp_path / "pairs.csv", "--out", tmp_path / "out")
    assert done.exit_code == 2
    assert why in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_pairs_without_any_face_are_a_report_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"")
    pairs = listed(tmp_path / "pairs.csv", "left,right,same,group", ["a.jpg,b.jpg,1,g"])
    report = evaluated("verification", pairs, tmp_path / "out")
    assert (report["genuine_pairs"], report["impostor_pairs"], report["eer"]) == (0, 0, None)
    assert report["unreadable"] == ["b.jpg", "a.jpg"]


# A run that is ended, and the one that goes on

MANY = 24


@pytest.fixture
def many(tmp_path: Path, studio: Studio) -> Path:
    """One portrait in many files that all differ."""
    face = cv2.imdecode(np.frombuffer(studio.reference("p3"), np.uint8), cv2.IMREAD_COLOR)
    assert face is not None
    for number in range(MANY):
        cv2.imwrite(str(tmp_path / f"{number}.jpg"), face, [cv2.IMWRITE_JPEG_QUALITY, 60 + number])
    rows = [f"{number}.jpg,{(number + 1) % MANY}.jpg,1,g" for number in range(MANY)]
    return listed(tmp_path / "pairs.csv", "left,right,same,group", rows)


@pytest.fixture
def run(many: Path, tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    """The command in a process of its own, stopped only after it has measured something."""
    words = ("verification", "--pairs", many, "--out", tmp_path / "out", "--workers", 1)
    code = "from app.commands.evaluate import app; app()"
    process = subprocess.Popen(
        [sys.executable, "-c", code, *(str(word) for word in words)],
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    for _ in range(3000):
        if lines(tmp_path / "out") >= 2:
            break
        assert process.poll() is None
        time.sleep(0.02)
    yield process
    if process.poll() is None:
        process.kill()
    process.communicate()


def lines(out: Path) -> int:
    ledger = out / FILE
    return ledger.read_bytes().count(b"\n") if ledger.exists() else 0


@pytest.mark.parametrize("ended_by", [signal.SIGKILL, signal.SIGINT])
def test_a_run_that_was_ended_goes_on_where_it_was(
    run: "subprocess.Popen[str]", many: Path, tmp_path: Path, ended_by: signal.Signals
) -> None:
    os.kill(run.pid, ended_by)
    _, said = run.communicate(timeout=60)
    if ended_by is signal.SIGINT:
        assert run.returncode == 130
        assert "the same command goes on" in said
    kept = lines(tmp_path / "out")
    assert 2 <= kept < MANY
    assert not (tmp_path / "out/report.json").exists()

    report: dict[str, Any] = evaluated("verification", many, tmp_path / "out")
    assert spent(tmp_path / "out")["reused"] == kept
    assert report["genuine_pairs"] == MANY
