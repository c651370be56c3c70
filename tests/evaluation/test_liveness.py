"""`jianzai evaluate liveness` end to end, on made-up portraits and clips rendered from them."""

import csv
import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from app.demo.photos import Selfie
from app.demo.script import Behaviour
from app.demo.studio import Studio
from app.evaluation.cases import NOTHING_ASKED, signs_of_attack
from biometrics.engine import FaceEngine
from domain.challenge import Action, Challenge, Step, to_json
from domain.decision import decide
from domain.ids import SessionId
from domain.limits import Limits
from domain.reasons import Reason
from tests.evaluation.runs import called, evaluated, listed, spent

pytestmark = pytest.mark.faces

HEADER = "path,kind,species,challenge,enrolled,selfie,profile"
ROWS = (
    "answer.webm,bona_fide,,asked.json,p1.jpg;p2.jpg,selfie.jpg,none",
    "still.webm,attack,photo,asked.json,p1.jpg,selfie.jpg,none",
    "answer.webm,bona_fide,,,,,alone",
    "selfie.jpg,attack,print,,,,alone",
    "wall.jpg,attack,print,,,,alone",
    "text.mp4,attack,print,,,,alone",
    "gone.mp4,attack,print,,,,alone",
    "answer.webm,bona_fide,,text.mp4,p1.jpg,,none",
    "answer.webm,bona_fide,,asked.json,gone.jpg,,none",
)
STEPS = (Action.TURN_LEFT, Action.OPEN_MOUTH, Action.TURN_RIGHT)
ASKED = Challenge(
    id=SessionId(UUID(int=1)),
    nonce="0123456789abcdef",
    issued_at=datetime(2026, 1, 5, tzinfo=UTC),
    expires_at=datetime(2026, 1, 6, tzinfo=UTC),
    duration_ms=4800,
    steps=tuple(
        Step(action=action, onset_ms=800 + 1400 * number, window_ms=1000)
        for number, action in enumerate(STEPS)
    ),
    needs=(),
)


@pytest.fixture
def data(tmp_path: Path, studio: Studio) -> Path:
    (tmp_path / "answer.webm").write_bytes(studio.clip("p1", ASKED))
    still = studio.clip("p1", ASKED, behaviour=Behaviour.STILL)
    (tmp_path / "still.webm").write_bytes(still)
    (tmp_path / "p1.jpg").write_bytes(studio.reference("p1"))
    (tmp_path / "p2.jpg").write_bytes(studio.reference("p2"))
    (tmp_path / "selfie.jpg").write_bytes(studio.selfie("p1"))
    (tmp_path / "wall.jpg").write_bytes(studio.selfie("p1", Selfie.NO_FACE))
    (tmp_path / "text.mp4").write_text("I am a text file", encoding="utf-8")
    (tmp_path / "asked.json").write_text(json.dumps(to_json(ASKED)), encoding="utf-8")
    return listed(tmp_path / "clips.csv", HEADER, ROWS)


def test_presentations_become_a_report_and_a_second_run_measures_nothing(
    data: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    report = evaluated("liveness", data, out)
    photo, prints = report["species"]
    assert (photo["name"], photo["n"], photo["passes"]) == ("photo", 1, 0)
    assert (prints["name"], prints["n"], prints["passes"]) == ("print", 2, 0)
    assert (prints["challenged"], prints["non_responses"]) == (0, 1)  # nobody is on the wall
    assert (report["bona_fide"]["n"], report["bona_fide"]["challenged"]) == (2, 1)
    assert sorted(report["unreadable"]) == ["gone.jpg", "gone.mp4", "text.mp4"]
    assert report["left_out"] == {"bona_fide": 2, "attack": 2}
    assert report["identity"] == "judged for 2 of 5"
    assert report["selfies_from_clips"] == 1
    assert [part["name"] for part in report["by_column"]["profile"]] == ["none", "alone"]
    assert {(out / name).stat().st_size > 1000 for name in report["plots"]} == {True}

    with (out / "decisions.csv").open(encoding="utf-8", newline="") as file:
        written = {int(row["line"]): row for row in csv.DictReader(file)}
    case = expected_of_the_first_row(data.parent)
    assert (written[2]["outcome"], written[2]["reasons"].split(";")) == case
    assert (written[4]["outcome"], written[4]["reasons"]) == ("review", "no_challenge")
    assert (written[5]["outcome"], written[5]["reasons"]) == ("review", "no_clip")

    again = evaluated("liveness", data, out)
    assert spent(out)["measured"] == 0
    assert again | {"made_at": ""} == report | {"made_at": ""}


def expected_of_the_first_row(folder: Path) -> tuple[str, list[str]]:
    """What the product itself decides."""
    with FaceEngine() as engine:
        evidence = engine.measure_case(
            [(folder / name).read_bytes() for name in ("p1.jpg", "p2.jpg")],
            (folder / "selfie.jpg").read_bytes(),
            folder / "answer.webm",
            challenge=ASKED,
        )
    decision = decide(evidence, Limits(), open_leads=0, tries_left=1)
    return decision.outcome.value, [reason.value for reason in decision.reasons]


def test_signs_of_attack_are_what_sends_a_case_to_a_human_at_once() -> None:
    reasons = [Reason.CHALLENGE_MISSING, Reason.STILL_IMAGE, Reason.NO_CLIP, Reason.STILL_IMAGE]
    assert signs_of_attack(reasons) == (Reason.STILL_IMAGE,)


def test_a_clip_that_was_asked_nothing_is_over_before_anyone_can_move() -> None:
    assert NOTHING_ASKED.steps[-1].end_ms <= 3


@pytest.mark.parametrize(
    ("row", "why"),
    [("a.mp4,genuine,,,,,", "kind is bona_fide or attack"), (",attack,print,,,,", "path is empty")],
)
def test_a_list_that_cannot_be_used_ends_with_two_and_one_line(
    tmp_path: Path, row: str, why: str
) -> None:
    clips = listed(tmp_path / "clips.csv", HEADER, [row])
    done = called("liveness", "--clips", clips, "--out", tmp_path / "out")
    assert done.exit_code == 2
    assert why in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
