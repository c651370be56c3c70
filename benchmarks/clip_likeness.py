"""Measure how surely an earlier clip is found again, and how often a fresh one is taken for it.

Everything here is synthetic: puppets made of three portraits, filmed at 15 frames a second, read by
the real tracker. `python -m benchmarks.clip_likeness found 40` edits 40 recordings in every way;
`... fresh 83` compares 83 fresh takes of each person in one room with one another.
"""

import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import combinations
from uuid import UUID

import cv2
import numpy as np
from scipy.stats import beta

from app.demo.cast import ROLES, Cast
from app.demo.clips import Camera, Codec, encode, frames_of
from app.demo.photos import day_light
from app.demo.portraits import default_home
from app.demo.puppet import Framing, Puppet
from app.demo.reading import Image
from app.demo.scenes import room
from app.demo.script import Behaviour, Performance, perform
from biometrics.fingerprint import (
    SAME_TASK_LIMIT,
    ClipFingerprint,
    FrameHasher,
    fingerprint_of,
    likeness,
    track_of,
)
from biometrics.models import ModelStore
from biometrics.reading import Nets
from biometrics.track import Tracker
from domain.challenge import Challenge, make_challenge
from domain.ids import SessionId

WIDTH, HEIGHT, FPS = 360, 480, 15
CAMERA = Camera(width=WIDTH, height=HEIGHT, fps=FPS, codec=Codec.MP4_H264)
COPY = replace(CAMERA, codec=Codec.WEBM_VP8)
Chance = np.random.Generator


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    frames: Sequence[Image]
    at_ms: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    person: str
    task: int
    stock: bool  # the demo's own performance and framing, as alike as they come
    take: Take


def challenge(task: int) -> Challenge:
    chance = np.random.default_rng(task)
    return make_challenge(
        draw=lambda n: int(chance.integers(n)),
        needs=[],
        at=datetime(2026, 1, 1, tzinfo=UTC),
        ttl_s=120,
        nonce="benchmark-of-likeness",
        challenge_id=SessionId(UUID(int=1)),
    )


class Films:
    """Films people. `varied` takes move and sit a little differently each time, as people do."""

    def __init__(self) -> None:
        home = default_home()
        self._cast = Cast(home / "portraits", home / "models")

    def film(self, person: str, task: int, *, seed: int, varied: bool) -> Film:
        chance = np.random.default_rng([seed, 1])
        acted = perform(challenge(task), Behaviour.ANSWERS, seed=seed)
        framing = Framing(width=WIDTH, height=HEIGHT, face=0.46)
        if varied:
            acted, framing = _human(acted, chance), _seated(framing, chance)
        home = list(ROLES).index(person)  # one room each, always
        wall, light = room(WIDTH, HEIGHT, seed=home), day_light(home)
        puppet = Puppet(self._cast.rig(ROLES[person].moves), framing, wall, light=light, seed=seed)
        at_ms = np.arange(int((acted.duration_ms + 150) * FPS / 1000)) * 1000 / FPS
        frames = [puppet.frame(acted.pose_at(at), number=n) for n, at in enumerate(at_ms)]
        if chance.integers(2):
            frames = shaken(frames, chance, 0.008)
        return Film(person=person, task=task, stock=not varied, take=coded(frames, at_ms, CAMERA))


def _human(acted: Performance, chance: Chance) -> Performance:
    """People never move twice the same: other speed, pause and width each time."""
    moved = []
    for one in acted.movements:
        begins = one.begins + chance.uniform(-80, 200)
        full = begins + (one.full - one.begins) * chance.uniform(0.75, 1.5)
        until = full + (one.until - one.full) * chance.uniform(0.6, 2.0)
        ends = until + (one.ends - one.until) * chance.uniform(0.75, 1.4)
        amount = one.amount * chance.uniform(0.88, 1.1)
        moved.append(replace(one, begins=begins, full=full, until=until, ends=ends, amount=amount))
    manner = replace(acted.manner, sway_deg=float(chance.uniform(1.0, 2.2)))
    return replace(acted, movements=tuple(moved), manner=manner)


def _seated(framing: Framing, chance: Chance) -> Framing:
    x, y = chance.uniform(-0.04, 0.04, 2)
    face = framing.face * chance.uniform(0.9, 1.08)
    return replace(framing, face=face, centre=(0.5 + x, 0.45 + y))


def coded(frames: Sequence[Image], at_ms: np.ndarray, camera: Camera) -> Take:
    tall, wide = frames[0].shape[:2]
    stamped = [(int(at), np.ascontiguousarray(f)) for at, f in zip(at_ms, frames, strict=True)]
    back = list(frames_of(encode(stamped, replace(camera, width=wide, height=tall))))
    return Take(frames=[f for _, f in back], at_ms=np.array([at for at, _ in back], float))


def shaken(frames: Sequence[Image], chance: Chance, amount: float) -> list[Image]:
    """Frames as an unsteady hand films them; `amount` in frame widths."""
    at_s = np.arange(len(frames)) / FPS
    sway = np.zeros((4, len(frames)))
    for hertz in (0.2, 0.5, 1.1, 2.3):
        rate, phase = chance.uniform(0.8, 1.2, (4, 1)), chance.uniform(0, 1, (4, 1))
        sway += np.sin(2 * np.pi * (hertz * rate * at_s + phase)) / 4 * (0.5 / hertz) ** 0.3
    shown = []
    for frame, (turn, zoom, x, y) in zip(frames, sway.T * amount, strict=True):
        matrix = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), 60 * turn, 1 + zoom)
        matrix[:, 2] += [WIDTH * x, HEIGHT * y]
        moved = cv2.warpAffine(frame, matrix, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REFLECT)
        shown.append(np.asarray(moved, np.uint8))
    return shown


def at_moments(take: Take, wanted_ms: np.ndarray) -> list[Image]:
    """What stands on a screen at each moment: the newest frame."""
    index = np.searchsorted(take.at_ms, wanted_ms + 1e-6, side="right") - 1
    return [take.frames[max(0, int(i))] for i in index]


def recoded(take: Take, _: Chance) -> Take:
    return take


def scaled(take: Take, _: Chance) -> Take:
    size = (WIDTH // 2, HEIGHT // 2)
    small = [_sized(frame, size) for frame in take.frames]
    return Take(frames=small, at_ms=take.at_ms)


def _sized(frame: Image, size: tuple[int, int]) -> Image:
    return np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), np.uint8)


def flipped(take: Take, _: Chance) -> Take:
    return replace(take, frames=[f[:, ::-1] for f in take.frames])


def cropped(take: Take, chance: Chance) -> Take:
    cut = chance.uniform(0.05, 0.15)
    x0, y0 = (int(cut * side * chance.uniform()) for side in (WIDTH, HEIGHT))
    wide, tall = int(WIDTH * (1 - cut)), int(HEIGHT * (1 - cut))
    inner = (f[y0 : y0 + tall, x0 : x0 + wide] for f in take.frames)
    return replace(take, frames=[_sized(frame, (WIDTH, HEIGHT)) for frame in inner])


def trimmed(take: Take, chance: Chance) -> Take:
    first, last = chance.uniform(300, 1000), take.at_ms[-1] - chance.uniform(300, 1000)
    kept = np.flatnonzero((take.at_ms >= first) & (take.at_ms <= last))
    return Take(
        frames=[take.frames[int(i)] for i in kept], at_ms=take.at_ms[kept] - take.at_ms[kept[0]]
    )


def sped(take: Take, chance: Chance) -> Take:
    speed = chance.uniform(0.9, 1.1)
    at_ms = np.arange(0, take.at_ms[-1] / speed, 1000 / FPS)
    return Take(frames=at_moments(take, at_ms * speed), at_ms=at_ms)


def lit(take: Take, chance: Chance) -> Take:
    gain, lift = chance.uniform(0.7, 1.25), chance.uniform(0, 15)
    made = [
        np.asarray(cv2.convertScaleAbs(f, alpha=gain, beta=lift), np.uint8) for f in take.frames
    ]
    return replace(take, frames=made)


def slower_rate(take: Take, chance: Chance) -> Take:
    at_ms = np.arange(0, take.at_ms[-1], 1000 / chance.uniform(10, 13))
    return Take(frames=at_moments(take, at_ms), at_ms=at_ms)


def all_edits(take: Take, chance: Chance) -> Take:
    return sped(trimmed(cropped(flipped(take, chance), chance), chance), chance)


def filmed_again(take: Take, chance: Chance) -> Take:
    """Off a screen, by hand: perspective, border, tone, blur, noise, shake, another clock."""
    return _recaptured(take, chance, corner=0.05, shake=0.012)


def filmed_badly(take: Take, chance: Chance) -> Take:
    return _recaptured(take, chance, corner=0.10, shake=0.025)


def edited_and_filmed(take: Take, chance: Chance) -> Take:
    return filmed_again(sped(trimmed(flipped(take, chance), chance), chance), chance)


def _recaptured(take: Take, chance: Chance, *, corner: float, shake: float) -> Take:
    at_ms = np.arange(chance.uniform(0, 1000 / FPS), take.at_ms[-1], 1000 / FPS)
    edges = np.array([[0, 0], [WIDTH, 0], [WIDTH, HEIGHT], [0, HEIGHT]], np.float32)
    inward = np.sign(np.array([WIDTH, HEIGHT]) / 2 - edges) * (WIDTH, HEIGHT)
    seen = edges + chance.uniform(0, corner + 0.02, (4, 2)) * inward
    plane = cv2.getPerspectiveTransform(edges, seen.astype(np.float32))
    border = np.full((HEIGHT, WIDTH, 3), chance.integers(20, 120, 3), np.uint8)
    tone = (np.arange(256) / 255) ** chance.uniform(0.8, 1.25) * chance.uniform(0.85, 1.05)
    curve = np.clip(tone * 255 + chance.uniform(0, 15), 0, 255).astype(np.uint8)
    blur, noise = chance.uniform(0.7, 1.3), chance.uniform(2, 5)
    filmed = []
    for frame in at_moments(take, at_ms):
        screen = cv2.warpPerspective(
            frame, plane, (WIDTH, HEIGHT), border.copy(), cv2.INTER_LINEAR, cv2.BORDER_TRANSPARENT
        )
        soft = cv2.GaussianBlur(cv2.LUT(screen, curve), (0, 0), blur).astype(np.float32)
        grain = chance.standard_normal(soft.shape[:2])[:, :, None] * noise
        filmed.append(np.clip(soft + grain, 0, 255).astype(np.uint8))
    return Take(frames=shaken(filmed, chance, shake), at_ms=np.arange(len(filmed)) * 1000 / FPS)


EDITS: dict[str, Callable[[Take, Chance], Take]] = {
    "re-encoded": recoded,
    "scaled to half": scaled,
    "mirrored": flipped,
    "cropped 5-15 %": cropped,
    "trimmed 0.3-1 s at both ends": trimmed,
    "speed 0.9-1.1": sped,
    "brightness": lit,
    "10-13 frames a second": slower_rate,
    "mirrored, cropped, trimmed, sped": all_edits,
    "filmed off a screen": filmed_again,
    "filmed off a screen, badly": filmed_badly,
    "mirrored, trimmed, sped, filmed off a screen": edited_and_filmed,
}


def fingerprint(nets: Nets, take: Take) -> ClipFingerprint:
    hasher = FrameHasher()
    tracker = Tracker(nets, (), lambda at_ms, upright, _: hasher.take(at_ms, upright))
    for at_ms, frame in zip(take.at_ms, take.frames, strict=True):
        tracker.take(float(at_ms), np.ascontiguousarray(frame))
    found = fingerprint_of(hasher, track_of(tracker.frames))
    assert found is not None
    return ClipFingerprint.from_bytes(found.to_bytes())


def interval(hits: int, n: int) -> tuple[float, float]:
    """Clopper-Pearson, 95 %."""
    low = 0.0 if hits == 0 else float(beta.ppf(0.025, hits, n - hits + 1))
    high = 1.0 if hits == n else float(beta.ppf(0.975, hits + 1, n - hits))
    return low, high


def say(name: str, scores: Sequence[float]) -> None:
    hits, n = sum(score >= 1.0 for score in scores), len(scores)
    low, high = interval(hits, n)
    print(
        f"{name}: {hits} of {n} ({hits / n:.4f}, {low:.4f} to {high:.4f}),"
        f" likeness {min(scores):.2f} / {np.median(scores):.2f} / {max(scores):.2f}",
        flush=True,
    )


def films(takes: int, *, tasks: int) -> Iterator[Film]:
    studio = Films()
    for number, person in enumerate(ROLES):
        for k in range(takes):
            seed = 10_000 * (number + 1) + k
            yield studio.film(person, k % tasks, seed=seed, varied=k % 4 != 0)


def found(recordings: int) -> None:
    """Edit recordings and look for them; each edit also under the limit for the same task."""
    nets, scores = Nets(ModelStore()), defaultdict(list)
    for number, film in enumerate(films(-(-recordings // 3), tasks=10_000)):
        earlier = fingerprint(nets, film.take)
        for place, (name, edit) in enumerate(EDITS.items()):
            edited = edit(film.take, np.random.default_rng([number, place]))
            again = fingerprint(nets, coded(edited.frames, edited.at_ms, COPY))
            scores[name].append(likeness(again, earlier).likeness)
            same = likeness(again, earlier, motion_limit=SAME_TASK_LIMIT)
            scores[f"{name}, for the same task"].append(same.likeness)
    for name in sorted(scores, key=lambda name: "same task" in name):
        say(name, scores[name])


def fresh(takes: int) -> None:
    """Compare fresh takes of one person in one room; eight tasks, so that many have the same."""
    nets, scores = Nets(ModelStore()), defaultdict(list)
    shot = [(film, fingerprint(nets, film.take)) for film in films(takes, tasks=8)]
    for (one, first), (other, second) in combinations(shot, 2):
        same = one.task == other.task
        if one.person != other.person and (same or one.task % 4):
            continue  # strangers: a sample
        limit = {"motion_limit": SAME_TASK_LIMIT} if same else {}
        task = "same task" if same else "other task"
        who = "same person" if one.person == other.person else "strangers"
        how = "the demo's own takes" if one.stock and other.stock else "varied takes"
        scores[f"{who}, {task}, {how}"].append(likeness(second, first, **limit).likeness)
    for name in sorted(scores):
        say(name, scores[name])
    say("all fresh pairs of one person", [s for n in scores if "same p" in n for s in scores[n]])


if __name__ == "__main__":
    cv2.setNumThreads(1)
    {"found": found, "fresh": fresh}[sys.argv[1]](int(sys.argv[2]))
