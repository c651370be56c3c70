"""Workers that die, and models that are not there."""

from pathlib import Path

import pytest

from app.evaluation.crew import Crew, WorkerFailed
from app.settings import Settings
from tests.evaluation.dying import DEADLY, measure

pytestmark = pytest.mark.faces


def test_a_worker_that_dies_takes_one_job_with_it() -> None:
    jobs = {"a": "one", "b": DEADLY, "c": "two"}
    with Crew(measure, workers=1, models=Settings().models_folder) as crew:
        found = dict(crew.measured(jobs, stopped=lambda: False))
    assert found["b"] is None
    first, second = found["a"], found["c"]
    assert first is not None
    assert second is not None
    assert (first["job"], second["job"]) == ("one", "two")
    assert first["pid"] != second["pid"]


def test_a_crew_that_is_stopped_begins_nothing_new() -> None:
    with Crew(measure, workers=1, models=Settings().models_folder) as crew:
        assert list(crew.measured({"a": "one"}, stopped=lambda: True)) == []


def test_workers_that_cannot_start_are_not_started_for_ever(tmp_path: Path) -> None:
    with (
        Crew(measure, workers=1, models=tmp_path) as crew,
        pytest.raises(WorkerFailed, match="could not start"),
    ):
        list(crew.measured({"a": "one"}, stopped=lambda: False))
