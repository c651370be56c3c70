"""`jianzai attacks make`: a list and its files, the same for the same seed, and resumable."""

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app.attacks.making import COLUMNS, LEDGER, LIST, MANIFEST
from app.cli import app
from app.evaluation.liveness import REQUIRED
from domain.challenge import from_json

pytestmark = [pytest.mark.faces, pytest.mark.xdist_group("attacks-1")]
SPECIES = ("print_held", "replay_file")


def _make(out: Path, *words: str, seed: int = 3) -> Result:
    named = [word for name in SPECIES for word in ("--species", name)]
    options = ("--out", str(out), "--size", "small", "--per-species", "1", "--seed", str(seed))
    return CliRunner().invoke(app, ["attacks", "make", *options, *named, *words])


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("bench")
    assert _make(out).exit_code == 0
    return out


def _rows(bench: Path) -> list[dict[str, str]]:
    with (bench / LIST).open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))


def test_the_list_names_files_that_are_there(bench: Path) -> None:
    rows = _rows(bench)
    assert [row["species"] for row in rows] == list(SPECIES)
    assert set(REQUIRED) <= set(COLUMNS)
    for row in rows:
        files = [row["path"], row["challenge"], row["selfie"], *row["enrolled"].split(";")]
        assert all((bench / name).is_file() for name in files)
        from_json(json.loads((bench / row["challenge"]).read_text(encoding="utf-8")))


def test_a_replay_names_the_earlier_clip(bench: Path) -> None:
    held, replayed = _rows(bench)
    assert held["earlier"] == ""
    assert (bench / replayed["earlier"]).read_bytes() == (bench / replayed["path"]).read_bytes()


def test_a_second_run_makes_only_what_is_missing(bench: Path) -> None:
    before = (bench / MANIFEST).read_bytes()
    lost, kept = (bench / row["path"] for row in _rows(bench))
    content, untouched = lost.read_bytes(), kept.stat().st_mtime_ns
    lost.unlink()
    assert _make(bench).exit_code == 0
    assert lost.read_bytes() == content
    assert kept.stat().st_mtime_ns == untouched
    assert (bench / MANIFEST).read_bytes() == before


def test_a_line_that_was_cut_off_is_made_again(bench: Path) -> None:
    ledger = bench / LEDGER
    whole = ledger.read_text(encoding="utf-8").splitlines()
    ledger.write_text("\n".join(whole[:-1]) + "\n" + whole[-1][:20] + "\n", encoding="utf-8")
    assert _make(bench).exit_code == 0
    assert len(_rows(bench)) == len(SPECIES)


def test_the_folder_of_another_seed_is_refused(bench: Path) -> None:
    refused = _make(bench, seed=4)
    assert refused.exit_code == 2
    assert "another seed" in refused.output


def test_an_unknown_species_is_refused_by_name(tmp_path: Path) -> None:
    refused = _make(tmp_path, "--species", "wax_figure")
    assert refused.exit_code == 2
    assert "wax_figure" in refused.output


def test_the_manifest_says_that_all_of_it_is_synthetic(bench: Path) -> None:
    manifest = json.loads((bench / MANIFEST).read_text(encoding="utf-8"))
    assert manifest["limits"].startswith("Synthetic")
    assert manifest["seed"] == 3
    assert manifest["species"]["replay_file"]["expects"] == "never_passes"
