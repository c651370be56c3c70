"""What every species of one number shares: the people, the challenge, the phone, the performances.

All species of a number are made of the same person and challenge, so that what is costly to draw
is drawn once; and two species differ in nothing but what they are named for.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property
from uuid import UUID

import numpy as np

from app.attacks.devices import ALL, USUAL, Device, smaller
from app.attacks.sitters import Portrait, Rendered, Sitter, Subject
from app.demo.clips import Camera, encode, planes_of, upright_frames_of
from app.demo.containers import Writer
from app.demo.phone import Hand, Phone
from app.demo.photos import day_light
from app.demo.puppet import Framing, Light, Pose
from app.demo.reading import Image
from app.demo.scenes import room
from app.demo.script import Behaviour, Performance, perform
from domain.challenge import STANDARD, Challenge, Need, Pace, make_challenge
from domain.ids import SessionId

TAIL_MS = 150
BRIEF = Pace(steps=3, spacing_ms=1000, window_ms=1000, slack_ms=200)
"""For a bench that has to be quick."""
_WHEN = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
_LOOKING = Pose(yaw_deg=1.5)
_HEAD_EVERY = 3  # one number of three is a rendered head: they take five times as long to draw
_EARLIER = 500_000  # numbers of the sessions that were before


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How large the bench is drawn."""

    pace: Pace = STANDARD
    is_small: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """Everybody who may be filmed."""

    portraits: Sequence[Portrait]
    heads: Sequence[Rendered] = ()


class Size(StrEnum):
    """How much work a bench may be."""

    FULL = "full"
    BRIEF = "brief"
    """Pictures as phones take them, short challenges."""
    SMALL = "small"
    """Small pictures and short challenges."""


SCALES = {
    Size.FULL: Scale(),
    Size.BRIEF: Scale(pace=BRIEF),
    Size.SMALL: Scale(pace=BRIEF, is_small=True),
}


class Setting:
    """Number `number` of every species. Not thread-safe; keeps what it has drawn."""

    def __init__(self, crew: Crew, scale: Scale, *, seed: int, number: int) -> None:
        self.number = number
        self.seed = seed * 1_000_003 + number
        self.scale = scale
        portraits = crew.portraits
        self.portrait = portraits[number // _HEAD_EVERY % len(portraits)]
        self.other = portraits[(number // _HEAD_EVERY + 1) % len(portraits)]
        is_head = crew.heads and number % _HEAD_EVERY == _HEAD_EVERY - 1
        head = crew.heads[number // _HEAD_EVERY % len(crew.heads)] if is_head else None
        self.sitter: Sitter = head or portraits[number % len(portraits)]
        self.device = self._sized(USUAL[number % len(USUAL)])  # what attacks are filmed with
        self.owner = 10 + number % 7
        self._subjects: dict[tuple[str, int, int, bool], Subject] = {}
        self._photos: dict[tuple[Framing, Pose], Image] = {}
        self.challenge = self.asked(number)
        self.earlier_challenge = self.asked(_EARLIER + number)

    def chance_of(self, name: str) -> np.random.Generator:
        """Give one thing its own chance, so that others may be added."""
        return np.random.default_rng([self.seed, *name.encode()])

    def asked(self, number: int, needs: Iterable[Need] = (), pace: Pace | None = None) -> Challenge:
        """Draw the challenge of one session."""
        chance = np.random.default_rng([self.seed, number, 41])
        needs = tuple(needs)
        chosen = pace or (None if needs and not self.scale.is_small else self.scale.pace)
        return make_challenge(
            draw=lambda bound: int(chance.integers(bound)),
            needs=needs,
            at=_WHEN,
            ttl_s=120,
            nonce=f"attack-bench-{self.seed:016d}-{number:06d}",
            challenge_id=SessionId(UUID(int=self.seed * 1_000_000 + number)),
            pace=chosen,
        )

    def any_device(self) -> Device:
        """Choose of all phones by number."""
        return self._sized(ALL[self.number % len(ALL)])

    def _sized(self, device: Device) -> Device:
        return smaller(device) if self.scale.is_small else device

    @property
    def camera(self) -> Camera:
        """The camera of `device`."""
        return self.device.camera

    @property
    def light(self) -> Light:
        """The day's light, without noise: that is the phone's to add."""
        return replace(day_light(self.seed % 65_521), noise=0)

    def wall(self, width: int, height: int, *, other: bool = False) -> Image:
        """Paint the room, or another one."""
        return room(width, height, seed=self.seed % 65_521 + 7 * other)

    @cached_property
    def answer(self) -> Performance:
        """How the challenge is answered."""
        return perform(self.challenge, Behaviour.ANSWERS, seed=self.seed % 65_521)

    @cached_property
    def idle(self) -> Performance:
        """How somebody sits there and does nothing."""
        return perform(self.challenge, Behaviour.NO_RESPONSE, seed=self.seed % 65_521)

    @cached_property
    def earlier_clip(self) -> bytes:
        """The clip that the right person sent in an earlier session: bona fide then."""
        performance = perform(self.earlier_challenge, Behaviour.ANSWERS, seed=self.seed % 65_521)
        subject = self.before(self.sitter, self.camera)
        return self.filmed(
            lambda at_ms, number: subject.frame(performance.pose_at(at_ms), number=number),
            performance.duration_ms,
            take=1,
        )

    @cached_property
    def earlier_frames(self) -> list[tuple[int, Image]]:
        """That clip, decoded and upright."""
        return list(upright_frames_of(self.earlier_clip))

    @cached_property
    def answer_pictures(self) -> list[Image]:
        """The person's portrait made to answer the challenge, without a camera, evenly in time."""
        subject = self.before(self.sitter, self.camera)
        return [subject.frame(self.answer.pose_at(at)) for at in self.even_times()]

    def even_times(self, camera: Camera | None = None) -> list[float]:
        """Tell the times of frames as software delivers them: on the dot."""
        fps = (camera or self.camera).fps
        count = int((self.challenge.duration_ms + TAIL_MS) * fps / 1000) + 1
        return [1000 * number / fps for number in range(count)]

    def before(self, sitter: Sitter, camera: Camera, *, other_room: bool = False) -> Subject:
        """Place somebody before this camera."""
        key = (sitter.name, camera.width, camera.height, other_room)
        if key not in self._subjects:
            wall = self.wall(camera.width, camera.height, other=other_room)
            self._subjects[key] = sitter.before(wall, framing_of(camera), self.light)
        return self._subjects[key]

    def photo(self, framing: Framing, pose: Pose = _LOOKING) -> Image:
        """Take the photo that the attacker has of the person, in another room."""
        key = (framing, pose)
        if key not in self._photos:
            wall = self.wall(framing.width, framing.height, other=True)
            subject = self.sitter.before(wall, framing, Light(noise=0))
            self._photos[key] = subject.frame(pose)
        return self._photos[key]

    def filmed(
        self,
        scene: Callable[[int, int], Image],
        duration_ms: int | None = None,
        *,
        take: int,
        camera: Camera | None = None,
        gain: float = 1.0,
        hand: Hand | None = None,
    ) -> bytes:
        """Film a scene with the phone. `take` tells the takes of one number apart."""
        chosen = camera or self.camera
        lasting = self.challenge.duration_ms if duration_ms is None else duration_ms
        seed = self.seed * 100 + take
        phone = Phone(chosen, owner=self.owner, take=seed, gain=gain, hand=hand)
        return encode(phone.film(scene, lasting + TAIL_MS, seed=seed), chosen)

    def wrapped(self, pictures: Iterable[Image], *, camera: Camera | None = None) -> bytes:
        """Make pictures a file without any camera: on the dot, as a tool writes it."""
        chosen = camera or replace(self.camera, writer=Writer.TOOL, jitter=0)
        times = self.even_times(chosen)
        return encode(((at, planes_of(p)) for at, p in zip(times, pictures, strict=False)), chosen)


def framing_of(camera: Camera) -> Framing:
    """Where a face stands that its owner films at arm's length."""
    upright = camera.height > camera.width
    return Framing(width=camera.width, height=camera.height, face=0.46 if upright else 0.26)
