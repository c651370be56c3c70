"""Who is filmed or shown: people that can be put before any background, and their photos."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from app.demo.cast import ROLES, Cast
from app.demo.photos import Reference, Selfie, day_light, jpeg, reference, selfie
from app.demo.puppet import Framing, Light, Pose, Puppet
from app.demo.reading import Floats, Image, floats
from app.demo.rig import Rig
from app.demo.scenes import room
from app.heads.head import Head, people

LIPS = (61, 40, 37, 0, 267, 270, 291, 321, 314, 17, 84, 91)  # outline, around the red of the lips


class Subject(Protocol):
    """Something that moves before the lens."""

    def frame(self, pose: Pose, *, number: int = 0) -> Image:
        """Draw one pose."""


class Sitter(Protocol):
    """A person of the bench."""

    @property
    def name(self) -> str:
        """Unique in the bench."""

    def before(self, background: Image, framing: Framing, light: Light) -> Subject:
        """Stand before `background`, without any noise."""

    def selfie(self, seed: int) -> bytes:
        """JPEG."""

    def enrolled(self, seed: int) -> Sequence[bytes]:
        """JPEGs on record."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Portrait:
    """A person of the demo: one portrait made movable."""

    cast: Cast
    name: str

    @property
    def rig(self) -> Rig:
        """The portrait at rest."""
        return self.cast.rig(ROLES[self.name].moves)

    def before(self, background: Image, framing: Framing, light: Light) -> Subject:
        """Stand before `background`, without any noise."""
        return Puppet(self.rig, framing, background, light=light, seed=0)

    def selfie(self, seed: int) -> bytes:
        """JPEG."""
        return selfie(self.cast, self.name, Selfie.GOOD, seed=seed)

    def enrolled(self, seed: int) -> Sequence[bytes]:
        """JPEG of the enrolled photo, of another portrait where there is one."""
        return [reference(self.cast, self.name, Reference.PHOTO, seed=seed)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A person who does not exist: a rendered head of known age."""

    name: str

    def before(self, background: Image, framing: Framing, light: Light) -> Subject:
        """Stand before `background`, without any noise."""
        return _Around(head=self._head(background, framing, light))

    def selfie(self, seed: int) -> bytes:
        """JPEG."""
        wall, light = room(720, 960, seed=seed), day_light(seed)
        framing = Framing(width=720, height=960, face=0.46)
        return jpeg(self._head(wall, framing, light).frame(Pose(yaw_deg=2, pitch_deg=-2)))

    def enrolled(self, seed: int) -> Sequence[bytes]:
        """JPEG on a pale wall."""
        wall = np.full((600, 480, 3), (238, 234, 228), np.uint8)
        framing = Framing(width=480, height=600, face=0.48)
        light = replace(day_light(seed + 1), noise=1.0)
        return [jpeg(self._head(wall, framing, light).frame(Pose()))]

    def _head(self, background: Image, framing: Framing, light: Light) -> Head:
        looks = list(people()).index(self.name)  # skin and hair stay the person's own
        return Head(self.name, framing, background, seed=looks, light=light)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Around:
    """A head that the phone can be carried around: it is turned the other way."""

    head: Head

    def frame(self, pose: Pose, *, number: int = 0) -> Image:
        beside, above = pose.view
        turned = replace(
            pose, yaw_deg=pose.yaw_deg - beside, pitch_deg=pose.pitch_deg + above, view=(0.0, 0.0)
        )
        return self.head.frame(turned, number=number)


def heads() -> list[Rendered]:
    """Everybody who can be rendered."""
    return [Rendered(name=name) for name in people()]


def portraits(cast: Cast) -> list[Portrait]:
    """Everybody of the demo."""
    return [Portrait(cast=cast, name=name) for name in sorted(ROLES)]


def landmarks(rig: Rig, framing: Framing) -> Floats:
    """Frame pixels (468 x 2) of the face of a rig that rests in `framing`."""
    anchor = rig.points[[234, 454], :2].mean(axis=0)
    centre = np.array(framing.centre) * (framing.width, framing.height)
    return floats((rig.points[:468, :2] - anchor) * framing.scale + centre)


def eye_outlines(rig: Rig, framing: Framing) -> list[Floats]:
    """Outlines of both eyes (N x 2) of a rig that rests in `framing`."""
    anchor = rig.points[[234, 454], :2].mean(axis=0)
    centre = np.array(framing.centre) * (framing.width, framing.height)
    found = []
    for eye in rig.eyes:
        columns = np.arange(len(eye.upper)) + eye.left
        upper = np.stack([columns, eye.upper + eye.top], axis=1)
        lower = np.stack([columns, eye.lower + eye.top], axis=1)[::-1]
        found.append(floats((np.vstack([upper, lower]) - anchor) * framing.scale + centre))
    return found


def paper_framing(face: float = 0.5) -> Framing:
    """How a portrait stands on a sheet or on a screen in upright format."""
    return Framing(width=480, height=600, face=face)
