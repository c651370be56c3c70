"""Measure how surely an earlier clip is found again, and how often a fresh one is taken for it.

    python -m benchmarks.clip_likeness FOLDER [RESULT.json]
    python -m benchmarks.clip_likeness FOLDER RESULT.json OWN ONCE OF_SHARED

Everything here is synthetic: puppets made of three portraits, filmed at 15 frames a second, read by
the real tracker. FOLDER keeps fingerprints, so that a run that was stopped goes on where it was.
Each person films OWN challenges as the server draws them, each of which is then sent again in all
ways of `edits.py`, ONCE more that are only compared with the others, and OF_SHARED takes of eight
challenges that come again and again.

Pairs share takes, and edits share recordings: read the intervals as somewhat too narrow.
"""

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cv2

from benchmarks.clip_likeness.counting import found_again, fresh_pairs
from benchmarks.clip_likeness.films import FPS, HEIGHT, LARGER, WIDTH
from benchmarks.clip_likeness.shelf import CUT_MS, WHOLE, Plan, Shelf
from biometrics.fingerprint import FORM, OTHER_TASK, SAME_TASK

PLAN = Plan(own=30, once=20, of_shared=83)
RESULT = Path(__file__).parents[1] / "results" / "clip_likeness.json"


def film(shelf: Shelf, plan: Plan) -> None:
    edited, kept = list(plan.own_tasks()), [*plan.once_tasks(), *plan.shared_tasks()]
    for done, one in enumerate((*edited, *kept), start=1):
        shelf.fill(one, edited=done <= len(edited))
        print(f"{done} of {len(edited) + len(kept)}", flush=True)


def measured(shelf: Shelf, plan: Plan) -> dict[str, Any]:
    edited, kept = list(plan.own_tasks()), [*plan.once_tasks(), *plan.shared_tasks()]
    return {
        "date": datetime.now(UTC).date().isoformat(),  # noqa: TID251  the day of a benchmark
        "media": "synthetic: puppets of three portraits, one room each",
        "edited takes": f"{WIDTH}x{HEIGHT} at {FPS} a second; {WHOLE} whole, 9.5 to 12.7 s,"
        f" and of the others the first {CUT_MS / 1000:.0f} s",
        "takes filmed once": f"as the edited ones, the first {CUT_MS / 1000:.0f} s",
        "takes of shared tasks": f"{LARGER[0]}x{LARGER[1]} at {FPS} a second, whole",
        "form": FORM,
        "limits": {"tasks unlike": asdict(OTHER_TASK), "tasks alike": asdict(SAME_TASK)},
        "edited recordings": len(edited),
        "recordings": len(edited) + len(kept),
        "intervals": "Clopper-Pearson, 95 %, by trial; pairs share takes, edits share recordings",
        "edited and sent again": found_again(shelf, edited),
        "fresh takes of one person in one room": fresh_pairs(shelf, [*edited, *kept]),
    }


def main(folder: str, result: str = str(RESULT), *sizes: str) -> None:
    plan = PLAN
    if sizes:
        own, once, of_shared = map(int, sizes)
        plan = Plan(own=own, once=once, of_shared=of_shared)
    shelf = Shelf(Path(folder))
    film(shelf, plan)
    found = json.dumps(measured(shelf, plan), indent=2, ensure_ascii=False)
    Path(result).write_text(found + "\n")
    print(found)


if __name__ == "__main__":
    cv2.setNumThreads(1)
    main(*sys.argv[1:])
