"""One studio for the face tests; without models and portraits they fail and say so."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from app.demo.cast import Cast
from app.demo.portraits import default_home
from app.demo.studio import Studio
from biometrics.models import ModelStore
from biometrics.reading import Nets
from domain.challenge import Action, Challenge, Step
from domain.ids import SessionId


@pytest.fixture(scope="session")
def home() -> Path:
    return default_home()


@pytest.fixture(scope="session")
def studio(home: Path) -> Studio:
    return Studio.open(home)


@pytest.fixture(scope="session")
def cast(home: Path) -> Cast:
    return Cast(home / "portraits", home / "models")


@pytest.fixture(scope="session")
def nets(home: Path) -> Nets:
    return Nets(ModelStore(home / "models"))


@pytest.fixture(scope="session")
def challenge() -> Challenge:
    """Left, mouth, right, nod."""
    asked = (Action.TURN_LEFT, Action.OPEN_MOUTH, Action.TURN_RIGHT, Action.NOD)
    steps = tuple(
        Step(action=action, onset_ms=900 + 1350 * number, window_ms=1000)
        for number, action in enumerate(asked)
    )
    issued_at = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
    return Challenge(
        id=SessionId(UUID(int=7)),
        nonce="made-up-nonce-0001",
        issued_at=issued_at,
        expires_at=issued_at + timedelta(minutes=2),
        duration_ms=steps[-1].end_ms + 300,
        steps=steps,
        needs=(),
    )
