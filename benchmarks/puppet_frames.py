"""What a rendered frame and a rendered clip cost: the demo renders while somebody waits."""

import time
from datetime import UTC, datetime
from uuid import UUID

from app.demo.clips import Camera
from app.demo.studio import Studio
from domain.challenge import make_challenge
from domain.ids import SessionId


def main() -> None:
    """Print CPU seconds for one clip of each person."""
    studio = Studio.open()
    challenge = make_challenge(
        draw=lambda _n: 0,
        needs=[],
        at=datetime(2026, 1, 1, tzinfo=UTC),
        ttl_s=120,
        nonce="benchmark-of-a-clip",
        challenge_id=SessionId(UUID(int=1)),
    )
    for person in studio.portraits():
        started = time.process_time()
        # A seed that no other run has, or the library would hand out a kept clip.
        clip = studio.clip(person, challenge, camera=Camera(), seed=time.monotonic_ns() % 10**6)
        spent = time.process_time() - started
        frames = challenge.duration_ms * Camera().fps / 1000
        print(
            f"{person}: {challenge.duration_ms / 1000:.1f} s clip, {len(clip) // 1000} kB,"
            f" {spent:.1f} CPU-s, {1000 * spent / frames:.0f} ms a frame (opening included)"
        )


if __name__ == "__main__":
    main()
