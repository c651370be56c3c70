"""The demo people at work: each has one portrait to move and one to be enrolled with."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from app.demo.cutout import cut_out, upright
from app.demo.observer import Observer
from app.demo.portraits import named, portrait_bytes
from app.demo.puppet import Framing, Light, Pose, Puppet
from app.demo.reading import Image
from app.demo.rig import Rig, build_rig
from biometrics.models import ModelStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """Which portrait does what for one person."""

    person: str
    moves: str  # the portrait that clips and posed selfies are made of
    enrolled: str  # the portrait that references are made of
    others: tuple[str, ...] = ()  # further photos of the same person, used as they are


ROLES: dict[str, Role] = {
    role.person: role
    for role in (
        Role(
            person="p1",
            moves="p1-indoors.jpg",
            enrolled="p1-official.jpg",
            others=("p1-speech.jpg", "p1-half-left.jpg", "p1-half-right.jpg"),
        ),
        Role(person="p2", moves="p2-indoors.jpg", enrolled="p2-indoors.jpg"),
        Role(person="p3", moves="p3-suit.png", enrolled="p3-suit.png"),
    )
}


class Cast:
    """Opens portraits and rigs, each once. Not thread-safe."""

    def __init__(self, portraits: Path, models: Path) -> None:
        self._portraits = portraits
        self._observer = Observer(ModelStore(models))
        self.rig = lru_cache(maxsize=8)(self._rig)

    def photo(self, file: str) -> Image:
        """Open the portrait's own picture, verified. Raises `PortraitUnusable`."""
        content = portrait_bytes(named(file), self._portraits)
        picture = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
        assert picture is not None
        return np.asarray(picture, np.uint8)

    def still(
        self,
        file: str,
        framing: Framing,
        background: Image,
        *,
        pose: Pose | None = None,
        light: Light | None = None,
        seed: int = 0,
    ) -> Image:
        """One picture of the person in `file` before `background`."""
        puppet = Puppet(self.rig(file), framing, background, light=light or Light(), seed=seed)
        return puppet.frame(pose or Pose())

    def _rig(self, file: str) -> Rig:
        photo = self.photo(file)
        texture, reading = upright(photo, self._observer.read(photo))
        return build_rig(cut_out(texture, reading), reading)
