"""What one case costs: reference, selfie and a 5 s 720p clip at 30 frames a second.

    python benchmarks/verify_case.py [RUNS]

Needs the models and portraits (`jianzai models fetch`). Each run is a process of its own, as the
command is; the budget is 1.2 CPU-seconds and 450 MB after start-up.
"""

import json
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from app.demo.clips import Camera, Codec
from app.demo.studio import Studio
from domain.challenge import Action, Challenge, Step, to_json
from domain.ids import SessionId

CPU_SECONDS, PEAK_MB = 1.2, 450
CODE = """
import json, sys
from pathlib import Path
from app.verify_command import run
folder = Path(sys.argv[1])
case = run(
    [folder / "reference.jpg"], folder / "selfie.jpg", folder / "clip",
    challenge=folder / "challenge.json",
)
print(json.dumps(case))
"""


def five_seconds(last: Action) -> Challenge:
    """Three steps in five seconds; with a blink the eyes are measured too."""
    actions = (Action.TURN_LEFT, Action.OPEN_MOUTH, last)
    steps = tuple(
        Step(action=action, onset_ms=800 + 1350 * number, window_ms=1100)
        for number, action in enumerate(actions)
    )
    issued_at = datetime(2026, 1, 5, tzinfo=UTC)
    return Challenge(
        id=SessionId(UUID(int=5)),
        nonce="benchmark-0000-nonce",
        issued_at=issued_at,
        expires_at=issued_at + timedelta(seconds=120),
        duration_ms=4850,
        steps=steps,
        needs=(),
    )


def measure(folder: Path, runs: int) -> list[dict[str, float]]:
    """Run the case `runs` times, each in a new process."""
    command = [sys.executable, "-c", CODE, str(folder)]
    cases = [json.loads(subprocess.check_output(command)) for _ in range(runs)]
    return sorted(cases, key=lambda case: case["cpu_seconds"])


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    studio = Studio.open()
    for codec in (Codec.MP4_H264, Codec.WEBM_VP8, Codec.WEBM_VP9):
        for last in (Action.NOD, Action.BLINK):
            challenge = five_seconds(last)
            camera = Camera(width=1280, height=720, fps=30, codec=codec)
            with tempfile.TemporaryDirectory() as name:
                folder = Path(name)
                (folder / "reference.jpg").write_bytes(studio.reference("p1"))
                (folder / "selfie.jpg").write_bytes(studio.selfie("p1"))
                (folder / "clip").write_bytes(studio.clip("p1", challenge, camera=camera, seed=7))
                (folder / "challenge.json").write_text(json.dumps(to_json(challenge)))
                cases = measure(folder, runs)
            middle = cases[len(cases) // 2]
            peak_mb = max(case["peak_mb"] for case in cases)
            met = middle["cpu_seconds"] <= CPU_SECONDS and peak_mb <= PEAK_MB
            print(
                f"{codec.value:9} {last.value:6} {middle['outcome']}: CPU"
                f" {cases[0]['cpu_seconds']:.2f} lowest, {middle['cpu_seconds']:.2f} median,"
                f" {cases[-1]['cpu_seconds']:.2f} highest of {runs}; wall"
                f" {middle['seconds']:.2f} s; peak {peak_mb:.0f} MB;"
                f" budget {'met' if met else 'MISSED'}"
            )


if __name__ == "__main__":
    main()
