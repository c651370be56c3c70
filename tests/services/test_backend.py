"""The backend when its database is away."""

from dataclasses import replace

import pytest

from domain.errors import AppError, Kind
from services.backend import Backend
from services.health import waiting_jobs
from storage.db.engine import make_engine, make_sessions

NOBODY_LISTENS = "postgresql+psycopg://jianzai_app@127.0.0.1:1/jianzai?connect_timeout=2"


def test_an_act_without_its_database_is_refused_as_unavailable(backend: Backend) -> None:
    engine = make_engine(NOBODY_LISTENS, pool_size=1)
    away = replace(backend, sessions=make_sessions(engine))
    with pytest.raises(AppError) as refused:
        waiting_jobs(away)
    engine.dispose()
    assert (refused.value.kind, refused.value.code) == (Kind.UNAVAILABLE, "server.unavailable")
