"""`jianzai verify`: one case, no server."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import typer
from typer.testing import CliRunner, Result

from app.demo.studio import Studio
from app.verify_command import verify
from domain.challenge import Action, to_json
from tests.biometrics import media
from tests.biometrics.test_clips import challenge

pytestmark = pytest.mark.faces

SCHEMA = Path(__file__).parents[2] / "field_app_spec" / "schemas" / "verify_result.schema.json"
ASKED = challenge(Action.TURN_LEFT, Action.OPEN_MOUTH, Action.TURN_RIGHT)

PEAK_MB = 450
ALONE = """
import json, sys
from pathlib import Path
from app.verify_command import run
reference, selfie, clip, challenge = map(Path, sys.argv[1:])
print(json.dumps(run([reference], selfie, clip, challenge=challenge)))
"""


@pytest.fixture(scope="module")
def case(studio: Studio, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("case")
    (folder / "reference.jpg").write_bytes(studio.reference("p1"))
    (folder / "other.jpg").write_bytes(studio.reference("p2"))
    (folder / "selfie.jpg").write_bytes(studio.selfie("p1"))
    (folder / "clip.webm").write_bytes(studio.clip("p1", ASKED))
    (folder / "challenge.json").write_text(json.dumps(to_json(ASKED)))
    (folder / "text.webm").write_bytes(b"I am a text file")
    (folder / "script.webm").write_bytes(media.FFCONCAT)
    (folder / "bomb.jpg").write_bytes(media.jpeg_that_claims(32000, 32000))
    return folder


def called(case: Path, *words: str) -> Result:
    app = typer.Typer()
    app.command()(verify)
    paths = [str(case / word) if "." in word else word for word in words]
    return CliRunner().invoke(app, paths)


def decided(case: Path, *words: str) -> dict[str, Any]:
    result = called(case, *words, "--json")
    assert result.exit_code == 0, result.output
    document: dict[str, Any] = json.loads(result.stdout)
    return document


WHOLE = (
    "--enrolled", "reference.jpg", "--selfie", "selfie.jpg",
    "--video", "clip.webm", "--challenge", "challenge.json",
)  # fmt: skip


def test_a_whole_case_passes_with_its_checks_models_and_cost(case: Path) -> None:
    result = decided(case, *WHOLE)
    assert (result["outcome"], result["reasons"]) == ("pass", ["face_matches"])
    assert all(check["ok"] for check in result["checks"])
    assert {"detector", "embedder", "mesh", "eyes"} <= set(result["models"])
    assert result["cpu_seconds"] > 0
    assert result["peak_mb"] > 0


def test_a_case_in_a_process_of_its_own_keeps_to_its_memory(case: Path) -> None:
    names = ("reference.jpg", "selfie.jpg", "clip.webm", "challenge.json")
    command = [sys.executable, "-c", ALONE, *(str(case / name) for name in names)]
    done = subprocess.run(command, capture_output=True, check=True, cwd=SCHEMA.parents[2])
    spent = json.loads(done.stdout)
    assert spent["outcome"] == "pass"
    assert spent["peak_mb"] <= PEAK_MB


def test_the_result_is_what_the_schema_says(case: Path) -> None:
    result = decided(case, *WHOLE)
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.validate(result, schema)


def test_the_best_of_several_references_counts(case: Path) -> None:
    assert decided(case, "--enrolled", "other.jpg", *WHOLE)["outcome"] == "pass"


def test_someone_elses_reference_is_reviewed(case: Path) -> None:
    result = decided(case, "--enrolled", "other.jpg", *WHOLE[2:])
    assert result["outcome"] == "review"
    assert "face_differs" in result["reasons"]


@pytest.mark.parametrize(
    ("words", "reason"),
    [(WHOLE[:4], "no_clip"), (WHOLE[:6], "no_challenge"), ((*WHOLE[:4], *WHOLE[6:]), "no_clip")],
    ids=["no video", "no challenge", "challenge alone"],
)
def test_without_video_and_challenge_the_best_outcome_is_review(
    case: Path, words: tuple[str, ...], reason: str
) -> None:
    result = decided(case, *words)
    assert (result["outcome"], result["reasons"]) == ("review", [reason])


@pytest.mark.parametrize("file", ["text.webm", "script.webm", "reference.jpg"])
def test_a_video_that_is_none_is_an_outcome_with_a_reason(case: Path, file: str) -> None:
    result = decided(case, *WHOLE[:5], file, *WHOLE[6:])
    assert result["outcome"] == "retry"
    assert "video_wrong_type" in result["reasons"]


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        ("text.webm", "selfie_wrong_type"),
        ("bomb.jpg", "selfie_too_large"),
        ("clip.webm", "selfie_wrong_type"),
    ],
)
def test_a_selfie_that_is_none_is_an_outcome_with_a_reason(
    case: Path, file: str, reason: str
) -> None:
    result = decided(case, *WHOLE[:3], file, *WHOLE[4:])
    assert result["outcome"] != "pass"
    assert reason in result["reasons"]


def test_a_reference_that_is_none_is_a_case_without_reference(case: Path) -> None:
    result = decided(case, "--enrolled", "bomb.jpg", *WHOLE[2:])
    assert result["outcome"] != "pass"
    assert "no_reference" in result["reasons"]


@pytest.mark.parametrize(
    "words",
    [
        (),
        WHOLE[2:4],
        WHOLE[:2],
        ("--enrolled", "nowhere.jpg", *WHOLE[2:]),
        (*WHOLE[:5], "nowhere.webm", *WHOLE[6:]),
        (*WHOLE[:7], "text.webm"),
        (*WHOLE[:7], "reference.jpg"),
    ],
    ids=["nothing", "no reference", "no selfie", "gone", "gone video", "text", "not json"],
)
def test_misuse_exits_2_with_one_line(case: Path, words: tuple[str, ...]) -> None:
    result = called(case, *words)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert len(result.stderr.strip().splitlines()) == 1


def test_for_people_the_outcome_is_a_table_with_the_cost(case: Path) -> None:
    result = called(case, *WHOLE)
    assert result.exit_code == 0
    assert "pass: face_matches" in result.stdout
    assert "CPU-seconds" in result.stdout
