"""What was measured survives whatever ends the run."""

import stat
from pathlib import Path

from app.evaluation.ledger import FILE, Ledger


def test_results_are_there_again(tmp_path: Path) -> None:
    with Ledger(tmp_path / "run") as ledger:
        ledger.add("one", {"score": 0.25, "who": "张"})
    with Ledger(tmp_path / "run") as again:
        assert again.known == {"one": {"score": 0.25, "who": "张"}}


def test_a_result_is_on_disk_before_the_next_is_measured(tmp_path: Path) -> None:
    with Ledger(tmp_path) as ledger:
        ledger.add("one", {})
        assert (tmp_path / FILE).read_text(encoding="utf-8").endswith("\n")


def test_a_line_cut_by_a_kill_is_passed_over_and_the_next_one_kept(tmp_path: Path) -> None:
    with Ledger(tmp_path) as ledger:
        ledger.add("one", {"n": 1})
    with (tmp_path / FILE).open("a", encoding="utf-8") as file:
        file.write('{"key": "two", "resu')
    with Ledger(tmp_path) as ledger:
        assert set(ledger.known) == {"one"}
        ledger.add("three", {"n": 3})
    with Ledger(tmp_path) as ledger:
        assert set(ledger.known) == {"one", "three"}


def test_templates_of_faces_are_for_the_owner_only(tmp_path: Path) -> None:
    with Ledger(tmp_path / "run"):
        assert stat.S_IMODE((tmp_path / "run" / FILE).stat().st_mode) == 0o600
        assert stat.S_IMODE((tmp_path / "run").stat().st_mode) == 0o700
