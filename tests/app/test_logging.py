"""Logs carry ids and closed words; never what a person or a database said."""

import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from app.logging import ALLOWED, LibraryFormatter, configure

LIST = Path(__file__).parents[2] / "tools" / "lint" / "allowed_log_fields.txt"
OF_THE_RECORD = {"event", "level", "timestamp"}
NUMBER = "990101195001010011"


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    """Loggers belong to the whole process: give them back."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def test_what_calls_may_say_is_what_comes_through() -> None:
    words = {line for line in LIST.read_text().splitlines() if line and not line.startswith("#")}
    assert (words - {"exc_info"}) | OF_THE_RECORD == ALLOWED


def test_a_field_off_the_list_is_dropped_and_named(capsys: pytest.CaptureFixture[str]) -> None:
    configure("INFO")
    structlog.get_logger("test").warning("attempt.decided", attempt="a1", id_number=NUMBER)
    said = capsys.readouterr().err
    assert NUMBER not in said
    line = json.loads(said)
    assert (line["event"], line["attempt"]) == ("attempt.decided", "a1")
    assert line["reason"] == "dropped: id_number"


def _record(error: BaseException | None, *values: str) -> logging.LogRecord:
    trace = None if error is None else (type(error), error, error.__traceback__)
    return logging.LogRecord(
        "lib", logging.ERROR, "somewhere.py", 1, "refused row %s", values, trace
    )


def test_a_librarys_words_come_without_the_values_put_into_them() -> None:
    said = LibraryFormatter().format(_record(None, NUMBER))
    assert NUMBER not in said
    assert json.loads(said)["event"] == "lib: refused row %s"


def test_an_exception_is_logged_by_kind_and_place_not_by_its_message() -> None:
    with pytest.raises(ValueError, match=NUMBER) as caught:
        int(f"x{NUMBER}")
    said = LibraryFormatter().format(_record(caught.value))
    assert NUMBER not in said
    line = json.loads(said)
    assert line["error_type"] == "ValueError"
    assert sys._getframe().f_code.co_name in line["path"][-1]
