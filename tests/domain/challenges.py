"""Challenges of chance that can be had again."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

from domain.challenge import (
    Challenge,
    Need,
    Pace,
    make_challenge,
)
from domain.ids import SessionId

AT = datetime(2026, 1, 5, 8, 30, tzinfo=UTC)
ID = SessionId(UUID("01890000-0000-7000-8000-000000000001"))
NONCE = "n0nce-of_thirty-two-characters--"


def chance(seed: int) -> Callable[[int], int]:
    """A small linear congruential generator: repeatable, and good enough for a spread."""
    state = seed * 2 + 1

    def draw(n: int) -> int:
        nonlocal state
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (state >> 33) % n

    return draw


def challenge(seed: int = 1, needs: set[Need] | None = None, pace: Pace | None = None) -> Challenge:
    return make_challenge(
        draw=chance(seed),
        needs=needs or set(),
        at=AT,
        ttl_s=120,
        nonce=NONCE,
        challenge_id=ID,
        pace=pace,
    )
