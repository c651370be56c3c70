"""Made media are kept by everything that went into them."""

from pathlib import Path

from app.demo.library import ClipLibrary


def test_what_was_made_once_is_not_made_again(tmp_path: Path) -> None:
    ClipLibrary(tmp_path).get({"seed": 1}, lambda: b"first")
    assert ClipLibrary(tmp_path).get({"seed": 1}, lambda: b"second") == b"first"


def test_any_other_ingredient_makes_other_media(tmp_path: Path) -> None:
    library = ClipLibrary(tmp_path)
    library.get({"seed": 1}, lambda: b"first")
    assert library.get({"seed": 2}, lambda: b"second") == b"second"


def test_nothing_half_made_stays_behind(tmp_path: Path) -> None:
    ClipLibrary(tmp_path).get({"seed": 1}, lambda: b"whole")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"whole"]
